package storage

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"enjobridge/enjo"
)

// The methods below are the rules of the transitions. They do not depend on a Store, so
// that every implementation follows the same rules. A method that fails changes nothing.
// Times are stored as UTC, because a zone's offset may be lost.

// Accepted returns the question as a store accepts it: queued, without the data of later
// states.
func (q Question) Accepted() Question {
	q.State = Queued
	q.AcceptedAt = q.AcceptedAt.UTC()
	q.NotBefore = q.NotBefore.UTC()
	q.Attempts, q.UnknownAttempts, q.AskedAt, q.AnsweredAt, q.EndedAt = 0, 0, time.Time{}, time.Time{}, time.Time{}
	q.With, q.Lead, q.Outcome, q.Posts, q.Kept = nil, MessageID{}, nil, nil, ""
	return q
}

// Claim takes the question to [Asking], and merges others into it; see [Store.Claim].
func (q *Question) Claim(with []*Question, at time.Time) error {
	listed := make(map[MessageID]bool)
	for _, other := range append([]*Question{q}, with...) {
		if listed[other.ID] {
			return fmt.Errorf("%w: %s is listed twice", ErrState, other.ID)
		}
		listed[other.ID] = true
		if other.State != Queued {
			return other.stateError()
		}
	}
	q.State = Asking
	q.Attempts++
	q.NotBefore = time.Time{}
	q.AskedAt = at.UTC()
	for _, other := range with {
		q.absorb(other)
		other.Lead = q.ID
		other.end(Merged, at)
	}
	return nil
}

// textSeparator separates the texts of questions that are asked together.
const textSeparator = "\n\n"

// absorb adds the content of other to q.
func (q *Question) absorb(other *Question) {
	q.With = append(q.With, other.ID)
	q.With = append(q.With, other.With...)
	q.Text = strings.Join([]string{q.Text, other.Text}, textSeparator)
	q.UnreadFiles = slices.Concat(q.UnreadFiles, other.UnreadFiles)
	q.mark(other)
}

// absorbEarlier adds the content of other before that of q.
func (q *Question) absorbEarlier(other *Question) {
	q.With = slices.Concat(other.With, []MessageID{other.ID}, q.With)
	q.Text = strings.Join([]string{other.Text, q.Text}, textSeparator)
	q.UnreadFiles = slices.Concat(other.UnreadFiles, q.UnreadFiles)
	q.mark(other)
}

// mark sets the flags of other in q, into which it was merged.
func (q *Question) mark(other *Question) {
	if len(q.Again) > 0 || len(other.Again) > 0 {
		q.readAgain()
	}
	q.NewConversation = q.NewConversation || other.NewConversation
	q.MakesTicket = q.MakesTicket || other.MakesTicket
	q.HasFiles = q.HasFiles || other.HasFiles
	q.UnknownAttempts = max(q.UnknownAttempts, other.UnknownAttempts)
}

// maxMergedText is the length in characters that merged direct messages have together at
// most: what Slack allows one message.
const maxMergedText = 40_000

// MergeDirect merges into the new question those of the unfinished questions of its direct
// messages that the same person asked before at the top, and returns them in order. Each
// must be queued without an attempt so far, and alone in its thread, and none may ask for a
// person; together they must not be too long. See [Store.AcceptDirect].
func (q *Question) MergeDirect(unfinished []Question) (merged []Question) {
	inThread := make(map[ThreadID]int)
	for _, other := range unfinished {
		inThread[other.Thread]++
	}
	unfinished = slices.SortedFunc(slices.Values(unfinished), func(a, b Question) int { return CompareTS(a.ID.TS, b.ID.TS) })
	for _, other := range slices.Backward(unfinished) {
		length := utf8.RuneCountInString(q.Text) + len(textSeparator) + utf8.RuneCountInString(other.Text)
		if !q.follows(other) || inThread[other.Thread] > 1 || length > maxMergedText {
			continue
		}
		q.absorbEarlier(&other)
		other.Lead = q.ID
		other.end(Merged, q.AcceptedAt)
		merged = append(merged, other)
	}
	slices.Reverse(merged)
	return merged
}

// follows reports whether q and the earlier question can be one.
func (q *Question) follows(earlier Question) bool {
	return q.atTop() && earlier.atTop() && !q.WantsPerson && !earlier.WantsPerson &&
		earlier.State == Queued && earlier.Attempts+earlier.UnknownAttempts == 0 &&
		earlier.Asker == q.Asker && earlier.Agent == q.Agent && CompareTS(earlier.ID.TS, q.ID.TS) < 0
}

// atTop reports whether the question is a direct message at the top, the root of its thread.
func (q *Question) atTop() bool { return q.Origin == Direct && q.Thread.Root == q.ID.TS }

