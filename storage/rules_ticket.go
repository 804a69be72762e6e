package storage

import (
	"cmp"
	"time"

	"enjobridge/enjo"
)

// Update sets the latest data of the ticket. A zero t becomes a new ticket, which q asked
// for. Empty fields of latest keep their values. Data that was modified before the stored
// data is outdated and changes nothing. UpdatedAt changes only if the data changes.
func (t *Ticket) Update(q Question, latest enjo.Ticket, at time.Time) {
	isNew := t.UpdatedAt.IsZero()
	if t.Requester == "" {
		t.Requester = q.Asker
	}
	t.Thread = q.Thread
	before := t.Latest
	if known := before.Modified.At; latest.Modified.At.IsZero() || !latest.Modified.At.Before(known) {
		t.Latest = inUTC(completed(latest, before))
	}
	if isNew || t.Latest != before {
		t.UpdatedAt = at.UTC()
	}
}

// createdEarly is how long before a question a ticket can seem to be created that was created
// for it: clocks differ, and a time can lack its zone.
const createdEarly = 24 * time.Hour

// CreatedKey returns the key that a question stores when its reply has a ticket that no thread
// has. False if the ticket was not created for the question: somebody asked for its status, or
// it says that it is older.
func (q *Question) CreatedKey(t enjo.Ticket) (Key, bool) {
	return ticketedKey(q.ID), q.Ticket == "" && (t.Created.At.IsZero() || !t.Created.At.Before(q.AcceptedAt.Add(-createdEarly)))
}

// ShowOn records the message that shows the ticket; see [Store.SetCard].
func (t *Ticket) ShowOn(ts string, shown enjo.Ticket) { t.Card, t.Shown = ts, inUTC(shown) }

// Outdated reports whether the ticket has a card that does not show its latest data.
func (t *Ticket) Outdated() bool { return t.Card != "" && t.Shown != t.Latest }

// inUTC returns the ticket with its times in UTC, so that == compares them correctly.
func inUTC(t enjo.Ticket) enjo.Ticket {
	t.Created.At = t.Created.At.Round(0).UTC()
	t.Modified.At = t.Modified.At.Round(0).UTC()
	return t
}

// completed returns the new data, with empty fields filled from the data before.
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

// completedTime returns the new time, unless it adds nothing to the one before. The same
// moment in another notation is no change, and a time that could not be parsed cannot
// order later updates.
func completedTime(now, before enjo.Time) enjo.Time {
	addsNothing := now.At.IsZero() || now.At.Equal(before.At)
	if now == (enjo.Time{}) || !before.At.IsZero() && addsNothing {
		return before
	}
	return now
}
