package storage_test

import (
	"bytes"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// setAside are the reports of records that were set aside.
func setAside(s *storage.Bolt) *[]storage.SetAsideError {
	var all []storage.SetAsideError
	s.Observe(func(op string, _ time.Duration, err error) {
		if aside := new(storage.SetAsideError); errors.As(err, &aside) && op == "set_aside" {
			all = append(all, *aside)
		}
	})
	return &all
}

// keyWith returns the first key of a bucket that contains a text.
func keyWith(tx *bbolt.Tx, bucket, text string) []byte {
	var found []byte
	_ = tx.Bucket([]byte(bucket)).ForEach(func(key, _ []byte) error {
		if found == nil && bytes.Contains(key, []byte(text)) {
			found = bytes.Clone(key)
		}
		return nil
	})
	return found
}

// full returns the path of a store with everything.
func full(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "enjobridge.db")
	s := open(t, path, storage.Unsynced)
	everything(t, s)
	// The stores of earlier schemas, with which everything is compared, have no histories.
	must(t, s.RecordCopies(t.Context(), []storage.Copy{{Message: ask(3).ID, At: epoch, Event: "message"}, {Message: ask(4).ID, At: epoch, Event: "message"}}))
	closeStore(t, s)
	return path
}

// Ensure that an unfinished question that cannot be read does not stop the others: its
// index entries are replaced, it is reported once, its asker gets a failure, and its value,
// which can contain texts and a response URL, is not preserved.
func TestBolt_DamagedQuestion(t *testing.T) {
	waiting := ask(0)
	for name, damage := range map[string]func(questions *bbolt.Bucket, key []byte) error{
		"not JSON": func(b *bbolt.Bucket, key []byte) error { return b.Put(key, []byte(`{"id":`)) },
		"nothing":  func(b *bbolt.Bucket, key []byte) error { return b.Put(key, nil) },
		"missing":  func(b *bbolt.Bucket, key []byte) error { return b.Delete(key) },
		"another's": func(b *bbolt.Bucket, key []byte) error {
			_, other := b.Cursor().Last()
			return b.Put(key, bytes.Clone(other))
		},
		"an unknown state": func(b *bbolt.Bucket, key []byte) error { return b.Put(key, []byte(`{"state":"thinking"}`)) },
	} {
		t.Run(name, func(t *testing.T) {
			path := full(t)
			tampered(t, path, func(tx *bbolt.Tx) error {
				return damage(tx.Bucket([]byte("questions")), keyWith(tx, "questions", waiting.ID.TS))
			})
			s := open(t, path, storage.Unsynced)
			reports := setAside(s)
			for range 2 {
				unfinished, err := s.Unfinished(t.Context())
				must(t, err)
				if len(unfinished) != 5 {
					t.Errorf("%d unfinished questions, want 5", len(unfinished))
				}
			}
			if want := []storage.SetAsideError{{Bucket: "questions", Record: waiting.ID.String()}}; !cmp.Equal(*reports, want) {
				t.Errorf("reports %+v, want %+v", *reports, want)
			}
			backlog, err := s.Backlog(t.Context())
			if want := (storage.Backlog{Queued: 1, Asking: 1, Answered: 3, Oldest: waiting.AcceptedAt}); err != nil || backlog != want {
				t.Errorf("backlog %+v, %v, want %+v", backlog, err, want)
			}
			wantFailed(t, s, waiting)
			must(t, s.End(t.Context(), waiting.ID, storage.Failed, []string{"9.9"}, epoch))
			closeStore(t, s)
			wantSound(t, path, 1)
			for key, aside := range raw(t, path)["damaged"] {
				if !strings.Contains(key, waiting.ID.TS) || aside != "" {
					t.Errorf("set aside: %q at %q", aside, key)
				}
			}
		})
	}
}

