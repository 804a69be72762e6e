package bot

import (
	"context"
	"errors"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// meteredAgent is the client of the agents, with its calls counted.
type meteredAgent struct {
	client  *enjo.Client
	metrics *metrics
}

// Ask puts a message to an agent: see [enjo.Client.Ask].
func (a *meteredAgent) Ask(ctx context.Context, botID string, m enjo.Message) (enjo.Reply, error) {
	began := time.Now()
	reply, err := a.client.Ask(ctx, botID, m)
	a.metrics.calledEnjo(time.Since(began), err)
	return reply, err
}

// meteredStore is the store, with what it does counted, and whether it takes
// writes told to health.
type meteredStore struct {
	storage.Store
	metrics *metrics
	health  *health
}

// Accept implements [storage.Store].
func (s *meteredStore) Accept(ctx context.Context, q storage.Question, thread storage.Thread) (bool, error) {
	fresh, err := s.Store.Accept(ctx, q, thread)
	return fresh, s.wrote("accept", fresh, err)
}

// Once implements [storage.Store].
func (s *meteredStore) Once(ctx context.Context, key string, at time.Time) (bool, error) {
	first, err := s.Store.Once(ctx, key, at)
	return first, s.wrote("once", first, err)
}

// Claim implements [storage.Store].
func (s *meteredStore) Claim(ctx context.Context, id storage.MessageID, with []storage.MessageID, at time.Time) (storage.Question, error) {
	q, err := s.Store.Claim(ctx, id, with, at)
	if err == nil {
		s.metrics.ended.WithLabelValues(string(storage.Merged)).Add(float64(len(with)))
	}
	return q, s.wrote("claim", true, err)
}

// Requeue implements [storage.Store].
func (s *meteredStore) Requeue(ctx context.Context, id storage.MessageID, notBefore time.Time, doubt bool) error {
	return s.wrote("requeue", true, s.Store.Requeue(ctx, id, notBefore, doubt))
}

// Settle implements [storage.Store].
func (s *meteredStore) Settle(ctx context.Context, id storage.MessageID, outcome storage.Outcome, at time.Time) error {
	return s.wrote("settle", true, s.Store.Settle(ctx, id, outcome, at))
}

// End implements [storage.Store].
func (s *meteredStore) End(ctx context.Context, id storage.MessageID, end storage.State, posts []string, at time.Time) error {
	err := s.wrote("end", true, s.Store.End(ctx, id, end, posts, at))
	if err != nil {
		return err
	}
	s.metrics.ended.WithLabelValues(string(end)).Inc()
	if end == storage.Delivered || end == storage.Failed {
		if q, err := s.Question(ctx, id); err == nil {
			s.metrics.answerTime.Observe(at.Sub(q.AcceptedAt).Seconds())
		}
	}
	return nil
}

// Question implements [storage.Store].
func (s *meteredStore) Question(ctx context.Context, id storage.MessageID) (storage.Question, error) {
	q, err := s.Store.Question(ctx, id)
	s.count("question", err)
	return q, err
}

// Thread implements [storage.Store].
func (s *meteredStore) Thread(ctx context.Context, id storage.ThreadID) (storage.Thread, error) {
	thread, err := s.Store.Thread(ctx, id)
	s.count("thread", err)
	return thread, err
}

// TakeCall implements [storage.Store].
func (s *meteredStore) TakeCall(ctx context.Context, now time.Time, keep time.Duration, next func([]time.Time) time.Time) (time.Time, error) {
	at, err := s.Store.TakeCall(ctx, now, keep, next)
	return at, s.wrote("take_call", !at.After(now), err)
}

// Forget implements [storage.Store].
func (s *meteredStore) Forget(ctx context.Context, seenBefore, idleBefore time.Time) error {
	err := s.Store.Forget(ctx, seenBefore, idleBefore)
	s.count("forget", err)
	return err
}

// Probe implements [storage.Store].
func (s *meteredStore) Probe(ctx context.Context) error {
	return s.wrote("probe", true, s.Store.Probe(ctx))
}

// wrote tells of a transaction that may write, and whether it did. It returns
// the transaction's error.
func (s *meteredStore) wrote(operation string, did bool, err error) error {
	switch {
	case err == nil && did:
		s.health.stored(nil)
	case s.count(operation, err):
		s.health.stored(err)
	}
	return err
}

// count counts an operation that the store could not do, and reports whether
// it was that: what there is not, or is in another state, is no fault of the store.
func (s *meteredStore) count(operation string, err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	for _, answer := range []error{storage.ErrNotFound, storage.ErrState, storage.ErrBadID} {
		if errors.Is(err, answer) {
			return false
		}
	}
	s.metrics.storeErrors.WithLabelValues(operation).Inc()
	return true
}
