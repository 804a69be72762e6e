package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
)

// ForgetPerson implements [Store]. It is called by hand, so it finds the records of a person
// by reading all, in batches.
func (b *Bolt) ForgetPerson(ctx context.Context, user string) (_ Forgotten, err error) {
	defer b.report("forget_person")(&err)
	f := forgetter{user: user, direct: make(map[string]bool)}
	err = checkID("user", user)
	if err == nil && user == "" {
		err = fmt.Errorf("%w: the user is empty", ErrBadID)
	}
	if err == nil {
		err = f.run(ctx, b)
	}
	if err != nil {
		return f.total, fmt.Errorf("forget a person: %w", err)
	}
	return f.total, nil
}

// forgetter deletes the records of a person.
type forgetter struct {
	user   string
	direct map[string]bool // the channels of the person's direct messages
	done   Forgotten       // in the current transaction
	total  Forgotten
}

// run deletes the records bucket by bucket. The threads that name the person are last: if
// an error ends run before, they say in which direct messages the rest is.
func (f *forgetter) run(ctx context.Context, b *Bolt) error {
	for _, step := range []struct {
		bucket []byte
		forget func(t *tx, key []byte) error
	}{
		{bucketQuestions, f.findDirect},
		{bucketThreads, f.findDirectThread},
		{bucketCopies, f.history},
		{bucketWatermarks, f.watermark},
		{bucketThreads, f.directThread},
		{bucketQuestions, f.question},
		{bucketTickets, f.ticket},
		{bucketFeedback, f.feedback},
		{bucketPeople, f.preferences},
		{bucketSeen, f.seen},
		{bucketDamaged, f.damaged},
		{bucketThreads, f.thread},
	} {
		err := b.eachBatch(ctx, step.bucket, nil, func(t *tx, keys [][]byte) error {
			f.done = Forgotten{} // the transaction can be repeated
			for _, key := range keys {
				if err := step.forget(t, key); err != nil {
					return err
				}
			}
			return nil
		}, func() { f.total.Add(f.done) })
		if err != nil {
			return err
		}
	}
	return nil
}

// findDirect finds the direct messages in which the person asked a question.
func (f *forgetter) findDirect(t *tx, key []byte) error {
	var q Question
	if err := t.load(bucketQuestions, key, &q); err == nil && q.Asker == f.user && IsDirect(q.ID.Channel) {
		f.direct[q.ID.Channel] = true
	}
	return nil // one that cannot be read is set aside
}

// findDirectThread finds the direct messages with a thread in which the person asked.
func (f *forgetter) findDirectThread(t *tx, key []byte) error {
	var thread Thread
	if err := t.load(bucketThreads, key, &thread); err == nil && thread.Askers[f.user] != "" && IsDirect(thread.ID.Channel) {
		f.direct[thread.ID.Channel] = true
	}
	return nil
}

// question deletes an ended question of the person, with its history and its events: the ID of
// one that a button asked can name the person. Slack can still send its message again,
// so it is remembered, without its sender, that it is decided.
func (f *forgetter) question(t *tx, key []byte) error {
	var q Question
	if err := t.load(bucketQuestions, key, &q); err != nil || q.Asker != f.user {
		return nil // one that cannot be read is set aside
	}
	if !q.State.Ended() {
		f.done.Unfinished++
		return nil
	}
	f.done.Questions++
	_, err := t.firstTime(stringsKey(string(RefusedKey(q.ID))), q.EndedAt)
	return errors.Join(err, t.unindexQuestion(&q), t.delete(bucketQuestions, key), t.deleteHistory(q.ID), t.deleteEvents(q.ID))
}

// ticket deletes a ticket of the person. The ticketing system keeps its own.
func (f *forgetter) ticket(t *tx, key []byte) error {
	var r ticketRecord
	if err := t.load(bucketTickets, key, &r); err != nil || r.Requester != f.user {
		return nil
	}
	f.done.Tickets++
	return errors.Join(t.unindexTicket(&r), t.delete(bucketTickets, key))
}

