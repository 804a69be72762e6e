package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"
)

// held is a store whose writer a test holds, to decide what comes together.
type held struct {
	*Bolt
	t       *testing.T
	commits int
	goOn    chan struct{}

	mu      sync.Mutex
	answers map[string]error // of the operations, by name
}

// hold opens a store in a bubble and keeps its writer busy until release.
func hold(t *testing.T, test func(t *testing.T, b *held)) {
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	synctest.Test(t, func(t *testing.T) {
		store, err := OpenBolt(path, Unsynced)
		if err != nil {
			t.Fatal(err)
		}
		b := &held{Bolt: store, t: t, answers: make(map[string]error), goOn: make(chan struct{})}
		store.writer.commit = func(tx *bbolt.Tx) error {
			b.commits++
			return tx.Commit()
		}
		defer closeAndReopen(t, store, path)
		go func() {
			_ = store.update(context.Background(), func(*tx) error { <-b.goOn; return nil })
		}()
		synctest.Wait()
		test(t, b)
	})
}

// closeAndReopen ensures that a store can be closed whatever happened to it,
// and that its file is free then.
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

// wait lets an operation wait for the writer, behind those that wait already.
func (b *held) wait(ctx context.Context, name string, change func(*tx) error) {
	go func() {
		err := b.update(ctx, change)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.answers[name] = err
	}()
	synctest.Wait()
}

// release lets the writer go on and waits until it has nothing to do.
func (b *held) release() {
	close(b.goOn)
	synctest.Wait()
}

