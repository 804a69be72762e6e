package slackapi

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/storage"
)

// Ensure that a guarded client sends nothing of a request that its guard refuses while it
// connects, does not try again, and shares the connections with the client without a guard.
func TestGuarded(t *testing.T) {
	var arrived atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ParseForm() == nil { // the whole request is there
			arrived.Add(1)
		}
		_, _ = w.Write([]byte(`{"ok":true,"ts":"1.000002","message":{"thread_ts":"1.000001"}}`))
	}))
	defer server.Close()
	var refuses atomic.Bool
	lost := errors.New("the lease has ended")
	c := New(Config{URL: server.URL + "/api/", BotToken: testToken, Speed: 1000, Log: zerolog.Nop(), Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		refuses.Store(true)
		return conn, err
	}})
	defer c.Close()
	guarded := c.Guarded(func() error {
		if refuses.Load() {
			return lost
		}
		return nil
	})
	post := func(c *Client) error {
		_, _, err := c.PostOnce(t.Context(), Post{To: Target{Thread: testThread}, Message: blocks.Say("hi"), Marker: Marker{Question: storage.MessageID{TS: "1.1"}}})
		return err
	}
	err := post(guarded)
	if !errors.Is(err, lost) || Classify(err).Class != Withheld || arrived.Load() != 0 {
		t.Errorf("%d requests arrived: error %v", arrived.Load(), err)
	}
	if err := guarded.Update(t.Context(), "C1", "1.000002", blocks.Say("hi")); !errors.Is(err, lost) || arrived.Load() != 0 {
		t.Errorf("%d requests arrived: error %v", arrived.Load(), err)
	}
	if err := post(c); err != nil || arrived.Load() != 1 {
		t.Errorf("without the guard, %d requests arrived: error %v", arrived.Load(), err)
	}
	refuses.Store(false)
	if err := post(guarded); err != nil || arrived.Load() != 2 {
		t.Errorf("when the guard agrees, %d requests arrived: error %v", arrived.Load(), err)
	}
}

// Ensure that the caller does not wait for a post when its context has ended, although the
// client does.
func TestGuarded_ContextEnds(t *testing.T) {
	arrived, respond := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm() // until then it is not sent
		close(arrived)
		<-respond
		_, _ = w.Write([]byte(`{"ok":true,"ts":"1.000002"}`))
	}))
	defer server.Close()
	c := New(Config{URL: server.URL + "/api/", BotToken: testToken, Log: zerolog.Nop()})
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-arrived
		cancel(storage.ErrLeaseLost)
	}()
	_, err := c.Guarded(func() error { return context.Cause(ctx) }).Post(ctx, "C1", "", blocks.Say("hi"), Marker{})
	if !errors.Is(err, storage.ErrLeaseLost) {
		t.Errorf("the error is %v", err)
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		c.Close()
	}()
	select {
	case <-closed:
		t.Error("the client does not wait for the post")
	case <-time.After(10 * time.Millisecond):
	}
	close(respond)
	<-closed
}

// Ensure that a guarded client removes a reaction that Slack takes too late if it was to be shown
// for a while, but not one for good: another process may have added the same.
func TestGuarded_Reactions(t *testing.T) {
	for name, test := range map[string]struct {
		react   func(c *Client, ctx context.Context, channel, ts, emoji string) error
		removed bool
	}{
		"for good":    {(*Client).React, false},
		"for a while": {(*Client).ShowReaction, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			late, removed := false, false
			transport := roundTrip(func(r *http.Request) (*http.Response, error) {
				late = true
				removed = removed || strings.HasSuffix(r.URL.Path, "reactions.remove")
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"ok":true}`)), Request: r}, nil
			})
			c := New(Config{URL: "https://slack.example/api/", Transport: transport, Log: zerolog.Nop()})
			guarded := c.Guarded(func() error {
				if late {
					return storage.ErrLeaseLost
				}
				return nil
			})
			if err := test.react(guarded, t.Context(), "C1", "1.000001", "eyes"); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Minute)
			c.Close()
			if removed != test.removed {
				t.Errorf("%s: removed: %v, want %v", name, removed, test.removed)
			}
		})
	}
}
