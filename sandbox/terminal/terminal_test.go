package terminal_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/terminal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// demo is a workspace with two people and a channel, without a running app.
type demo struct {
	slack      *slack.Workspace
	alice, bob string
	support    string
}

func newDemo(t *testing.T) *demo {
	t.Helper()
	w, err := slack.Open(slack.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &demo{slack: w}
	d.alice = w.AddUser(slack.User{Name: "alice"})
	d.bob = w.AddUser(slack.User{Name: "bob"})
	d.support = w.AddChannel(slack.Channel{Name: "support", Members: []string{d.alice, d.bob}})
	return d
}

// paper records the terminal's output.
type paper struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// Ensure that a typed message is posted as the right person in the right place.
func TestChat(t *testing.T) {
	d := newDemo(t)
	var out paper
	err := terminal.New(d.slack, d.alice, d.support).Run(t.Context(), strings.NewReader(strings.Join([]string{
		"Hello @bob", "> and welcome", "/as bob", "/thread 1", "Thank you", "/top", "/to dm", "help", "/quit", "never said",
	}, "\n")), &out)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, m := range append(d.slack.Messages(d.support), d.slack.Messages(d.slack.DM(d.bob))...) {
		who := map[string]string{d.alice: "alice", d.bob: "bob"}[m.User]
		if m.ThreadTS != "" && m.ThreadTS != m.TS {
			who += " replies"
		}
		said = append(said, who+": "+m.Text)
	}
	want := "alice: Hello " + slack.Mention(d.bob) + "|alice replies: and welcome|bob replies: Thank you|bob: help"
	if got := strings.Join(said, "|"); got != want {
		t.Errorf("said %s\nwant %s\nprinted:\n%s", got, want, &out)
	}
}

// Ensure that a mistake is reported and ends nothing.
func TestMistakes(t *testing.T) {
	d := newDemo(t)
	var out paper
	err := terminal.New(d.slack, d.alice, d.support).Run(t.Context(), strings.NewReader("/to #nowhere\n/as nobody\n/thread 7\n>\n/where\n"), &out)
	if !errors.Is(err, io.EOF) {
		t.Errorf("the end of the input gave %v", err)
	}
	for _, want := range []string{
		`there is no channel "#nowhere"`, `there is nobody called "nobody"`, `there is no thread "7"`, "there is nothing to say",
		"You are alice in #support. People: alice, bob. Places: #support, dm.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("not printed: %s\nprinted:\n%s", want, &out)
		}
	}
}

// Ensure that other people's messages are printed, except those that the person
// cannot see.
func TestPrintsWhatHappens(t *testing.T) {
	d := newDemo(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	input, typed := io.Pipe()
	defer typed.Close()
	var out paper
	ended := make(chan error, 1)
	go func() { ended <- terminal.New(d.slack, d.alice, d.support).Run(ctx, input, &out) }()
	if _, err := io.WriteString(typed, "/where\n"); err != nil { // the terminal is listening by now
		t.Fatal(err)
	}
	if _, err := d.slack.Post(d.support, d.bob, "Is anybody here?"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(typed, "Yes\n/quit\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "] bob: Is anybody here?") {
		t.Errorf("printed:\n%s", &out)
	}
}

func TestPrintThread(t *testing.T) {
	d := newDemo(t)
	root, err := d.slack.Post(d.support, d.alice, "Hello "+slack.Mention(d.bob))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.slack.Post(d.support, d.bob, "Hi", slack.InThread(root)); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := terminal.PrintThread(&out, d.slack.View, d.support, root); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "alice: Hello @bob\n\nbob: Hi\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

// Ensure that a slash command reaches the app with its place and text, and that what the
// app does not have is a mistake.
func TestCommand(t *testing.T) {
	w, err := slack.Open(slack.Config{Manifest: []byte(`{"display_information": {"name": "Helpdesk"}, "features": {"slash_commands": [{"command": "/ask", "description": "Asks"}]},
		"oauth_config": {"scopes": {"bot": ["commands"]}}, "settings": {"socket_mode_enabled": true}}`)})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	alice := w.AddUser(slack.User{Name: "alice"})
	support := w.AddChannel(slack.Channel{Name: "support", Members: []string{alice}})
	var out paper
	if err := terminal.New(w, alice, support).Run(t.Context(), strings.NewReader("/ask Is @alice here?\n/dance\n/quit\n"), &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "there is no /dance") || strings.Contains(out.String(), "there is no /ask") {
		t.Errorf("printed:\n%s", &out)
	}
	sent := w.Traffic()
	if len(sent) != 1 || sent[0].Inner != "/ask" {
		t.Fatalf("the app got %v", sent)
	}
	for _, want := range []string{`"text":"Is \u003c@` + alice + `\u003e here?"`, `"channel_id":"` + support + `"`} {
		if !strings.Contains(string(sent[0].Payload), want) {
			t.Errorf("the app got %s, without %s", sent[0].Payload, want)
		}
	}
}
