package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"go.uber.org/goleak"

	"enjobridge/internal/memnet"
	"enjobridge/sandbox/slack"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// manifest is the manifest of the app under test.
const manifest = `
display_information: {name: helper}
features:
  app_home: {home_tab_enabled: true, messages_tab_enabled: true}
  bot_user: {display_name: helper}
  agent_view: {agent_description: Helps.}
  slash_commands: [{command: /helper, description: Helps.}]
  shortcuts: [{name: Ask, type: message, callback_id: ask, description: Asks.}]
oauth_config:
  scopes:
    bot: [app_mentions:read, assistant:write, channels:history, channels:read, chat:write, commands, groups:history,
      groups:read, im:history, im:read, im:write, reactions:read, reactions:write, users:read]
settings:
  event_subscriptions:
    bot_events: [agent_session_stopped, app_home_opened, app_mention, message.channels, message.groups, message.im, reaction_added]
  interactivity: {is_enabled: true}
  socket_mode_enabled: true
`

// fixture is a workspace with one person in one channel with the app.
type fixture struct {
	*slack.Workspace
	t       *testing.T
	ctx     context.Context
	ada     string
	general string
	api     *slackgo.Client
	client  *http.Client
	dialer  *websocket.Dialer
}

// patience limits how long a test waits for an expected event, in simulated
// time.
const patience = 24 * time.Hour

// bubble runs a test with simulated time: the clock advances when all
// goroutines wait, so that a test of hours finishes at once.
func bubble(t *testing.T, test func(*testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// A bubble starts in 2000, when Slack's timestamps would be one digit
		// shorter.
		time.Sleep(time.Until(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)))
		test(t)
	})
}

// bubbles runs a subtest in its own bubble.
func bubbles(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { bubble(t, test) })
}

// open opens a workspace on an in-memory network, for a test in a bubble.
func open(t *testing.T, change ...func(*slack.Config)) *fixture {
	t.Helper()
	n := memnet.New(nil)
	l, err := n.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { time.Sleep(time.Second) }) // a server's connection can outlive it by half a second
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return furnish(t, ctx, n.Dial, append(change, func(c *slack.Config) { c.Listener = l }))
}

// openOutside opens a workspace in real time, on TCP.
func openOutside(t *testing.T, change ...func(*slack.Config)) *fixture {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return furnish(t, ctx, new(net.Dialer).DialContext, change)
}

// dial connects to the workspace.
type dial func(ctx context.Context, network, address string) (net.Conn, error)

func furnish(t *testing.T, ctx context.Context, dial dial, change []func(*slack.Config)) *fixture {
	t.Helper()
	config := slack.Config{Manifest: []byte(manifest)}
	for _, c := range change {
		c(&config)
	}
	w, err := slack.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	transport := &http.Transport{DialContext: dial}
	t.Cleanup(transport.CloseIdleConnections)
	f := &fixture{
		Workspace: w, t: t, ctx: ctx, client: &http.Client{Transport: transport}, dialer: &websocket.Dialer{NetDialContext: dial},
	}
	f.ada = w.AddUser(slack.User{Name: "ada"})
	f.general = w.AddChannel(slack.Channel{Name: "general", Members: []string{f.ada, w.BotUserID()}})
	f.api = slackgo.New(w.BotToken(), slackgo.OptionAPIURL(w.APIURL()), slackgo.OptionAppLevelToken(w.AppToken()), slackgo.OptionHTTPClient(f.client))
	return f
}

// post posts as ada and fails the test on an error.
func (f *fixture) post(text string, opts ...slack.PostOption) string {
	f.t.Helper()
	ts, err := f.Post(f.general, f.ada, text, opts...)
	if err != nil {
		f.t.Fatal(err)
	}
	return ts
}

// mention posts a mention of the app.
func (f *fixture) mention(text string) string {
	f.t.Helper()
	return f.post(slack.Mention(f.BotUserID()) + " " + text)
}

// await fails the test if the condition does not become true.
func (f *fixture) await(what string, condition func(slack.View) bool) {
	f.t.Helper()
	if err := f.Await(f.ctx, condition); err != nil {
		f.t.Fatalf("waiting for %s: %v\ntraffic: %s", what, err, pretty(f.Traffic()))
	}
}

// wantCode fails the test if err is not this Slack error code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if err == nil || err.Error() != code && !errors.Is(err, slack.Error(code)) {
		t.Errorf("error is %v, want %s", err, code)
	}
}

func pretty(v any) string {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// listener is an app connected with slack-go that passes on everything it
// receives.
type listener struct {
	*socketmode.Client
	requests chan socketmode.Request
}

// listen connects an app that acknowledges what ack selects; nil acknowledges
// all.
func (f *fixture) listen(ack func(socketmode.Request) (bool, any)) *listener {
	f.t.Helper()
	before := f.Sockets()
	client := socketmode.New(f.api, socketmode.OptionDialer(f.dialer), socketmode.OptionLog(log.New(io.Discard, "", 0)))
	l := &listener{Client: client, requests: make(chan socketmode.Request, 1000)}
	ctx, cancel := context.WithCancel(f.ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = client.RunContext(ctx) // ends with the context
	}()
	read := make(chan struct{})
	go func() {
		defer close(read)
		l.read(ctx, ack)
	}()
	f.t.Cleanup(func() {
		cancel()
		<-stopped
		<-read
	})
	f.await("a connection", func(v slack.View) bool { return v.Sockets() > before })
	return l
}

func (l *listener) read(ctx context.Context, ack func(socketmode.Request) (bool, any)) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-l.Events:
			if e.Request == nil || e.Request.EnvelopeID == "" {
				continue
			}
			wanted, payload := true, any(nil)
			if ack != nil {
				wanted, payload = ack(*e.Request)
			}
			if wanted {
				_ = l.AckCtx(ctx, e.Request.EnvelopeID, payload) // fails only with the context
			}
			l.requests <- *e.Request
		}
	}
}

// next returns the next envelope.
func (l *listener) next(f *fixture) socketmode.Request {
	f.t.Helper()
	select {
	case r := <-l.requests:
		return r
	case <-f.ctx.Done():
		f.t.Fatalf("no envelope came; traffic: %s", pretty(f.Traffic()))
		return socketmode.Request{}
	}
}

// callback has the fields of an event's payload that the tests check.
type callback struct {
	TeamID        string `json:"team_id"`
	ContextTeamID string `json:"context_team_id"`
	EventID       string `json:"event_id"`
	Shared        bool   `json:"is_ext_shared_channel"`
	Event         struct {
		Type, Subtype, User, Text, Channel, TS, Team string
		ThreadTS                                     string `json:"thread_ts"`
		UserTeam                                     string `json:"user_team"`
		BotID                                        string `json:"bot_id"`
		ClientMsgID                                  string `json:"client_msg_id"`
		Hidden                                       bool
		DeletedTS                                    string `json:"deleted_ts"`
		Message, Previous                            struct {
			Text, Subtype string
			ReplyCount    int `json:"reply_count"`
		}
		Files []struct{ Name, URLPrivate string }
		Tab   string
	} `json:"event"`
}

func (r callback) String() string { return r.Event.Type + "/" + r.Event.Subtype }

func decode(t *testing.T, raw json.RawMessage) callback {
	t.Helper()
	var c callback
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c
}
