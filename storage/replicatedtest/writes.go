package replicatedtest

import (
	"context"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// Increment implements [storage.Store].
func (s *store) Increment(ctx context.Context, key storage.Key, at time.Time) (int, error) {
	return write(s, "Increment", func(db storage.Store) (int, error) { return db.Increment(ctx, key, at) })
}

// EndPress implements [storage.Store].
func (s *store) EndPress(ctx context.Context, message storage.MessageID, action string) error {
	return s.update("EndPress", func(db storage.Store) error { return db.EndPress(ctx, message, action) })
}

// SetMuted implements [storage.Store].
func (s *store) SetMuted(ctx context.Context, id storage.ThreadID, muted bool) error {
	return s.update("SetMuted", func(db storage.Store) error { return db.SetMuted(ctx, id, muted) })
}

// LinkThread implements [storage.Store].
func (s *store) LinkThread(ctx context.Context, post, continues storage.ThreadID, at time.Time) error {
	return s.update("LinkThread", func(db storage.Store) error { return db.LinkThread(ctx, post, continues, at) })
}

// EraseAnswers implements [storage.Store].
func (s *store) EraseAnswers(ctx context.Context, from, before time.Time) error {
	return s.update("EraseAnswers", func(db storage.Store) error { return db.EraseAnswers(ctx, from, before) })
}

// MuteOnce implements [storage.Store].
func (s *store) MuteOnce(ctx context.Context, id storage.ThreadID, key storage.Key, at time.Time) (bool, error) {
	return write(s, "MuteOnce", func(db storage.Store) (bool, error) { return db.MuteOnce(ctx, id, key, at) })
}

// SetWatermark implements [storage.Store].
func (s *store) SetWatermark(ctx context.Context, conversation string, until time.Time) error {
	return s.update("SetWatermark", func(db storage.Store) error { return db.SetWatermark(ctx, conversation, until) })
}

// ResetConversation implements [storage.Store].
func (s *store) ResetConversation(ctx context.Context, id storage.ThreadID) error {
	return s.update("ResetConversation", func(db storage.Store) error { return db.ResetConversation(ctx, id) })
}

// MoveChannel implements [storage.Store].
func (s *store) MoveChannel(ctx context.Context, team, from, to string) ([]storage.Question, error) {
	return write(s, "MoveChannel", func(db storage.Store) ([]storage.Question, error) { return db.MoveChannel(ctx, team, from, to) })
}

// SetCard implements [storage.Store].
func (s *store) SetCard(ctx context.Context, thread storage.ThreadID, ticketID, ts string, shown enjo.Ticket) error {
	return s.update("SetCard", func(db storage.Store) error { return db.SetCard(ctx, thread, ticketID, ts, shown) })
}

// SetFeedback implements [storage.Store].
func (s *store) SetFeedback(ctx context.Context, f storage.Feedback) error {
	return s.update("SetFeedback", func(db storage.Store) error { return db.SetFeedback(ctx, f) })
}

// SetPreferences implements [storage.Store].
func (s *store) SetPreferences(ctx context.Context, p storage.Preferences) error {
	return s.update("SetPreferences", func(db storage.Store) error { return db.SetPreferences(ctx, p) })
}

// SetToken implements [storage.Store].
func (s *store) SetToken(ctx context.Context, token storage.Token) error {
	return s.update("SetToken", func(db storage.Store) error { return db.SetToken(ctx, token) })
}

// RecordCopies implements [storage.Store].
func (s *store) RecordCopies(ctx context.Context, copies []storage.Copy) error {
	return s.update("RecordCopies", func(db storage.Store) error { return db.RecordCopies(ctx, copies) })
}

// Forget implements [storage.Store].
func (s *store) Forget(ctx context.Context, seenBefore, idleBefore time.Time) error {
	return s.update("Forget", func(db storage.Store) error { return db.Forget(ctx, seenBefore, idleBefore) })
}

// ForgetPerson implements [storage.Store].
func (s *store) ForgetPerson(ctx context.Context, user string) (storage.Forgotten, error) {
	return write(s, "ForgetPerson", func(db storage.Store) (storage.Forgotten, error) { return db.ForgetPerson(ctx, user) })
}

// Probe implements [storage.Store].
func (s *store) Probe(ctx context.Context) error {
	return s.update("Probe", func(db storage.Store) error { return db.Probe(ctx) })
}
