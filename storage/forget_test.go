package storage

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"
)

// Ensure that an operation during Forget waits for one batch, not for all.
func TestForget_LetsOthersThrough(t *testing.T) {
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	synctest.Test(t, func(t *testing.T) {
		s, err := OpenBolt(path, Unsynced)
		if err != nil {
			t.Fatal(err)
		}
		defer closeAndReopen(t, s, path)
		old := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		for i := range 4 * forgetBatch {
			if _, err := s.FirstTime(t.Context(), Key(fmt.Sprint("old/", i)), old); err != nil {
				t.Fatal(err)
			}
		}
		commits := 0
		var answered, through atomic.Bool
		s.writer.commit = func(tx *bbolt.Tx) error {
			commits++
			switch commits {
			case 1: // another operation starts during the first batch
				go func() {
					if _, err := s.FirstTime(t.Context(), "new", old.AddDate(1, 0, 0)); err != nil {
						t.Error(err)
					}
					answered.Store(true)
				}()
			case 3: // and ends before the third
				synctest.Wait()
				through.Store(answered.Load())
			}
			if commits == 1 {
				synctest.Wait()
			}
			return tx.Commit()
		}
		if err := s.Forget(t.Context(), old.Add(time.Second), old); err != nil {
			t.Fatal(err)
		}
		if commits < 4 || !through.Load() {
			t.Errorf("the operation was not in the first two of %d commits", commits)
		}
	})
}
