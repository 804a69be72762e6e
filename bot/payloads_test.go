package bot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/intake"
	"enjobridge/bot/receive"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/socketmode"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// nothing is the decision on an envelope in which the bot has no part.
const nothing = ""

// readyPayloads are payloads as Slack sends them, and what is decided about them: an
// action and its reason for a message, and the kind of any other event.
var readyPayloads = []struct{ name, kind, payload, want string }{
	{"a mention", slackevent.EventsAPI, happened(`"type":"app_mention","user":"U1","client_msg_id":"c","text":"<@UBOT> help me","team":"T1",
		"ts":"1772452800.000100",
		"event_ts":"1772452800.000100","channel":"C1","blocks":[{"type":"rich_text","block_id":"b","elements":[{"type":"rich_text_section",
		"elements":[{"type":"user","user_id":"UBOT"},{"type":"text","text":" help me"}]}]}]`), "ask: mentioned"},
	{"its twin", slackevent.EventsAPI, happened(`"type":"message","user":"U1","client_msg_id":"c","text":"<@UBOT> help me","team":"T1","ts":"1772452800.000100",
		"channel":"C1","channel_type":"channel"`), "ignore: accepted before"},
	{
		"a mention in blocks", slackevent.EventsAPI, happened(`"type":"message","user":"U1","text":"","ts":"1772452801.000100","channel":"C1",
		"channel_type":"channel",
		"blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"UBOT"},{"type":"text","text":" help me"}]}]}]`),
		"ask: mentioned",
	},
	{"a bare forward", slackevent.EventsAPI, happened(`"type":"message","user":"U1","text":"","team":"T1","ts":"1772452802.000100","channel":"D1",
		"channel_type":"im",
		"attachments":[{"id":1,"ts":"1772452700.000100","is_msg_unfurl":true,"is_share":true,"author_id":"U2","channel_id":"C2",
		"fallback":"[2 March] bob: VPN is down","text":"VPN is down","mrkdwn_in":["text"]}]`), "ask: direct message"},
	{"pasted cells", slackevent.EventsAPI, happened(`"type":"message","user":"U1","text":"","team":"T1","ts":"1772452803.000100","channel":"D1",
		"channel_type":"im",
		"attachments":[{"id":1,"fallback":"[no preview available]","blocks":[{"type":"table","rows":[[{"type":"raw_text","text":"db1"},{"type":"raw_text",
		"text":"down"}]]}]}]`), "ask: direct message"},
	{
		"a snippet", slackevent.EventsAPI, happened(`"type":"message","subtype":"file_share","user":"U1","text":"","ts":"1772452804.000100",
		"channel":"D1","channel_type":"im","upload":false,
		"files":[{"id":"F1","mode":"snippet","name":"a.log","filetype":"text","pretty_type":"Plain Text","preview":"disk full","lines":1,"lines_more":0}]`),
		"ask: direct message",
	},
	{"a picture", slackevent.EventsAPI, happened(`"type":"message","subtype":"file_share","user":"U1","text":"","ts":"1772452805.000100",
		"channel":"D1","channel_type":"im",
		"files":[{"id":"F1","mode":"hosted","name":"VPN.png","mimetype":"image/png","filetype":"png","pretty_type":"PNG"}]`), "refuse: only files in it"},
	{"a message without a type of channel", slackevent.EventsAPI, happened(`"type":"message","user":"U1","text":"help","team":"T1","ts":"1772452806.000100",
		"channel":"D1"`), "ask: direct message"},
	{"talk", slackevent.EventsAPI, happened(`"type":"message","user":"U1","text":"lunch?","team":"T1","ts":"1772452807.000100","channel":"C1",
		"channel_type":"channel"`), "ignore: not addressed to the bot"},
	{"an alert", slackevent.EventsAPI, happened(`"type":"message","subtype":"bot_message","bot_id":"B2","username":"Alerts","text":"","ts":"1772452808.000100",
		"channel":"C1","channel_type":"channel",
		"attachments":[{"id":1,"fallback":"db1 down","title":"db1","text":"down for <@UBOT>"}]`), "ignore: sent by a bot"},
	{"an edit", slackevent.EventsAPI, happened(`"type":"message","subtype":"message_changed","hidden":true,"channel":"C1","channel_type":"channel",
		"ts":"1772452809.000100",
		"message":{"type":"message","user":"U1","text":"<@UBOT> help me","ts":"1772452800.000100","edited":{"user":"U1","ts":"1772452809.000000"}},
		"previous_message":{"type":"message","user":"U1","text":"<@UBOT> help us","ts":"1772452800.000100"}`), "MessageChanged"},
	{"an unfurl", slackevent.EventsAPI, happened(`"type":"message","subtype":"message_changed","hidden":true,"channel":"C1","channel_type":"channel",
		"ts":"1772452810.000100",
		"message":{"type":"message","user":"U1","text":"<https://a.example>","ts":"1772452807.000100","attachments":[{"from_url":"https://a.example","title":"A"}]},
		"previous_message":{"type":"message","user":"U1","text":"<https://a.example>","ts":"1772452807.000100"}`), "ignore: not a message of a person's"},
	{"a deletion", slackevent.EventsAPI, happened(`"type":"message","subtype":"message_deleted","hidden":true,"deleted_ts":"1772452807.000100","channel":"C1",
		"channel_type":"channel","ts":"1772452811.000100",
		"previous_message":{"type":"message","user":"U1","text":"lunch?","ts":"1772452807.000100"}`), "MessageDeleted"},
	{
		"a press of Stop", slackevent.EventsAPI, happened(`"type":"agent_session_stopped","user":"U1","channel":"C1","thread_ts":"1772452800.000100"`),
		"SessionStopped",
	},
	{"App Home", slackevent.EventsAPI, happened(`"type":"app_home_opened","user":"U1","channel":"D1","tab":"home"`), "home"},
	{"a reaction", slackevent.EventsAPI, happened(`"type":"reaction_added","user":"U1","reaction":"eyes","item":{"type":"message","channel":"C1",
		"ts":"1772452800.000100"}`), nothing},
	{"another's joining", slackevent.EventsAPI, happened(`"type":"member_joined_channel","user":"U1","channel":"C1","channel_type":"C","team":"T1"`), nothing},
	{
		"the bot's joining", slackevent.EventsAPI, happened(`"type":"member_joined_channel","user":"UBOT","channel":"C1","channel_type":"C","team":"T1"`),
		"BotAdded",
	},
	{
		"a limit", slackevent.EventsAPI, `{"token":"t","type":"app_rate_limited","team_id":"T1","minute_rate_limited":1772452800,"api_app_id":"A1"}`,
		"EventsRateLimited",
	},
	{"a button", slackevent.Interactive, `{"type":"block_actions","user":{"id":"U1","team_id":"T1"},"trigger_id":"t","container":{"type":"message",
		"message_ts":"1772452812.000100","channel_id":"C1"},
		"channel":{"id":"C1"},"message":{"ts":"1772452812.000100","thread_ts":"1772452800.000100","text":"x"},"actions":[{"action_id":"a","type":"button",
		"value":"v"}]}`, "button"},
	{"a modal", slackevent.Interactive, `{"type":"view_submission","user":{"id":"U1","team_id":"T1"},"view":{"id":"V1","callback_id":"c",
		"state":{"values":{}}}}`, "modal"},
	{"a closed modal", slackevent.Interactive, `{"type":"view_closed","user":{"id":"U1","team_id":"T1"},"view":{"id":"V1","callback_id":"c"}}`, nothing},
	{"a command", slackevent.SlashCommands, `{"command":"/enjo","text":"status","user_id":"U1","team_id":"T1","channel_id":"C1","trigger_id":"t"}`, "command"},
}

