package storage_test

import (
	"encoding/json"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"enjobridge/storage"
)

// previous unpacks a store of the previous version. See
// bot/previous_record_test.go.
func previous(t *testing.T) (path string) {
	t.Helper()
	return unpacked(t, "../bot/testdata/previous/store.db.gz")
}

// Ensure that a store of the previous version has no problems: each record has its key and
// its index entries.
func TestCheckBolt_PreviousVersion(t *testing.T) {
	report, err := storage.CheckBolt(previous(t), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Problems) > 0 {
		t.Errorf("problems: %q", report.Problems)
	}
	for what, n := range map[string]int{
		"questions": report.Questions, "unfinished questions": report.Unfinished, "threads": report.Threads,
		"tickets": report.Tickets, "feedback": report.Feedback, "keys": report.Seen,
	} {
		if n == 0 {
			t.Errorf("the fixture has no %s", what)
		}
	}
}

// unused are the fields of a record that have no effect any more.
var unused = strings.NewReplacer(`"with_history":true,`, "")

// Ensure that reading a record of the previous version and writing it again does not
// change it, apart from the fields that are not used any more.
func TestRecord_PreviousVersion(t *testing.T) {
	db, err := bbolt.Open(previous(t), 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	type ticket struct {
		storage.Ticket
		Number uint64 `json:"number"`
	}
	for bucket, fresh := range map[string]func() any{
		"questions": func() any { return new(storage.Question) },
		"threads":   func() any { return new(storage.Thread) },
		"tickets":   func() any { return new(ticket) },
		"feedback":  func() any { return new(storage.Feedback) },
		"people":    func() any { return new(storage.Preferences) },
	} {
		err := db.View(func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte(bucket)).ForEach(func(key, value []byte) error {
				record := fresh()
				if err := json.Unmarshal(value, record); err != nil {
					return err
				}
				again, err := json.Marshal(record)
				if err == nil && string(again) != unused.Replace(string(value)) {
					t.Errorf("%s %q became\n%s, was\n%s", bucket, key, again, value)
				}
				return err
			})
		})
		if err != nil {
			t.Errorf("%s: %v", bucket, err)
		}
	}
}
