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

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// statuses is a Slack that notes when which status is set, in which threads, and
// from which messages reactions are removed.
type statuses struct {
	mu        sync.Mutex
	at        []time.Time
	roots     []string // of the threads, as at
	last      string
	reacted   []string
	unreacted []string
	removed   []time.Time // as unreacted
	hangs     bool        // calls that set a status hang until they are cut off
	fails     bool        // calls fail
	hanging   int
	panics    int // the calls that still panic
}

// statusOn returns the status of a bot that calls it, at a pace of statuses.
func statusOn(called *statuses, pace *rate.Limiter) *Status {
	api := slackapi.New(slackapi.Config{
		URL: "https://slack.com/api/", Transport: called, Random: rand.Int64N, Metrics: telemetry.NewRegistry(), Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
	})
	return newStatus(api, pace, nil, rate.NewLimiter(rate.Every(time.Minute/20), 1), supervise.New(telemetry.NewRegistry(), zerolog.Nop()), zerolog.Nop())
}

// RoundTrip answers a call as Slack does.
func (s *statuses) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hangs && r.FormValue("status") != "" {
		s.hanging++
		s.mu.Unlock()
		<-r.Context().Done()
		s.mu.Lock()
		s.hanging--
		return nil, r.Context().Err()
	}
	if s.panics > 0 {
		s.panics--
		panic("a call")
	}
	switch path.Base(r.URL.Path) {
	case "reactions.add":
		s.reacted = append(s.reacted, r.FormValue("timestamp"))
	case "reactions.remove":
		s.unreacted, s.removed = append(s.unreacted, r.FormValue("timestamp")), append(s.removed, time.Now())
	default:
		s.at, s.roots, s.last = append(s.at, time.Now()), append(s.roots, r.FormValue("thread_ts")), r.FormValue("status")
	}
	answer := http.StatusOK
	if s.fails {
		answer = http.StatusInternalServerError
	}
	return &http.Response{
		StatusCode: answer, Header: make(http.Header), Request: r,
		Body: io.NopCloser(bytes.NewBufferString(`{"ok":true}`)),
	}, nil
}

// Ensure that a status is set again before Slack lets it expire after two
// minutes, for as long as the question waits, and is cleared at the end.
func TestStatusIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const expires = 2 * time.Minute
		called := &statuses{}
		status := statusOn(called, rate.NewLimiter(rate.Inf, 1))
		q := storage.Question{
			ID:     storage.MessageID{Team: "T1", Channel: "C1", TS: "1.000000"},
			Thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.000000"},
		}
		status.Show(q.ID, q.Thread, "", "")
		time.Sleep(20 * time.Minute) // in the test's own time
		synctest.Wait()

		called.mu.Lock()
		at := append(called.at, time.Now())
		called.mu.Unlock()
		if called.last != blocks.StatusThinking.Text() {
			t.Errorf("the status is %q", called.last)
		}
		for i := range at[1:] {
			if gap := at[i+1].Sub(at[i]); gap >= expires {
				t.Errorf("for %v nothing kept the status from expiring", gap)
			}
		}
		<-status.Suspend(q)(false)
		if called.last != "" {
			t.Errorf("the status is %q at the end", called.last)
		}
		status.Close()
	})
}

// Ensure that a question's reaction, also one of an earlier process, is removed at the
// question's end although others of its thread are unfinished: ended questions are
// not read again.
func TestReactionGoesWithItsQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := &statuses{}
		status := statusOn(called, rate.NewLimiter(rate.Inf, 1))
		thread := storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.000000"}
		first := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "C1", TS: "1.000000"}, Thread: thread}
		second := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "C1", TS: "2.000000"}, Thread: thread}
		second.With = []storage.MessageID{{Team: "T1", Channel: "C1", TS: "3.000000"}}
		status.Inherit(first)
		status.Inherit(second)
		for _, step := range []struct {
			ends storage.Question
			gone []string
		}{{first, []string{"1.000000"}}, {second, []string{"1.000000", "2.000000", "3.000000"}}} {
			<-status.Suspend(step.ends)(true)
			slices.Sort(called.unreacted)
			if diff := cmp.Diff(step.gone, called.unreacted); diff != "" {
				t.Error(diff)
			}
		}
		status.Close()
	})
}