// Ensure that the value of other damaged records is preserved, and that Forget erases the
// values of questions that an earlier version has preserved.
func TestBolt_DamagedValues(t *testing.T) {
	path := full(t)
	tampered(t, path, func(tx *bbolt.Tx) error {
		for _, bucket := range []string{"questions", "tickets"} {
			b := tx.Bucket([]byte(bucket))
			key, _ := b.Cursor().First()
			must(t, b.Put(bytes.Clone(key), []byte("{secret of "+bucket)))
		}
		return nil
	})
	s := open(t, path, storage.Unsynced)
	readings(t, s)
	closeStore(t, s)
	values := slices.Sorted(maps.Values(raw(t, path)["damaged"]))
	if want := []string{"", "{secret of tickets"}; !slices.Equal(values, want) {
		t.Fatalf("the values are %q, want %q", values, want)
	}
	tampered(t, path, func(tx *bbolt.Tx) error {
		key := keyWith(tx, "damaged", "questions")
		return tx.Bucket([]byte("damaged")).Put(key, []byte("{secret of questions"))
	})
	s = open(t, path, storage.Unsynced)
	must(t, s.Forget(t.Context(), epoch.AddDate(-1, 0, 0), epoch.AddDate(-1, 0, 0)))
	closeStore(t, s)
	if after := slices.Sorted(maps.Values(raw(t, path)["damaged"])); !slices.Equal(after, values) {
		t.Errorf("after Forget, the values are %q, want %q", after, values)
	}
	wantSound(t, path, 2)
}

// wantFailed checks that a damaged question has a failure as its outcome, and that its
// message is not accepted again.
func wantFailed(t *testing.T, s *storage.Bolt, q storage.Question) {
	t.Helper()
	in, err := s.UnfinishedIn(t.Context(), q.Thread)
	must(t, err)
	want := storage.Question{
		ID: q.ID, Thread: q.Thread, State: storage.Answered, AcceptedAt: q.AcceptedAt,
		Outcome: &storage.Outcome{Failure: storage.FailureInternal, Reference: storage.Reference(q.ID)},
	}
	if diff := cmp.Diff([]storage.Question{want}, in); diff != "" {
		t.Error(diff)
	}
	if fresh, err := s.Accept(t.Context(), q, threadOf(q)); err != nil || fresh {
		t.Errorf("the message is accepted again: %v, %v", fresh, err)
	}
}

// wantSound checks that a store has no problems, and how many records were set aside.
func wantSound(t *testing.T, path string, aside int) {
	t.Helper()
	report, err := storage.CheckBolt(path, storage.BoltOptions{})
	must(t, err)
	if len(report.Problems) > 0 || len(report.SetAside) != aside {
		t.Errorf("%q were set aside, want %d; problems %q", report.SetAside, aside, report.Problems)
	}
}

// damages returns kinds of damage to a store with everything, and the buckets that the
// store reports.
func damages() map[string]struct {
	damage func(*bbolt.Tx) error
	bucket string
} {
	replaced := func(bucket, text, value string) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte(bucket)).Put(keyWith(tx, bucket, text), []byte(value))
		}
	}
	garbage := func(bucket, text string) func(*bbolt.Tx) error { return replaced(bucket, text, "{") }
	missing := func(bucket, text string) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bucket)).Delete(keyWith(tx, bucket, text)) }
	}
	extra := func(bucket string, key ...byte) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bucket)).Put(key, nil) }
	}
	return map[string]struct {
		damage func(*bbolt.Tx) error
		bucket string
	}{
		"a waiting question":           {garbage("questions", ".000001"), "questions"},
		"a claimed question":           {garbage("questions", ".000002"), "questions"},
		"an answered question":         {garbage("questions", ".000003"), "questions"},
		"a delivered question":         {garbage("questions", ".000004"), "questions"},
		"a thread with a question":     {garbage("threads", ".000000"), "threads"},
		"a thread without a question":  {garbage("threads", ".000005"), "threads"},
		"a missing thread":             {missing("threads", ".000005"), "threads"},
		"a ticket":                     {garbage("tickets", "IT-3"), "tickets"},
		"a missing ticket":             {missing("tickets", "IT-4"), "tickets"},
		"feedback":                     {garbage("feedback", "U1"), "feedback"},
		"preferences":                  {garbage("people", "U1"), "people"},
		"a history":                    {garbage("copies", ".000003"), "copies"},
		"a history without copies":     {replaced("copies", ".000003", `{}`), "copies"},
		"a missing history":            {missing("copies", ".000003"), "copies"},
		"a watermark":                  {garbage("swept", "C1"), "swept"},
		"the key of a call":            {extra("calls", 0xff), "calls"},
		"an unfinished entry":          {extra("unfinished by acceptance", 0), "unfinished by acceptance"},
		"an entry of an ended one":     {extra("questions by end", 0), "questions by end"},
		"an entry of a thread":         {extra("threads by activity", 0xff), "threads by activity"},
		"an idle entry of a thread":    {extra("threads by activity", 0), "threads by activity"},
		"an entry of an idle ticket":   {extra("tickets by update", 0), "tickets by update"},
		"an entry of an outdated card": {extra("tickets with outdated cards", 'x'), "tickets"},
		"an entry of feedback":         {extra("feedback by time", 0), "feedback by time"},
		"an entry of a key":            {extra("seen by time", 0), "seen by time"},
		"an entry of a history":        {extra("copies by time", 0), "copies by time"},
	}
}

