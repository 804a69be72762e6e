package storage_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"enjobridge/storage"
)

// things is how many records of each kind the tests below store.
const things = 16

// Ensure that a store with any damaged page neither crashes nor hangs: it returns
// ErrCorrupt, or works without the page.
func TestBolt_AnyPageDamaged(t *testing.T) {
	original, pages := filled(t)
	must(t, useAll(t, written(t, original)))
	reported := 0
	for number := range pages {
		for name, damage := range map[string]func(page []byte){
			"noise": func(page []byte) { fill(page, 0, len(page)) },
			"zeros": func(page []byte) { clear(page) },
			"cut":   func(page []byte) { clear(page[len(page)/2:]) },
			"twin":  func(page []byte) { copy(page, original[(number+1)*len(page):]) },
			"count": func(page []byte) { page[10], page[11] = 0xff, 0x7f },
		} {
			content := bytes.Clone(original)
			damage(content[number*pageSize : (number+1)*pageSize])
			path := written(t, content)
			err := useAll(t, path)
			if err == nil {
				continue
			}
			wantUnlocked(t, path)
			reported++
			if !errors.Is(err, storage.ErrCorrupt) && !errors.Is(err, storage.ErrForeign) {
				t.Errorf("%s in page %d: error %v, want ErrCorrupt", name, number, err)
			}
		}
	}
	t.Logf("%d of %d damages were reported", reported, 5*pages)
	if reported < pages {
		t.Errorf("%d damages of %d pages were reported; want more", reported, pages)
	}
}

// wantUnlocked fails the test if a file is still locked.
func wantUnlocked(t *testing.T, path string) {
	t.Helper()
	file, err := os.Open(path)
	must(t, err)
	defer file.Close()
	if err := lock(file); err != nil {
		t.Errorf("the lock of %s: %v", path, err)
	}
}

// filled returns the content of a store with records of all kinds, and the number of its
// pages.
func filled(t *testing.T) (content []byte, pages int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	s := open(t, path, storage.Unsynced)
	for i := range things {
		q := ask(i)
		accept(t, s, q)
		if i%2 == 0 {
			must(t, s.SetOutcome(t.Context(), q.ID, answer(i), epoch))
			must(t, s.End(t.Context(), q.ID, storage.Delivered, nil, epoch))
		}
		_, err := s.FirstTime(t.Context(), storage.Key(fmt.Sprint("event/", i)), epoch)
		must(t, err)
		must(t, s.RecordCopies(t.Context(), []storage.Copy{{Message: q.ID, At: epoch, Event: "message"}}))
	}
	closeStore(t, s)
	content, err := os.ReadFile(path)
	must(t, err)
	content = content[:bytes.LastIndexFunc(content, func(r rune) bool { return r != 0 })+1]
	pages = (len(content) + pageSize - 1) / pageSize
	return append(content, make([]byte, (pages+8)*pageSize-len(content))...), pages
}

// useAll opens a store, uses all of it, and returns the first error.
func useAll(t *testing.T, path string) error {
	t.Helper()
	s, err := storage.OpenBolt(path, storage.Unsynced)
	if err != nil {
		return err
	}
	_, unfinishedErr := s.Unfinished(t.Context())
	errs := []error{unfinishedErr}
	for i := range things {
		q := ask(i)
		_, questionErr := s.Question(t.Context(), q.ID)
		_, threadErr := s.Thread(t.Context(), q.Thread)
		_, historyErr := s.History(t.Context(), q.ID)
		_, ticketsErr := s.Tickets(t.Context(), q.Thread)
		errs = append(errs, questionErr, threadErr, historyErr, ticketsErr)
	}
	_, err = s.Accept(t.Context(), ask(things), threadOf(ask(things)))
	errs = append(errs, err)
	errs = append(errs, s.Forget(t.Context(), epoch.AddDate(1, 0, 0), epoch.AddDate(1, 0, 0)), s.Close())
	for _, err := range errs {
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
	}
	return nil
}