// Ensure that no more messages get a reaction than can be removed soon, and that
// reactions are removed at a pace that Slack allows.
func TestReactionsAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := &statuses{}
		status := statusOn(called, rate.NewLimiter(rate.Inf, 1))
		var all []storage.Question
		for n := range 5 * mostReactions {
			q := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "D1", TS: fmt.Sprint(n, ".000000")}}
			q.Thread = storage.ThreadID{Team: "T1", Channel: fmt.Sprint("D", n)} // without a root there is no status
			status.Show(q.ID, q.Thread, "", "")
			all = append(all, q)
		}
		synctest.Wait()
		var ends []<-chan struct{}
		for _, q := range all {
			ends = append(ends, status.Suspend(q)(true))
		}
		for _, end := range ends {
			<-end
		}
		again := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "D1", TS: "1000.000000"}, Thread: storage.ThreadID{Team: "T1", Channel: "D1"}}
		status.Show(again.ID, again.Thread, "", "")
		synctest.Wait()
		<-status.Suspend(again)(true)
		status.Close()

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
				t.Errorf("21 reactions were removed within %v", took)
			}
		}
	})
}

// Ensure that those who have just asked see a status at once, however much changes
// in the statuses of others.
func TestFirstStatusesComeFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := &statuses{}
		status := statusOn(called, rate.NewLimiter(1, statusesAtOnce))
		ask := func(n int) storage.Question {
			ts := fmt.Sprint(n, ".000000")
			q := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "C1", TS: ts}, Thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: ts}}
			status.Show(q.ID, q.Thread, "is busy", "")
			return q
		}
		var waiting []storage.Question
		for n := range statusesAtOnce / 2 {
			waiting = append(waiting, ask(n))
		}
		for minute := range 3 {
			for _, q := range waiting {
				status.SetText(q.Thread, fmt.Sprint("is busy, still ", minute))
			}
			time.Sleep(time.Minute) // in the test's own time
		}
		defer status.Close()
		begin := time.Now()
		newest := ask(1_000)
		time.Sleep(time.Minute)
		called.mu.Lock()
		defer called.mu.Unlock()
		first := slices.Index(called.roots, newest.Thread.Root)
		if first < 0 {
			t.Fatal("it has no status after a minute")
		}
		if took := called.at[first].Sub(begin); took > 0 {
			t.Errorf("it has a status after %v", took)
		}
		if len(called.roots) == first+1 {
			t.Error("no status of others was still to change")
		}
	})
}

// inThread returns a question in a thread of channel C1.
func inThread(root, ts string) storage.Question {
	return storage.Question{
		ID:     storage.MessageID{Team: "T1", Channel: "C1", TS: ts + ".000000"},
		Thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: root + ".000000"},
	}
}

// Ensure that a call that hangs delays a post for a second at most, and that the
// status, which Slack may still set after it, is cleared at once and once more later.
func TestSuspendCutsCallsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := &statuses{hangs: true}
		status := statusOn(called, rate.NewLimiter(rate.Inf, 1))
		defer status.Close()
		q := inThread("1", "1")
		status.Show(q.ID, q.Thread, "", "")
		synctest.Wait()
		begin := time.Now()
		end := status.Suspend(q)
		if took := time.Since(begin); took != suspendTimeout || called.hanging != 0 {
			t.Errorf("it took %v, and %d calls still hang", took, called.hanging)
		}
		posted := time.Now()
		<-end(true)
		if len(called.at) != 2 || called.last != "" {
			t.Fatalf("%d calls were made, the last for %q", len(called.at), called.last)
		}
		if wait := called.at[0].Sub(posted); wait != 0 {
			t.Errorf("the status was cleared after %v", wait)
		}
		if wait := called.at[1].Sub(posted); wait < lateTimeout {
			t.Errorf("the status was cleared for the last time after %v", wait)
		}
	})
}

