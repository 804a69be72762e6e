package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"enjobridge/bot"
	"enjobridge/enjo"
	"enjobridge/internal/browser"
	slacksandbox "enjobridge/sandbox/slack"
)

// chromium is the browser of all tests; it is closed by TestMain.
var chromium browser.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	chromium.Close()
	if err := goleak.Find(); err != nil && code == 0 {
		os.Stderr.WriteString(err.Error() + "\n")
		code = 1
	}
	os.Exit(code)
}

// quick is how many times faster than Slack the scenes of tests run. At this speed
// a test can miss a status, because it expires before the bot renews it.
const quick = 60

// scene is the demo's stage with a running bot, shown in a browser.
type scene struct {
	*stage
	t testing.TB
}

// openScene opens a stage and runs its bot until the end of the test. It is faster
// than the demo unless the props set the speed.
func openScene(t testing.TB, p props) *scene {
	t.Helper()
	if p.speed == 0 {
		p.speed = quick
	}
	manifest, err := os.ReadFile(filepath.Join("..", "..", "manifest.yml"))
	if err != nil {
		t.Fatal(err)
	}
	stage, err := openStage(Options{Manifest: manifest, Log: zerolog.New(zerolog.NewTestWriter(t))}, p)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- stage.bot.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("running the bot: %v", err)
		}
		if err := stage.close(); err != nil {
			t.Error(err)
		}
	})
	s := &scene{stage: stage, t: t}
	s.await("the bot to listen", func(v slacksandbox.View) bool { return v.Sockets() > 0 })
	return s
}

// await waits until the condition holds in the workspace.
func (s *scene) await(what string, condition func(slacksandbox.View) bool) {
	s.t.Helper()
	ctx, cancel := browser.Context(s.t)
	defer cancel()
	if err := s.slack.Await(ctx, condition); err != nil {
		s.t.Fatalf("waiting for %s: %v", what, err)
	}
}

// see opens a channel in the browser as a user.
func (s *scene) see(user, channel string, options ...browser.Options) *tab {
	s.t.Helper()
	return &tab{chromium.Open(s.t, fmt.Sprintf("%s/u/%s/c/%s", s.slack.URL(), user, channel), options...)}
}

// lookAt opens a thread in the browser as a user.
func (s *scene) lookAt(user, channel, root string, options ...browser.Options) *tab {
	s.t.Helper()
	return &tab{chromium.Open(s.t, fmt.Sprintf("%s/u/%s/c/%s?thread=%s", s.slack.URL(), user, channel, root), options...)}
}

// ask mentions the bot in #support, and returns the question's timestamp.
func (s *scene) ask(user, text string) string {
	s.t.Helper()
	ts, err := s.slack.Post(s.support, user, slacksandbox.Mention(s.slack.BotUserID())+" "+text)
	if err != nil {
		s.t.Fatal(err)
	}
	return ts
}

// posts returns the bot's messages in a thread of #support that everyone can see.
func (s *scene) posts(v slacksandbox.View, root string) []slacksandbox.Message {
	return slices.DeleteFunc(v.Thread(s.support, root), func(m slacksandbox.Message) bool {
		return m.BotID != s.slack.BotID() || m.EphemeralTo != ""
	})
}

// acknowledged reports whether the bot has acknowledged an envelope of this type that has
// the text in its payload.
func (s *scene) acknowledged(inner, text string) bool {
	return slices.ContainsFunc(s.slack.Traffic(), func(e slacksandbox.Envelope) bool {
		return e.Inner == inner && e.Outcome == slacksandbox.Acked && strings.Contains(string(e.Payload), text)
	})
}

// oneTicket asks for a ticket in #support, and returns the thread of its card.
func (s *scene) oneTicket() (root string) {
	s.t.Helper()
	root = s.ask(s.alice, "Open a ticket: my laptop screen is broken")
	s.await("the ticket's card", func(v slacksandbox.View) bool { return len(s.posts(v, root)) >= 2 })
	return root
}

// tab is a browser tab that shows the scene.
type tab struct{ *browser.Tab }

// say writes into the message box of the channel, and sends it.
func (tab *tab) say(text string) {
	tab.Type("#compose-text", text)
	tab.Press("Enter")
}

// reply writes into the message box of the open thread, and sends it.
func (tab *tab) reply(text string) {
	tab.Type("#reply-text", text)
	tab.Press("Enter")
}

// press presses the bot's latest button with the action in the open thread.
func (tab *tab) press(action string) {
	tab.ClickLast(fmt.Sprintf(`#replies [data-action-id=%q]`, action))
}

// oneCallIn allows one call to the agent per period.
func oneCallIn(per time.Duration) func(*bot.Config) {
	return func(c *bot.Config) { c.Limits, c.Jitter = []enjo.Limit{{Calls: 1, Per: per}}, 0 }
}
