package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"enjobridge/storage/groupcommit"
)

// blocked is a store whose writer a test blocks, to control the batches.
type blocked struct {
	*Bolt
	t       *testing.T
	commits int
	unblock chan struct{}

	mu      sync.Mutex
	answers map[string]error // of the operations, by name
}

// block opens a store in a bubble and blocks its writer until release.
func block(t *testing.T, test func(t *testing.T, b *blocked)) {
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	synctest.Test(t, func(t *testing.T) {
		store, err := OpenBolt(path, Unsynced)
		if err != nil {
			t.Fatal(err)
		}
		b := &blocked{Bolt: store, t: t, answers: make(map[string]error), unblock: make(chan struct{})}
		store.writer.commit = func(tx *bbolt.Tx) error {
			b.commits++
			return tx.Commit()
		}
		defer closeAndReopen(t, store, path)
		go func() {
			_ = store.update(context.Background(), func(*tx) error { <-b.unblock; return nil })
		}()
		synctest.Wait()
		test(t, b)
	})
}

// closeAndReopen ensures that a store can be closed after every test, and that its file is
// then unlocked.
func closeAndReopen(t *testing.T, s *Bolt, path string) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	again, err := OpenBolt(path, Unsynced)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// enqueue queues an operation for the writer.
func (b *blocked) enqueue(ctx context.Context, name string, change func(*tx) error) {
	go func() {
		err := b.update(ctx, change)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.answers[name] = err
	}()
	synctest.Wait()
}

// release unblocks the writer and waits until it is idle.
func (b *blocked) release() {
	close(b.unblock)
	synctest.Wait()
}

