package slack_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"enjobridge/sandbox/slack"
)

func TestMention(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		ts := f.mention("hello <world> & all")

		kinds := map[string]callback{}
		for range 2 {
			c := decode(t, l.next(f).Payload)
			kinds[c.Event.Type] = c
		}
		mention, message := kinds["app_mention"], kinds["message"]
		if mention.EventID == "" || message.EventID == "" || mention.EventID == message.EventID {
			t.Errorf("event ids %q and %q are not two", mention.EventID, message.EventID)
		}
		if got, want := message.Event.Text, slack.Mention(f.BotUserID())+" hello &lt;world&gt; &amp; all"; got != want {
			t.Errorf("text is %q, want %q", got, want)
		}
		if message.Event.TS != ts || mention.Event.TS != ts || message.Event.ClientMsgID == "" {
			t.Errorf("want ts %s: %+v, %+v", ts, message, mention)
		}

		_, replyTS, err := f.api.PostMessageContext(f.ctx, f.general, slackgo.MsgOptionText("hi", false), slackgo.MsgOptionTS(ts))
		if err != nil {
			t.Fatal(err)
		}
		thread := f.Thread(f.general, ts)
		if len(thread) != 2 || thread[1].TS != replyTS || thread[1].BotID != f.BotID() || thread[0].ReplyCount != 1 {
			t.Errorf("thread is %s", pretty(thread))
		}
		f.await("acknowledgements", func(v slack.View) bool {
			acked := 0
			for _, e := range v.Traffic() {
				if e.Outcome == slack.Acked {
					acked++
				}
			}
			return acked == 4 // two for the mention, then the app's own reply and the root's reply count
		})
	})
}

// attempts returns the attempts to deliver events of this type, in order.
func attempts(v slack.View, inner string) []slack.Envelope {
	return slices.DeleteFunc(v.Traffic(), func(e slack.Envelope) bool { return e.Inner != inner })
}

// onlyMessages configures a workspace whose app gets one event for each
// message.
func onlyMessages(c *slack.Config) {
	c.Manifest = []byte(strings.ReplaceAll(manifest, "app_mention, ", ""))
}

// Ensure that an event that is not acknowledged is retried immediately, after
// one minute and after five, each time in a new envelope, and then no more.
func TestRetries(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		l := f.listen(func(socketmode.Request) (bool, any) { return false, nil })
		f.post("hello")

		envelopes := map[string]bool{}
		events := map[string]bool{}
		for n := range 4 {
			r := l.next(f)
			if r.RetryAttempt != n || (n > 0) != (r.RetryReason == "timeout") {
				t.Errorf("attempt %d has retry_attempt %d, retry_reason %q", n, r.RetryAttempt, r.RetryReason)
			}
			envelopes[r.EnvelopeID] = true
			events[decode(t, r.Payload).EventID] = true
		}
		if len(envelopes) != 4 || len(events) != 1 {
			t.Errorf("4 attempts have %d envelope ids and %d event ids, want 4 and 1", len(envelopes), len(events))
		}
		f.await("the end", func(v slack.View) bool {
			all := attempts(v, "message")
			return len(all) == 4 && all[3].Outcome == slack.TimedOut
		})
		all := attempts(f.View, "message")
		for n, wait := range []time.Duration{0, time.Minute, 5 * time.Minute} {
			if got := all[n+1].Sent.Sub(all[n].Sent); got != 3*time.Second+wait {
				t.Errorf("attempt %d follows %v after the one before", n+1, got)
			}
		}
	})
}

// Ensure that the acknowledgement of a retry ends the retries.
func TestAcknowledgedRetry(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		f.listen(func(r socketmode.Request) (bool, any) { return r.RetryAttempt == 1, nil })
		f.post("hello")
		f.post("goodbye")
		f.await("both acknowledged at their first retry", func(v slack.View) bool {
			acked := 0
			for _, e := range attempts(v, "message") {
				if e.Outcome == slack.Acked && e.Attempt == 1 {
					acked++
				}
			}
			return acked == 2
		})
	})
}

