package slackapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
)

// Ensure that the membership of a user is what Slack says, and that an error of Slack's is
// not taken for an answer.
func TestMembership(t *testing.T) {
	alone, grid := `"team_id":"T1","user_id":"UBOT"`, `"team_id":"T1","enterprise_id":"E1","user_id":"UBOT"`
	for name, test := range map[string]struct {
		self, user string
		want       slackevent.Membership
	}{
		"own workspace":                     {alone, `"ok":true,"user":{"id":"U1","team_id":"T1"}`, slackevent.Member},
		"another workspace":                 {alone, `"ok":true,"user":{"id":"U1","team_id":"T2"}`, slackevent.Outsider},
		"a stranger":                        {alone, `"ok":true,"user":{"id":"U1","is_stranger":true}`, slackevent.Outsider},
		"no team":                           {alone, `"ok":true,"user":{"id":"U1"}`, slackevent.Unverified},
		"no user":                           {alone, `"ok":true`, slackevent.Unverified},
		"an error":                          {alone, `"ok":false,"error":"user_not_found"`, slackevent.Unverified},
		"a missing scope":                   {alone, `"ok":false,"error":"missing_scope"`, slackevent.Unverified},
		"a sister workspace":                {grid, `"ok":true,"user":{"id":"U1","team_id":"T2","enterprise_user":{"enterprise_id":"E1"}}`, slackevent.Member},
		"only the organisation":             {grid, `"ok":true,"user":{"id":"U1","enterprise_user":{"enterprise_id":"E1","teams":["T2"]}}`, slackevent.Member},
		"only its workspaces":               {grid, `"ok":true,"user":{"id":"U1","enterprise_user":{"teams":["T2","T1"]}}`, slackevent.Member},
		"other workspaces only":             {grid, `"ok":true,"user":{"id":"U1","enterprise_user":{"teams":["T2"]}}`, slackevent.Unverified},
		"another organisation":              {grid, `"ok":true,"user":{"id":"U1","team_id":"T2","enterprise_user":{"enterprise_id":"E2"}}`, slackevent.Outsider},
		"a workspace without organisation":  {grid, `"ok":true,"user":{"id":"U1","team_id":"T2"}`, slackevent.Outsider},
		"own workspace, other organisation": {grid, `"ok":true,"user":{"id":"U1","team_id":"T1","enterprise_user":{"enterprise_id":"E2"}}`, slackevent.Member},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := newTestClient(t, text(`{"ok":true,`+test.self+`}`), text("{"+test.user+"}"))
			if _, err := c.AuthTest(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got, err := c.Membership(t.Context(), "U1"); err != nil || got != test.want {
				t.Errorf("the membership is %q (%v), want %q", got, err, test.want)
			}
		})
	}
}

// directory is a Slack whose users.info takes a time, and fails for a while.
type directory struct {
	takes, fails time.Duration
	limits       bool // it fails by a rate limit
	began        time.Time
	calls        atomic.Int32
}

func (d *directory) RoundTrip(r *http.Request) (*http.Response, error) {
	d.calls.Add(1)
	timer := time.NewTimer(d.takes)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	response := &http.Response{
		StatusCode: http.StatusOK, Header: make(http.Header), Request: r,
		Body: io.NopCloser(bytes.NewBufferString(`{"ok":true,"user":{"id":"U1","name":"ann","team_id":"T1"}}`)),
	}
	if time.Since(d.began) < d.fails {
		response.StatusCode = http.StatusServiceUnavailable
		if d.limits {
			response.StatusCode = http.StatusTooManyRequests
			response.Header.Set("Retry-After", "30")
		}
	}
	return response, nil
}

// client returns a client of the directory. It must be closed.
func (d *directory) client() *Client {
	d.began = time.Now()
	c := New(Config{
		URL: "https://slack.example/api/", Transport: d, Random: func(n int64) int64 { return n - 1 },
		Metrics: telemetry.NewRegistry(), Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
	})
	c.self.Store(&slackevent.Identity{TeamID: "T1"})
	return c
}

// Ensure that a user is looked up once, however many ask at the same time, and that the
// look-up goes on for the next one when nobody waits any more.
func TestMembership_Once(t *testing.T) {
	for name, test := range map[string]struct {
		directory *directory
		calls     int32
	}{
		"slow":         {&directory{takes: 5 * time.Second}, 1},
		"unavailable":  {&directory{fails: 2500 * time.Millisecond}, 3},
		"rate limited": {&directory{fails: 20 * time.Second, limits: true}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := test.directory
				c := d.client()
				defer c.Close()
				var asking sync.WaitGroup
				for range 10 {
					asking.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), time.Second)
						defer cancel()
						if got, err := c.Membership(ctx, "U1"); !errors.Is(err, context.DeadlineExceeded) || got != slackevent.Unknown {
							t.Errorf("the membership is %q (%v) before Slack answers", got, err)
						}
					})
				}
				asking.Wait()
				time.Sleep(time.Minute)
				if got, err := c.Membership(t.Context(), "U1"); err != nil || got != slackevent.Member {
					t.Errorf("after a minute the membership is %q (%v)", got, err)
				}
				if n := d.calls.Load(); n != test.calls {
					t.Errorf("%d calls were made, want %d", n, test.calls)
				}
			})
		})
	}
}

