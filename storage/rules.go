package storage

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"enjobridge/enjo"
)

// The methods below are the rules of the transitions. They are apart from any
// Store, so that each follows the same ones; those that fail change nothing.
// Times are kept as UTC, since a zone's offset may not survive being stored.

// Accepted returns the question as it is taken in: queued, without anything
// that tells of a later state.
func (q Question) Accepted() Question {
	q.State = Queued
	q.AcceptedAt = q.AcceptedAt.UTC()
	q.NotBefore = q.NotBefore.UTC()
	q.Attempts, q.UnknownAttempts, q.AskedAt, q.EndedAt = 0, 0, time.Time{}, time.Time{}
	q.With, q.Outcome, q.Posts = nil, nil, nil
	return q
}

// Claim takes the question to [Asking], and merges others into it; see [Store.Claim].
func (q *Question) Claim(with []*Question, at time.Time) error {
	for _, other := range append([]*Question{q}, with...) {
		if other.State != Queued {
			return other.notFrom()
		}
	}
	q.State = Asking
	q.Attempts++
	q.NotBefore = time.Time{}
	q.AskedAt = at.UTC()
	for _, other := range with {
		q.take(other)
		other.end(Merged, at)
	}
	return nil
}

// take makes what was asked with other part of q.
func (q *Question) take(other *Question) {
	q.With = append(q.With, other.ID)
	q.With = append(q.With, other.With...)
	q.Text = strings.Join([]string{q.Text, other.Text}, "\n\n")
	q.WithHistory = q.WithHistory || other.WithHistory
	q.NewConversation = q.NewConversation || other.NewConversation
	q.MakesTicket = q.MakesTicket || other.MakesTicket
	q.HasFiles = q.HasFiles || other.HasFiles
	q.UnknownAttempts = max(q.UnknownAttempts, other.UnknownAttempts)
}

// Requeue takes the question back to [Queued]; see [Store.Requeue].
func (q *Question) Requeue(notBefore time.Time, doubt bool) error {
	if q.State != Asking {
		return q.notFrom()
	}
	q.State = Queued
	q.NotBefore = notBefore.UTC()
	if doubt {
		q.UnknownAttempts++
	}
	return nil
}

// Edit gives the question another text; see [Store.Edit].
func (q *Question) Edit(text string) error {
	if q.State != Queued || q.Attempts > 0 {
		return q.notFrom()
	}
	q.Text = text
	return nil
}

// SetOutcome takes the question to [Answered]; see [Store.SetOutcome]. A reply to the
// question how a ticket is that names no ticket, or the same one in another case,
// tells of that ticket: its ID is then the one that was asked for.
func (q *Question) SetOutcome(outcome Outcome) error {
	if q.State != Queued && q.State != Asking {
		return q.notFrom()
	}
	if outcome.Retracted && len(q.With) > 0 {
		return fmt.Errorf("%w: others are asked with %s", ErrState, q.ID)
	}
	if told := outcome.ticket(); told != nil && q.Ticket != "" && (told.ID == "" || strings.EqualFold(told.ID, q.Ticket)) {
		reply, ticket := *outcome.Reply, *told
		ticket.ID, reply.Ticket, outcome.Reply = q.Ticket, &ticket, &reply
	}
	q.State = Answered
	q.Outcome = &outcome
	return nil
}

// Stop settles those of a thread's unfinished questions that are queued or asking,
// and returns them; see [Store.StopThread].
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

// ticket returns the ticket that the outcome tells of; nil if there is none.
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
			return q.notFrom()
		}
	case Cancelled:
		if q.State.Ended() {
			return q.notFrom()
		}
	default:
		return fmt.Errorf("%w: it cannot be ended as %q", ErrState, end)
	}
	q.Posts = posts
	q.end(end, at)
	return nil
}

// end takes the question to an end and erases the texts.
func (q *Question) end(end State, at time.Time) {
	q.State = end
	q.EndedAt = at.UTC()
	q.Text = ""
	if q.Outcome == nil || q.Outcome.Reply == nil {
		return
	}
	// What the caller passed to SetOutcome is not to change under its hands.
	outcome, reply := *q.Outcome, *q.Outcome.Reply
	reply.Text = ""
	outcome.Reply = &reply
	q.Outcome = &outcome
}

// notFrom returns the error of a transition that does not go from the question's state.
func (q *Question) notFrom() error {
	return fmt.Errorf("%w: %s is %s", ErrState, q.ID, q.State)
}

// Asked tells a known thread of another question in it; see [Store.Accept].
func (t *Thread) Asked(q Question, at time.Time) {
	t.active(at)
	if q.Origin == Mention {
		t.Muted = false
	}
	if q.ByBot {
		t.BotQuestions++
	} else {
		t.BotQuestions = 0
	}
}

// Replied tells a thread of a reply in it; see [Store.SetOutcome].
func (t *Thread) Replied(reply *enjo.Reply, at time.Time) {
	t.active(at)
	if reply.ConversationID != "" {
		t.Conversation = reply.ConversationID
	}
}

// active moves LastActive, but never back.
func (t *Thread) active(at time.Time) {
	if at.After(t.LastActive) {
		t.LastActive = at.UTC()
	}
}

// Update remembers what is told of a ticket: of a new one, which q asked for, if t
// is zero, else of the one that t is. What is not told has not changed. A state
// that was modified before the known one is old, and changes nothing. The ticket
// was updated only if something has changed.
func (t *Ticket) Update(q Question, told enjo.Ticket, at time.Time) {
	isNew := t.UpdatedAt.IsZero()
	if t.Requester == "" {
		t.Requester = q.Asker
	}
	t.Thread = q.Thread
	before := t.Latest
	if known := before.Modified.At; told.Modified.At.IsZero() || !told.Modified.At.Before(known) {
		t.Latest = inUTC(completed(told, before))
	}
	if isNew || t.Latest != before {
		t.UpdatedAt = at.UTC()
	}
}

// ShowOn remembers the message that shows the ticket; see [Store.SetCard].
func (t *Ticket) ShowOn(ts string, shown enjo.Ticket) { t.Card, t.Shown = ts, inUTC(shown) }

// Outdated reports whether the ticket has a card that does not show what was told last.
func (t *Ticket) Outdated() bool { return t.Card != "" && t.Shown != t.Latest }

// inUTC returns the ticket with its times in UTC, so that equal ones are equal to ==.
func inUTC(t enjo.Ticket) enjo.Ticket {
	t.Created.At = t.Created.At.Round(0).UTC()
	t.Modified.At = t.Modified.At.Round(0).UTC()
	return t
}

// completed returns what is told now, and what was told before where it is silent.
func completed(now, before enjo.Ticket) enjo.Ticket {
	now.Type = cmp.Or(now.Type, before.Type)
	now.Status = cmp.Or(now.Status, before.Status)
	now.Priority = cmp.Or(now.Priority, before.Priority)
	now.Description = cmp.Or(now.Description, before.Description)
	now.URL = cmp.Or(now.URL, before.URL)
	now.Attributes = cmp.Or(now.Attributes, before.Attributes)
	now.Created = completedTime(now.Created, before.Created)
	now.Modified = completedTime(now.Modified, before.Modified)
	return now
}

// completedTime returns the time that is told now, unless it says no more than
// the one before: the same moment in other words is no change, and by one that
// cannot be read nobody could tell old news from new ones.
func completedTime(now, before enjo.Time) enjo.Time {
	saysNoMore := now.At.IsZero() || now.At.Equal(before.At)
	if now == (enjo.Time{}) || !before.At.IsZero() && saysNoMore {
		return before
	}
	return now
}
