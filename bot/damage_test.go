package bot_test

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"enjobridge/blocks"
)

// damage changes the record of a timestamp in the store's file, while the bot is stopped.
func (h *house) damage(bucket, ts string, damage func(records *bbolt.Bucket, key []byte) error) {
	h.t.Helper()
	db, err := bbolt.Open(h.path, 0, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		records := tx.Bucket([]byte(bucket))
		var damaged []byte
		err := records.ForEach(func(key, _ []byte) error {
			if bytes.Contains(key, []byte(ts)) {
				damaged = bytes.Clone(key)
			}
			return nil
		})
		if damaged == nil {
			return errors.New("there is no record of " + ts)
		}
		return errors.Join(err, damage(records, damaged))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		h.t.Fatal(err)
	}
}

// Ensure that one unfinished question that cannot be read does not prevent the start: it is
// logged once, its asker gets an error message with a button to try again, and the other
// questions are answered.
func TestDamagedQuestion(t *testing.T) {
	for name, damage := range map[string]func(questions *bbolt.Bucket, key []byte) error{
		"not readable": func(b *bbolt.Bucket, key []byte) error { return b.Put(key, []byte(`{"id":`)) },
		"missing":      func(b *bbolt.Bucket, key []byte) error { return b.Delete(key) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := previous(t)
				const damaged, other = "How do I order two monitors?", "How do I change my mail signature?"
				h.damage("questions", h.root(damaged), damage)
				h.start()
				time.Sleep(15 * time.Minute)
				if n := h.asked(other); n != 1 || len(h.posts(other)) != 1 {
					t.Errorf("another question was asked %d times and has %d posts", n, len(h.posts(other)))
				}
				posts := h.posts(damaged)
				if n := h.asked(damaged); n != 0 || len(posts) != 1 || !strings.Contains(string(posts[0].Blocks), blocks.ActionRetry) {
					t.Fatalf("the damaged question was asked %d times and has the posts %s", n, texts(posts))
				}
				if n := strings.Count(h.log.String(), "storage: a damaged record was set aside"); n != 1 || !strings.Contains(h.log.String(), `/`+h.root(damaged)+`"`) {
					t.Errorf("%d records were set aside:\n%s", n, h.log.String())
				}
				if got := h.health(); !got.Ready {
					t.Errorf("the bot is not ready: %+v", got)
				}
				h.press(h.alice, h.support, posts[0].TS, blocks.ActionRetry)
				time.Sleep(time.Minute)
				if n := h.asked("two monitors"); n != 1 {
					t.Errorf("after the button was pressed, the question was asked %d times", n)
				}
			})
		})
	}
}

// Ensure that a waiting question is answered although the record of its thread cannot be
// read.
func TestDamagedThread(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := previous(t)
		const waiting = "How do I order two monitors?"
		h.damage("threads", h.root(waiting), func(b *bbolt.Bucket, key []byte) error { return b.Put(key, []byte("null")) })
		h.start()
		time.Sleep(15 * time.Minute)
		if n := h.asked(waiting); n != 1 || len(h.posts(waiting)) != 1 {
			t.Errorf("the question was asked %d times and has the posts %s", n, texts(h.posts(waiting)))
		}
		if n := strings.Count(h.log.String(), "storage: a damaged record was set aside"); n != 1 {
			t.Errorf("%d records were set aside", n)
		}
	})
}

// skipOnWindows skips a test that changes the file of an open store.
func skipOnWindows(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows protects a file that is open")
	}
}

// Ensure that nothing is acknowledged while the store's file is away, that readiness and
// the log say so, and that everything is answered when it is back.
func TestStoreFileAway(t *testing.T) {
	skipOnWindows(t)
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		h.start()
		h.awaitAnswers(h.support, h.mention(h.alice, "How do I print?"), 1)
		h.awaitEnded(1)
		if err := os.Rename(h.path, h.path+".away"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		if got := h.health(); got.Ready || !strings.Contains(strings.Join(got.Reasons, "\n"), "deleted or replaced") {
			t.Errorf("without its file: %+v", got)
		}
		h.awaitLog("save its content with enjobridge backup first", 1)
		ts := h.mention(h.alice, "How do I scan?")
		h.awaitLog(unacknowledged, 1)

		if err := os.Rename(h.path+".away", h.path); err != nil {
			t.Fatal(err)
		}
		h.awaitAnswers(h.support, ts, 1)
		h.awaitEnded(2)
		time.Sleep(20 * time.Second)
		if got := h.health(); !got.Ready {
			t.Errorf("with its file: %+v", got)
		}
	})
}

// Ensure that a truncated store's file is reported, and that the bot can still be stopped.
func TestStoreFileTruncated(t *testing.T) {
	skipOnWindows(t)
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		h.start()
		h.awaitAnswers(h.support, h.mention(h.alice, "How do I print?"), 1)
		if err := os.Truncate(h.path, 0); err != nil {
			t.Fatal(err)
		}
		h.mention(h.alice, "How do I scan?")
		time.Sleep(20 * time.Second)
		if got := h.health(); got.Ready || !strings.Contains(strings.Join(got.Reasons, "\n"), "truncated") {
			t.Errorf("with a truncated file: %+v", got)
		}
	})
}
