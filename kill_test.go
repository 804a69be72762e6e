package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// killable runs enjobridge as a process that can be killed, with a local Slack and a
// local agent.
type killable struct {
	t       *testing.T
	ctx     context.Context
	slack   *slacksandbox.Workspace
	enjo    *enjosandbox.Agent
	store   string
	limits  string
	alice   string
	support string
	process *exec.Cmd
}

func newKillable(t *testing.T, limits string, config enjosandbox.Config) *killable {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	k := &killable{t: t, ctx: ctx, limits: limits, store: filepath.Join(shortDir(t), "bot.db")}
	var err error
	if k.slack, err = slacksandbox.Open(slacksandbox.Config{Manifest: manifest, Speed: 60}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.slack.Close() })
	if k.enjo, err = enjosandbox.Open(config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.enjo.Close() })
	k.alice = k.slack.AddUser(slacksandbox.User{Name: "alice"})
	k.support = k.slack.AddChannel(slacksandbox.Channel{Name: "support", Members: []string{k.alice, k.slack.BotUserID()}})
	return k
}

// start starts the process and waits until it listens.
func (k *killable) start() {
	k.t.Helper()
	cmd, output := command(k.ctx, k.t, []string{
		"SLACK_API_URL=" + k.slack.APIURL(), "SLACK_APP_TOKEN=" + k.slack.AppToken(), "SLACK_BOT_TOKEN=" + k.slack.BotToken(),
		"ENJO_API_URL=" + k.enjo.URL(), "ENJO_TOKEN=" + k.enjo.Token(), "ENJO_BOT_ID=" + k.enjo.BotID(),
		"ENJO_LIMITS=" + k.limits, "ENJO_JITTER=50ms", "STORAGE=" + k.store, "HTTP_ADDR=off",
	})
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	k.process = cmd
	k.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if k.t.Failed() {
			k.t.Logf("the output of enjobridge:\n%s", output)
		}
	})
	k.await("the process to listen", func(v slacksandbox.View) bool { return v.Sockets() > 0 })
}

// kill ends the process without warning, and waits until its sockets are closed.
func (k *killable) kill() {
	k.t.Helper()
	if err := k.process.Process.Signal(os.Kill); err != nil {
		k.t.Fatal(err)
	}
	_ = k.process.Wait()
	k.await("the sockets to close", func(v slacksandbox.View) bool { return v.Sockets() == 0 })
}

func (k *killable) await(what string, until func(slacksandbox.View) bool) {
	k.t.Helper()
	if err := k.slack.Await(k.ctx, until); err != nil {
		k.t.Fatalf("waiting for %s: %v", what, err)
	}
}

func (k *killable) ask(text string) (ts string) {
	k.t.Helper()
	ts, err := k.slack.Post(k.support, k.alice, slacksandbox.Mention(k.slack.BotUserID())+" "+text)
	if err != nil {
		k.t.Fatal(err)
	}
	return ts
}

// answers counts the bot's messages in a thread.
func (k *killable) answers(v slacksandbox.View, ts string) int {
	n := 0
	for _, m := range v.Thread(k.support, ts) {
		if m.BotID == k.slack.BotID() {
			n++
		}
	}
	return n
}

// Ensure that waiting questions, and the one that is being asked, are answered
// exactly once after the process was killed.
func TestKilledWhileQuestionsWait(t *testing.T) {
	k := newKillable(t, "2/1s", enjosandbox.Config{Limits: []enjosandbox.Limit{{Calls: 2, Per: time.Second}}})
	k.start()
	var asked []string
	for n := range 5 { // MAX_WAITING_PER_USER
		asked = append(asked, k.ask("How do I print on printer "+strconv.Itoa(n)+"?"))
	}
	k.await("the first answer", func(v slacksandbox.View) bool { return k.answers(v, asked[0]) > 0 })
	k.kill()
	k.start()
	for n, ts := range asked {
		k.await(fmt.Sprintf("answer %d", n), func(v slacksandbox.View) bool { return k.answers(v, ts) > 0 })
	}
	for n, ts := range asked {
		if got := k.answers(k.slack.View, ts); got != 1 {
			t.Errorf("question %d has %d answers", n, got)
		}
	}
}

// Ensure that a question that was being asked when the process was killed is
// retried once and answered once.
func TestKilledWhileAsking(t *testing.T) {
	k := newKillable(t, "10/5s", enjosandbox.Config{})
	k.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: time.Hour, Calls: 1})
	k.start()
	ts := k.ask("How do I print?")
	if err := k.enjo.Await(k.ctx, func(requests []enjosandbox.Request) bool { return len(requests) == 1 }); err != nil {
		t.Fatal(err)
	}
	k.kill()
	k.start()
	k.await("the answer", func(v slacksandbox.View) bool { return k.answers(v, ts) > 0 })
	if got := k.answers(k.slack.View, ts); got != 1 {
		t.Errorf("the question has %d answers", got)
	}
	if n := len(k.enjo.Requests()); n != 2 {
		t.Errorf("the agent was asked %d times", n)
	}
}
