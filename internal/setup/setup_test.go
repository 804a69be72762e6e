package setup

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enjobridge/internal/settings"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// home is the directory of this package. Tests have another working directory, so that the
// names in the transcripts do not depend on it.
var home, _ = os.Getwd()

var update = flag.Bool("update", false, "update the golden files")

// world is a Slack workspace, without an app, and an agent.
type world struct {
	t     *testing.T
	slack *slacksandbox.Workspace
	enjo  *enjosandbox.Agent
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	var err error
	if w.slack, err = slacksandbox.Open(slacksandbox.Config{NoApp: true, Seed: 1, Speed: 1000}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.close(w.slack) })
	if w.enjo, err = enjosandbox.Open(enjosandbox.Config{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.close(w.enjo) })
	return w
}

func (w *world) close(c io.Closer) {
	if err := c.Close(); err != nil {
		w.t.Error(err)
	}
}

// options are those of a first setup in a new directory.
func (w *world) options() Options {
	w.t.Helper()
	manifest, err := os.ReadFile(filepath.Join(home, "..", "..", "manifest.yml"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Chdir(w.t.TempDir())
	return Options{
		Manifest: manifest, File: "enjobridge.env", Program: "enjobridge", Version: "devel",
		Settings: settings.Setup{SlackURL: w.slack.APIURL(), EnjoURL: w.enjo.URL(), AgentView: true, Given: map[string]string{}},
	}
}

// create creates the app in the browser.
func (w *world) create(o Options) {
	w.t.Helper()
	manifest, err := manifestJSON(o.Manifest)
	if err == nil {
		err = w.slack.CreateApp(manifest)
	}
	if err != nil {
		w.t.Error(err)
	}
}

// install does what the dialogue asks for on the page of the app.
func (w *world) install() string {
	w.t.Helper()
	token, err := w.slack.InstallApp()
	if err != nil {
		w.t.Error(err)
	}
	return token
}

// generate returns an app-level token with a scope.
func (w *world) generate(scope string) string {
	w.t.Helper()
	token, err := w.slack.GenerateAppToken(scope)
	if err != nil {
		w.t.Error(err)
	}
	return token
}

// person answers questions one after the other. Each answer is made when it is asked for.
type person struct {
	answers []func() string
	line    []byte
}

// Read implements [io.Reader].
func (p *person) Read(buffer []byte) (int, error) {
	if len(p.line) == 0 {
		if len(p.answers) == 0 {
			return 0, io.EOF
		}
		p.line = []byte(p.answers[0]() + "\n")
		p.answers = p.answers[1:]
	}
	n := copy(buffer, p.line)
	p.line = p.line[n:]
	return n, nil
}

func text(answer string) func() string { return func() string { return answer } }

// run runs a setup with the answers, and returns what it prints.
func (w *world) run(o Options, answers ...func() string) (string, error) {
	var out bytes.Buffer
	err := Run(w.t.Context(), o, &person{answers: answers}, &out)
	transcript := out.String()
	for _, secret := range append(w.slack.Secrets(), w.enjo.Token()) {
		if strings.Contains(transcript, secret) || err != nil && strings.Contains(err.Error(), secret) {
			w.t.Errorf("a token is shown:\n%s\n%v", transcript, err)
		}
	}
	return strings.ReplaceAll(transcript, w.slack.URL(), "http://slack.test"), err
}

// golden compares a transcript with the one in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join(home, "testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the dialogue differs from %s (go test -update accepts it):\n%s", file, diff)
	}
}

// wantFile compares the env file.
func (w *world) wantFile(o Options) {
	w.t.Helper()
	got, err := os.ReadFile(o.File)
	if err != nil {
		w.t.Fatal(err)
	}
	want := "# Settings of enjobridge. Keep this file secret. enjobridge -h lists all settings.\n" +
		"SLACK_BOT_TOKEN=" + w.slack.BotToken() + "\nSLACK_APP_TOKEN=" + w.slack.AppToken() +
		"\nENJO_TOKEN=" + w.enjo.Token() + "\nENJO_BOT_ID=" + w.enjo.BotID() + "\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		w.t.Errorf("the file differs:\n%s", diff)
	}
	if files, err := os.ReadDir(filepath.Dir(o.File)); err != nil || len(files) != 1 {
		w.t.Errorf("the directory has %v, error %v", files, err)
	}
}

