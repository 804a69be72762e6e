package explain

import (
	"context"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"enjobridge/bot/intake"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
	"enjobridge/enjo"
	"enjobridge/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "write the golden files again")

// noon is when the messages of these tests were sent.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// after returns the time so long after noon.
func after(d time.Duration) time.Time { return noon.Add(d) }

// scripted is a Slack that answers each method with a prepared response.
type scripted map[string]string

func (s scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	method := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	body, ok := s[method]
	if method == "auth.test" {
		body, ok = `{"ok":true,"team_id":"T1","user_id":"UBOT","bot_id":"BBOT"}`, true
	}
	if !ok {
		return nil, errors.New("an unexpected call of " + method)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: make(http.Header), Request: r, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// fixture is an explainer with a store that a test fills.
type fixture struct {
	*Explainer
	t       *testing.T
	store   *storage.Bolt
	slack   scripted
	verdict intake.Verdict
	judged  []slackevent.Message
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	store, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, store: store, slack: scripted{
		"chat.getPermalink": `{"ok":true,"permalink":"https://acme.slack.com/archives/C1/p1772452805000100"}`,
	}}
	client := slackapi.New(slackapi.Config{
		URL: "https://slack.com/api/", Transport: f.slack, Random: rand.Int64N,
		Metrics: telemetry.NewRegistry(), Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
	})
	t.Cleanup(func() {
		client.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	self, err := client.AuthTest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.Explainer = New(Config{
		Store: store, Slack: client, Self: self, AgentView: true, Retention: 30 * 24 * time.Hour, Started: after(-time.Hour),
		Flush: func(context.Context) {},
		Verdict: func(_ context.Context, m slackevent.Message) (intake.Verdict, error) {
			f.judged = append(f.judged, m)
			return f.verdict, nil
		},
		ReadUntil: func(context.Context, string) (time.Time, error) { return after(30 * time.Minute), nil },
		Health:    func() telemetry.Report { return telemetry.Report{Ready: true} },
		Now:       func() time.Time { return after(time.Hour) },
	})
	return f
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// id is the message of these tests.
var id = storage.MessageID{Team: "T1", Channel: "C1", TS: "1772452800.000100"}

// secret is in each text of people and of the agent.
const secret = "XYZZY"

// arrive records copies of the message, each a second after the one before.
func (f *fixture) arrive(copies ...storage.Copy) {
	f.t.Helper()
	for n := range copies {
		copies[n].Message, copies[n].At = id, after(time.Duration(n+1)*time.Second)
	}
	f.must(f.store.RecordCopies(f.t.Context(), copies))
}

// copyOf returns a copy with a decision.
func copyOf(event, decision, reason string) storage.Copy {
	return storage.Copy{Event: event, Decision: decision, Reason: reason}
}

// question returns the question of the message.
func question(alter ...func(*storage.Question)) storage.Question {
	q := storage.Question{
		ID: id, Thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: id.TS}, Asker: "U1", Agent: "default", Origin: storage.Mention,
		Text: secret, AcceptedAt: after(time.Second),
	}
	for _, change := range alter {
		change(&q)
	}
	return q
}

// accept stores a question as accepted.
func (f *fixture) accept(q storage.Question) {
	f.t.Helper()
	_, err := f.store.Accept(f.t.Context(), q, storage.Thread{ID: q.Thread, Agent: q.Agent, LastActive: q.AcceptedAt})
	f.must(err)
}

func (f *fixture) claim(q storage.Question, with ...storage.MessageID) {
	f.t.Helper()
	_, err := f.store.Claim(f.t.Context(), q.ID, with, after(3*time.Second))
	f.must(err)
}

// end gives a question its outcome, and ends it.
func (f *fixture) end(q storage.Question, outcome storage.Outcome, end storage.State, posts ...string) {
	f.t.Helper()
	f.must(f.store.SetOutcome(f.t.Context(), q.ID, outcome, after(4500*time.Millisecond)))
	f.must(f.store.End(f.t.Context(), q.ID, end, posts, after(6*time.Second)))
}

// replied is the outcome of a question that the agent answered.
func replied() storage.Outcome {
	return storage.Outcome{Reply: &enjo.Reply{Text: secret, ConversationID: "conversation-1", Ticket: &enjo.Ticket{ID: "IT-1", Status: "Open", Description: secret}}}
}

// history makes Slack return the message, as somebody sent it.
func (f *fixture) history(message string) {
	f.slack["conversations.info"] = `{"ok":true,"channel":{"id":"C1","is_channel":true,"is_member":true,"is_ext_shared":false}}`
	f.slack["conversations.history"] = `{"ok":true,"messages":[],"response_metadata":{"next_cursor":""}}`
	if message != "" {
		f.slack["conversations.history"] = `{"ok":true,"messages":[{"ts":"1772452800.000100",` + message + `}],"response_metadata":{"next_cursor":""}}`
	}
	f.slack["conversations.replies"] = `{"ok":false,"error":"thread_not_found"}`
}

var (
	mentioned = copyOf("app_mention", "ask", "mentioned")
	again     = copyOf("message", "ignore", "accepted before")
)

// private is the question of somebody who used /enjo.
var private = question(func(q *storage.Question) {
	q.ID = storage.CommandID("T1", "C1", "trigger")
	q.Thread, q.Origin = storage.PrivateThread(q.ID), storage.Command
})

// scenarios fill a store and a Slack, each for a golden file. They return what is asked
// about, if it is not the message.
var scenarios = map[string]func(f *fixture) (link string){
	"answered": func(f *fixture) string {
		f.arrive(mentioned, again, storage.Copy{Event: "message", Retry: 1, Decision: "ignore", Reason: "accepted before"})
		f.accept(question())
		f.claim(question())
		f.end(question(), replied(), storage.Delivered, "1772452805.000100")
		f.must(f.store.SetFeedback(f.t.Context(), storage.Feedback{Question: id, User: "U1", Good: true, Comment: secret, At: noon}))
		return ""
	},
	"refused outsider": func(f *fixture) string {
		f.arrive(copyOf("app_mention", "refuse", "sent by someone of another organisation"), again)
		return ""
	},
	"waiting": func(f *fixture) string {
		f.arrive(mentioned)
		f.accept(question(func(q *storage.Question) { q.NotBefore = after(2 * time.Hour) }))
		return ""
	},
	"waiting for an agent": func(f *fixture) string {
		f.accept(question())
		f.Health = func() telemetry.Report {
			return telemetry.Report{Reasons: []string{"the agent default is down: no connection to Enjo"}}
		}
		return ""
	},
	"asking": func(f *fixture) string {
		f.arrive(mentioned)
		f.accept(question())
		f.claim(question())
		f.must(f.store.Requeue(f.t.Context(), id, noon, true))
		f.claim(question())
		return ""
	},
	"failed": func(f *fixture) string {
		f.arrive(mentioned)
		f.accept(question())
		f.claim(question())
		f.end(question(), storage.Outcome{Failure: storage.FailureOutcomeUnknown, Reference: "EB-ABC234"}, storage.Failed, "1772452805.000100")
		return ""
	},
	"merged": func(f *fixture) string {
		f.arrive(mentioned)
		lead := question(func(q *storage.Question) { q.ID.TS = "1772452801.000100" })
		f.accept(question())
		f.accept(lead)
		f.claim(lead, id)
		return ""
	},
	"merged twice, and answered": func(f *fixture) string {
		in := func(q storage.Question, second string) storage.Question {
			q.ID.Channel, q.ID.TS = "D1", "177245280"+second+".000100"
			q.Thread, q.Origin = storage.ThreadID{Team: "T1", Channel: "D1", Root: q.ID.TS}, storage.Direct
			return q
		}
		last := in(question(), "3")
		for _, q := range []storage.Question{in(question(), "1"), in(question(), "2"), last} {
			_, _, _, err := f.store.AcceptDirect(f.t.Context(), q, storage.Thread{ID: q.Thread, Agent: q.Agent, LastActive: q.AcceptedAt})
			f.must(err)
		}
		f.claim(last)
		f.end(last, replied(), storage.Delivered, "1772452805.000100")
		return "D1/1772452801.000100"
	},
	"merged into it": func(f *fixture) string {
		other := question(func(q *storage.Question) { q.ID.TS = "1772452801.000100" })
		f.accept(question())
		f.accept(other)
		f.claim(question(), other.ID)
		f.end(question(), replied(), storage.Delivered, "1772452805.000100")
		return ""
	},
	"edited": func(f *fixture) string {
		f.arrive(mentioned, copyOf("message_changed", "edit", "the message was edited"), copyOf("message_changed", "offer", "the question was asked before"))
		f.accept(question())
		_, err := f.store.FirstTime(f.t.Context(), storage.EditedKey(id), noon)
		f.must(err)
		return ""
	},
	"deleted": func(f *fixture) string {
		f.arrive(mentioned, copyOf("message_deleted", "retract", "the message was deleted"))
		f.accept(question())
		f.end(question(), storage.Outcome{Failure: storage.FailureDropped, Retracted: true}, storage.Cancelled)
		return ""
	},
	"muted": func(f *fixture) string {
		f.accept(question(func(q *storage.Question) { q.ID.TS = q.Thread.Root }))
		f.must(f.store.SetMuted(f.t.Context(), question().Thread, true))
		reply := storage.MessageID{Team: "T1", Channel: "C1", TS: "1772452900.000100"}
		f.must(f.store.RecordCopies(f.t.Context(), []storage.Copy{{
			Message: reply, At: after(100 * time.Second), Event: "message", Decision: "ignore", Reason: "the thread is muted",
		}}))
		return "https://acme.slack.com/archives/C1/p1772452900000100?thread_ts=1772452800.000100&cid=C1"
	},
	"many copies": func(f *fixture) string {
		copies := []storage.Copy{mentioned}
		for range storage.MaxCopies + 1 {
			copies = append(copies, again)
		}
		f.arrive(copies...)
		return ""
	},
	"ignored chatter": func(f *fixture) string {
		f.history(`"user":"U1","text":"` + secret + `"`)
		f.verdict = intake.Verdict{Decision: "ignore", Reason: "not addressed to the bot"}
		return ""
	},
	"unknown, would be asked": func(f *fixture) string {
		f.history(`"user":"U1","text":"<@UBOT> ` + secret + `"`)
		f.verdict = intake.Verdict{Decision: "ask", Reason: "mentioned"}
		f.Started = after(10 * time.Minute)
		f.Health = func() telemetry.Report {
			return telemetry.Report{
				Reasons:  []string{"Slack counts 2 connections that this process does not hold; they receive a share of the events"},
				Degraded: map[string]string{"mpim:history": "questions in group direct messages are not received"},
			}
		}
		return ""
	},
	"unknown and old": func(f *fixture) string {
		f.history("")
		f.Now = func() time.Time { return noon.AddDate(0, 2, 0) }
		return ""
	},
	"unknown, bot not in channel": func(f *fixture) string {
		f.history("")
		f.slack["conversations.info"] = `{"ok":true,"channel":{"id":"C1","is_channel":true,"is_member":false,"is_ext_shared":false}}`
		f.slack["conversations.history"] = `{"ok":false,"error":"not_in_channel"}`
		f.ReadUntil = func(context.Context, string) (time.Time, error) { return time.Time{}, nil }
		return ""
	},
	"unknown, channel not reachable": func(f *fixture) string {
		f.slack["conversations.info"] = `{"ok":false,"error":"channel_not_found"}`
		f.ReadUntil = func(context.Context, string) (time.Time, error) { return after(-time.Hour), nil }
		return ""
	},
	"private": func(f *fixture) string {
		q := private
		f.must(f.store.RecordCopies(f.t.Context(), []storage.Copy{{Message: q.ID, At: after(time.Second), Event: "command", Decision: "ask", Reason: "a person asked"}}))
		f.accept(q)
		f.claim(q)
		f.end(q, replied(), storage.Delivered)
		f.must(f.store.Publish(f.t.Context(), q.ID, storage.ThreadID{Team: "T1", Channel: "C1", Root: "1772452900.000100"}, after(time.Minute)))
		return storage.Reference(q.ID)
	},
	"private and unknown": func(*fixture) string { return private.ID.String() },
	"the bot's answer": func(f *fixture) string {
		f.accept(question())
		f.claim(question())
		f.end(question(), replied(), storage.Delivered, "1772452805.000100")
		f.history("")
		f.slack["conversations.replies"] = `{"ok":true,"messages":[{"ts":"1772452800.000100","user":"U1"},{"ts":"1772452805.000100","thread_ts":"1772452800.000100",
			"user":"UBOT","bot_id":"BBOT","text":"` + secret + `","metadata":{"event_type":"enjobridge_post","event_payload":{"question":"T1/C1/1772452800.000100","part":"0"}}}],
			"response_metadata":{"next_cursor":""}}`
		return "https://acme.slack.com/archives/C1/p1772452805000100?thread_ts=1772452800.000100&cid=C1"
	},
}

// Ensure that each explanation is the one of its golden file, and contains no texts.
func TestExplain(t *testing.T) {
	for name, scenario := range scenarios {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			link := scenario(f)
			if link == "" {
				link = "https://acme.slack.com/archives/C1/p1772452800000100"
			}
			got := f.get(link, "")
			if strings.Contains(got, secret) || strings.Contains(f.get(link, "json"), secret) {
				t.Errorf("it contains a text:\n%s", got)
			}
			golden := filepath.Join("testdata", strings.ReplaceAll(strings.NewReplacer(",", "", "'", "").Replace(name), " ", "-")+".golden")
			if *update {
				f.must(os.MkdirAll("testdata", 0o755))
				f.must(os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			f.must(err)
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

// get returns the explanation over HTTP.
func (f *fixture) get(link, format string) string {
	f.t.Helper()
	w := f.serve(link, format)
	if w.Code != http.StatusOK {
		f.t.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func (f *fixture) serve(link, format string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	query := url.Values{"link": {link}, "format": {format}}
	f.ServeHTTP(w, httptest.NewRequestWithContext(f.t.Context(), http.MethodGet, "/explain?"+query.Encode(), nil))
	return w
}

// Ensure that bad requests get errors that say what to do.
func TestExplainer_Errors(t *testing.T) {
	f := newFixture(t)
	for link, want := range map[string]struct {
		status int
		text   string
	}{
		"hello":     {http.StatusBadRequest, "Copy link"},
		"EB-ABC234": {http.StatusNotFound, "use a link to the message"},
	} {
		if w := f.serve(link, ""); w.Code != want.status || !strings.Contains(w.Body.String(), want.text) {
			t.Errorf("%s: %d %s", link, w.Code, w.Body)
		}
	}
	f.history(`"user":"U1","text":"<@UBOT> why?"`)
	f.Verdict = func(context.Context, slackevent.Message) (intake.Verdict, error) {
		return intake.Verdict{}, errors.New("the disk is gone")
	}
	if w := f.serve("C1/1772452800.000100", ""); w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "the disk is gone") {
		t.Errorf("a store that fails: %d %s", w.Code, w.Body)
	}
}

// Ensure that the verdict is about the message as an event would have it: with its thread,
// although the link lacks that, and with the sender's organisation.
func TestExplainer_Verdict(t *testing.T) {
	f := newFixture(t)
	f.history("")
	f.slack["conversations.info"] = `{"ok":true,"channel":{"id":"C1","is_channel":true,"is_member":true,"is_ext_shared":true}}`
	f.slack["conversations.replies"] = `{"ok":true,"messages":[{"ts":"1772452800.000100","thread_ts":"1772452700.000100","user":"U7","text":"<@UBOT> why?"}],
		"response_metadata":{"next_cursor":""}}`
	f.Identify = func(_ context.Context, user string) (slackevent.Membership, error) {
		if user != "U7" {
			t.Errorf("%s is looked up", user)
		}
		return slackevent.Outsider, nil
	}
	f.verdict = intake.Verdict{Decision: "refuse", Reason: "sent by someone of another organisation"}
	got := f.get("C1/1772452800.000100", "")
	if !strings.Contains(got, "the bot would have refused it") || !strings.Contains(got, "ALLOW_EXTERNAL") {
		t.Error(got)
	}
	if len(f.judged) != 1 || f.judged[0].ThreadTS != "1772452700.000100" || f.judged[0].Membership != slackevent.Outsider {
		t.Errorf("the verdict is about %+v", f.judged)
	}
}

// Ensure that data of others cannot forge lines, or control a terminal.
func TestExplanation_Text_ControlCharacters(t *testing.T) {
	x := Explanation{Summary: "a\x1b[2J", Thread: &Thread{}, Tickets: []Ticket{{ID: "IT-1\n- forged", Status: "\x07\u202e"}}}
	if got := x.Text(); strings.ContainsAny(got, "\x1b\x07\u202e") || strings.Contains(got, "\n- forged") {
		t.Errorf("%q", got)
	}
}

// Ensure that every end of a question, and records of an earlier version, have a summary.
func TestExplanation_Summary(t *testing.T) {
	failure := func(code storage.Failure) Question { return Question{State: storage.Cancelled, Failure: string(code)} }
	for want, q := range map[string]Question{
		"is being posted":               {State: storage.Answered},
		"A person stopped the question": failure(storage.FailureStopped),
		"The message was deleted":       {State: storage.Cancelled, Failure: string(storage.FailureDropped), Retracted: true},
		"the answer was not posted":     {State: storage.Cancelled, Replied: true},
		"was cancelled":                 {State: storage.Cancelled},
		"could not answer: rejected":    {State: storage.Failed, Failure: string(storage.FailureRejected)},
		"could not be posted":           {State: storage.Failed, Replied: true},
		"offered to call one":           {State: storage.Delivered, Failure: string(storage.FailurePerson)},
	} {
		x := Explanation{Question: &q}
		if got, _ := x.summarize(noon, telemetry.Report{}); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if text := x.Text(); q.Replied && strings.Contains(text, "The failure is") || !strings.Contains(text, "Its record was damaged") {
			t.Errorf("%s: %s", want, text)
		}
	}
	x := Explanation{Marks: []string{"It got a reaction."}}
	if got, _ := x.summarize(noon, telemetry.Report{}); got != "It got a reaction." {
		t.Errorf("of a mark: %q", got)
	}
}
