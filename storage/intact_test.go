package storage_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"enjobridge/storage"
)

// inUse opens a store with some questions, whose file a test then changes.
func inUse(t *testing.T) (s *storage.Bolt, path string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows protects a file that is open")
	}
	path = filepath.Join(t.TempDir(), "enjobridge.db")
	s = open(t, path, storage.Unsynced)
	for i := range things {
		accept(t, s, ask(i))
	}
	return s, path
}

// wantRefused checks that a store accepts no write, and says why.
func wantRefused(t *testing.T, s *storage.Bolt, want error, says string) {
	t.Helper()
	_, err := s.Accept(t.Context(), ask(things), threadOf(ask(things)))
	for what, err := range map[string]error{"Accept": err, "Probe": s.Probe(t.Context())} {
		if !errors.Is(err, want) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want %v with %q", what, err, want, says)
		}
	}
}

// Ensure that nothing is acknowledged while the store's file is not at its path, that the
// content can still be saved, and that the store works again when the file is back.
func TestBolt_FileGone(t *testing.T) {
	for name, inItsPlace := range map[string]func(t *testing.T, path string){
		"deleted": func(*testing.T, string) {},
		"replaced by another store": func(t *testing.T, path string) {
			closeStore(t, open(t, path, storage.Unsynced))
		},
		"replaced by a copy": func(t *testing.T, path string) {
			content, err := os.ReadFile(path + ".away")
			must(t, err)
			must(t, os.WriteFile(path, content, 0o600))
		},
		"replaced by a directory": func(t *testing.T, path string) { must(t, os.Mkdir(path, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			s, path := inUse(t)
			must(t, os.Rename(path, path+".away"))
			inItsPlace(t, path)
			wantRefused(t, s, storage.ErrGone, "put it back")

			saved := filepath.Join(t.TempDir(), "saved.db")
			file, err := os.Create(saved)
			must(t, err)
			_, err = s.Backup(t.Context(), file)
			must(t, err)
			must(t, file.Close())
			if report, err := storage.CheckBolt(saved, storage.BoltOptions{}); err != nil || report.Questions != things || len(report.Problems) > 0 {
				t.Errorf("the backup has %+v, %v", report, err)
			}

			must(t, os.RemoveAll(path))
			wantRefused(t, s, storage.ErrGone, "put it back")
			must(t, os.Rename(path+".away", path))
			accept(t, s, ask(things))
			closeStore(t, s)
			wantSound(t, path, 0)
		})
	}
}

// Ensure that a truncated file neither ends nor blocks the process, whatever is left of it,
// and that the store refuses to work with it, even if the file gets its size back.
func TestBolt_FileTruncated(t *testing.T) {
	for name, left := range map[string]int64{"to half": 16 * pageSize, "to its start": 2 * pageSize, "to one page": pageSize, "to nothing": 0} {
		t.Run("then write "+name, func(t *testing.T) {
			s, path := inUse(t)
			info, err := os.Stat(path)
			must(t, err)
			must(t, os.Truncate(path, left))
			wantRefused(t, s, storage.ErrCorrupt, "truncated")
			must(t, os.Truncate(path, info.Size()))
			wantRefused(t, s, storage.ErrCorrupt, "truncated")
			if _, err := s.Unfinished(t.Context()); !errors.Is(err, storage.ErrCorrupt) {
				t.Errorf("Unfinished: %v", err)
			}
			closeStore(t, s)
		})
		t.Run("then read "+name, func(t *testing.T) {
			s, path := inUse(t)
			must(t, os.Truncate(path, left))
			for i := range things {
				for what, err := range map[string]error{"Question": second(s.Question(t.Context(), ask(i).ID)), "Unfinished": second(s.Unfinished(t.Context()))} {
					if err != nil && !errors.Is(err, storage.ErrCorrupt) {
						t.Errorf("%s: %v", what, err)
					}
				}
			}
			wantRefused(t, s, storage.ErrCorrupt, "truncated")
			closeStore(t, s)
		})
	}
}

// second returns the error of an operation.
func second[T any](_ T, err error) error { return err }

// Ensure that truncating the file while many goroutines read and write neither ends nor
// blocks the process.
func TestBolt_FileTruncatedInUse(t *testing.T) {
	for round := range 20 {
		s, path := inUse(t)
		var working, all sync.WaitGroup
		for worker := range 8 {
			working.Add(1)
			all.Go(func() {
				for i := 0; ; i++ {
					err := s.Requeue(t.Context(), ask(i%things).ID, epoch, false)
					if worker > 0 {
						_, err = s.Question(t.Context(), ask(i%things).ID)
					} else if errors.Is(err, storage.ErrState) {
						_, err = s.FirstTime(t.Context(), storage.RefusedKey(ask(i).ID), epoch)
					}
					if i == 3 {
						working.Done()
					}
					if err != nil && i > 3 {
						if !errors.Is(err, storage.ErrCorrupt) {
							t.Errorf("error %v", err)
						}
						return
					}
				}
			})
		}
		working.Wait()
		must(t, os.Truncate(path, []int64{0, pageSize, 4 * pageSize, 16 * pageSize}[round%4]))
		wantRefused(t, s, storage.ErrCorrupt, "truncated")
		all.Wait()
		closeStore(t, s)
	}
}

// Ensure that a backup of a file that is truncated meanwhile fails.
func TestBolt_TruncatedDuringBackup(t *testing.T) {
	s, path := inUse(t)
	_, err := s.Backup(t.Context(), writerFunc(func(part []byte) (int, error) { return len(part), os.Truncate(path, pageSize) }))
	if err == nil {
		t.Error("the backup succeeded")
	}
	wantRefused(t, s, storage.ErrCorrupt, "truncated")
	closeStore(t, s)
}

// Ensure that the store does not write to its file after an older state was copied into it.
func TestBolt_FileOverwritten(t *testing.T) {
	s, path := inUse(t)
	older, err := os.ReadFile(path)
	must(t, err)
	accept(t, s, ask(things+1))
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	_, err = file.Write(older)
	must(t, err)
	must(t, file.Close())
	wantRefused(t, s, storage.ErrCorrupt, "another program has written")
	closeStore(t, s)
	now, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(now[:len(older)], older) {
		t.Error("the restored file was changed")
	}
	s = open(t, path, storage.Unsynced)
	accept(t, s, ask(things+1))
	closeStore(t, s)
}
