package keylock

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Ensure that a key is held by one at a time, that other keys do not wait for it,
// and that nothing is left of it afterwards.
func TestLocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var locks Locks
		unlock, err := locks.Lock(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := locks.Lock(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a locked key was locked again: %v", err)
		}
		other, err := locks.Lock(t.Context(), "b")
		if err != nil {
			t.Fatal(err)
		}
		locked := false
		go func() {
			if again, err := locks.Lock(t.Context(), "a"); err == nil {
				locked = true
				again()
			}
		}()
		synctest.Wait()
		if locked {
			t.Error("two hold the same key")
		}
		unlock()
		other()
		synctest.Wait()
		if !locked || len(locks.locks) != 0 {
			t.Errorf("locked in turn: %v; %d locks are left", locked, len(locks.locks))
		}
	})
}
