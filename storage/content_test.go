package storage_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// contentOf returns the content of a store's file by bucket and key.
func contentOf(t testing.TB, path string) map[string]string {
	t.Helper()
	closeStore(t, open(t, path, storage.Unsynced))
	content := make(map[string]string)
	for bucket, entries := range raw(t, path) {
		for key, value := range entries {
			content[bucket+": "+key] = value
		}
	}
	return content
}

// Ensure that the texts of a question and of its answer are erased at its end.
func TestBolt_ErasesTexts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	s := open(t, path, storage.Unsynced)
	answered, merged, cancelled := ask(1), ask(2), ask(3)
	for _, q := range []storage.Question{answered, merged, cancelled} {
		q.Text = "Secret " + q.Text
		accept(t, s, q)
	}
	_, err := s.Claim(t.Context(), answered.ID, []storage.MessageID{merged.ID}, epoch)
	must(t, err)
	outcome := answer(1)
	outcome.Reply.Text = "Secret answer"
	must(t, s.SetOutcome(t.Context(), answered.ID, outcome, epoch))
	must(t, s.End(t.Context(), answered.ID, storage.Delivered, nil, epoch))
	must(t, s.End(t.Context(), cancelled.ID, storage.Cancelled, nil, epoch))
	closeStore(t, s)
	for key, value := range contentOf(t, path) {
		if strings.Contains(key, "Secret") || strings.Contains(value, "Secret") {
			t.Errorf("%q: %s", key, value)
		}
	}
}

// Ensure that forgetting everything leaves no index entries.
func TestBolt_ForgetsCompletely(t *testing.T) {
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	s := open(t, path, storage.Unsynced)
	before := contentOf(t, closed(t, s, path))
	s = open(t, path, storage.Unsynced)
	for i := range 1200 {
		q := ask(i)
		accept(t, s, q)
		must(t, s.SetOutcome(t.Context(), q.ID, answer(i), epoch))
		must(t, s.End(t.Context(), q.ID, storage.Delivered, nil, epoch))
		must(t, s.SetCard(t.Context(), q.Thread, fmt.Sprintf("IT-%d", i), "8.1", enjo.Ticket{}))
		must(t, s.SetFeedback(t.Context(), storage.Feedback{Question: q.ID, User: q.Asker, At: epoch}))
		_, err := s.FirstTime(t.Context(), storage.Key(q.ID.TS), epoch)
		must(t, err)
		_, err = s.Increment(t.Context(), storage.Key(q.ID.TS), epoch)
		must(t, err)
	}
	year := epoch.AddDate(1, 0, 0)
	must(t, s.Forget(t.Context(), year, year))
	after := contentOf(t, closed(t, s, path))
	if len(after) != len(before) {
		t.Errorf("%d keys are left, want %d", len(after), len(before))
	}
}

// closed closes a store and returns its path.
func closed(t *testing.T, s *storage.Bolt, path string) string {
	t.Helper()
	closeStore(t, s)
	return path
}

// raw returns the content of a file by bucket and key, without opening it as a store.
func raw(t testing.TB, path string) map[string]map[string]string {
	t.Helper()
	db, err := bbolt.Open(path, 0, &bbolt.Options{ReadOnly: true})
	must(t, err)
	content := make(map[string]map[string]string)
	must(t, db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, bucket *bbolt.Bucket) error {
			content[string(name)] = make(map[string]string)
			return bucket.ForEach(func(key, value []byte) error {
				content[string(name)][string(key)] = string(value)
				return nil
			})
		})
	}))
	must(t, db.Close())
	return content
}