// Ensure that a message that is posted without a connection is delivered with
// the retries if a connection opens in time, and is otherwise only in the
// history.
func TestNoSocket(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		lost := f.post("hello?")
		time.Sleep(time.Second) // during this time two attempts find no connection
		l := f.listen(nil)
		r := l.next(f)
		if r.RetryAttempt != 2 || r.RetryReason != "connection_failed" || decode(t, r.Payload).Event.TS != lost {
			t.Errorf("got attempt %d (%s) of %s", r.RetryAttempt, r.RetryReason, r.Payload)
		}

		f = open(t, onlyMessages)
		f.post("hello?")
		f.await("giving up", func(v slack.View) bool { return len(attempts(v, "message")) == 4 })
		for _, e := range attempts(f.View, "message") {
			if e.Outcome != slack.NoSocket {
				t.Errorf("attempt %d: %s", e.Attempt, e.Outcome)
			}
		}
		history, err := f.api.GetConversationHistoryContext(f.ctx, &slackgo.GetConversationHistoryParameters{ChannelID: f.general})
		if err != nil || len(history.Messages) != 1 {
			t.Errorf("history is %+v, error %v", history, err)
		}
	})
}

// Ensure that events are distributed over several connections.
func TestTwoSockets(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		f.listen(nil)
		f.listen(nil)
		for range 20 {
			f.post("hello")
		}
		f.await("delivery", func(v slack.View) bool { return len(attempts(v, "message")) == 20 })
		share := map[string]int{}
		for _, e := range f.Traffic() {
			share[e.Socket]++
		}
		if len(share) != 2 {
			t.Errorf("shares are %v, want two", share)
		}
	})
}

// Ensure that slack-go reconnects after each way in which Slack ends a
// connection.
func TestReconnects(t *testing.T) {
	t.Parallel()
	for name, strike := range map[string]func(*slack.Faults){
		"warning":           (*slack.Faults).Rotate,
		"refresh requested": func(f *slack.Faults) { f.Disconnect("refresh_requested") },
		"cut": func(f *slack.Faults) {
			if f.CutSockets() != 1 {
				t.Error("cut not one socket")
			}
		},
	} {
		bubbles(t, name, func(t *testing.T) {
			f := open(t, onlyMessages)
			l := f.listen(nil)
			strike(f.Faults())
			opened := func(v slack.View) bool {
				n := 0
				for _, c := range v.Calls() {
					if c.Method == "apps.connections.open" {
						n++
					}
				}
				return n == 2 && v.Sockets() == 1
			}
			f.await("the new connection", opened)
			ts := f.post("hello")
			if got := decode(t, l.next(f).Payload).Event.TS; got != ts {
				t.Errorf("got %s, want %s", got, ts)
			}
		})
	}
}

// dial opens a raw connection.
func (f *fixture) dial(query string) *websocket.Conn {
	f.t.Helper()
	_, url, err := f.api.StartSocketModeContext(f.ctx)
	if err != nil {
		f.t.Fatal(err)
	}
	conn, response, err := f.dialer.DialContext(f.ctx, url+query, http.Header{"Origin": {"https://api.slack.com"}})
	if err != nil {
		f.t.Fatalf("dialling: %v", err)
	}
	_ = response.Body.Close()
	f.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// hello is a message about the connection itself.
type hello struct {
	Type, Reason   string
	NumConnections int `json:"num_connections"`
	DebugInfo      struct {
		Time int `json:"approximate_connection_time"`
	} `json:"debug_info"`
}

func (f *fixture) read(conn *websocket.Conn) hello {
	f.t.Helper()
	var h hello
	if err := conn.ReadJSON(&h); err != nil {
		f.t.Fatal(err)
	}
	return h
}

func TestHello(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		if h := f.read(f.dial("")); h.Type != "hello" || h.NumConnections != 1 || h.DebugInfo.Time != 18_060 {
			t.Errorf("first hello is %+v", h)
		}
		if h := f.read(f.dial("&debug_reconnects=true")); h.NumConnections != 2 || h.DebugInfo.Time != 360 {
			t.Errorf("second hello is %+v", h)
		}
	})
}

// Ensure that an eleventh connection is refused with a reason.
func TestTooManySockets(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		for n := range 10 {
			if h := f.read(f.dial("")); h.NumConnections != n+1 {
				t.Errorf("connection %d got num_connections %d", n+1, h.NumConnections)
			}
		}
		if h := f.read(f.dial("")); h.Type != "disconnect" || h.Reason != "too_many_websockets" {
			t.Errorf("the eleventh got %+v", h)
		}
	})
}

func TestSocketModeOff(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, func(c *slack.Config) {
			c.Manifest = []byte(strings.ReplaceAll(manifest, "socket_mode_enabled: true", "socket_mode_enabled: false"))
		})
		if h := f.read(f.dial("")); h.Reason != "link_disabled" {
			t.Errorf("got %+v", h)
		}
	})
}

// Ensure that a ticket opens only one connection.
func TestTicket(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		_, url, err := f.api.StartSocketModeContext(f.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{http.StatusSwitchingProtocols, http.StatusForbidden} {
			conn, response, err := f.dialer.DialContext(f.ctx, url, nil)
			if response == nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != want {
				t.Errorf("status %d, want %d", response.StatusCode, want)
			}
			if conn != nil {
				_ = conn.Close()
			}
		}
	})
}