// Ensure that somebody with a configuration token gets from nothing to the file.
func TestRun(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	transcript, err := w.run(o,
		w.slack.GenerateConfigToken, w.install, func() string { return w.generate("connections:write") }, w.enjo.Token, w.enjo.BotID)
	if err != nil {
		t.Error(err)
	}
	golden(t, "create", transcript)
	w.wantFile(o)
}

// Ensure that somebody who creates the app in the browser gets to the file, too.
func TestRun_ByHand(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	transcript, err := w.run(o, text(""), func() string {
		w.create(o)
		return w.install()
	}, func() string { return w.generate("connections:write") }, w.enjo.Token, w.enjo.BotID)
	if err != nil {
		t.Error(err)
	}
	golden(t, "by-hand", transcript)
	w.wantFile(o)
}

// Ensure that each mistake is explained, and that the question is asked again.
func TestRun_Mistakes(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	o.Settings.ConfigToken = "xoxe-1-refresh"
	o.Settings.Variables = map[string]string{"SLACK_CONFIG_TOKEN": "SLACK_CONFIG_TOKEN"}
	transcript, err := w.run(o,
		text("xoxb-1-2-3"), text("xoxe.xoxp-1-unknown"), w.slack.GenerateConfigToken,
		text(""), text(`"xoxb-1-2-3"`), text("xapp-1-A1-2-3"), text("xoxb-1-2-3"),
		func() string {
			token := w.install()
			w.slack.SetScopes("chat:write", "channels:history", "users:read")
			return token
		}, w.install,
		text("xoxb-1-2-3"), text("xapp-1-A0OTHERAPP-2-3"), text("xapp-1-"+w.slack.AppID()+"-2-3"),
		func() string { return w.generate("authorizations:read") }, func() string { return w.generate("connections:write") },
		text("Bearer x"), text("wrong-token"), text("no-such-bot"), w.enjo.Token, w.enjo.BotID)
	if err != nil {
		t.Error(err)
	}
	golden(t, "mistakes", transcript)
	w.wantFile(o)
}

// Ensure that a setup with everything in the environment asks nothing.
func TestRun_Environment(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	w.create(o)
	o.Settings.Given = map[string]string{
		"SLACK_BOT_TOKEN": w.install(), "SLACK_APP_TOKEN": w.generate("connections:write"),
		"ENJO_TOKEN": w.enjo.Token(), "ENJO_BOT_ID": w.enjo.BotID(),
	}
	o.Settings.Variables = map[string]string{"SLACK_BOT_TOKEN": "SLACK_BOT_TOKEN_FILE", "SLACK_APP_TOKEN": "SLACK_APP_TOKEN", "ENJO_TOKEN": "ENJO_TOKEN"}
	transcript, err := w.run(o)
	if err != nil {
		t.Error(err)
	}
	golden(t, "environment", transcript)
	w.wantFile(o)
}

// Ensure that a setup without an answer says what is missing, and saves nothing.
func TestRun_NoAnswer(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	transcript, err := w.run(o, w.slack.GenerateConfigToken)
	want := "there is no answer for the bot token: run setup in a terminal, or set SLACK_BOT_TOKEN or SLACK_BOT_TOKEN_FILE\n" +
		"hint: the app " + w.slack.AppID() + " exists now: run setup again without SLACK_CONFIG_TOKEN, and press Enter at step 1"
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s\n%s", err, want, transcript)
	}
	w.wantNoFile()
	_, err = w.run(o, text(""), text("xoxb-wrong-token-1"))
	if err == nil || !strings.Contains(err.Error(), "the bot token was refused, and there is no other one: Slack does not know that token") {
		t.Errorf("the error is %v", err)
	}
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

// Ensure that a setup whose questions nobody sees ends.
func TestRun_BrokenOutput(t *testing.T) {
	w := newWorld(t)
	if err := Run(t.Context(), w.options(), &person{}, brokenWriter{}); !errors.Is(err, errBroken) {
		t.Errorf("the error is %v", err)
	}
}