// happened is the payload of an event.
func happened(event string) string {
	return `{"type":"event_callback","team_id":"T1","event_id":"Ev1","event_time":1772452800,"is_ext_shared_channel":false,"event":{` + event + `}}`
}

// Ensure that each kind of payload is acked once, without a panic, and decided as it
// should be.
func TestPayloads(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDecider(t)
		for _, test := range readyPayloads {
			if got := d.decide(test.kind, []byte(test.payload)); got != test.want {
				t.Errorf("%s: decided %q, want %q", test.name, got, test.want)
			}
		}
		if got, want := d.asked["1772452802.000100"], "Forwarded message from <@U2>:\n&gt; VPN is down"; got != want {
			t.Errorf("the forwarded message is stored as %q", got)
		}
	})
}

// decider receives envelopes, and has them decided as a running bot does. Nothing is
// asked.
type decider struct {
	t        *testing.T
	receiver *receive.Receiver
	log      *bytes.Buffer
	asked    map[string]string // the texts of the questions by their timestamp
	kind     string            // of the last event that is not a message
}

// newDecider must be called in a bubble.
func newDecider(t *testing.T) *decider {
	t.Helper()
	store, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d := &decider{t: t, log: &bytes.Buffer{}, asked: make(map[string]string)}
	log, metrics := zerolog.New(zerolog.SyncWriter(d.log)), telemetry.NewRegistry()
	client := slackapi.New(slackapi.Config{
		URL: "https://slack.com/api/", Transport: d, Random: rand.Int64N, Metrics: metrics, Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
	})
	self, panics := slackevent.Identity{TeamID: "T1", UserID: "UBOT", BotID: "B1"}, supervise.New(metrics, log)
	in := intake.New(t.Context(), intake.Config{
		Store: store, Policy: intake.Policy{Self: self, AgentView: true, AgentOf: func(string) string { return "default" }},
		DailyLimit: intake.NewDailyLimit(0, false), Slack: client, Queue: d, Command: func(slackevent.Message, string) {}, Missed: func() {}, Panics: panics, Metrics: metrics, Log: log,
	})
	d.receiver = receive.New(receive.Config{
		Self: self, Intake: d.noted(in.Handle), Interact: d.noted(nil), Workspace: d.noted(in.Handle), Missed: func() { t.Error("an event is missed") },
		Identify: func(context.Context, string) (slackevent.Membership, error) { return slackevent.Member, nil },
		Panics:   panics, Metrics: metrics, Log: log,
	})
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() { d.receiver.Run(ctx); close(stopped) }()
	t.Cleanup(func() {
		stop()
		<-stopped
		in.Wait()
		client.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// noted notes the kind of an event before it is handled.
func (d *decider) noted(next receive.Handler) receive.Handler {
	return func(ctx context.Context, event slackevent.Event) (func(), error) {
		switch e := event.(type) {
		case slackevent.Message:
		case slackevent.Interaction:
			d.kind = string(e.Kind)
			return func() {}, nil
		default:
			d.kind = strings.TrimPrefix(fmt.Sprintf("%T", e), "slackevent.")
		}
		return next(ctx, event)
	}
}

// decide receives an envelope, and returns what is decided about it.
func (d *decider) decide(kind string, payload []byte) string {
	d.t.Helper()
	d.log.Reset()
	d.kind = nothing
	acks := 0
	d.receiver.Take(socketmode.Envelope{ID: "e", Type: kind, Payload: payload, Ack: func(any) error { acks++; return nil }})
	synctest.Wait()
	if acks != 1 {
		d.t.Errorf("%.100s is acked %d times", payload, acks)
	}
	decided := d.kind
	for line := range strings.Lines(d.log.String()) {
		var entry struct{ Message, Decision, Reason string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			d.t.Error(err)
		}
		switch {
		case entry.Message == "intake: message decided":
			decided = entry.Decision + ": " + entry.Reason
		case strings.Contains(entry.Message, "panic"):
			d.t.Errorf("a panic: %s", line)
		}
	}
	return decided
}

// Add implements [intake.Queue].
func (d *decider) Add(q storage.Question) { d.asked[storage.MessageTS(q.ID.TS)] = q.Text }

// Edit implements [intake.Queue].
func (d *decider) Edit(q storage.Question) { d.Add(q) }

// Merged implements [intake.Queue].
func (d *decider) Merged([]storage.Question) {}

// Stop implements [intake.Queue].
func (d *decider) Stop([]storage.Question) {}

// Retract implements [intake.Queue].
func (d *decider) Retract(storage.Question) {}

// Depth implements [intake.Queue].
func (d *decider) Depth(storage.ThreadID, string) (inThread, ofAsker, total int) { return 0, 0, 0 }

// RoundTrip implements [http.RoundTripper]: a Slack that accepts everything.
func (d *decider) RoundTrip(r *http.Request) (*http.Response, error) {
	body := `{"ok":true,"messages":[],"ts":"1772442000.000100","message_ts":"1772442000.000100","channel":{"id":"D9"}}`
	return &http.Response{StatusCode: http.StatusOK, Header: make(http.Header), Request: r, Body: io.NopCloser(strings.NewReader(body))}, nil
}
