package replicatedtest

import (
	"context"
	"time"

	"enjobridge/storage"
)

// Seen implements [storage.Store].
func (s *store) Seen(ctx context.Context, key storage.Key) (bool, error) {
	return read(s, "Seen", func(db storage.Store) (bool, error) { return db.Seen(ctx, key) })
}

// Count implements [storage.Store].
func (s *store) Count(ctx context.Context, key storage.Key) (int, error) {
	return read(s, "Count", func(db storage.Store) (int, error) { return db.Count(ctx, key) })
}

// Presses implements [storage.Store].
func (s *store) Presses(ctx context.Context) ([]storage.Press, error) {
	return read(s, "Presses", func(db storage.Store) ([]storage.Press, error) { return db.Presses(ctx) })
}

// Question implements [storage.Store].
func (s *store) Question(ctx context.Context, id storage.MessageID) (storage.Question, error) {
	return read(s, "Question", func(db storage.Store) (storage.Question, error) { return db.Question(ctx, id) })
}

// Unfinished implements [storage.Store].
func (s *store) Unfinished(ctx context.Context) ([]storage.Question, error) {
	return read(s, "Unfinished", func(db storage.Store) ([]storage.Question, error) { return db.Unfinished(ctx) })
}

// UnfinishedIn implements [storage.Store].
func (s *store) UnfinishedIn(ctx context.Context, thread storage.ThreadID) ([]storage.Question, error) {
	return read(s, "UnfinishedIn", func(db storage.Store) ([]storage.Question, error) { return db.UnfinishedIn(ctx, thread) })
}

// Waiting implements [storage.Store].
func (s *store) Waiting(ctx context.Context, thread storage.ThreadID, asker string) (storage.Waiting, error) {
	return read(s, "Waiting", func(db storage.Store) (storage.Waiting, error) { return db.Waiting(ctx, thread, asker) })
}

// Backlog implements [storage.Store].
func (s *store) Backlog(ctx context.Context) (storage.Backlog, error) {
	return read(s, "Backlog", func(db storage.Store) (storage.Backlog, error) { return db.Backlog(ctx) })
}

// Thread implements [storage.Store].
func (s *store) Thread(ctx context.Context, id storage.ThreadID) (storage.Thread, error) {
	return read(s, "Thread", func(db storage.Store) (storage.Thread, error) { return db.Thread(ctx, id) })
}

// ActiveThreads implements [storage.Store].
func (s *store) ActiveThreads(ctx context.Context, since time.Time, limit int) ([]storage.Thread, error) {
	return read(s, "ActiveThreads", func(db storage.Store) ([]storage.Thread, error) { return db.ActiveThreads(ctx, since, limit) })
}

// Watermark implements [storage.Store].
func (s *store) Watermark(ctx context.Context, conversation string) (time.Time, error) {
	return read(s, "Watermark", func(db storage.Store) (time.Time, error) { return db.Watermark(ctx, conversation) })
}

// Tickets implements [storage.Store].
func (s *store) Tickets(ctx context.Context, thread storage.ThreadID) ([]storage.Ticket, error) {
	return read(s, "Tickets", func(db storage.Store) ([]storage.Ticket, error) { return db.Tickets(ctx, thread) })
}

// TicketsOf implements [storage.Store].
func (s *store) TicketsOf(ctx context.Context, requester string) ([]storage.Ticket, error) {
	return read(s, "TicketsOf", func(db storage.Store) ([]storage.Ticket, error) { return db.TicketsOf(ctx, requester) })
}

// OutdatedCards implements [storage.Store].
func (s *store) OutdatedCards(ctx context.Context) ([]storage.Ticket, error) {
	return read(s, "OutdatedCards", func(db storage.Store) ([]storage.Ticket, error) { return db.OutdatedCards(ctx) })
}

// Feedback implements [storage.Store].
func (s *store) Feedback(ctx context.Context, question storage.MessageID) ([]storage.Feedback, error) {
	return read(s, "Feedback", func(db storage.Store) ([]storage.Feedback, error) { return db.Feedback(ctx, question) })
}

// EachEnded implements [storage.Store].
func (s *store) EachEnded(ctx context.Context, from, until time.Time, visit func(storage.Question) error) error {
	return s.view("EachEnded", func(db storage.Store) error { return db.EachEnded(ctx, from, until, visit) })
}

// EachFeedback implements [storage.Store].
func (s *store) EachFeedback(ctx context.Context, from, until time.Time, visit func(storage.Feedback) error) error {
	return s.view("EachFeedback", func(db storage.Store) error { return db.EachFeedback(ctx, from, until, visit) })
}

// EachEvent implements [storage.Store].
func (s *store) EachEvent(ctx context.Context, from, until time.Time, visit func(storage.Event) error) error {
	return s.view("EachEvent", func(db storage.Store) error { return db.EachEvent(ctx, from, until, visit) })
}

// Preferences implements [storage.Store].
func (s *store) Preferences(ctx context.Context, user string) (storage.Preferences, error) {
	return read(s, "Preferences", func(db storage.Store) (storage.Preferences, error) { return db.Preferences(ctx, user) })
}

// Token implements [storage.Store].
func (s *store) Token(ctx context.Context, kind storage.TokenKind) (storage.Token, error) {
	return read(s, "Token", func(db storage.Store) (storage.Token, error) { return db.Token(ctx, kind) })
}

// Calls implements [storage.Store].
func (s *store) Calls(ctx context.Context, since time.Time) ([]time.Time, error) {
	return read(s, "Calls", func(db storage.Store) ([]time.Time, error) { return db.Calls(ctx, since) })
}

// History implements [storage.Store].
func (s *store) History(ctx context.Context, message storage.MessageID) (storage.History, error) {
	return read(s, "History", func(db storage.Store) (storage.History, error) { return db.History(ctx, message) })
}

// Referenced implements [storage.Store].
func (s *store) Referenced(ctx context.Context, reference string) ([]storage.MessageID, error) {
	return read(s, "Referenced", func(db storage.Store) ([]storage.MessageID, error) { return db.Referenced(ctx, reference) })
}