// stored reports which of the names were stored by set.
func (b *held) stored() (names []string) {
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

func (b *held) want(stored string, commits int) {
	b.t.Helper()
	if got := strings.Join(b.stored(), " "); got != stored {
		b.t.Errorf("stored %q, want %q", got, stored)
	}
	if b.commits != commits {
		b.t.Errorf("%d commits, want %d", b.commits, commits)
	}
}

func (b *held) wantAnswers(want map[string]error) {
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

// Ensure that all that wait share a commit, and one alone has its own at once.
func TestWriter_SharesCommits(t *testing.T) {
	hold(t, func(t *testing.T, b *held) {
		for i := range 64 {
			name := fmt.Sprint(i)
			b.wait(t.Context(), name, set(name, nil))
		}
		b.release()
		if len(b.stored()) != 64 || b.commits != 1 {
			t.Errorf("%d stored by %d commits, want 64 by 1", len(b.stored()), b.commits)
		}
		if err := b.update(t.Context(), set("lone", nil)); err != nil || b.commits != 2 {
			t.Errorf("alone: %v, %d commits, want 2", err, b.commits)
		}
	})
}

// Ensure that what only looks is not paid for with a commit.
func TestWriter_NothingToCommit(t *testing.T) {
	hold(t, func(t *testing.T, b *held) {
		b.wait(t.Context(), "looks", func(t *tx) error { _ = t.has(bucketSeen, []byte("x")); return nil })
		b.wait(t.Context(), "refuses", func(*tx) error { return ErrState })
		b.release()
		b.wantAnswers(map[string]error{"looks": nil, "refuses": ErrState})
		b.want("", 0)
	})
}

// Ensure that who refuses before it writes disturbs nobody.
func TestWriter_Refusal(t *testing.T) {
	hold(t, func(t *testing.T, b *held) {
		b.wait(t.Context(), "a", set("a", nil))
		b.wait(t.Context(), "refuses", func(*tx) error { return ErrNotFound })
		b.wait(t.Context(), "b", set("b", nil))
		b.release()
		b.wantAnswers(map[string]error{"a": nil, "refuses": ErrNotFound, "b": nil})
		b.want("a b", 1)
	})
}

// Ensure that who fails after it wrote leaves nothing behind, and the others do.
func TestWriter_Spoilt(t *testing.T) {
	failure := errors.New("no")
	hold(t, func(t *testing.T, b *held) {
		b.wait(t.Context(), "a", set("a", nil))
		b.wait(t.Context(), "fails", set("x", failure))
		b.wait(t.Context(), "panics", func(t *tx) error { _ = t.put(bucketSeen, []byte("y"), nil); panic("no") })
		b.wait(t.Context(), "b", set("b", nil))
		b.release()
		b.wantAnswers(map[string]error{"a": nil, "fails": failure, "panics": ErrCorrupt, "b": nil})
		b.want("a b", 1)
	})
}

// Ensure that who gives up while it waits is told so, and changes nothing.
func TestWriter_GivesUp(t *testing.T) {
	hold(t, func(t *testing.T, b *held) {
		ctx, cancel := context.WithCancel(t.Context())
		b.wait(ctx, "gives up", set("x", nil))
		b.wait(t.Context(), "a", set("a", nil))
		cancel()
		synctest.Wait()
		b.wantAnswers(map[string]error{"gives up": context.Canceled})
		b.release()
		b.want("a", 1)
	})
}

// Ensure that closing ends what runs, and refuses what waits.
func TestWriter_Close(t *testing.T) {
	hold(t, func(t *testing.T, b *held) {
		b.wait(t.Context(), "waits", set("x", nil))
		closed := make(chan error, 1)
		go func() { closed <- b.Close() }()
		synctest.Wait()
		b.wantAnswers(map[string]error{"waits": errClosed})
		b.release()
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if err := b.update(t.Context(), set("x", nil)); !errors.Is(err, errClosed) {
			t.Errorf("update after Close: %v, want %v", err, errClosed)
		}
		if _, err := b.Unfinished(t.Context()); !errors.Is(err, errClosed) {
			t.Errorf("Unfinished after Close: %v, want %v", err, errClosed)
		}
	})
}

// Ensure that a commit that fails cleanly, as on a full disk, fails for those
// who were in it, and for nobody later.
func TestWriter_CommitFails(t *testing.T) {
	full := errors.New("no space left on device")
	hold(t, func(t *testing.T, b *held) {
		commit := b.writer.commit
		b.writer.commit = func(tx *bbolt.Tx) error { return errors.Join(full, tx.Rollback()) }
		b.wait(t.Context(), "a", set("a", nil))
		b.wait(t.Context(), "b", set("b", nil))
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

// once makes the next commit of a store another one's.
func (b *held) once(commit func(*bbolt.Tx) error) {
	b.writer.commit = func(tx *bbolt.Tx) error {
		b.writer.commit = (*bbolt.Tx).Commit
		return commit(tx)
	}
}

// Ensure that after a commit of which it is unknown what it left on disk the
// file is opened anew, and that the caller is told what is there.
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
		"breaks off": {
			func(*bbolt.Tx) error { panic("page 7: not the page that was expected") },
			ErrCorrupt, "b",
		},
	} {
		t.Run(name, func(t *testing.T) {
			hold(t, func(t *testing.T, b *held) {
				b.once(test.commit)
				b.wait(t.Context(), "a", set("a", nil))
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

// Ensure that nothing is done while the file cannot be opened anew, and that
// the store works again once it can.
func TestWriter_CannotReopen(t *testing.T) {
	broken := errors.New("input/output error")
	for name, hide := range map[string]func(t *testing.T, path string){
		"the file is gone": func(*testing.T, string) {},
		"another file is there": func(t *testing.T, path string) {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			hold(t, func(t *testing.T, b *held) {
				away := b.path + ".away"
				b.once(func(tx *bbolt.Tx) error {
					err := errors.Join(tx.Commit(), broken, os.Rename(b.path, away))
					hide(t, b.path)
					return err
				})
				b.wait(t.Context(), "a", set("a", nil))
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
					t.Errorf("it is tried again at once: %v", err)
				}
				time.Sleep(retryEvery)
				if err := b.update(t.Context(), set("c", nil)); err != nil {
					t.Errorf("after the file is back: %v", err)
				}
				if _, err := b.Unfinished(t.Context()); err != nil {
					t.Errorf("a read after the file is back: %v", err)
				}
			})
		})
	}
}
