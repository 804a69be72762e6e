package slack_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"enjobridge/sandbox/slack"
)

// say posts as the app.
func (f *fixture) say(ctx context.Context) (string, error) {
	_, ts, err := f.api.PostMessageContext(ctx, f.general, slackgo.MsgOptionText("hi", false))
	return ts, err
}

func TestCallFaults(t *testing.T) {
	for name, test := range map[string]struct {
		effect    slack.CallEffect
		processed bool
		want      func(error) bool
	}{
		"rate limit": {slack.RateLimit(2500 * time.Millisecond), false, func(err error) bool {
			var limited *slackgo.RateLimitedError
			return errors.As(err, &limited) && limited.RetryAfter == 3*time.Second
		}},
		"status": {slack.Status(http.StatusServiceUnavailable), false, func(err error) bool {
			var status slackgo.StatusCodeError
			return errors.As(err, &status) && status.Code == http.StatusServiceUnavailable
		}},
		"error": {slack.Fail("fatal_error"), false, func(err error) bool {
			return err != nil && err.Error() == "fatal_error"
		}},
		"lost response": {slack.LoseResponse(), true, func(err error) bool { return err != nil }},
		"delay":         {slack.Delay(time.Millisecond), true, func(err error) bool { return err == nil }},
		"overdue":       {slack.Overdue(time.Millisecond), true, func(err error) bool { return err == nil }},
	} {
		bubbles(t, name, func(t *testing.T) {
			f := open(t)
			fault := f.Faults().OnCall(slack.Calls{Method: "chat.*", Channel: f.general, Skip: 1, Times: 1}, test.effect)
			if _, err := f.say(f.ctx); err != nil {
				t.Errorf("the skipped call: %v", err)
			}
			if _, err := f.say(f.ctx); !test.want(err) {
				t.Errorf("the affected call: %v", err)
			}
			posted := len(f.Messages(f.general))
			if (posted == 2) != test.processed {
				t.Errorf("%d messages, processed should be %v", posted, test.processed)
			}
			if _, err := f.say(f.ctx); err != nil {
				t.Errorf("the call after: %v", err)
			}
			if fault.Fired() != 1 {
				t.Errorf("fired %d times", fault.Fired())
			}
		})
	}
}

// Ensure that a call that hangs ends with its caller, unprocessed, and blocks
// nothing else.
func TestHang(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		fault := f.Faults().OnCall(slack.Calls{If: func(c slack.Call) bool { return c.Args["text"] == "hi" }}, slack.Hang())
		ctx, cancel := context.WithCancel(f.ctx)
		ended := make(chan error)
		go func() {
			_, err := f.say(ctx)
			ended <- err
		}()
		f.await("the fault", func(slack.View) bool { return fault.Fired() == 1 })
		if _, err := f.api.AuthTestContext(f.ctx); err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
		f.await("the log", func(v slack.View) bool {
			for _, c := range v.Calls() {
				if c.Fault == "hang" && c.Status == 0 {
					return true
				}
			}
			return false
		})
		fault.Remove()
		if _, err := f.say(f.ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestDeliveryFaults(t *testing.T) {
	for name, test := range map[string]struct {
		effect slack.DeliveryEffect
		want   []string // of two messages, the first affected
		retry  int      // the first envelope's retry_attempt
	}{
		"lose":      {slack.Lose(), []string{"two"}, 0},
		"twice":     {slack.Twice(), []string{"one", "one", "two"}, 0},
		"as retry":  {slack.AsRetry(), []string{"one", "two"}, 1},
		"overtaken": {slack.Overtaken(time.Hour), []string{"two", "one"}, 0},
	} {
		bubbles(t, name, func(t *testing.T) {
			f := open(t, onlyMessages)
			l := f.listen(nil)
			f.Faults().OnEvent(slack.Events{Type: "message", Times: 1}, test.effect)
			f.post("one")
			f.post("two")
			events := map[string]string{}
			for i, want := range test.want {
				r := l.next(f)
				c := decode(t, r.Payload)
				if c.Event.Text != want {
					t.Errorf("envelope %d is %q, want %q", i, c.Event.Text, want)
				}
				if known := events[c.Event.Text]; known != "" && known != c.EventID {
					t.Errorf("two event ids for %q", c.Event.Text)
				}
				events[c.Event.Text] = c.EventID
				if i == 0 && r.RetryAttempt != test.retry {
					t.Errorf("retry_attempt is %d, want %d", r.RetryAttempt, test.retry)
				}
			}
		})
	}
}

// Ensure that late and overtaken deliveries arrive even if no other event
// follows.
func TestLate(t *testing.T) {
	for name, effect := range map[string]slack.DeliveryEffect{
		"late": slack.Late(time.Minute), "overtaken": slack.Overtaken(time.Minute),
	} {
		bubbles(t, name, func(t *testing.T) {
			f := open(t, onlyMessages)
			l := f.listen(nil)
			f.Faults().OnEvent(slack.Events{If: func(e slack.Envelope) bool { return e.Type == "events_api" }}, effect)
			ts := f.post("one")
			begin := time.Now()
			got := decode(t, l.next(f).Payload).Event.TS
			if took := time.Since(begin); got != ts || took != time.Minute {
				t.Errorf("got %s after %v, want %s after a minute", got, took, ts)
			}
		})
	}
}

// Ensure that the deliveries to an unaccounted connection are lost until their
// retry, and that hello counts it.
func TestUnaccountedSocket(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		f.Faults().UnaccountedSocket(time.Hour)
		f.post("hello")
		f.await("a lost delivery", func(v slack.View) bool {
			all := attempts(v, "message")
			return len(all) > 0 && all[0].Outcome == slack.TimedOut && all[0].Socket != ""
		})
		if h := f.read(f.dial("")); h.NumConnections != 2 {
			t.Errorf("hello has num_connections %d, want the unaccounted one too", h.NumConnections)
		}
	})
}