// ThreadOf returns the thread of a question that was merged into q. That of an earlier
// direct message at the top is its own.
func (q *Question) ThreadOf(merged MessageID) ThreadID {
	thread := q.Thread
	if q.atTop() && CompareTS(merged.TS, q.ID.TS) < 0 {
		thread.Root = merged.TS
	}
	return thread
}

// Requeue takes the question back to [Queued]; see [Store.Requeue].
func (q *Question) Requeue(notBefore time.Time, outcomeUnknown bool) error {
	if q.State != Asking {
		return q.stateError()
	}
	q.State = Queued
	q.NotBefore = notBefore.UTC()
	if outcomeUnknown {
		q.UnknownAttempts++
	}
	return nil
}

// Edit replaces the text of the question, or has all of its messages read again if others
// were merged into it; see [Store.Edit].
func (q *Question) Edit(text string) error {
	if q.State != Queued || q.UnknownAttempts > 0 {
		return q.stateError()
	}
	if len(q.With) > 0 {
		q.readAgain() // nobody knows any more which part of the text is whose
		return nil
	}
	q.Text = text
	return nil
}

// readAgain has the messages of the question read again before it is asked.
func (q *Question) readAgain() { q.Again = append([]MessageID{q.ID}, q.With...) }

// SetOutcome takes the question to [Answered]; see [Store.SetOutcome]. If the
// question asks for the status of a ticket, and the reply's ticket has no ID or the same
// ID in another case, SetOutcome gives the reply's ticket that ID.
func (q *Question) SetOutcome(outcome Outcome, at time.Time) error {
	if q.State != Queued && q.State != Asking {
		return q.stateError()
	}
	if outcome.Retracted && len(q.With) > 0 {
		return fmt.Errorf("%w: other questions are merged into %s", ErrState, q.ID)
	}
	if t := outcome.ticket(); t != nil && q.Ticket != "" && (t.ID == "" || strings.EqualFold(t.ID, q.Ticket)) {
		reply, ticket := *outcome.Reply, *t
		ticket.ID, reply.Ticket, outcome.Reply = q.Ticket, &ticket, &reply
	}
	q.State = Answered
	q.Outcome = &outcome
	q.AnsweredAt = at.UTC()
	return nil
}

// Add counts n questions of a state, the oldest of which was accepted at a time.
func (b *Backlog) Add(state State, n int, oldest time.Time) {
	if b.Oldest.IsZero() || oldest.Before(b.Oldest) {
		b.Oldest = oldest
	}
	switch state {
	case Queued:
		b.Queued += n
	case Asking:
		b.Asking += n
	case Answered:
		b.Answered += n
	}
}

// Stop sets the outcome of those of a thread's unfinished questions that are queued or
// asking, and returns them; see [Store.StopThread].
func Stop(unfinished []Question) []Question {
	var stopped []Question
	for _, q := range unfinished {
		if q.State == Answered {
			continue
		}
		q.State, q.Outcome = Answered, &Outcome{Failure: FailureDropped}
		if len(stopped) == 0 {
			q.Outcome.Failure = FailureStopped
		}
		stopped = append(stopped, q)
	}
	return stopped
}

// ticket returns the ticket in the outcome's reply, or nil.
func (o *Outcome) ticket() *enjo.Ticket {
	if o.Reply == nil {
		return nil
	}
	return o.Reply.Ticket
}

// End takes the question to one of its ends; see [Store.End].
func (q *Question) End(end State, posts []string, at time.Time) error {
	switch end {
	case Delivered, Failed:
		if q.State != Answered {
			return q.stateError()
		}
	case Cancelled:
		if q.State.Ended() {
			return q.stateError()
		}
	default:
		return fmt.Errorf("%w: it cannot be ended as %q", ErrState, end)
	}
	q.Posts = posts
	q.retainAnswer(end)
	q.end(end, at)
	return nil
}

// end takes the question to an end and erases the texts.
func (q *Question) end(end State, at time.Time) {
	q.State = end
	q.EndedAt = at.UTC()
	q.Text, q.UnreadFiles, q.ResponseURL = "", nil, ""
	if q.Outcome == nil {
		return
	}
	// The caller of SetOutcome may still use its outcome and reply: change copies.
	outcome := *q.Outcome
	outcome.UnreadFiles = nil
	if outcome.Reply != nil {
		reply := *outcome.Reply
		reply.Text = ""
		outcome.Reply = &reply
	}
	q.Outcome = &outcome
}

// stateError returns the error of a transition that the question's state does not allow.
func (q *Question) stateError() error {
	return fmt.Errorf("%w: %s is %s", ErrState, q.ID, q.State)
}
