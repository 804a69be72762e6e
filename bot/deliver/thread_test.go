package deliver

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

// now is when the tests of threads begin.
var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// threadWith returns a thread that shows so much, with questions by their timestamps.
func threadWith(text string, shows map[item]*shown, questions ...string) *thread {
	t := &thread{id: storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.000000"}, text: text, shown: shows}
	if shows == nil {
		t.shown = make(map[item]*shown)
	}
	for _, ts := range questions {
		t.questions = append(t.questions, storage.MessageID{Team: "T1", Channel: "C1", TS: ts})
	}
	return t
}

// Ensure that a thread needs the calls that make it show what it is to show.
func TestThreadNeeds(t *testing.T) {
	set := func(text string, ago time.Duration) *shown { return &shown{text: text, called: now.Add(-ago)} }
	ended := func(retryIn time.Duration) *shown { return &shown{text: "x", ended: true, retryAt: now.Add(retryIn)} }
	busy, processing := set("is busy", renewAfter), set("processing", 0)
	refused := threadWith("is busy", nil, "1", "2")
	refused.refused = true
	reacted := threadWith("is busy", map[item]*shown{"1": set(eyes, time.Hour)}, "1", "2")
	reacted.id.Root = ""
	over := threadWith("", map[item]*shown{theStatus: ended(0), theSession: ended(0), "1": ended(0)})
	suspended := threadWith("is busy", map[item]*shown{"1": ended(0)}, "2")
	suspended.suspended = 1
	for name, test := range map[string]struct {
		thread *thread
		want   []call
	}{
		"nothing":        {threadWith("", nil), nil},
		"no text wanted": {threadWith("", nil, "1"), nil},
		"first status":   {threadWith("is busy", nil, "1"), []call{{item: theStatus, value: "is busy"}}},
		"session":        {threadWith("is busy", map[item]*shown{theStatus: set("is busy", 0)}, "1"), []call{{item: theSession, value: "processing"}}},
		"complete":       {threadWith("is busy", map[item]*shown{theStatus: set("is busy", renewAfter-1), theSession: set("processing", 0)}, "1"), nil},
		"renewal":        {threadWith("is busy", map[item]*shown{theStatus: busy, theSession: processing}, "1"), []call{{item: theStatus, value: "is busy"}}},
		"new text": {
			threadWith("is idle", map[item]*shown{theStatus: busy, theSession: processing}, "1"),
			[]call{{item: theStatus, value: "is idle", changes: true}},
		},
		"inherited":       {threadWith("is busy", map[item]*shown{theStatus: {}, theSession: {}}, "1"), []call{{item: theStatus, value: "is busy"}}},
		"reaction":        {refused, []call{{item: "1", value: eyes}}},
		"reaction is set": {reacted, nil},
		"over":            {over, []call{{item: theStatus}, {item: theSession}, {item: "1"}}},
		"over, later":     {threadWith("", map[item]*shown{theStatus: ended(1)}), nil},
		"one has ended":   {threadWith("is busy", map[item]*shown{"1": ended(0)}, "2"), []call{{item: theStatus, value: "is busy"}, {item: "1"}}},
		"suspended":       {suspended, []call{{item: "1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.thread.needs(now), cmp.AllowUnexported(call{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// makes makes the call that the thread needs first, at a time, and returns it.
func (t *thread) makes(at time.Time, err error) call {
	needed := t.needs(at)
	if len(needed) == 0 {
		return call{}
	}
	t.begin(needed[0], at)
	t.finish(needed[0], at, err)
	return needed[0]
}

var errUnknown, errRejected = errors.New("connection cut"), slackapi.ErrRootGone

// Ensure that a post leaves no status to be cleared, unless Slack may still set it.
func TestPostClearsStatus(t *testing.T) {
	for name, test := range map[string]struct {
		err    error
		posted bool
		cleans []time.Duration // after the end
	}{
		"posted":              {nil, true, nil},
		"not posted":          {nil, false, []time.Duration{0}},
		"rejected, posted":    {errRejected, true, nil},
		"unknown, posted":     {errUnknown, true, []time.Duration{0, lateTimeout}},
		"unknown, not posted": {errUnknown, false, []time.Duration{0, lateTimeout}},
	} {
		t.Run(name, func(t *testing.T) {
			thread := threadWith("is busy", nil, "1")
			ids := thread.questions
			thread.makes(now, test.err)
			thread.end(ids[:1:1], test.posted, now)
			var cleans []time.Duration
			for after := time.Duration(0); after <= time.Minute; after += time.Second {
				if c := thread.makes(now.Add(after), nil); c.item == theStatus && c.value == "" {
					cleans = append(cleans, after)
				}
				if left := thread.left([]storage.MessageID{{TS: "1"}}); left != (len(cleans) < len(test.cleans)) {
					t.Errorf("after %v it is %v that something is left", after, left)
				}
			}
			if diff := cmp.Diff(test.cleans, cleans); diff != "" || len(thread.shown) > 0 {
				t.Error(diff, thread.shown)
			}
		})
	}
}

// Ensure that a status is cleared again and again if that fails for a while, but not
// if Slack rejects it, and not forever.
func TestClearingIsRetried(t *testing.T) {
	for name, test := range map[string]struct {
		err   error
		calls int
	}{
		"unknown":    {errUnknown, clearAttempts},
		"a new code": {&slackapi.ResponseError{Code: "some_new_error"}, clearAttempts},
		"a redirect": {&slackapi.ResponseError{Status: http.StatusFound}, clearAttempts},
		"rejected":   {errRejected, 1},
	} {
		t.Run(name, func(t *testing.T) {
			thread := threadWith("", map[item]*shown{theStatus: {ended: true}})
			calls := 0
			for after := time.Duration(0); after < 10*time.Minute; after += time.Second {
				if thread.makes(now.Add(after), test.err) != (call{}) {
					calls++
				}
			}
			if calls != test.calls || len(thread.shown) > 0 {
				t.Errorf("%d calls were made, want %d; left is %v", calls, test.calls, thread.shown)
			}
		})
	}
}

// Ensure that a question takes over the status and the session that another one has
// left in its thread, but not its reaction.
func TestNextQuestionTakesOver(t *testing.T) {
	first, second := storage.MessageID{TS: "1"}, storage.MessageID{TS: "2"}
	thread := threadWith("is busy", map[item]*shown{theStatus: {}, theSession: {}, "1": {}})
	thread.show(first)
	thread.end([]storage.MessageID{first}, false, now)
	thread.makes(now, errUnknown) // the status is not cleared yet
	thread.show(second)
	thread.text = "is busy"
	var made []call
	for c := thread.makes(now, nil); c != (call{}); c = thread.makes(now, nil) {
		made = append(made, c)
	}
	want := []call{{item: theStatus, value: "is busy"}, {item: theSession, value: "processing"}, {item: "1"}}
	if diff := cmp.Diff(want, made, cmp.AllowUnexported(call{})); diff != "" {
		t.Error(diff)
	}
	if thread.left([]storage.MessageID{first}) {
		t.Error("the first question has left something")
	}
}

// Ensure that a reaction that could not be removed is not forgotten when another
// question of its thread ends.
func TestReactionIsRemovedWhateverEnds(t *testing.T) {
	thread := threadWith("is busy", map[item]*shown{"1": {}}, "1", "2", "3")
	first, second := thread.questions[0], thread.questions[1]
	thread.end([]storage.MessageID{first}, true, now)
	thread.begin(call{item: "1"}, now)
	thread.finish(call{item: "1"}, now, errUnknown)
	thread.end([]storage.MessageID{second}, true, now)
	if !thread.left([]storage.MessageID{first}) {
		t.Error("the reaction is forgotten")
	}
}

// Ensure that a failed clearing that a post overtook is not repeated.
func TestPostOvertakesClearing(t *testing.T) {
	thread := threadWith("", map[item]*shown{theStatus: {ended: true}})
	thread.begin(call{item: theStatus}, now)
	thread.end(nil, true, now)
	thread.finish(call{item: theStatus}, now, errUnknown)
	if len(thread.shown) > 0 || len(thread.needs(now.Add(time.Hour))) > 0 {
		t.Errorf("left is %v", thread.shown)
	}
}
