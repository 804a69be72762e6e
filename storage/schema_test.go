package storage_test

import (
	"testing"

	"enjobridge/storage"
)

// Ensure that the store of schema 1 has records of every kind, and no problems.
func TestCheckBolt_SchemaOne(t *testing.T) {
	path := unpacked(t, schemaFixture(1))
	report, err := storage.CheckBolt(path, storage.BoltOptions{})
	must(t, err)
	if report.Schema != 1 || len(report.Problems) > 0 {
		t.Errorf("schema %d, problems %q", report.Schema, report.Problems)
	}
	for _, bucket := range []string{
		"about", "questions", "threads", "tickets", "feedback", "people", "seen", "calls", "swept",
		"unfinished by acceptance", "unfinished by thread", "questions by end", "threads by activity", "tickets by update",
		"tickets by ID", "tickets by requester", "tickets with outdated cards", "feedback by time", "seen by time",
	} {
		if len(raw(t, path)[bucket]) == 0 {
			t.Errorf("the fixture has nothing in the bucket %q", bucket)
		}
	}
}
