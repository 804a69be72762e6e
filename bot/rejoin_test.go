package bot_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"enjobridge/storage"
)

// liar is a store that says of its first question that it could not be kept,
// although it was: as when forcing it to disk fails at the very end.
type liar struct {
	storage.Store
	lied atomic.Bool
}

func (l *liar) Accept(ctx context.Context, q storage.Question, thread storage.Thread) (bool, error) {
	fresh, err := l.Store.Accept(ctx, q, thread)
	if l.lied.CompareAndSwap(false, true) {
		return false, errors.Join(err, errors.New("input/output error"))
	}
	return fresh, err
}

// Ensure that a question which was kept although nobody could tell is asked once
// the store works again, and answered once.
func TestStrayQuestionIsAsked(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		h.wrap = func(s storage.Store) storage.Store { return &liar{Store: s} }
		h.start()
		stray := h.mention(h.alice, "How do I print?")
		h.awaitLog("event is not acknowledged", 1)
		next := h.mention(h.bob, "How do I reset my VPN password?")
		h.awaitAnswers(h.support, next, 1)
		h.awaitAnswers(h.support, stray, 1)
		h.awaitEnded(2)
		if n := len(h.answers(h.slack.View, h.support, stray)); n != 1 {
			t.Errorf("the stray question has %d answers", n)
		}
	})
}
