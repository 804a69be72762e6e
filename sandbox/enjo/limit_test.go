package enjo_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"enjobridge/sandbox/enjo"
)

// clock is a clock that only the test advances.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// newClock returns a clock that starts at a full minute.
func newClock() *clock { return &clock{now: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) to(after time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = newClock().now.Add(after)
}

// Ensure that the published limits are exact to the nanosecond.
func TestLimitsAtTheirEdges(t *testing.T) {
	type step struct {
		at       time.Duration // since a full minute
		calls    int
		accepted int
	}
	const s = time.Second
	for _, tt := range []struct {
		name   string
		config enjo.Config
		steps  []step
	}{
		{"sliding", enjo.Config{}, []step{
			{2 * s, 4, 4}, {4 * s, 7, 6}, // ten within five seconds
			{7*s - 1, 1, 0}, {7 * s, 5, 4}, // the first four have left the window
			{9*s - 1, 1, 0}, {9 * s, 7, 6}, // twenty within a minute
			{20 * s, 1, 0}, {62*s - 1, 1, 0}, {62 * s, 5, 4}, {64 * s, 9, 6},
		}},
		{"fixed", enjo.Config{Windows: enjo.Fixed}, []step{
			{4 * s, 11, 10}, {5*s - 1, 1, 0}, {5 * s, 11, 10}, // twenty within a second and a nanosecond
			{10 * s, 1, 0}, {60*s - 1, 1, 0}, {60 * s, 11, 10},
		}},
		{"refused calls count", enjo.Config{CountRefused: true}, []step{
			{0, 11, 10}, {5*s - 1, 1, 0}, {5 * s, 9, 8}, {6 * s, 1, 0},
		}},
		{"no limits", enjo.Config{Limits: unlimited}, []step{{0, 50, 50}}},
		{"own limit", enjo.Config{Limits: []enjo.Limit{{Calls: 2, Per: time.Hour}}}, []step{{0, 3, 2}, {time.Hour - 1, 1, 0}, {time.Hour, 3, 2}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			time := newClock()
			tt.config.Clock = time.Now
			c := open(t, tt.config)
			for _, step := range tt.steps {
				time.to(step.at)
				accepted := 0
				for range step.calls {
					if c.status("VPN") == http.StatusOK {
						accepted++
					}
				}
				if accepted != step.accepted {
					t.Errorf("at %v: %d of %d calls accepted, want %d", step.at, accepted, step.calls, step.accepted)
				}
			}
		})
	}
}

// Ensure that a refused caller is accepted after the time in Retry-After, and
// not a nanosecond earlier.
func TestRetryAfter(t *testing.T) {
	for _, tt := range []struct {
		form enjo.RetryAfter
		want string
	}{
		{enjo.NoRetryAfter, ""}, {enjo.RetryAfterSeconds, "4"}, {enjo.RetryAfterDate, "Mon, 04 May 2026 09:00:05 GMT"},
	} {
		time := newClock()
		c := open(t, enjo.Config{Clock: time.Now, RetryAfter: tt.form})
		for range 10 {
			c.status("VPN")
		}
		time.to(1500 * 1e6) // 3.5 s to wait
		resp, answer, err := c.post(body("VPN", ""), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(answer); got != `{"code":"rate_limit_error","message":"Rate limit exceeded","status":429}` {
			t.Errorf("refused with %s", got)
		}
		if got := resp.Header.Get("Retry-After"); got != tt.want {
			t.Errorf("Retry-After: %q, want %q", got, tt.want)
		}
	}
}

// Ensure that each IP has separate limits.
func TestLimitsPerIP(t *testing.T) {
	c := open(t, enjo.Config{Limits: []enjo.Limit{{Calls: 1, Per: time.Hour}}})
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	other := c
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, addr)
	}}
	defer transport.CloseIdleConnections()
	other.client = &http.Client{Transport: transport}
	got := [...]int{c.status("VPN"), other.status("VPN"), c.status("VPN"), other.status("VPN")}
	if want := [...]int{200, 200, 429, 429}; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
