package postgres

import (
	"context"
	"fmt"

	"enjobridge/storage"
)

// SetFeedback implements [storage.Store].
func (s *Store) SetFeedback(ctx context.Context, f storage.Feedback) (err error) {
	defer s.report("set_feedback")(&err)
	f.At = f.At.UTC()
	in := channelLock(f.Question.Team, f.Question.Channel)
	if err = s.update(ctx, needs{locks: []int64{in}}, func(t *tx) error { return t.saveFeedback(&f) }); err != nil {
		return fmt.Errorf("store the feedback on question %s: %w", f.Question, err)
	}
	return nil
}

// saveFeedback writes a person's feedback.
func (t *tx) saveFeedback(f *storage.Feedback) error {
	return t.save(feedback, feedbackIdentity(f.Question, f.User), f, column{"at", f.At})
}

// Feedback implements [storage.Store].
func (s *Store) Feedback(ctx context.Context, question storage.MessageID) (all []storage.Feedback, err error) {
	defer s.report("feedback")(&err)
	err = s.view(ctx, func(t *tx) (err error) {
		all, err = scanRecords[storage.Feedback](t, feedback, `WHERE team = $1 AND channel = $2 AND ts = $3 ORDER BY person`,
			question.Team, question.Channel, question.TS)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the feedback on question %s: %w", question, err)
	}
	return all, nil
}

// SetPreferences implements [storage.Store].
func (s *Store) SetPreferences(ctx context.Context, p storage.Preferences) (err error) {
	defer s.report("set_preferences")(&err)
	if err = s.update(ctx, needs{}, func(t *tx) error { return t.save(preferences, identity{p.User}, &p) }); err != nil {
		return fmt.Errorf("store the preferences of %s: %w", p.User, err)
	}
	return nil
}

// Preferences implements [storage.Store].
func (s *Store) Preferences(ctx context.Context, user string) (_ storage.Preferences, err error) {
	defer s.report("preferences")(&err)
	p := storage.Preferences{User: user}
	err = s.view(ctx, func(t *tx) error {
		_, err := ignoreNotFound(t.load(preferences, identity{user}, &p))
		return err
	})
	if err != nil {
		return storage.Preferences{}, fmt.Errorf("read the preferences of %s: %w", user, err)
	}
	p.User = user // of a damaged record it is not known
	return p, nil
}
