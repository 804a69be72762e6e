package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
)

// moveBatch is how many records one transaction of MoveChannel examines.
const moveBatch = 500

// MoveChannel implements [Store].
func (b *Bolt) MoveChannel(ctx context.Context, team, from, to string) (_ []Question, err error) {
	defer b.report("move_channel")(&err)
	m := mover{Move{Team: team, From: from, To: to}}
	if err = errors.Join(checkID("team", team), checkID("channel", from, to)); err == nil {
		err = b.moveAll(ctx, m)
	}
	if err != nil {
		return nil, fmt.Errorf("move channel %s to %s: %w", from, to, err)
	}
	unfinished, err := b.unfinished(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(unfinished, func(q Question) bool { return q.ID.Team != team || q.ID.Channel != to }), nil
}

// moveAll moves everything in batches. A question moves together with its thread. If the
// process ends between two batches, the same call moves the rest.
func (b *Bolt) moveAll(ctx context.Context, m mover) error {
	records := stringsKey(m.Team, m.From)
	steps := []moveStep{
		{bucketQuestions, records, m.question},
		{bucketThreads, records, m.thread},
		{bucketTickets, records, m.ticket},
		{bucketFeedback, records, m.feedback},
		{bucketCopies, records, m.copies},
		{bucketThreads, nil, m.link},
	}
	prefixes, renamed := m.Prefixes()
	for n, old := range prefixes {
		steps = append(steps, moveStep{bucketSeen, []byte(old), func(t *tx, key []byte) error { return t.renameSeen(key, len(old), renamed[n]) }})
	}
	pressed, moved := stringsKey(pressKind, m.Team, m.From), stringsKey(pressKind, m.Team, m.To)
	steps = append(steps, moveStep{bucketSeen, pressed, func(t *tx, key []byte) error { return t.renameSeen(key, len(pressed), string(moved)) }})
	for _, step := range steps {
		if err := b.moveStep(ctx, step); err != nil {
			return err
		}
	}
	if err := b.update(ctx, m.welcome); err != nil {
		return err
	}
	return b.update(ctx, m.watermark)
}

// moveStep moves the records of a bucket whose keys have a prefix.
type moveStep struct {
	bucket, prefix []byte
	move           func(t *tx, key []byte) error
}

func (b *Bolt) moveStep(ctx context.Context, s moveStep) error {
	from, more := s.prefix, true
	for more {
		var last []byte
		err := b.update(ctx, func(t *tx) error {
			keys, err := t.keys(s.bucket, from, append(bytes.Clone(s.prefix), 0xff), moveBatch)
			if err != nil {
				return err
			}
			more = len(keys) == moveBatch
			for _, key := range keys {
				if err := s.move(t, key); err != nil {
					return err
				}
				last = key
			}
			return nil
		})
		if err != nil {
			return err
		}
		from = append(bytes.Clone(last), 0)
	}
	return nil
}

// mover moves the records of a channel whose ID has changed.
type mover struct{ Move }

// question moves a question and its thread. One that was accepted under the new ID
// already stays as it is, and the old one is deleted.
func (m mover) question(t *tx, key []byte) error {
	var q Question
	if err := t.load(bucketQuestions, key, &q); err != nil {
		return err
	}
	if err := t.unindexQuestion(&q); err != nil {
		return err
	}
	if err := t.delete(bucketQuestions, key); err != nil {
		return err
	}
	if err := m.thread(t, q.Thread.key()); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	q.Move(m.Move)
	if t.has(bucketQuestions, q.key()) {
		return nil
	}
	if err := t.indexQuestion(&q); err != nil {
		return err
	}
	return t.save(bucketQuestions, &q)
}

// thread moves a thread. If the new ID has one already, it takes over the conversation.
func (m mover) thread(t *tx, key []byte) error {
	var old, known Thread
	if err := t.load(bucketThreads, key, &old); err != nil {
		return err
	}
	if err := t.delete(indexThreadsIdle, timeKey(old.LastActive, key)); err != nil {
		return err
	}
	if err := t.delete(bucketThreads, key); err != nil {
		return err
	}
	old.Move(m.Move)
	switch err := t.load(bucketThreads, old.key(), &known); {
	case errors.Is(err, ErrNotFound):
		return t.createThread(old)
	case err != nil:
		return err
	}
	before := known.LastActive
	known.TakeOver(old)
	return t.saveThread(&known, before)
}

// link makes a thread of any channel continue the moved one.
func (m mover) link(t *tx, key []byte) error {
	var thread Thread
	if err := t.load(bucketThreads, key, &thread); err != nil {
		return err
	}
	moved := m.Thread(thread.Continues)
	if moved == thread.Continues {
		return nil
	}
	thread.Continues = moved
	return t.save(bucketThreads, &thread)
}

// ticket moves a ticket. A newer one under the new ID stays as it is.
func (m mover) ticket(t *tx, key []byte) error {
	var r ticketRecord
	if err := t.load(bucketTickets, key, &r); err != nil {
		return err
	}
	if err := t.unindexTicket(&r); err != nil {
		return err
	}
	if err := t.delete(bucketTickets, key); err != nil {
		return err
	}
	if r.Thread = m.Thread(r.Thread); t.has(bucketTickets, r.key()) {
		return nil
	}
	return t.saveTicket(&r)
}

// feedback moves a person's feedback.
func (m mover) feedback(t *tx, key []byte) error {
	var f Feedback
	if err := t.load(bucketFeedback, key, &f); err != nil {
		return err
	}
	if err := t.delete(indexFeedbackIdle, timeKey(f.At, key)); err != nil {
		return err
	}
	if err := t.delete(bucketFeedback, key); err != nil {
		return err
	}
	f.Question = m.Message(f.Question)
	if t.has(bucketFeedback, f.key()) {
		return nil
	}
	if err := t.put(indexFeedbackIdle, timeKey(f.At, f.key()), nil); err != nil {
		return err
	}
	return t.save(bucketFeedback, &f)
}

// welcome moves the record that the bot has introduced itself.
func (m mover) welcome(t *tx) error {
	from, to := WelcomeKey(m.Team, m.From), WelcomeKey(m.Team, m.To)
	if key := stringsKey(string(from)); t.has(bucketSeen, key) {
		return t.renameSeen(key, len(from), string(to))
	}
	return nil
}

// watermark moves the time up to which history was read, unless the new ID has one.
func (m mover) watermark(t *tx) error {
	from, to := stringsKey(m.From), stringsKey(m.To)
	value := bytes.Clone(t.get(bucketWatermarks, from))
	if value == nil {
		return nil
	}
	if !t.has(bucketWatermarks, to) {
		if err := t.put(bucketWatermarks, to, value); err != nil {
			return err
		}
	}
	return t.delete(bucketWatermarks, from)
}

// renameSeen replaces the first bytes of a key of FirstTime, unless there is such a key.
func (t *tx) renameSeen(key []byte, cut int, start string) error {
	value := bytes.Clone(t.get(bucketSeen, key))
	at, _, err := cutTime(value)
	if err != nil {
		t.found(bucketSeen, key)
		return err
	}
	if err := t.delete(indexSeen, timeKey(at, key)); err != nil {
		return err
	}
	if err := t.delete(bucketSeen, key); err != nil {
		return err
	}
	renamed := append([]byte(start), key[cut:]...)
	if t.has(bucketSeen, renamed) {
		return nil
	}
	if err := t.put(indexSeen, timeKey(at, renamed), nil); err != nil {
		return err
	}
	return t.put(bucketSeen, renamed, value)
}

// indexQuestion writes the index entries of a question.
func (t *tx) indexQuestion(q *Question) error { return q.eachIndex(t.putIndex) }

// unindexQuestion deletes the index entries of a question, which is unchanged since it
// was stored.
func (t *tx) unindexQuestion(q *Question) error { return q.eachIndex(t.delete) }

// eachIndex calls do for each index that contains the question, with its key there.
func (q *Question) eachIndex(do func(index, key []byte) error) error {
	if q.State.Ended() {
		return do(indexQuestionsIdle, timeKey(q.EndedAt, q.key()))
	}
	return errors.Join(do(indexUnfinished, timeKey(q.AcceptedAt, q.key())), do(indexThreadsBusy, busyKey(q)))
}