// Ensure that a damaged record of any kind, and an index entry that leads nowhere, stop no
// operation, and are reported once.
func TestBolt_DamagedRecords(t *testing.T) {
	for name, test := range damages() {
		t.Run(name, func(t *testing.T) {
			path := full(t)
			tampered(t, path, test.damage)
			s := open(t, path, storage.Unsynced)
			reports := setAside(s)
			for range 2 {
				readings(t, s)
			}
			if len(*reports) != 1 || (*reports)[0].Bucket != test.bucket {
				t.Errorf("reports %+v, want one of %s", *reports, test.bucket)
			}
			closeStore(t, s)
			wantSound(t, path, 1)
			s = open(t, path, storage.Unsynced)
			writings(t, s)
			closeStore(t, s)
			wantSound(t, path, 0) // Forget deletes it at last
		})
	}
}

// works fails the test if an operation could not be done because of damage.
func works(t *testing.T, operation string, err error) {
	t.Helper()
	if err != nil && !errors.Is(err, storage.ErrNotFound) && !errors.Is(err, storage.ErrState) {
		t.Errorf("%s: %v", operation, err)
	}
}

// readings reads everything.
func readings(t *testing.T, s *storage.Bolt) {
	t.Helper()
	ctx := t.Context()
	for i := range 9 {
		q := ask(i)
		_, err := s.Question(ctx, q.ID)
		works(t, "Question", err)
		_, err = s.Thread(ctx, q.Thread)
		works(t, "Thread", err)
		_, err = s.UnfinishedIn(ctx, q.Thread)
		works(t, "UnfinishedIn", err)
		_, err = s.Tickets(ctx, q.Thread)
		works(t, "Tickets", err)
		_, err = s.Feedback(ctx, q.ID)
		works(t, "Feedback", err)
		_, err = s.TicketsOf(ctx, q.Asker)
		works(t, "TicketsOf", err)
		_, err = s.History(ctx, q.ID)
		works(t, "History", err)
		_, err = s.Referenced(ctx, storage.Reference(q.ID))
		works(t, "Referenced", err)
	}
	_, err := s.Unfinished(ctx)
	works(t, "Unfinished", err)
	_, err = s.Backlog(ctx)
	works(t, "Backlog", err)
	_, err = s.ActiveThreads(ctx, time.Time{}, 100)
	works(t, "ActiveThreads", err)
	_, err = s.OutdatedCards(ctx)
	works(t, "OutdatedCards", err)
	_, err = s.Preferences(ctx, "U1")
	works(t, "Preferences", err)
	_, err = s.Watermark(ctx, "C1")
	works(t, "Watermark", err)
	_, err = s.Calls(ctx, time.Time{})
	works(t, "Calls", err)
	works(t, "Forget", s.Forget(ctx, epoch.AddDate(-1, 0, 0), epoch.AddDate(-1, 0, 0)))
}