// feedback deletes a rating by the person.
func (f *forgetter) feedback(t *tx, key []byte) error {
	var rated Feedback
	if err := t.load(bucketFeedback, key, &rated); err != nil || rated.User != f.user {
		return nil
	}
	f.done.Feedback++
	return errors.Join(t.delete(indexFeedbackIdle, timeKey(rated.At, key)), t.delete(bucketFeedback, key))
}

// preferences deletes the person's preferences.
func (f *forgetter) preferences(t *tx, key []byte) error {
	if !bytes.Equal(key, stringsKey(f.user)) {
		return nil
	}
	f.done.Others++
	return t.delete(bucketPeople, key)
}

// seen deletes a key that names the person. A press of theirs is in progress.
func (f *forgetter) seen(t *tx, key []byte) error {
	name, _, err := cutString(key)
	if err != nil {
		return nil // Forget deletes it
	}
	value := t.get(bucketSeen, key)
	if name == pressKind {
		if p, err := decodePress(key, value); err == nil && p.User == f.user {
			f.done.Unfinished++
		}
		return nil
	}
	if !strings.HasSuffix(name, "/"+f.user) {
		return nil
	}
	f.done.Others++
	if at, _, err := cutTime(value); err == nil {
		if err := t.delete(indexSeen, timeKey(at, key)); err != nil {
			return err
		}
	}
	return t.delete(bucketSeen, key)
}

// damaged deletes a damaged record whose value names the person.
func (f *forgetter) damaged(t *tx, key []byte) error {
	if !bytes.Contains(key, []byte(f.user)) && !bytes.Contains(t.get(bucketDamaged, key), []byte(`"`+f.user+`"`)) {
		return nil
	}
	f.done.Others++
	return t.delete(bucketDamaged, key)
}

// directThread deletes a thread in the person's direct messages in which nobody has asked,
// unless a question is in progress there.
func (f *forgetter) directThread(t *tx, key []byte) error {
	var thread Thread
	err := t.load(bucketThreads, key, &thread)
	if err != nil || !f.direct[thread.ID.Channel] || len(thread.Askers) > 0 || t.hasPrefix(indexThreadsBusy, key) {
		return nil
	}
	return f.deleteThread(t, &thread)
}

// thread removes the person from a thread's askers, and deletes the thread if nobody else
// has asked there. It stays as it is while a question of the person is in progress there.
func (f *forgetter) thread(t *tx, key []byte) error {
	var thread Thread
	if err := t.load(bucketThreads, key, &thread); err != nil || thread.Askers[f.user] == "" {
		return nil
	}
	unfinished, err := t.unfinishedIn(thread.ID)
	if err != nil {
		return err
	}
	switch forgotten, unused := thread.ForgetAsker(f.user, unfinished); {
	case unused:
		return f.deleteThread(t, &thread)
	case forgotten:
		f.done.Others++
		return t.save(bucketThreads, &thread)
	}
	return nil
}

func (f *forgetter) deleteThread(t *tx, thread *Thread) error {
	f.done.Threads++
	return errors.Join(t.delete(indexThreadsIdle, timeKey(thread.LastActive, thread.key())), t.delete(bucketThreads, thread.key()))
}

// history deletes the history of a message in the person's direct messages.
func (f *forgetter) history(t *tx, key []byte) error {
	parts, _, err := cutParts(key, 3)
	if err != nil || !f.direct[parts[1]] {
		return nil
	}
	f.done.Others++
	return t.deleteHistory(MessageID{parts[0], parts[1], parts[2]})
}

// watermark deletes the time up to which the person's direct messages were read.
func (f *forgetter) watermark(t *tx, key []byte) error {
	if channel, _, err := cutString(key); err != nil || !f.direct[channel] {
		return nil
	}
	f.done.Others++
	return t.delete(bucketWatermarks, key)
}
