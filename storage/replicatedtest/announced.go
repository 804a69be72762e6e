package replicatedtest

import (
	"context"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// The methods in this file announce what they change.

// Accept implements [storage.Store].
func (s *store) Accept(ctx context.Context, q storage.Question, thread storage.Thread) (bool, error) {
	return write(s, "Accept", func(db storage.Store) (bool, error) {
		fresh, err := db.Accept(ctx, q, thread)
		if fresh && err == nil {
			s.announce(storage.QuestionChanged, q.ID)
		}
		return fresh, err
	})
}

// AcceptDirect implements [storage.Store].
func (s *store) AcceptDirect(ctx context.Context, q storage.Question, thread storage.Thread) (accepted storage.Question, merged []storage.Question, fresh bool, err error) {
	err = s.update("AcceptDirect", func(db storage.Store) (err error) {
		accepted, merged, fresh, err = db.AcceptDirect(ctx, q, thread)
		if fresh && err == nil {
			s.announceQuestions(append([]storage.Question{accepted}, merged...)...)
		}
		return err
	})
	return accepted, merged, fresh, err
}

// FirstTime implements [storage.Store].
func (s *store) FirstTime(ctx context.Context, key storage.Key, at time.Time) (bool, error) {
	return write(s, "FirstTime", func(db storage.Store) (bool, error) {
		first, err := db.FirstTime(ctx, key, at)
		if message, deleted := key.Deleted(); deleted && first && err == nil {
			s.announce(storage.QuestionDeleted, message)
		}
		return first, err
	})
}

// FirstTimeSince implements [storage.Store].
func (s *store) FirstTimeSince(ctx context.Context, key storage.Key, at, since time.Time) (bool, error) {
	return write(s, "FirstTimeSince", func(db storage.Store) (bool, error) { return db.FirstTimeSince(ctx, key, at, since) })
}

// AddPress implements [storage.Store].
func (s *store) AddPress(ctx context.Context, p storage.Press) error {
	return s.update("AddPress", func(db storage.Store) error {
		err := db.AddPress(ctx, p)
		if err == nil && s.lease == nil {
			s.replica.db.announce([]storage.Announcement{{Kind: storage.PressAdded, Message: p.Message, Name: p.Action}})
		}
		return err
	})
}

// Claim implements [storage.Store].
func (s *store) Claim(ctx context.Context, id storage.MessageID, with []storage.MessageID, at time.Time) (storage.Question, error) {
	return write(s, "Claim", func(db storage.Store) (storage.Question, error) {
		claimed, err := db.Claim(ctx, id, with, at)
		if err == nil {
			s.announce(storage.QuestionChanged, append([]storage.MessageID{id}, with...)...)
		}
		return claimed, err
	})
}

// Requeue implements [storage.Store].
func (s *store) Requeue(ctx context.Context, id storage.MessageID, notBefore time.Time, outcomeUnknown bool) error {
	return s.update("Requeue", func(db storage.Store) error {
		return s.changed(id, db.Requeue(ctx, id, notBefore, outcomeUnknown))
	})
}

// Edit implements [storage.Store].
func (s *store) Edit(ctx context.Context, id storage.MessageID, text string) (storage.Question, error) {
	return write(s, "Edit", func(db storage.Store) (storage.Question, error) {
		edited, err := db.Edit(ctx, id, text)
		return edited, s.changed(edited.ID, err)
	})
}

// SetOutcome implements [storage.Store].
func (s *store) SetOutcome(ctx context.Context, id storage.MessageID, outcome storage.Outcome, at time.Time) error {
	return s.update("SetOutcome", func(db storage.Store) error {
		return s.changed(id, db.SetOutcome(ctx, id, outcome, at))
	})
}

// StopThread implements [storage.Store].
func (s *store) StopThread(ctx context.Context, thread storage.ThreadID) ([]storage.Question, error) {
	return write(s, "StopThread", func(db storage.Store) ([]storage.Question, error) {
		stopped, err := db.StopThread(ctx, thread)
		s.announceQuestions(stopped...)
		return stopped, err
	})
}

// End implements [storage.Store].
func (s *store) End(ctx context.Context, id storage.MessageID, end storage.State, posts []string, at time.Time) error {
	return s.update("End", func(db storage.Store) error {
		return s.changed(id, db.End(ctx, id, end, posts, at))
	})
}

// Publish implements [storage.Store].
func (s *store) Publish(ctx context.Context, id storage.MessageID, in storage.ThreadID, at time.Time) error {
	return s.update("Publish", func(db storage.Store) error {
		return s.changed(id, db.Publish(ctx, id, in, at))
	})
}

// UpdateTicket implements [storage.Store].
func (s *store) UpdateTicket(ctx context.Context, latest enjo.Ticket, at time.Time) ([]storage.Ticket, error) {
	return write(s, "UpdateTicket", func(db storage.Store) ([]storage.Ticket, error) {
		updated, err := db.UpdateTicket(ctx, latest, at)
		if err == nil {
			s.announce(storage.TicketUpdated, storage.MessageID{})
		}
		return updated, err
	})
}

// changed announces that a question has changed, unless there is an error, which it returns.
func (s *store) changed(id storage.MessageID, err error) error {
	if err == nil {
		s.announce(storage.QuestionChanged, id)
	}
	return err
}

func (s *store) announceQuestions(changed ...storage.Question) {
	for _, q := range changed {
		s.announce(storage.QuestionChanged, q.ID)
	}
}