// writings changes everything, and then forgets it.
func writings(t *testing.T, s *storage.Bolt) {
	t.Helper()
	ctx := t.Context()
	for i := range 9 {
		q := ask(i)
		_, err := s.Claim(ctx, q.ID, nil, epoch)
		works(t, "Claim", err)
		works(t, "Requeue", s.Requeue(ctx, q.ID, epoch, true))
		_, err = s.Edit(ctx, q.ID, "Why?")
		works(t, "Edit", err)
		works(t, "SetMuted", s.SetMuted(ctx, q.Thread, true))
		_, err = s.MuteOnce(ctx, q.Thread, storage.MuteKey(q.ID), epoch)
		works(t, "MuteOnce", err)
		works(t, "ResetConversation", s.ResetConversation(ctx, q.Thread))
		works(t, "SetOutcome", s.SetOutcome(ctx, q.ID, answer(i), epoch))
		_, err = s.StopThread(ctx, q.Thread)
		works(t, "StopThread", err)
		works(t, "SetCard", s.SetCard(ctx, q.Thread, "IT-3", "8.1", enjo.Ticket{}))
		works(t, "End", s.End(ctx, q.ID, storage.Delivered, nil, epoch))
		works(t, "RecordCopies", s.RecordCopies(ctx, []storage.Copy{{Message: q.ID, At: epoch, Event: "message"}}))
		works(t, "SetFeedback", s.SetFeedback(ctx, storage.Feedback{Question: q.ID, User: "U1", At: epoch}))
	}
	q := ask(9)
	q.Thread = ask(0).Thread
	_, err := s.Accept(ctx, q, threadOf(q))
	works(t, "Accept", err)
	_, err = s.UpdateTicket(ctx, enjo.Ticket{ID: "IT-4", Status: "Parked"}, epoch)
	works(t, "UpdateTicket", err)
	_, err = s.Preferences(ctx, "U1")
	works(t, "Preferences", err)
	later := time.Now().AddDate(1, 0, 0)
	works(t, "Forget", s.Forget(ctx, later, later))
}

// Ensure that a write that meets a damaged record sets it aside and succeeds.
func TestBolt_DamagedRecordsInWrites(t *testing.T) {
	for name, bucket := range map[string]string{
		"questions": "questions", "threads": "threads", "tickets": "tickets", "feedback": "feedback", "people": "people", "copies": "copies",
	} {
		t.Run(name, func(t *testing.T) {
			path := full(t)
			tampered(t, path, func(tx *bbolt.Tx) error {
				b := tx.Bucket([]byte(bucket))
				var keys [][]byte
				_ = b.ForEach(func(key, _ []byte) error { keys = append(keys, bytes.Clone(key)); return nil })
				for _, key := range keys {
					must(t, b.Put(key, []byte("{")))
				}
				return nil
			})
			s := open(t, path, storage.Unsynced)
			writings(t, s)
			closeStore(t, s)
			wantSound(t, path, 0)
		})
	}
}

// Ensure that the question of a damaged thread is asked and answered.
func TestBolt_DamagedThread(t *testing.T) {
	path := full(t)
	q := ask(0)
	tampered(t, path, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("threads")).Put(keyWith(tx, "threads", q.Thread.Root), []byte("null"))
	})
	s := open(t, path, storage.Unsynced)
	defer closeStore(t, s)
	_, err := s.Claim(t.Context(), q.ID, nil, epoch)
	must(t, err)
	thread, err := s.Thread(t.Context(), q.Thread)
	if err != nil || thread.Agent != q.Agent || thread.Conversation != "" {
		t.Errorf("the thread is %+v, %v", thread, err)
	}
	must(t, s.SetOutcome(t.Context(), q.ID, answer(0), epoch))
	must(t, s.End(t.Context(), q.ID, storage.Delivered, nil, epoch))
	if thread, err = s.Thread(t.Context(), q.Thread); err != nil || thread.Conversation != answer(0).Reply.ConversationID {
		t.Errorf("after the answer, the thread is %+v, %v", thread, err)
	}
}
