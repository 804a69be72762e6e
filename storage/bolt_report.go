package storage

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// eachPage is how many index entries one transaction of EachEnded and of its siblings
// reads: while it is open, the file cannot grow.
const eachPage = 500

// EachEnded implements [Store].
func (b *Bolt) EachEnded(ctx context.Context, from, until time.Time, visit func(Question) error) (err error) {
	defer b.report("each_ended")(&err)
	err = eachIndexed(ctx, b, indexQuestionsIdle, timeKey(from, nil), timeKey(until, nil), func(t *tx, entry []byte) (q Question, ok bool) {
		ok = t.loadIndexed(bucketQuestions, indexQuestionsIdle, entry, &q)
		return q, ok
	}, visit)
	if err != nil {
		return fmt.Errorf("read the ended questions: %w", err)
	}
	return nil
}

// EachFeedback implements [Store].
func (b *Bolt) EachFeedback(ctx context.Context, from, until time.Time, visit func(Feedback) error) (err error) {
	defer b.report("each_feedback")(&err)
	err = eachIndexed(ctx, b, indexFeedbackIdle, timeKey(from, nil), timeKey(until, nil), func(t *tx, entry []byte) (f Feedback, ok bool) {
		ok = t.loadIndexed(bucketFeedback, indexFeedbackIdle, entry, &f)
		return f, ok
	}, visit)
	if err != nil {
		return fmt.Errorf("read the feedback: %w", err)
	}
	return nil
}

// EachEvent implements [Store]. Events are keys of FirstTime, which an older version of this
// program forgets like the others.
func (b *Bolt) EachEvent(ctx context.Context, from, until time.Time, visit func(Event) error) (err error) {
	defer b.report("each_event")(&err)
	err = eachIndexed(ctx, b, indexSeen, timeKey(from, nil), timeKey(until, nil), func(_ *tx, entry []byte) (Event, bool) {
		return decodeEvent(entry)
	}, visit)
	if err != nil {
		return fmt.Errorf("read the events: %w", err)
	}
	return nil
}

// deleteEvents deletes the events of a question.
func (t *tx) deleteEvents(question MessageID) error {
	for _, key := range EventKeys(question) {
		id := stringsKey(string(key))
		at, _, err := cutTime(t.get(bucketSeen, id))
		if err != nil {
			continue // there is none
		}
		if err := errors.Join(t.delete(indexSeen, timeKey(at, id)), t.delete(bucketSeen, id)); err != nil {
			return err
		}
	}
	return nil
}

// decodeEvent returns the event of an entry of the index of the keys of FirstTime; false for
// other keys.
func decodeEvent(entry []byte) (Event, bool) {
	at, rest, err := cutTime(entry)
	if err != nil {
		return Event{}, false
	}
	key, _, err := cutString(rest)
	if err != nil {
		return Event{}, false
	}
	return Key(key).Event(at)
}

// eachIndexed calls visit for the records of the entries of an index from a key on and
// before another one, outside of the transactions that read them. Nil for until means no end.
func eachIndexed[T any](
	ctx context.Context, b *Bolt, index, from, until []byte, read func(t *tx, entry []byte) (T, bool), visit func(T) error,
) error {
	for more := true; more; {
		var entries [][]byte
		var page []T
		err := b.view(ctx, func(t *tx) (err error) {
			if entries, err = t.keys(index, from, until, eachPage); err != nil {
				return err
			}
			page = nil
			for _, entry := range entries {
				if record, ok := read(t, entry); ok {
					page = append(page, record)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, record := range page {
			if err := visit(record); err != nil {
				return err
			}
		}
		if more = len(entries) == eachPage; more {
			from = append(entries[len(entries)-1], 0)
		}
	}
	return nil
}
