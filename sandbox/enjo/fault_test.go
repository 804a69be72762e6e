package enjo_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"enjobridge/sandbox/enjo"
)

// Ensure that each fault has its effect, applies as often as configured, and
// that the agent works again afterwards.
func TestFaults(t *testing.T) {
	c := open(t, enjo.Config{Limits: unlimited})
	cut := func(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
	for _, tt := range []struct {
		name      string
		fault     enjo.Fault
		status    int // 0: the connection is cut
		processed bool
		header    string // "Name: value"
		isJSON    bool
		check     func(answer []byte) bool
	}{
		{name: "slow", fault: enjo.Fault{Effect: enjo.Slow, Delay: time.Millisecond}, status: 200, processed: true, isJSON: true},
		{name: "500", fault: enjo.Fault{Effect: enjo.Status}, status: 500, isJSON: true},
		{name: "500 after", fault: enjo.Fault{Effect: enjo.Status, Processed: true}, status: 500, processed: true, isJSON: true},
		{name: "503", fault: enjo.Fault{Effect: enjo.Status, Status: 503, RetryAfter: enjo.RetryAfterSeconds, RetryIn: 90 * time.Second}, status: 503, header: "Retry-After: 90", isJSON: true},
		{name: "429", fault: enjo.Fault{Effect: enjo.Status, Status: 429}, status: 429, header: "Retry-After: ", isJSON: true, check: contains("rate_limit_error")},
		{name: "cut before", fault: enjo.Fault{Effect: enjo.Cut}},
		{name: "cut after", fault: enjo.Fault{Effect: enjo.Cut, Processed: true}, processed: true},
		{name: "cut midway", fault: enjo.Fault{Effect: enjo.CutMidway}, processed: true},
		{name: "html", fault: enjo.Fault{Effect: enjo.HTML, Status: 502}, status: 502, header: "Content-Type: text/html; charset=utf-8"},
		{name: "truncated", fault: enjo.Fault{Effect: enjo.Truncated}, status: 200, processed: true},
		{name: "invalid", fault: enjo.Fault{Effect: enjo.InvalidJSON}, status: 200, processed: true, check: contains("'success'")},
		{name: "mistyped", fault: enjo.Fault{Effect: enjo.Mistyped}, status: 200, processed: true, isJSON: true, check: contains(`"success":"true"`)},
		{name: "one mistyped", fault: enjo.Fault{Effect: enjo.Mistyped, Field: "data.sources.score"}, status: 200, processed: true, isJSON: true, check: contains(`"score":"0`)},
		{name: "object mistyped", fault: enjo.Fault{Effect: enjo.Mistyped, Field: "data"}, status: 200, processed: true, isJSON: true, check: contains(`"data":"{`)},
		{name: "huge", fault: enjo.Fault{Effect: enjo.Huge}, status: 200, processed: true, isJSON: true, check: longer(5 << 20)},
		{name: "drip", fault: enjo.Fault{Effect: enjo.Drip, Interval: time.Nanosecond}, status: 200, processed: true, isJSON: true},
		{name: "redirect", fault: enjo.Fault{Effect: enjo.Redirect}, status: 307, header: "Location: https://elsewhere.example.com/"},
		{name: "redirect there", fault: enjo.Fault{Effect: enjo.Redirect, Status: 302, Location: "http://127.0.0.1:1/"}, status: 302, header: "Location: http://127.0.0.1:1/"},
		{name: "other conversation", fault: enjo.Fault{Effect: enjo.OtherConversation}, status: 200, processed: true, isJSON: true},
		{name: "huge conversation", fault: enjo.Fault{Effect: enjo.HugeConversation}, status: 200, processed: true, isJSON: true, check: longer(1 << 20)},
		{name: "unsuccessful", fault: enjo.Fault{Effect: enjo.Unsuccessful}, status: 200, isJSON: true, check: contains(`"success":false`)},
		{name: "invalid bot", fault: enjo.Fault{Effect: enjo.InvalidBot, Status: 404}, status: 404, isJSON: true, check: contains(`"status":404`)},
		{name: "invalid bot, unsuccessful", fault: enjo.Fault{Effect: enjo.InvalidBot, Status: 200}, status: 200, isJSON: true, check: contains("Invalid botId")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, before := c, len(c.agent.Requests())
			c.T = t
			tt.fault.Calls, tt.fault.Match = 2, "vpn"
			c.agent.Faults().Add(tt.fault)
			c.ask("printer jam", "")
			for range 2 {
				resp, answer, err := c.post(body("My VPN", ""), nil)
				switch {
				case tt.status == 0:
					if !cut(err) {
						t.Errorf("the connection was not cut: %v, %s", err, answer)
					}
				case err != nil:
					t.Fatal(err)
				case resp.StatusCode != tt.status:
					t.Errorf("HTTP %d, want %d", resp.StatusCode, tt.status)
				default:
					name, value, _ := strings.Cut(tt.header, ": ")
					if got := resp.Header.Get(name); got != value {
						t.Errorf("%s: %q, want %q", name, got, value)
					}
					if json.Valid(answer) != tt.isJSON || tt.check != nil && !tt.check(answer) {
						t.Errorf("answered %.300s", answer)
					}
				}
			}
			c.ask("My VPN", "")
			requests := c.agent.Requests()[before:]
			if r := requests[2]; r.Fault != tt.fault.Effect || r.Status != tt.status || r.Processed != tt.processed || !r.Done {
				t.Errorf("the journal says %+v", r)
			}
			if len(requests) != 4 || requests[3].Fault != "" {
				t.Errorf("the fault stayed: %+v", requests)
			}
		})
	}
}

