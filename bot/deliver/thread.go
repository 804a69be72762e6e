package deliver

import (
	"maps"
	"slices"
	"time"

	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

const (
	// renewAfter is when a status is set again, before Slack lets it expire after two minutes.
	renewAfter = 90 * time.Second
	// lateTimeout is how long Slack may still process a call whose outcome is unknown.
	lateTimeout = 10 * time.Second
	// clearAttempts is how often a failing call that clears is made: for about nine minutes.
	clearAttempts = 10
)

// thread is what one thread is to show, and what Slack may show there. It is plain
// data: its methods call nobody.
type thread struct {
	id        storage.ThreadID
	questions []storage.MessageID // those that are worked on, the oldest first
	text      string              // the status to show; empty if none is wanted
	title     string              // of its session, which Slack ignores if the session has one
	suspended int                 // how many posts are under way, during which nothing is set
	refused   bool                // Slack did not accept the status: a reaction takes its place
	shown     map[item]*shown     // what Slack may show
}

// item is what a thread can show: its status, its session, or the reaction to the
// message with this timestamp.
type item string

const (
	theStatus  item = "status"
	theSession item = "session"
)

// shown is what is known of an item that Slack may show.
type shown struct {
	text     string    // what was set; empty if that is not known
	ended    bool      // its questions have ended: it is to be cleared
	called   time.Time // when the last call for it began
	late     time.Time // until when Slack may still process a call that sets it
	retryAt  time.Time // when it is cleared again
	failures int       // how often clearing it has failed
}

// isReaction reports whether it is the reaction to a message.
func (i item) isReaction() bool { return i != theStatus && i != theSession }

// reactionTo is the reaction to a question's message.
func reactionTo(id storage.MessageID) item { return item(storage.MessageTS(id.TS)) }

// call sets an item in Slack, or clears it if its text is empty.
type call struct {
	item    item
	value   string
	changes bool   // it changes a status that is shown: others can be more urgent
	title   string // of a session that begins
}

// needs returns the calls that the thread needs now, the most urgent first.
func (t *thread) needs(now time.Time) []call {
	var calls []call
	if t.text != "" && t.suspended == 0 {
		calls = t.needsShown(now)
	}
	// The status and the session sort behind the reactions, but are cleared first.
	for _, i := range slices.Backward(slices.Sorted(maps.Keys(t.shown))) {
		if s := t.shown[i]; s.ended && !now.Before(s.retryAt) {
			calls = append(calls, call{item: i})
		}
	}
	return calls
}

// needsShown returns the calls that set what the thread is to show.
func (t *thread) needsShown(now time.Time) (calls []call) {
	if t.id.Root == "" || t.refused {
		if i := reactionTo(t.questions[0]); t.shown[i] == nil {
			return []call{{item: i, value: eyes}}
		}
		return nil
	}
	s := t.shown[theStatus]
	switch {
	case s == nil || s.text == "":
		return []call{{item: theStatus, value: t.text}}
	case s.text != t.text:
		calls = append(calls, call{item: theStatus, value: t.text, changes: true})
	case now.Sub(s.called) >= renewAfter:
		calls = append(calls, call{item: theStatus, value: t.text})
	}
	if s := t.shown[theSession]; s == nil || s.text == "" {
		calls = append(calls, call{item: theSession, value: "processing", title: t.title})
	}
	return calls
}

// begin notes that a call is being made. If it sets an item, Slack may show it from
// now on, whatever comes of the call.
func (t *thread) begin(c call, now time.Time) {
	s := t.mayShow(c.item)
	s.text, s.called = c.value, now
	if c.value != "" {
		s.failures, s.retryAt = 0, time.Time{}
	}
}

// mayShow notes that Slack may show an item, and returns what is known of it.
func (t *thread) mayShow(i item) *shown {
	if t.shown[i] == nil {
		t.shown[i] = &shown{}
	}
	return t.shown[i]
}

// finish notes the outcome of a call.
func (t *thread) finish(c call, now time.Time, err error) {
	s, failure := t.shown[c.item], slackapi.Classify(err)
	switch {
	case s == nil: // a post has cleared it
	case c.value != "":
		if failure.Class == slackapi.Unknown {
			s.late = now.Add(lateTimeout)
		}
		if c.item == theStatus && err != nil {
			s.text, t.refused = "", true
		}
	case (failure.Transient() || failure.Class == slackapi.Setup) && s.failures < clearAttempts-1:
		// Redirects of a proxy, and refusals of a valid token, can pass, too.
		s.retryAt = now.Add(time.Second << s.failures)
		s.failures++
	case s.called.Before(s.late):
		// A call that Slack processes late could show the item again.
		s.retryAt, s.failures = s.late, 0
	default:
		delete(t.shown, c.item)
	}
}

// show adds a question that is worked on. It takes over what ended ones have left.
func (t *thread) show(id storage.MessageID) {
	if !slices.Contains(t.questions, id) {
		t.questions = append(t.questions, id)
	}
	for _, i := range []item{theStatus, theSession, reactionTo(id)} {
		if s := t.shown[i]; s != nil {
			s.ended = false
		}
	}
}

// end removes questions. If something was posted, Slack has cleared the status.
func (t *thread) end(ids []storage.MessageID, posted bool, now time.Time) {
	t.questions = slices.DeleteFunc(t.questions, func(id storage.MessageID) bool { return slices.Contains(ids, id) })
	t.refused = false
	if s := t.shown[theStatus]; s != nil && posted {
		s.text = ""
		if !now.Before(s.late) {
			delete(t.shown, theStatus)
		}
	}
	over := len(t.questions) == 0
	if over {
		t.text, t.title = "", ""
	}
	for i, s := range t.shown {
		s.ended = s.ended || over || slices.ContainsFunc(ids, func(id storage.MessageID) bool { return reactionTo(id) == i })
	}
}

// left reports whether ended questions have left something that no other question
// has taken over.
func (t *thread) left(ids []storage.MessageID) bool {
	ended := func(i item) bool { return t.shown[i] != nil && t.shown[i].ended }
	return ended(theStatus) || ended(theSession) || slices.ContainsFunc(ids, func(id storage.MessageID) bool { return ended(reactionTo(id)) })
}

// reactions returns how many messages may have a reaction.
func (t *thread) reactions() (n int) {
	for i := range t.shown {
		if i.isReaction() {
			n++
		}
	}
	return n
}
