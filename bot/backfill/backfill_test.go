package backfill

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// archive is a Slack that knows history, and fails as often as it is told.
type archive struct {
	mu     sync.Mutex
	fails  map[string]int // calls that get 503, by method and channel
	answer func(method string, r *http.Request) string
}

// RoundTrip answers a call as Slack does.
func (a *archive) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	method := path.Base(r.URL.Path)
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	status, body := http.StatusOK, a.answer(method, r)
	if key := method + " " + r.Form.Get("channel"); a.fails[key] > 0 {
		a.fails[key]--
		status, body = http.StatusServiceUnavailable, ""
	}
	return &http.Response{StatusCode: status, Header: make(http.Header), Request: r, Body: io.NopCloser(bytes.NewBufferString(body))}, nil
}

// sweepOnce runs a sweeper over the archive until it has read all, where history
// is known to have been read until a while ago, and returns the texts that it found.
func sweepOnce(t *testing.T, a *archive, ago time.Duration) (found []string, took time.Duration) {
	t.Helper()
	store, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	begin := time.Now()
	if err := store.SetWatermark(t.Context(), allConversations, begin.Add(-ago)); err != nil {
		t.Fatal(err)
	}
	opened := make(chan struct{}, 1)
	opened <- struct{}{}
	ctx, stop := context.WithCancel(t.Context())
	client := slackapi.New(slackapi.Config{
		URL: "https://slack.com/api/", Transport: a, Random: rand.Int64N, Metrics: telemetry.NewRegistry(), Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
	})
	s := New(Config{Slack: client, Store: store, Self: slackevent.Identity{TeamID: "T1"}, Every: time.Hour, Speed: 1, Random: rand.Int64N, Reopened: opened, Log: zerolog.Nop()},
		func(_ context.Context, m slackevent.Message) (func(context.Context) error, error) {
			found = append(found, m.Text)
			return nil, nil
		})
	s.slack = client.Paced(rate.NewLimiter(rate.Inf, 1))
	s.backOff = func(int) time.Duration { return 10 * time.Second }
	ended := make(chan struct{})
	go func() { defer close(ended); s.Run(ctx) }()
	for {
		time.Sleep(time.Second) // in the test's own time
		synctest.Wait()
		swept, err := store.Watermark(t.Context(), allConversations)
		if err != nil {
			t.Fatal(err)
		}
		if !swept.Before(begin) && swept.Before(time.Now()) || time.Since(begin) > 30*time.Minute {
			break
		}
	}
	took = time.Since(begin)
	stop()
	<-ended
	return found, took
}

// Ensure that a mention in a thread of people is found although the thread began
// before history was read last.
func TestSweep_OldThreads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, reply := slackevent.FormatTS(time.Now().Add(-48*time.Hour)), slackevent.FormatTS(time.Now().Add(-time.Minute))
		found, _ := sweepOnce(t, &archive{answer: func(method string, r *http.Request) string {
			switch {
			case method == "users.conversations":
				return `{"ok":true,"channels":[{"id":"C1"}]}`
			case method == "conversations.history" && r.Form.Get("latest") != "":
				return `{"ok":true,"messages":[{"type":"message","user":"U1","text":"old","ts":"` + old + `","thread_ts":"` + old + `","reply_count":1,"latest_reply":"` + reply + `"}]}`
			case method == "conversations.replies" && r.Form.Get("ts") == old:
				return `{"ok":true,"messages":[{"type":"message","user":"U2","text":"what now?","ts":"` + reply + `","thread_ts":"` + old + `"}]}`
			}
			return `{"ok":true,"messages":[]}`
		}}, time.Hour)
		if diff := cmp.Diff([]string{"what now?"}, found); diff != "" {
			t.Error(diff)
		}
	})
}

// Ensure that history is read although it is known to have been read until long
// after now, which cannot be.
func TestSweep_ReadAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := slackevent.FormatTS(time.Now().Add(-time.Hour))
		found, _ := sweepOnce(t, &archive{answer: func(method string, r *http.Request) string {
			switch {
			case method == "users.conversations":
				return `{"ok":true,"channels":[{"id":"D1","is_im":true}]}`
			case method == "conversations.history" && slackevent.CompareTS(r.Form.Get("oldest"), ts) < 0:
				return `{"ok":true,"messages":[{"type":"message","user":"U1","text":"How?","ts":"` + ts + `"}]}`
			}
			return `{"ok":true,"messages":[]}`
		}}, -10*time.Hour)
		if diff := cmp.Diff([]string{"How?"}, found); diff != "" {
			t.Error(diff)
		}
	})
}

// Ensure that a conversation whose history cannot be read holds up no other, and
// is read again soon.
func TestSweep_Failures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := slackevent.FormatTS(time.Now().Add(-time.Minute))
		found, took := sweepOnce(t, &archive{
			fails: map[string]int{"users.conversations ": 1, "conversations.history C1": 2},
			answer: func(method string, r *http.Request) string {
				switch {
				case method == "users.conversations":
					return `{"ok":true,"channels":[{"id":"C1"},{"id":"C3"},{"id":"C2"}]}`
				case r.Form.Get("channel") == "C3":
					return `{"ok":false,"error":"missing_scope"}`
				case method == "conversations.history" && r.Form.Get("oldest") != "":
					return `{"ok":true,"messages":[{"type":"message","user":"U1","text":"in ` + r.Form.Get("channel") + `","ts":"` + ts + `"}]}`
				}
				return `{"ok":true,"messages":[]}`
			},
		}, time.Hour)
		if len(found) == 0 || found[0] != "in C2" || !slices.Contains(found, "in C1") {
			t.Errorf("%q was found", found)
		}
		if took > time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

// Ensure that many conversations whose history fails for long do not keep the
// others from being read.
func TestSweep_ManyFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := slackevent.FormatTS(time.Now().Add(-time.Minute))
		fails, channels := make(map[string]int), ""
		for n := range 3 * maxFailuresInARow {
			id := fmt.Sprint("C", n)
			fails["conversations.history "+id] = 20
			channels += `{"id":"` + id + `"},`
		}
		found, took := sweepOnce(t, &archive{fails: fails, answer: func(method string, r *http.Request) string {
			switch {
			case method == "users.conversations":
				return `{"ok":true,"channels":[` + channels + `{"id":"CGOOD"}]}`
			case r.Form.Get("channel") == "CGOOD" && r.Form.Get("oldest") != "":
				return `{"ok":true,"messages":[{"type":"message","user":"U1","text":"How?","ts":"` + ts + `"}]}`
			}
			return `{"ok":true,"messages":[]}`
		}}, time.Hour)
		if !slices.Contains(found, "How?") {
			t.Errorf("%q was found after %v", found, took)
		}
	})
}
