package postgres

import (
	"slices"

	"enjobridge/storage"
)

// findDirect finds the direct messages in which the person asked a question.
func (f *forgetter) findDirect(_ *tx, id identity) error {
	if channel := id[1]; storage.IsDirect(channel) && !slices.Contains(f.direct, channel) {
		f.direct = append(f.direct, channel)
	}
	return nil
}

// findDirectThread finds the direct messages with a thread in which the person asked.
func (f *forgetter) findDirectThread(t *tx, id identity) error {
	thread, err := t.thread(threadOf(id))
	if missing, err := ignoreNotFound(err); err != nil || missing || thread.Askers[f.user] == "" {
		return err
	}
	return f.findDirect(t, id)
}

// drop returns a step that deletes a record of a kind, whatever it contains, and counts it.
func drop(k kind, count *int) func(*tx, identity) error {
	return func(t *tx, id identity) error {
		*count++
		t.delete(k, id)
		return nil
	}
}

// directThread deletes a thread in the person's direct messages in which nobody has asked,
// unless a question is in progress there.
func (f *forgetter) directThread(t *tx, id identity) error {
	thread, err := t.thread(threadOf(id))
	if missing, err := ignoreNotFound(err); err != nil || missing || len(thread.Askers) > 0 {
		return err
	}
	unfinished, err := t.unfinishedOf(inThread(thread.ID))
	if err == nil && len(unfinished) == 0 {
		f.done.Threads++
		t.delete(threads, id)
	}
	return err
}

// question deletes an ended question of the person, with its history and its events: the ID of
// one that a button asked can name the person. Slack can still send its message again,
// so it is remembered, without its sender, that it is decided.
func (f *forgetter) question(t *tx, id identity) error {
	q, err := t.question(messageOf(id))
	if missing, err := ignoreNotFound(err); err != nil || missing || q.Asker != f.user {
		return err
	}
	if !q.State.Ended() {
		f.done.Unfinished++
		return nil
	}
	f.done.Questions++
	if _, err := t.firstTime(storage.RefusedKey(q.ID), q.EndedAt); err != nil {
		return err
	}
	t.deleteKeys(storage.EventKeys(q.ID)...)
	t.delete(questions, id)
	t.delete(histories, id)
	return nil
}

// ticket deletes a ticket of the person. The ticketing system keeps its own.
func (f *forgetter) ticket(t *tx, id identity) error {
	var ticket storage.Ticket
	if missing, err := ignoreNotFound(t.load(tickets, id, &ticket)); err != nil || missing || ticket.Requester != f.user {
		return err
	}
	f.done.Tickets++
	t.delete(tickets, id)
	return nil
}

// key deletes a key that names the person.
func (f *forgetter) key(t *tx, id identity) error {
	f.done.Others++
	t.deleteKeys(storage.Key(id[0]))
	return nil
}

// press counts a press of the person, which is in progress.
func (f *forgetter) press(t *tx, id identity) error {
	var p pressRecord
	if missing, err := ignoreNotFound(t.load(buttons, id, &p)); err != nil || missing || p.User != f.user {
		return err
	}
	f.done.Unfinished++
	return nil
}

// thread removes the person from a thread's askers, and deletes the thread if nobody else
// has asked there. It stays as it is while a question of the person is in progress there.
func (f *forgetter) thread(t *tx, id identity) error {
	thread, err := t.thread(threadOf(id))
	if missing, err := ignoreNotFound(err); err != nil || missing {
		return err
	}
	unfinished, err := t.unfinishedOf(inThread(thread.ID))
	if err != nil {
		return err
	}
	switch forgotten, unused := thread.ForgetAsker(f.user, unfinished); {
	case unused:
		f.done.Threads++
		t.delete(threads, id)
	case forgotten:
		f.done.Others++
		return t.saveThread(&thread)
	}
	return nil
}
