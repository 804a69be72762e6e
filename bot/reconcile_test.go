package bot_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"enjobridge/storage"
)

// lyingStore is a store that reports that its first question was not stored, although it
// was, as if the final sync to disk had failed.
type lyingStore struct {
	storage.Store
	lied atomic.Bool
}

func (l *lyingStore) Decide(_ context.Context, _ storage.Scope, decide func(storage.Store) error) error {
	return decide(l)
}

func (l *lyingStore) Accept(ctx context.Context, q storage.Question, thread storage.Thread) (bool, error) {
	fresh, err := l.Store.Accept(ctx, q, thread)
	if l.lied.CompareAndSwap(false, true) {
		return false, errors.Join(err, errors.New("input/output error"))
	}
	return fresh, err
}

// Ensure that a question that was stored although the store reported an error is asked
// once the store works again, and answered once.
func TestOrphanedQuestionIsAsked(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		h.wrap = func(s storage.Store) storage.Store { return &lyingStore{Store: s} }
		h.start()
		orphan := h.mention(h.alice, "How do I print?")
		h.awaitLog("receive: storing an event failed", 1)
		next := h.mention(h.bob, "How do I reset my VPN password?")
		h.awaitAnswers(h.support, next, 1)
		h.awaitAnswers(h.support, orphan, 1)
		h.awaitEnded(2)
		if n := len(h.answers(h.slack.View, h.support, orphan)); n != 1 {
			t.Errorf("the orphan question has %d answers", n)
		}
	})
}