func contains(part string) func([]byte) bool {
	return func(answer []byte) bool { return strings.Contains(string(answer), part) }
}

func longer(n int) func([]byte) bool { return func(answer []byte) bool { return len(answer) > n } }

// Ensure that OtherConversation returns the ID of a different conversation,
// even if there is only one.
func TestOtherConversation(t *testing.T) {
	c := open(t, enjo.Config{Limits: unlimited})
	c.agent.Faults().Add(enjo.Fault{Effect: enjo.OtherConversation, Match: "other"})
	if id := c.ask("other", "").Data.ConversationID; id == "" || id == c.agent.Conversations()[0].ID {
		t.Errorf("got %q", id)
	}
	first := c.agent.Conversations()[0].ID
	second := c.ask("VPN", "").Data.ConversationID
	if id := c.ask("other", second).Data.ConversationID; id != first {
		t.Errorf("got %q, want %q", id, first)
	}
}

// Ensure that faults apply until they are cleared, and that the first one wins.
func TestFaultsStayUntilCleared(t *testing.T) {
	c := open(t, enjo.Config{Limits: unlimited})
	c.agent.Faults().Add(enjo.Fault{Effect: enjo.Status, Status: 502, Calls: 1})
	c.agent.Faults().Add(enjo.Fault{Effect: enjo.Status, Status: 504})
	got := [...]int{c.status("a"), c.status("b"), c.status("c")}
	c.agent.Faults().Clear()
	if want := [...]int{502, 504, 504}; got != want || c.status("d") != http.StatusOK {
		t.Errorf("got %v, want %v and health", got, want)
	}
}

// Ensure that an agent that is down refuses connections, and returns at the
// same address with its conversations.
func TestDown(t *testing.T) {
	c := open(t, enjo.Config{})
	id := c.ask("VPN", "").Data.ConversationID
	for range 2 {
		c.agent.Faults().Down()
	}
	c.client.CloseIdleConnections() // the client may not have noticed yet that they were closed
	if _, _, err := c.post(body("VPN", ""), nil); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("while down: %v", err)
	}
	for range 2 {
		if err := c.agent.Faults().Up(); err != nil {
			t.Fatal(err)
		}
	}
	if again := c.ask("and on Linux?", id).Data.ConversationID; again != id {
		t.Errorf("continued as %s, want %s", again, id)
	}
}
