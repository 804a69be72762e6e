package deliver

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// statuses is a Slack that notes when which status is set, in which threads, and
// from which messages reactions are taken away.
type statuses struct {
	mu        sync.Mutex
	at        []time.Time
	roots     []string // of the threads, as at
	last      string
	reacted   []string
	unreacted []string
	removed   []time.Time // as unreacted
}

// signsOn returns the signs of a bot that calls it, at a pace of statuses.
func signsOn(called *statuses, pace *rate.Limiter) *Status {
	api := slackapi.New(slackapi.Config{
		URL: "https://slack.com/api/", Transport: called, Random: rand.Int64N, Metrics: telemetry.NewRegistry(), Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
	})
	return newStatus(api, pace, nil, rate.NewLimiter(rate.Every(time.Minute/20), 1), zerolog.Nop())
}

// RoundTrip answers a call as Slack does.
func (s *statuses) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch path.Base(r.URL.Path) {
	case "reactions.add":
		s.reacted = append(s.reacted, r.FormValue("timestamp"))
	case "reactions.remove":
		s.unreacted, s.removed = append(s.unreacted, r.FormValue("timestamp")), append(s.removed, time.Now())
	default:
		s.at, s.roots, s.last = append(s.at, time.Now()), append(s.roots, r.FormValue("thread_ts")), r.FormValue("status")
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: make(http.Header), Request: r,
		Body: io.NopCloser(bytes.NewBufferString(`{"ok":true}`)),
	}, nil
}

// Ensure that a status is set again before Slack lets it expire after two
// minutes, for as long as the question waits, and is taken away at the end.
func TestStatusIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const expires = 2 * time.Minute
		called := &statuses{}
		signs := signsOn(called, rate.NewLimiter(rate.Inf, 1))
		q := storage.Question{
			ID:     storage.MessageID{Team: "T1", Channel: "C1", TS: "1.000000"},
			Thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.000000"},
		}
		signs.Show(q.ID, q.Thread, "")
		time.Sleep(20 * time.Minute) // in the test's own time
		synctest.Wait()

		called.mu.Lock()
		at := append(called.at, time.Now())
		called.mu.Unlock()
		if called.last != Thinking {
			t.Errorf("the status is %q", called.last)
		}
		for i := range at[1:] {
			if gap := at[i+1].Sub(at[i]); gap >= expires {
				t.Errorf("for %v nothing kept the status from expiring", gap)
			}
		}
		<-signs.Suspend(q)(false)
		if called.last != "" {
			t.Errorf("the status is %q at the end", called.last)
		}
		signs.Close()
	})
}

// Ensure that a question's reaction, also one of a process before, is gone at the
// question's end although others of its thread are unfinished: what has ended is
// not looked at again.
func TestReactionGoesWithItsQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := &statuses{}
		signs := signsOn(called, rate.NewLimiter(rate.Inf, 1))
		thread := storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.000000"}
		first := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "C1", TS: "1.000000"}, Thread: thread}
		second := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "C1", TS: "2.000000"}, Thread: thread}
		second.With = []storage.MessageID{{Team: "T1", Channel: "C1", TS: "3.000000"}}
		signs.Inherit(first)
		signs.Inherit(second)
		for _, step := range []struct {
			ends storage.Question
			gone []string
		}{{first, []string{"1.000000"}}, {second, []string{"1.000000", "2.000000", "3.000000"}}} {
			<-signs.Suspend(step.ends)(true)
			slices.Sort(called.unreacted)
			if diff := cmp.Diff(step.gone, called.unreacted); diff != "" {
				t.Error(diff)
			}
		}
		signs.Close()
	})
}

// Ensure that no more messages get a reaction than can be taken away soon, and that
// they are taken away at a pace that Slack allows.
func TestReactionsAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := &statuses{}
		signs := signsOn(called, rate.NewLimiter(rate.Inf, 1))
		var all []storage.Question
		for n := range 5 * mostReactions {
			q := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "D1", TS: fmt.Sprint(n, ".000000")}}
			q.Thread = storage.ThreadID{Team: "T1", Channel: fmt.Sprint("D", n)} // without a root there is no status
			signs.Show(q.ID, q.Thread, "")
			all = append(all, q)
		}
		synctest.Wait()
		var ends []<-chan struct{}
		for _, q := range all {
			ends = append(ends, signs.Suspend(q)(true))
		}
		for _, end := range ends {
			<-end
		}
		again := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "D1", TS: "1000.000000"}, Thread: storage.ThreadID{Team: "T1", Channel: "D1"}}
		signs.Show(again.ID, again.Thread, "")
		synctest.Wait()
		<-signs.Suspend(again)(true)
		signs.Close()

		if n := len(called.reacted); n != mostReactions+1 {
			t.Errorf("%d messages got a reaction, want %d, and one when these were gone", n, mostReactions)
		}
		slices.Sort(called.reacted)
		slices.Sort(called.unreacted)
		if diff := cmp.Diff(called.reacted, called.unreacted); diff != "" {
			t.Error(diff)
		}
		for n := 20; n < len(called.removed); n++ {
			if took := called.removed[n].Sub(called.removed[n-20]); took < time.Minute {
				t.Errorf("21 reactions were taken away within %v", took)
			}
		}
	})
}

// Ensure that those who have just asked get a sign at once, however much changes
// on the signs of others.
func TestFirstSignsComeFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := &statuses{}
		signs := signsOn(called, rate.NewLimiter(1, signsAtOnce))
		ask := func(n int) storage.Question {
			ts := fmt.Sprint(n, ".000000")
			q := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "C1", TS: ts}, Thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: ts}}
			signs.Show(q.ID, q.Thread, "is busy")
			return q
		}
		var waiting []storage.Question
		for n := range signsAtOnce / 2 {
			waiting = append(waiting, ask(n))
		}
		for minute := range 3 {
			for _, q := range waiting {
				signs.SetText(q.Thread, fmt.Sprint("is busy, still ", minute))
			}
			time.Sleep(time.Minute) // in the test's own time
		}
		defer signs.Close()
		begin := time.Now()
		newest := ask(1_000)
		time.Sleep(time.Minute)
		called.mu.Lock()
		defer called.mu.Unlock()
		first := slices.Index(called.roots, newest.Thread.Root)
		if first < 0 {
			t.Fatal("it has no sign after a minute")
		}
		if took := called.at[first].Sub(begin); took > 0 {
			t.Errorf("it has a sign after %v", took)
		}
		if len(called.roots) == first+1 {
			t.Error("no sign of others was still to change")
		}
	})
}