// Ensure that no status is set while an outcome is posted in its thread, also not for
// another question, and that it is set again after that.
func TestSuspendedThreadIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := &statuses{}
		status := statusOn(called, rate.NewLimiter(rate.Inf, 1))
		defer status.Close()
		first, second := inThread("1", "1"), inThread("1", "2")
		status.Show(first.ID, first.Thread, "", "")
		synctest.Wait()
		end := status.Suspend(first)
		status.Show(second.ID, second.Thread, "", "")
		status.SetText(second.Thread, "is busy")
		time.Sleep(2 * renewAfter) // in the test's own time
		if n := len(called.at); n != 1 {
			t.Errorf("%d calls were made", n)
		}
		<-end(true) // the second question has taken the thread over
		synctest.Wait()
		if n := len(called.at); n != 2 || called.last != "is busy" {
			t.Errorf("%d calls were made, the last for %q", n, called.last)
		}
	})
}

// Ensure that few calls are made at once, and that those that hang do not keep a
// status from being cleared.
func TestCallsAtOnceAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := &statuses{}
		status := statusOn(called, rate.NewLimiter(rate.Inf, 1))
		ends := inThread("1", "1")
		status.Show(ends.ID, ends.Thread, "", "")
		synctest.Wait()
		called.mu.Lock()
		called.hangs = true
		called.mu.Unlock()
		for n := range 3 * workers {
			q := inThread(fmt.Sprint(100+n), fmt.Sprint(100+n))
			status.Show(q.ID, q.Thread, "", "")
		}
		synctest.Wait()
		if called.hanging != workers {
			t.Errorf("%d calls are under way, want %d", called.hanging, workers)
		}
		begin := time.Now()
		<-status.Suspend(ends)(false)
		if took := time.Since(begin); took != 0 {
			t.Errorf("the status was cleared after %v", took)
		}
		begin = time.Now()
		status.Close()
		if took := time.Since(begin); took != suspendTimeout {
			t.Errorf("closing took %v", took)
		}
	})
}

// Ensure that Close leaves the status of unfinished questions to the next process,
// and tries once more to clear that of ended ones.
func TestCloseClearsEndedQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := &statuses{}
		status := statusOn(called, rate.NewLimiter(rate.Inf, 1))
		ended, unfinished := inThread("1", "1"), inThread("2", "2")
		for _, q := range []storage.Question{ended, unfinished} {
			status.Show(q.ID, q.Thread, "", "")
		}
		synctest.Wait()
		called.mu.Lock()
		called.fails = true
		called.mu.Unlock()
		gone := status.Suspend(ended)(false)
		time.Sleep(10 * time.Second) // in the test's own time
		called.mu.Lock()
		before := len(called.roots)
		called.fails = false
		called.mu.Unlock()
		status.Close()
		if diff := cmp.Diff([]string{ended.Thread.Root}, called.roots[before:]); diff != "" || called.last != "" {
			t.Error(diff, called.last)
		}
		select {
		case <-gone:
		default:
			t.Error("the question did not end")
		}
	})
}

// Ensure that a panic of a call, or of what is done for one thread, affects neither the
// status of other threads nor the end of a question.
func TestStatusAfterAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := &statuses{panics: 1}
		status := statusOn(called, rate.NewLimiter(rate.Inf, 1))
		question := func(ts string) storage.Question {
			return storage.Question{
				ID:     storage.MessageID{Team: "T1", Channel: "C1", TS: ts},
				Thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: ts},
			}
		}
		odd, other := question("1.000000"), question("2.000000")
		status.Show(odd.ID, odd.Thread, "", "")
		synctest.Wait()
		status.change(odd.Thread, func(*activeThread) { panic("a change") })
		status.Show(other.ID, other.Thread, "", "")
		time.Sleep(time.Minute)
		synctest.Wait()
		called.mu.Lock()
		if called.last != blocks.StatusThinking.Text() || called.roots[len(called.roots)-1] != "2.000000" {
			t.Errorf("the last status is %q, in %v", called.last, called.roots)
		}
		called.mu.Unlock()
		for _, q := range []storage.Question{odd, other} {
			select {
			case <-status.Suspend(q)(false):
			case <-time.After(time.Minute):
				t.Errorf("the status of %s is not gone", q.ID)
			}
		}
		status.Close()
	})
}