// Ensure that look-ups are bounded, in number and in time, and that they end with the client.
func TestMembership_Bounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{takes: time.Hour}
		c := d.client()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var asking sync.WaitGroup
		for n := range maxLookUps + 10 {
			asking.Go(func() { _, _ = c.Membership(ctx, strings.Repeat("U", n+1)) })
		}
		asking.Wait()
		if n := d.calls.Load(); n != maxLookUps {
			t.Errorf("%d users are looked up at once, want %d", n, maxLookUps)
		}
		if _, err := c.Membership(t.Context(), "UNEW"); !errors.Is(err, errTooManyLookUps) {
			t.Errorf("one more ends with %v", err)
		}
		time.Sleep(lookUpTimeout + callTimeout)
		c.lookUps.mu.Lock()
		left := len(c.lookUps.running)
		c.lookUps.mu.Unlock()
		if left > 0 {
			t.Errorf("%d look-ups do not end", left)
		}
		_, known := c.User(ctx, "ULAST") // goes on after it returns
		began := time.Now()
		c.Close()
		if known || time.Since(began) > 0 {
			t.Errorf("closing waits %v for a look-up", time.Since(began))
		}
		if _, err := c.Membership(t.Context(), "U1"); err == nil {
			t.Error("a closed client looks users up")
		}
	})
}

// Ensure that a name that Slack does not return is asked for once, and not waited for.
func TestUser_Unavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{fails: time.Hour}
		c := d.client()
		defer c.Close()
		began := time.Now()
		if u, known := c.User(t.Context(), "U1"); known || time.Since(began) > 0 {
			t.Errorf("it is %v after %v", u, time.Since(began))
		}
		time.Sleep(time.Minute)
		if n := d.calls.Load(); n != 1 {
			t.Errorf("%d calls were made, want 1", n)
		}
	})
}

// Ensure that the name of a private channel is for those in it only.
func TestNames_Private(t *testing.T) {
	for kind, private := range map[string]bool{`"is_private":true`: true, `"is_im":true`: true, `"is_mpim":true`: true, `"is_private":false`: false} {
		c, _ := newTestClient(t, text(`{"ok":true,"channel":{"id":"C1","name":"layoffs",`+kind+`}}`))
		var got []string
		for _, current := range []string{"C1", "C2", "C1", ""} { // from Slack, and from the cache
			got = append(got, c.Names(t.Context(), current).Channel("C1"))
		}
		want := []string{"layoffs", "layoffs", "layoffs", "layoffs"}
		if private {
			want = []string{"layoffs", "", "layoffs", ""}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}

// Ensure that an app that is installed for an organisation lists the channels of each
// workspace, also of one that was added later, and each channel once.
func TestConversations_Organisation(t *testing.T) {
	c, r := newTestClient(
		t,
		text(`{"ok":true,"team_id":"E1","enterprise_id":"E1","is_enterprise_install":true,"user_id":"UBOT"}`),
		text(`{"ok":true,"teams":[{"id":"T1","name":"one"}]}`),
		text(`{"ok":true,"teams":[{"id":"T1"},{"id":"../T9"}],"response_metadata":{"next_cursor":"more"}}`),
		text(`{"ok":true,"teams":[{"id":"T2"}]}`),
		text(`{"ok":true,"channels":[{"id":"C1"},{"id":"C2"}]}`),
		text(`{"ok":true,"channels":[{"id":"C2"},{"id":"C3"}]}`),
	)
	self, err := c.AuthTest(t.Context())
	want := slackevent.Identity{TeamID: "E1", EnterpriseID: "E1", UserID: "UBOT", OrgWide: true, Workspaces: []string{"T1"}}
	if err != nil || !cmp.Equal(want, self) {
		t.Fatalf("the identity is %+v (%v)", self, err)
	}
	var found []string
	for channel, err := range c.Conversations(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, channel.ID)
	}
	if diff := cmp.Diff([]string{"C1", "C2", "C3"}, found); diff != "" {
		t.Errorf("channels (-want +got):\n%s", diff)
	}
	if got := r.forms[4].Get("team_id") + r.forms[5].Get("team_id"); got != "T1T2" {
		t.Errorf("the channels of %q are listed", got)
	}
	if diff := cmp.Diff([]string{"T1", "T2"}, c.self.Load().Workspaces); diff != "" {
		t.Errorf("workspaces (-want +got):\n%s", diff)
	}
}

// oddDirectory is a directory whose first response panics when it is read.
type oddDirectory struct {
	directory
	responses atomic.Int32
}

func (d *oddDirectory) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := d.directory.RoundTrip(r)
	if d.responses.Add(1) == 1 {
		response.Body = io.NopCloser(oddReader{})
	}
	return response, err
}

type oddReader struct{}

func (oddReader) Read([]byte) (int, error) { panic("odd") }

// Ensure that a panic in the look-up of a user, which nobody else recovers, is one failed
// attempt.
func TestMembership_Panic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(Config{
			URL: "https://slack.example/api/", Transport: &oddDirectory{}, Random: func(n int64) int64 { return n - 1 },
			Metrics: telemetry.NewRegistry(), Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
		})
		defer c.Close()
		c.self.Store(&slackevent.Identity{TeamID: "T1"})
		if got, err := c.Membership(t.Context(), "U1"); err != nil || got != slackevent.Member {
			t.Errorf("the membership is %q, %v", got, err)
		}
		time.Sleep(callTimeout) // until the http package gives up the response
	})
}
