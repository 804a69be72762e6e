package postgres

import (
	"errors"
	"testing"
	"time"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
)

var someTime = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Ensure that a decision fails if it ignores the error of a method that has written before.
func TestDecide_Partial(t *testing.T) {
	s := open(t, pgtest.Database(t))
	defer s.Close()
	failed := errors.New("failed in the middle")
	err := s.Decide(t.Context(), storage.Scope{Team: "T1", Channel: "C1"}, func(decided storage.Store) error {
		_ = decided.(*Store).update(t.Context(), needs{}, func(t *tx) error {
			t.recordCall(someTime)
			return failed
		})
		_, err := decided.FirstTime(t.Context(), "refused/1", someTime)
		return err
	})
	if !errors.Is(err, failed) {
		t.Errorf("error %v, want that of the method", err)
	}
	if seen, err := s.Seen(t.Context(), "refused/1"); seen || err != nil {
		t.Errorf("Seen = %v, %v; want false", seen, err)
	}
}
