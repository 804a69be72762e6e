package storage_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

var update = flag.Bool("update", false, "write the fixture of this version's schema again")

// TestRecordSchema writes a store with every kind of record, as the code that is checked
// out stores it:
//
//	go test ./storage -run TestRecordSchema -update
//
// Run it before a change of the schema, and commit the fixture with the change. The
// fixtures of earlier schemas cannot be written again.
func TestRecordSchema(t *testing.T) {
	if !*update {
		t.Skip("-update writes the fixture again")
	}
	path := filepath.Join(t.TempDir(), "bot.db")
	s := open(t, path, storage.BoltOptions{})
	everything(t, s)
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	must(t, err)
	_, err = s.Backup(t.Context(), writer)
	must(t, err)
	must(t, writer.Close())
	closeStore(t, s)
	report, err := storage.CheckBolt(path, storage.BoltOptions{})
	must(t, err)
	must(t, os.WriteFile(schemaFixture(report.Schema), packed.Bytes(), 0o644))
}

// schemaFixture returns the name of the packed store with a schema.
func schemaFixture(schema int) string { return fmt.Sprintf("testdata/schema%d.db.gz", schema) }

// unpacked returns the path of an unpacked copy of a store.
func unpacked(t testing.TB, packed string) (path string) {
	t.Helper()
	file, err := os.Open(packed)
	must(t, err)
	defer file.Close()
	reader, err := gzip.NewReader(file)
	must(t, err)
	content, err := io.ReadAll(reader)
	must(t, err)
	path = filepath.Join(t.TempDir(), "bot.db")
	must(t, os.WriteFile(path, content, 0o600))
	return path
}

// everything stores records of every kind: questions in every state, threads, tickets
// with and without an outdated card, feedback, preferences, keys, counters, calls and
// watermarks.
func everything(t *testing.T, s *storage.Bolt) {
	t.Helper()
	ctx := t.Context()
	questions := make([]storage.Question, 9)
	for i := range questions {
		questions[i] = ask(i)
		accept(t, s, questions[i])
	}
	queued, requeued, asking, answered, delivered, failed, cancelled, merged, others := questions[0], questions[1], questions[2], questions[3],
		questions[4], questions[5], questions[6], questions[7], questions[8]
	claim := func(q storage.Question, with ...storage.MessageID) {
		_, err := s.Claim(ctx, q.ID, with, epoch.Add(time.Minute))
		must(t, err)
	}
	_, err := s.Edit(ctx, queued.ID, "How do I reset my password *quickly*?")
	must(t, err)
	claim(requeued)
	must(t, s.Requeue(ctx, requeued.ID, epoch.Add(time.Hour), true))
	claim(asking, merged.ID)
	claim(answered)
	must(t, s.SetOutcome(ctx, answered.ID, answer(3), epoch.Add(2*time.Minute)))
	must(t, s.SetOutcome(ctx, delivered.ID, answer(4), epoch.Add(3*time.Minute)))
	must(t, s.End(ctx, delivered.ID, storage.Delivered, []string{"1772442001.000001", "1772442001.000002"}, epoch.Add(4*time.Minute)))
	must(t, s.SetOutcome(ctx, failed.ID, storage.Outcome{Failure: storage.FailureRejected, Reference: "EB-ABCDEF"}, epoch))
	must(t, s.End(ctx, failed.ID, storage.Failed, []string{"1772442002.000001"}, epoch.Add(5*time.Minute)))
	must(t, s.End(ctx, cancelled.ID, storage.Cancelled, nil, epoch.Add(6*time.Minute)))
	_, err = s.StopThread(ctx, others.Thread)
	must(t, err)

	must(t, s.SetMuted(ctx, failed.Thread, true))
	must(t, s.ResetConversation(ctx, answered.Thread))
	must(t, s.SetCard(ctx, answered.Thread, "IT-3", "1772442003.000001", enjo.Ticket{ID: "IT-3", Status: "Open"}))
	must(t, s.SetCard(ctx, delivered.Thread, "IT-4", "1772442004.000001", enjo.Ticket{ID: "IT-4", Status: "Open"}))
	_, err = s.UpdateTicket(ctx, enjo.Ticket{ID: "IT-4", Status: "Closed"}, epoch.Add(time.Hour))
	must(t, err)
	must(t, s.SetFeedback(ctx, storage.Feedback{Question: delivered.ID, User: "U1", Good: true, At: epoch}))
	must(t, s.SetFeedback(ctx, storage.Feedback{Question: delivered.ID, User: "U2", Reasons: []string{"wrong"}, Comment: "No.", At: epoch}))
	must(t, s.SetPreferences(ctx, storage.Preferences{User: "U1", TicketNews: true}))
	_, err = s.FirstTime(ctx, storage.RefusedKey(ask(100).ID), epoch)
	must(t, err)
	for range 3 {
		_, err = s.Increment(ctx, storage.ChannelDayKey("C1", epoch), epoch)
		must(t, err)
	}
	must(t, s.SetWatermark(ctx, "C1", epoch))
	must(t, s.Probe(ctx))
}
