package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

func (f *Feedback) key() []byte    { return feedbackKey(f.Question, f.User) }
func (p *Preferences) key() []byte { return stringsKey(p.User) }

// feedbackKey returns the key of a user's feedback, prefixed with the question's key.
func feedbackKey(question MessageID, user string) []byte { return appendString(question.key(), user) }

// check returns an error unless the feedback can be stored.
func (f *Feedback) check() error {
	return errors.Join(f.Question.check(), checkID("user", f.User))
}

// check returns an error unless the preferences can be stored.
func (p *Preferences) check() error { return checkID("user", p.User) }

// SetFeedback implements [Store].
func (b *Bolt) SetFeedback(ctx context.Context, f Feedback) (err error) {
	defer b.report("set_feedback")(&err)
	f.At = f.At.UTC()
	err = f.check()
	if err == nil {
		err = b.update(ctx, func(t *tx) error {
			var before Feedback
			switch err := t.load(bucketFeedback, f.key(), &before); {
			case err == nil:
				if err := t.delete(indexFeedbackIdle, timeKey(before.At, f.key())); err != nil {
					return err
				}
			case !errors.Is(err, ErrNotFound):
				return err
			}
			if err := t.put(indexFeedbackIdle, timeKey(f.At, f.key()), nil); err != nil {
				return err
			}
			return t.save(bucketFeedback, &f)
		})
	}
	if err != nil {
		return fmt.Errorf("store the feedback on question %s: %w", f.Question, err)
	}
	return nil
}

// Feedback implements [Store].
func (b *Bolt) Feedback(ctx context.Context, question MessageID) (_ []Feedback, err error) {
	defer b.report("feedback")(&err)
	var all []Feedback
	prefix := question.key()
	err = b.view(ctx, func(t *tx) error {
		all = nil
		return t.scan(bucketFeedback, prefix, func(key, _ []byte) (bool, error) {
			if !bytes.HasPrefix(key, prefix) {
				return false, nil
			}
			var f Feedback
			if t.load(bucketFeedback, key, &f) == nil {
				all = append(all, f)
			}
			return true, nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the feedback on question %s: %w", question, err)
	}
	return all, nil
}

// SetPreferences implements [Store].
func (b *Bolt) SetPreferences(ctx context.Context, p Preferences) (err error) {
	defer b.report("set_preferences")(&err)
	err = p.check()
	if err == nil {
		err = b.update(ctx, func(t *tx) error { return t.save(bucketPeople, &p) })
	}
	if err != nil {
		return fmt.Errorf("store the preferences of %s: %w", p.User, err)
	}
	return nil
}

// Preferences implements [Store].
func (b *Bolt) Preferences(ctx context.Context, user string) (_ Preferences, err error) {
	defer b.report("preferences")(&err)
	p := Preferences{User: user}
	err = b.view(ctx, func(t *tx) error { return t.load(bucketPeople, p.key(), &p) })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Preferences{}, fmt.Errorf("read the preferences of %s: %w", user, err)
	}
	return p, nil
}
