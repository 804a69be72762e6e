package slack_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"enjobridge/sandbox/slack"
)

// Ensure that Slack's own SDK works: an app with Bolt for Node connects,
// receives, posts, handles clicks and commands, and survives a rotation.
func TestBolt(t *testing.T) {
	f := openOutside(t, func(c *slack.Config) { c.Speed = 20 })
	f.bolt()
	f.await("a connection", func(v slack.View) bool { return v.Sockets() == 1 })

	thread := f.mention("hello")
	f.await("the answer", func(v slack.View) bool { return len(v.Thread(f.general, thread)) == 2 })
	answer := f.Thread(f.general, thread)[1]
	if answer.Text != "Hello from Bolt" || answer.Metadata == nil || answer.BotID != f.BotID() {
		t.Errorf("the answer is %s", pretty(answer))
	}
	if _, err := f.Click(f.ada, f.general, answer.TS, "again"); err != nil {
		t.Fatal(err)
	}
	f.await("the answer to the click", said("Again for "+f.ada, f.general))
	receipt, err := f.Command(f.ada, f.general, "/helper", "hello there")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := receipt.Wait(f.ctx); err != nil {
		t.Fatal(err)
	}
	f.await("the answer to the command", said("You said hello there", f.general))

	f.Faults().Rotate()
	f.await("the new connection", func(v slack.View) bool {
		opened := 0
		for _, c := range v.Calls() {
			if c.Method == "apps.connections.open" {
				opened++
			}
		}
		return opened == 2 && v.Sockets() >= 1
	})
	thread = f.mention("still there?")
	f.await("the answer after the rotation", func(v slack.View) bool { return len(v.Thread(f.general, thread)) >= 2 })
	for _, e := range attempts(f.View, "app_mention") {
		if e.Outcome == slack.TimedOut {
			t.Errorf("Bolt did not acknowledge %s", pretty(e))
		}
	}
}

// said returns the condition that somebody posted the text in the channel.
func said(text, channel string) func(slack.View) bool {
	return func(v slack.View) bool {
		for _, m := range v.Messages(channel) {
			if m.Text == text {
				return true
			}
		}
		return false
	}
}

// bolt starts the app, or skips the test if Node or Bolt is missing.
func (f *fixture) bolt() {
	f.t.Helper()
	find := exec.CommandContext(f.ctx, "node", "-e", "require.resolve('@slack/bolt')")
	if out, err := find.CombinedOutput(); err != nil {
		missing := "Slack's SDK for Node is not installed: run `npm install --prefix DIR @slack/bolt` and set NODE_PATH=DIR/node_modules"
		if os.Getenv("ENJOBRIDGE_CI") == "1" {
			f.t.Fatalf("%s (%v: %s)", missing, err, out)
		}
		f.t.Skip(missing)
	}
	var output bytes.Buffer
	app := exec.Command("node", "testdata/bolt.cjs") // the test's context ends before its clean-up
	app.Env = append(os.Environ(),
		"SLACK_BOT_TOKEN="+f.BotToken(), "SLACK_APP_TOKEN="+f.AppToken(), "SLACK_API_URL="+f.APIURL())
	app.Stdout, app.Stderr = &output, &output
	stdin, err := app.StdinPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	if err := app.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		_ = stdin.Close() // this ends the app
		if err := app.Wait(); err != nil {
			f.t.Errorf("Bolt: %v", err)
		}
		if said := strings.TrimSpace(output.String()); said != "" {
			f.t.Logf("Bolt said:\n%s", said)
		}
	})
}
