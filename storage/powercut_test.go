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

// Ensure that after a power cut during a transaction the store has the state before or
// after it. The disk may have written any part of the unsynced data: first of the data
// pages, and after these are synced, of one of the two meta pages.
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
			rt.Errorf("the store has neither the state before nor the state after:\n%s", cmp.Diff(contents[i], got))
		}
	})
}

// snapshots runs transactions and returns the content of the store's file after each.
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

// cutPower returns the content of a file after a power cut during the change from before
// to after.
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
		meta := rapid.SampledFrom([]int{0, 20, 40, 64, 70, 79, 80, 512, pageSize}).Draw(t, "bytes of the meta page")
		copy(file[:meta], after)
		copy(file[pageSize:pageSize+meta], after[pageSize:])
	}
	return file
}