// stored returns the names that set has stored.
func (b *blocked) stored() (names []string) {
	b.t.Helper()
	err := b.view(context.Background(), func(t *tx) error {
		return t.scan(bucketSeen, nil, func(key, _ []byte) (bool, error) {
			names = append(names, string(key))
			return true, nil
		})
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return names
}

// set returns an operation that stores a name, and then returns err.
func set(name string, err error) func(*tx) error {
	return func(t *tx) error { return errors.Join(t.put(bucketSeen, []byte(name), nil), err) }
}

func (b *blocked) want(stored string, commits int) {
	b.t.Helper()
	if got := strings.Join(b.stored(), " "); got != stored {
		b.t.Errorf("stored %q, want %q", got, stored)
	}
	if b.commits != commits {
		b.t.Errorf("%d commits, want %d", b.commits, commits)
	}
}

func (b *blocked) wantAnswers(want map[string]error) {
	b.t.Helper()
	if len(b.answers) != len(want) {
		b.t.Errorf("%d answers, want %d", len(b.answers), len(want))
	}
	for name, err := range want {
		if !errors.Is(b.answers[name], err) {
			b.t.Errorf("answer to %s: %v, want %v", name, b.answers[name], err)
		}
	}
}

// Ensure that all waiting operations share a commit, and that a single operation does not
// wait.
func TestWriter_SharesCommits(t *testing.T) {
	block(t, func(t *testing.T, b *blocked) {
		for i := range 64 {
			name := fmt.Sprint(i)
			b.enqueue(t.Context(), name, set(name, nil))
		}
		b.release()
		if len(b.stored()) != 64 || b.commits != 1 {
			t.Errorf("%d stored by %d commits, want 64 by 1", len(b.stored()), b.commits)
		}
		if err := b.update(t.Context(), set("single", nil)); err != nil || b.commits != 2 {
			t.Errorf("single operation: %v, %d commits, want 2", err, b.commits)
		}
	})
}

// Ensure that operations that write nothing cause no commit.
func TestWriter_NothingToCommit(t *testing.T) {
	block(t, func(t *testing.T, b *blocked) {
		b.enqueue(t.Context(), "reads", func(t *tx) error { _ = t.has(bucketSeen, []byte("x")); return nil })
		b.enqueue(t.Context(), "fails", func(*tx) error { return ErrState })
		b.release()
		b.wantAnswers(map[string]error{"reads": nil, "fails": ErrState})
		b.want("", 0)
	})
}

// Ensure that an operation that fails before it writes does not affect the others.
func TestWriter_Refusal(t *testing.T) {
	block(t, func(t *testing.T, b *blocked) {
		b.enqueue(t.Context(), "a", set("a", nil))
		b.enqueue(t.Context(), "fails", func(*tx) error { return ErrNotFound })
		b.enqueue(t.Context(), "b", set("b", nil))
		b.release()
		b.wantAnswers(map[string]error{"a": nil, "fails": ErrNotFound, "b": nil})
		b.want("a b", 1)
	})
}

// Ensure that the writes of an operation that fails are rolled back, and those of the
// others are not.
func TestWriter_PartialWrite(t *testing.T) {
	failure := errors.New("no")
	block(t, func(t *testing.T, b *blocked) {
		b.enqueue(t.Context(), "a", set("a", nil))
		b.enqueue(t.Context(), "fails", set("x", failure))
		b.enqueue(t.Context(), "panics", func(t *tx) error { _ = t.put(bucketSeen, []byte("y"), nil); panic("no") })
		b.enqueue(t.Context(), "b", set("b", nil))
		b.release()
		b.wantAnswers(map[string]error{"a": nil, "fails": failure, "panics": ErrCorrupt, "b": nil})
		b.want("a b", 1)
	})
}

// Ensure that a waiting operation that is cancelled gets an error and changes nothing.
func TestWriter_GivesUp(t *testing.T) {
	block(t, func(t *testing.T, b *blocked) {
		ctx, cancel := context.WithCancel(t.Context())
		b.enqueue(ctx, "gives up", set("x", nil))
		b.enqueue(t.Context(), "a", set("a", nil))
		cancel()
		synctest.Wait()
		b.wantAnswers(map[string]error{"gives up": context.Canceled})
		b.release()
		b.want("a", 1)
	})
}

// Ensure that closing waits for the running operation, and fails those that wait.
func TestWriter_Close(t *testing.T) {
	block(t, func(t *testing.T, b *blocked) {
		b.enqueue(t.Context(), "waits", set("x", nil))
		closed := make(chan error, 1)
		go func() { closed <- b.Close() }()
		synctest.Wait()
		b.wantAnswers(map[string]error{"waits": groupcommit.ErrClosed})
		b.release()
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if err := b.update(t.Context(), set("x", nil)); !errors.Is(err, groupcommit.ErrClosed) {
			t.Errorf("update after Close: %v, want %v", err, groupcommit.ErrClosed)
		}
		if _, err := b.Unfinished(t.Context()); !errors.Is(err, groupcommit.ErrClosed) {
			t.Errorf("Unfinished after Close: %v, want %v", err, groupcommit.ErrClosed)
		}
	})
}

// Ensure that a commit that fails without effect, as on a full disk, fails its own
// operations and no later ones.
func TestWriter_CommitFails(t *testing.T) {
	full := errors.New("no space left on device")
	block(t, func(t *testing.T, b *blocked) {
		commit := b.writer.commit
		b.writer.commit = func(tx *bbolt.Tx) error { return errors.Join(full, tx.Rollback()) }
		b.enqueue(t.Context(), "a", set("a", nil))
		b.enqueue(t.Context(), "b", set("b", nil))
		b.release()
		b.wantAnswers(map[string]error{"a": full, "b": full})
		b.want("", 0)
		b.writer.commit = commit
		if err := b.update(t.Context(), set("c", nil)); err != nil {
			t.Error(err)
		}
		b.want("c", 1)
	})
}

// replaceCommit replaces the next commit of the store.
func (b *blocked) replaceCommit(commit func(*bbolt.Tx) error) {
	b.writer.commit = func(tx *bbolt.Tx) error {
		b.writer.commit = (*bbolt.Tx).Commit
		return commit(tx)
	}
}

// Ensure that after a commit with an unknown result the file is reopened, and that the
// caller gets the actual result.
func TestWriter_CommitUnknown(t *testing.T) {
	broken := errors.New("input/output error")
	for name, test := range map[string]struct {
		commit func(*bbolt.Tx) error
		want   error
		stored string
	}{
		"fails at its end": {
			func(tx *bbolt.Tx) error { return errors.Join(tx.Commit(), broken) },
			nil, "ab",
		},
		"panics": {
			func(*bbolt.Tx) error { panic("page 7: not the page that was expected") },
			ErrCorrupt, "b",
		},
	} {
		t.Run(name, func(t *testing.T) {
			block(t, func(t *testing.T, b *blocked) {
				b.replaceCommit(test.commit)
				b.enqueue(t.Context(), "a", set("a", nil))
				b.release()
				if err := b.answers["a"]; !errors.Is(err, test.want) {
					t.Errorf("the write: %v, want %v", err, test.want)
				}
				if err := b.update(t.Context(), set("b", nil)); err != nil {
					t.Errorf("the next: %v", err)
				}
				if got := strings.Join(b.stored(), ""); got != test.stored {
					t.Errorf("%q is stored, want %q", got, test.stored)
				}
			})
		})
	}
}

// Ensure that operations fail while the file cannot be reopened, and that the store works
// again afterwards.
func TestWriter_CannotReopen(t *testing.T) {
	broken := errors.New("input/output error")
	for name, hide := range map[string]func(t *testing.T, path string){
		"no file": func(*testing.T, string) {},
		"another file": func(t *testing.T, path string) {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			block(t, func(t *testing.T, b *blocked) {
				away := b.path + ".away"
				b.replaceCommit(func(tx *bbolt.Tx) error {
					err := errors.Join(tx.Commit(), broken, os.Rename(b.path, away))
					hide(t, b.path)
					return err
				})
				b.enqueue(t.Context(), "a", set("a", nil))
				b.release()
				_, readErr := b.Unfinished(t.Context())
				for what, err := range map[string]error{
					"the write": b.answers["a"],
					"the next":  b.update(t.Context(), set("b", nil)),
					"a read":    readErr,
				} {
					if !errors.Is(err, broken) {
						t.Errorf("%s: %v, want %v", what, err, broken)
					}
				}
				if err := os.Rename(away, b.path); err != nil {
					t.Fatal(err)
				}
				if err := b.update(t.Context(), set("b", nil)); !errors.Is(err, broken) {
					t.Errorf("the file was reopened too early: %v", err)
				}
				time.Sleep(retryEvery)
				if err := b.update(t.Context(), set("c", nil)); err != nil {
					t.Errorf("after the file was restored: %v", err)
				}
				if _, err := b.Unfinished(t.Context()); err != nil {
					t.Errorf("a read after the file was restored: %v", err)
				}
			})
		})
	}
}

// Ensure that a write is not acknowledged if the file is deleted while it is committed.
func TestWriter_FileGone(t *testing.T) {
	for name, commit := range map[string]func(tx *bbolt.Tx, remove func() error) error{
		"before": func(tx *bbolt.Tx, remove func() error) error { return errors.Join(remove(), tx.Commit()) },
		"after":  func(tx *bbolt.Tx, remove func() error) error { return errors.Join(tx.Commit(), remove()) },
	} {
		t.Run(name, func(t *testing.T) {
			block(t, func(t *testing.T, b *blocked) {
				b.replaceCommit(func(tx *bbolt.Tx) error {
					return commit(tx, func() error { return os.Rename(b.path, b.path+".away") })
				})
				b.enqueue(t.Context(), "a", set("a", nil))
				b.release()
				b.wantAnswers(map[string]error{"a": ErrGone})
				if err := os.Rename(b.path+".away", b.path); err != nil {
					t.Fatal(err)
				}
				if err := b.update(t.Context(), set("b", nil)); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Ensure that a fault during a commit or a read, because the file was truncated, is an
// error, and that nothing waits for it.
func TestWriter_Fault(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows protects a file that is open")
	}
	for name, use := range map[string]func(b *Bolt, truncate func() error) error{
		"commit": func(b *Bolt, truncate func() error) error {
			b.writer.commit = func(tx *bbolt.Tx) error { return errors.Join(truncate(), tx.Commit()) }
			return b.update(context.Background(), set("a", nil))
		},
		"write": func(b *Bolt, truncate func() error) error {
			return b.update(context.Background(), func(t *tx) error { return errors.Join(truncate(), set("a", nil)(t)) })
		},
		"read": func(b *Bolt, truncate func() error) error {
			return b.view(context.Background(), func(t *tx) error {
				if err := truncate(); err != nil {
					return err
				}
				_, err := t.keys(bucketSeen, nil, nil, 1000)
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "enjobridge.db")
			b, err := OpenBolt(path, Unsynced)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 1000 {
				if _, err := b.FirstTime(t.Context(), Key(fmt.Sprint(i)), someTime); err != nil {
					t.Fatal(err)
				}
			}
			err = use(b, func() error { return os.Truncate(path, 0) })
			if !errors.Is(err, ErrCorrupt) {
				t.Errorf("error %v, want ErrCorrupt", err)
			}
			if _, err := b.Unfinished(t.Context()); !errors.Is(err, ErrCorrupt) {
				t.Errorf("a read: %v, want ErrCorrupt", err)
			}
			if err := b.Probe(t.Context()); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "truncated") {
				t.Errorf("a write: %v, want ErrCorrupt", err)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
