package storage_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"enjobridge/storage"
)

const pageSize = 4096

// Ensure that a power cut at any moment of a transaction leaves what was
// before it or what is after it. A disk may have written any part of what was
// not yet forced to it: first of the pages, and when they are all there, of one
// of the two heads.
func TestBolt_PowerCut(t *testing.T) {
	directory := t.TempDir()
	history := snapshots(t, filepath.Join(directory, "enjobridge.db"))
	cut := filepath.Join(directory, "cut.db")
	contents := make([]map[string]string, len(history))
	for i, file := range history {
		must(t, os.WriteFile(cut, file, 0o600))
		contents[i] = contentOf(t, cut)
	}

	rapid.Check(t, func(rt *rapid.T) {
		i := rapid.IntRange(1, len(history)-1).Draw(rt, "transaction")
		must(t, os.WriteFile(cut, cutPower(rt, history[i-1], history[i]), 0o600))
		if got := contentOf(t, cut); !cmp.Equal(got, contents[i-1]) && !cmp.Equal(got, contents[i]) {
			rt.Errorf("the store is neither as before nor as after:\n%s", cmp.Diff(contents[i], got))
		}
	})
}

// snapshots returns the content of a store's file after each of some transactions.
func snapshots(t *testing.T, path string) (history [][]byte) {
	t.Helper()
	s := open(t, path, storage.Unsynced)
	defer closeStore(t, s)
	for number := range 8 {
		q, next := ask(number), ask(number+100)
		next.Thread = q.Thread
		for _, transaction := range []func() error{
			func() error { _, err := s.Accept(t.Context(), q, threadOf(q)); return err },
			func() error { _, err := s.FirstTime(t.Context(), storage.Key(fmt.Sprint(number)), epoch); return err },
			func() error { _, err := s.Accept(t.Context(), next, threadOf(next)); return err },
			func() error { return s.SetOutcome(t.Context(), q.ID, answer(number), epoch) },
			func() error { _, err := s.StopThread(t.Context(), q.Thread); return err },
			func() error { return s.End(t.Context(), next.ID, storage.Cancelled, nil, epoch) },
			func() error { return s.End(t.Context(), q.ID, storage.Delivered, nil, epoch) },
			func() error { return s.Forget(t.Context(), epoch.AddDate(1, 0, 0), epoch.AddDate(-1, 0, 0)) },
		} {
			must(t, transaction())
			file, err := os.ReadFile(path)
			must(t, err)
			history = append(history, append(file, make([]byte, 100*pageSize-len(file))...))
		}
	}
	return history
}

// cutPower returns the content of a file whose change from before to after was cut off.
func cutPower(t *rapid.T, before, after []byte) []byte {
	file := bytes.Clone(before)
	allPages := rapid.Bool().Draw(t, "all pages")
	for at := 2 * pageSize; at < len(after); at += pageSize {
		page := after[at : at+pageSize]
		switch {
		case bytes.Equal(file[at:at+pageSize], page):
		case allPages:
			copy(file[at:], page)
		default:
			copy(file[at:], page[:rapid.SampledFrom([]int{0, 512, 2048, pageSize}).Draw(t, "bytes of a page")])
		}
	}
	if allPages {
		head := rapid.SampledFrom([]int{0, 20, 40, 64, 70, 79, 80, 512, pageSize}).Draw(t, "bytes of the head")
		copy(file[:head], after)
		copy(file[pageSize:pageSize+head], after[pageSize:])
	}
	return file
}
