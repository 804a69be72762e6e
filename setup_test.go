package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// screen is the output of a program, for a person who waits for words.
type screen struct {
	mu   sync.Mutex
	text string
	read int           // how much the person has read
	grew chan struct{} // closed when there is more
}

func newScreen() *screen { return &screen{grew: make(chan struct{})} }

// Write implements [io.Writer].
func (s *screen) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text += string(text)
	close(s.grew)
	s.grew = make(chan struct{})
	return len(text), nil
}

// await reads on to the words.
func (s *screen) await(t *testing.T, words string) {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		s.mu.Lock()
		at, grew := strings.Index(s.text[s.read:], words), s.grew
		if at >= 0 {
			s.read += at + len(words)
		}
		s.mu.Unlock()
		if at >= 0 {
			return
		}
		select {
		case <-grew:
		case <-timeout:
			t.Fatalf("it does not print %q:\n%s", words, s.text)
		}
	}
}

// setupSection returns the commands and the question of the README's section about setup.
func setupSection(t *testing.T) (commands []string, question string) {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	section := regexp.MustCompile("(?s)\n## Connect your own Slack.*?\n```\n(.*?)```.*?`@enjobridge (.*?)`").FindSubmatch(readme)
	if section == nil {
		t.Fatal("the README has no section about setup with commands and a question")
	}
	for line := range strings.Lines(string(section[1])) {
		command, _, _ := strings.Cut(line, "#")
		commands = append(commands, strings.TrimSpace(command))
	}
	return commands, string(section[2])
}

// root is an empty directory with the binary and nothing else.
type root struct {
	t   *testing.T
	dir string
}

func newRoot(t *testing.T) root {
	t.Helper()
	binary, err := exec.LookPath("enjobridge") // TestMain adds it to the PATH
	if err != nil {
		t.Fatal(err)
	}
	dir := shortDir(t)
	if err := os.Link(binary, filepath.Join(dir, filepath.Base(binary))); err != nil {
		if err := os.Symlink(binary, filepath.Join(dir, filepath.Base(binary))); err != nil {
			t.Fatal(err)
		}
	}
	return root{t, dir}
}

// start starts a command of the README with nothing else in its environment.
func (r root) start(command string, env ...string) (cmd *exec.Cmd, stdin io.WriteCloser, out *screen) {
	r.t.Helper()
	words := strings.Fields(command)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	r.t.Cleanup(cancel)
	cmd = exec.CommandContext(ctx, filepath.Join(r.dir, words[0]))
	cmd.Args, cmd.Dir, cmd.Env = words, r.dir, append([]string{"HOME=" + r.dir}, env...)
	out = newScreen()
	cmd.Stdout, cmd.Stderr = out, out
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return cmd, stdin, out
}

// Ensure that somebody who follows the README from an empty directory gets an answer in
// Slack. The commands are those of the README.
func TestReadmeSetup(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands of the README are for a Unix shell, and the bot is stopped by a signal")
	}
	commands, question := setupSection(t)
	if len(commands) != 2 {
		t.Fatalf("the README has the commands %q, want setup and the bot", commands)
	}
	slack, err := slacksandbox.Open(slacksandbox.Config{NoApp: true})
	if err != nil {
		t.Fatal(err)
	}
	defer slack.Close()
	agent, err := enjosandbox.Open(enjosandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer agent.Close()
	r := newRoot(t)

	setup, stdin, out := r.start(commands[0], "SLACK_API_URL="+slack.APIURL(), "ENJO_API_URL="+agent.URL())
	for _, step := range []struct {
		prompt string
		answer func() (string, error)
	}{
		{"Configuration token", func() (string, error) { return slack.GenerateConfigToken(), nil }},
		{"Bot token", slack.InstallApp},
		{"App-level token (", func() (string, error) { return slack.GenerateAppToken("connections:write") }},
		{"Enjo token", func() (string, error) { return agent.Token(), nil }},
		{"Bot ID", func() (string, error) { return agent.BotID(), nil }},
	} {
		out.await(t, step.prompt)
		answer, err := step.answer()
		if err == nil {
			_, err = io.WriteString(stdin, answer+"\n")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := setup.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, out.text)
	}
	out.await(t, strings.TrimPrefix(commands[1], "./")+"\n") // it says what the README says
	if info, err := os.Stat(filepath.Join(r.dir, "enjobridge.env")); err != nil || info.Mode() != 0o600 {
		t.Errorf("the env file: %v, error %v", info, err)
	}

	bot, _, log := r.start(commands[1], "HTTP_ADDR=off") // other tests may use its port
	log.await(t, "socket is open")
	answer := askInSlack(t, slack, question)
	if !strings.Contains(answer, "password") {
		t.Errorf("the bot answers %q", answer)
	}
	if err := bot.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := bot.Wait(); err != nil {
		t.Errorf("the bot ends with %v\n%s", err, log.text)
	}
}

// askInSlack invites the bot to a channel, asks there, and returns the answer.
func askInSlack(t *testing.T, slack *slacksandbox.Workspace, question string) string {
	t.Helper()
	ada := slack.AddUser(slacksandbox.User{Name: "ada"})
	channel := slack.AddChannel(slacksandbox.Channel{Name: "support", Members: []string{ada}})
	if err := slack.Invite(channel, slack.BotUserID()); err != nil {
		t.Fatal(err)
	}
	ts, err := slack.Post(channel, ada, slacksandbox.Mention(slack.BotUserID())+" "+question)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var answer string
	if err := slack.Await(ctx, func(v slacksandbox.View) bool {
		thread := v.Thread(channel, ts)
		at := slices.IndexFunc(thread, func(m slacksandbox.Message) bool { return m.BotID == slack.BotID() })
		if at >= 0 {
			answer = thread[at].Text
		}
		return at >= 0
	}); err != nil {
		t.Fatalf("there is no answer: %v", err)
	}
	return answer
}

// Ensure that the command to start the bot is the one that people used for the setup, unless
// it was for that run only.
func TestProgram(t *testing.T) {
	for path, want := range map[string]string{
		"./enjobridge": "./enjobridge", "enjobridge": "enjobridge", "/opt/bin/enjobridge": "/opt/bin/enjobridge", "enjobridge.exe": "enjobridge.exe",
		"/tmp/go-build1/b001/exe/enjobridge": "enjobridge", "/tmp/go-build1/b001/enjobridge.test": "enjobridge",
	} {
		if got := program(path); got != want {
			t.Errorf("program(%q) = %q, want %q", path, got, want)
		}
	}
}