// Ensure that connections end after their lifetime, with a warning before.
func TestConnectionLife(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		conn := f.dial("&debug_reconnects=true")
		conn.SetPingHandler(func(data string) error {
			_ = conn.WriteControl(websocket.PongMessage, []byte(data), time.Time{}) // fails for the last ping, which arrives together with the end
			return nil
		})
		begin := time.Now()
		for _, want := range []struct {
			message string
			after   time.Duration
		}{{"hello", 0}, {"disconnect warning", 350 * time.Second}, {"disconnect refresh_requested", 360 * time.Second}} {
			h := f.read(conn)
			if got, after := strings.TrimSpace(h.Type+" "+h.Reason), time.Since(begin); got != want.message || after != want.after {
				t.Errorf("got %q after %v, want %q after %v", got, after, want.message, want.after)
			}
		}
		_, _, err := conn.ReadMessage()
		if closed := (*websocket.CloseError)(nil); !errors.As(err, &closed) || closed.Code != websocket.CloseNormalClosure {
			t.Errorf("ended with %v, want a close frame", err)
		}
		f.await("the end", func(v slack.View) bool { return v.Sockets() == 0 })
	})
}

// Ensure that acknowledgements that are late, unknown, malformed or too long
// are ignored.
func TestUselessAcknowledgements(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		conn := f.dial("")
		f.read(conn)
		f.post("hello")
		var first socketmode.Request
		if err := conn.ReadJSON(&first); err != nil {
			t.Fatal(err)
		}
		f.await("the time-out", func(v slack.View) bool { return len(attempts(v, "message")) == 2 })
		var second socketmode.Request
		if err := conn.ReadJSON(&second); err != nil {
			t.Fatal(err)
		}
		go func() { // answers pings until the connection is closed
			for {
				if _, _, err := conn.NextReader(); err != nil {
					return
				}
			}
		}()
		for _, message := range []string{
			"{", `[]`, `{"envelope_id":"nobody"}`,
			`{"envelope_id":"` + first.EnvelopeID + `"}`,
			`{"envelope_id":"` + second.EnvelopeID + `","payload":"` + strings.Repeat("x", 20_480) + `"}`,
		} {
			if err := conn.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
				t.Fatal(err)
			}
		}
		f.await("the end of all attempts", func(v slack.View) bool {
			all := attempts(v, "message")
			return len(all) == 4 && all[3].Outcome == slack.TimedOut
		})
		for _, e := range attempts(f.View, "message") {
			if e.Outcome == slack.Acked {
				t.Errorf("attempt %d was acknowledged", e.Attempt)
			}
		}
	})
}

// Ensure that closing does not wait for deliveries in progress.
func TestCloseInFlight(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		f.listen(func(socketmode.Request) (bool, any) { return false, nil })
		for range 5 {
			f.mention("hello")
		}
		begin := time.Now()
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took > 0 {
			t.Errorf("closing took %v", took)
		}
		for _, e := range f.Traffic() {
			if e.Outcome != slack.Sent {
				t.Errorf("closing waited until an envelope was %s", e.Outcome)
			}
		}
		if err := f.Close(); err != nil {
			t.Errorf("closing again: %v", err)
		}
	})
}

// Ensure that with any combination of faults, each event ends acknowledged or
// after its last attempt, and nothing hangs.
func TestStorm(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		f.listen(nil)
		f.listen(func(r socketmode.Request) (bool, any) { return r.RetryAttempt > 0, nil })
		f.Faults().OnEvent(slack.Events{Skip: 3, Times: 20}, slack.Twice())
		f.Faults().OnEvent(slack.Events{Skip: 30, Times: 20}, slack.Overtaken(time.Millisecond))
		f.Faults().UnaccountedSocket(time.Second)
		var talking sync.WaitGroup
		for range 4 {
			talking.Go(func() {
				for n := range 25 {
					if _, err := f.Post(f.general, f.ada, "hello"); err != nil {
						t.Error(err)
					}
					if n%10 == 0 {
						f.Faults().CutSockets()
					}
					time.Sleep(100 * time.Millisecond)
				}
			})
		}
		talking.Wait()
		f.await("all to end", func(v slack.View) bool {
			ended := map[string]bool{}
			for _, e := range attempts(v, "message") {
				if e.Outcome == slack.Acked || e.Attempt == 3 && e.Outcome != slack.Sent {
					ended[e.EventID] = true
				}
			}
			return len(ended) == 100
		})
	})
}