// Ensure that a frozen connection stays registered and loses deliveries after
// its client has left.
func TestFreeze(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		conn := f.dial("")
		f.read(conn)
		if !f.Faults().Freeze(time.Hour) {
			t.Fatal("nothing to freeze")
		}
		if f.Faults().Freeze(time.Hour) {
			t.Error("froze it again")
		}
		_ = conn.Close()
		f.post("hello")
		if all := attempts(f.View, "message"); all[0].Socket == "" {
			t.Error("the frozen socket got nothing")
		}
		if f.Sockets() != 1 {
			t.Error("it is no longer registered")
		}
	})
}

// Ensure that a frozen connection is closed when its time is over.
func TestThaw(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		f.read(f.dial(""))
		if !f.Faults().Freeze(time.Millisecond) {
			t.Fatal("nothing to freeze")
		}
		f.await("its end", func(v slack.View) bool { return v.Sockets() == 0 })
		if f.Faults().Freeze(time.Hour) {
			t.Error("froze nothing")
		}
	})
}

// Ensure that the workspace can send unknown messages, and that the connection
// survives.
func TestInject(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		l := f.listen(nil)
		f.Faults().Inject([]byte(`{"type":"events_api","envelope_id":"x","payload":{"type":"event_callback","event":{"type":"from_the_future"}}}`))
		f.Faults().Inject([]byte(`{"type":`))
		ts := f.post("hello")
		for {
			r := l.next(f)
			if c := decode(t, r.Payload); c.Event.TS == ts {
				return
			}
		}
	})
}

// Ensure that Clear ends all faults.
func TestClear(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		l := f.listen(func(socketmode.Request) (bool, any) { return true, nil })
		f.Faults().OnCall(slack.Calls{}, slack.Fail("fatal_error"))
		f.Faults().OnEvent(slack.Events{}, slack.Lose())
		f.Faults().Clear()
		if _, err := f.say(f.ctx); err != nil {
			t.Error(err)
		}
		l.next(f)
	})
}

// Ensure that a Slack that does not know a type of block refuses it with a pointer, also
// in a container, and accepts others.
func TestUnsupportedBlocks(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		f.Faults().OnCall(slack.Calls{Method: "chat.postMessage"}, slack.Unsupported("card", "divider"))
		for blocks, want := range map[string]string{
			`[{"type":"header","text":{"type":"plain_text","text":"x"}},{"type":"card","title":{"type":"plain_text","text":"x"}}]`: "/blocks/1/type",
			`[{"type":"container","title":{"type":"plain_text","text":"x"},"child_blocks":[{"type":"divider"}]}]`:                  "/blocks/0/child_blocks/0/type",
			`[{"type":"header","text":{"type":"plain_text","text":"x"}}]`:                                                          "",
		} {
			a := f.call("chat.postMessage", "channel", f.general, "text", "x", "blocks", blocks)
			if a.OK != (want == "") || !strings.Contains(pretty(a), want) {
				t.Errorf("%s: %s", blocks, pretty(a))
			}
		}
	})
}
