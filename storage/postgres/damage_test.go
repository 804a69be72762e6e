package postgres

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enjobridge/enjo"
	"enjobridge/internal/pgtest"
	"enjobridge/storage"
)

var (
	asked   = storage.MessageID{Team: "T1", Channel: "C1", TS: "1.1"}
	inAsked = storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.1"}
)

// full returns a store with a record of each kind and nothing else, and the reports of those
// that are set aside.
func full(t *testing.T, url string) (s *Store, aside *[]storage.SetAsideError) {
	t.Helper()
	ctx := t.Context()
	s = open(t, url)
	t.Cleanup(func() { _ = s.Close() })
	(&testStore{Store: s}).empty(t)
	aside = new([]storage.SetAsideError)
	s.Observe(func(op string, _ time.Duration, err error) {
		if damaged := new(storage.SetAsideError); errors.As(err, &damaged) && op == storage.OperationSetAside {
			*aside = append(*aside, *damaged)
		}
	})
	q := storage.Question{ID: asked, Thread: inAsked, Asker: "U1", Agent: "it", Text: "Why?", AcceptedAt: someTime}
	_, err := s.Accept(ctx, q, storage.Thread{ID: inAsked, Agent: "it", Conversation: "c1", LastActive: someTime})
	ended := q
	ended.ID.TS = "1.2"
	_, acceptErr := s.Accept(ctx, ended, storage.Thread{ID: inAsked, LastActive: someTime})
	outcome := storage.Outcome{Reply: &enjo.Reply{Text: "So.", Ticket: &enjo.Ticket{ID: "IT-1"}}}
	err = errors.Join(err, acceptErr, s.SetOutcome(ctx, ended.ID, outcome, someTime), s.End(ctx, ended.ID, storage.Delivered, nil, someTime),
		s.SetFeedback(ctx, storage.Feedback{Question: asked, User: "U1", At: someTime}),
		s.SetPreferences(ctx, storage.Preferences{User: "U1", TicketNews: true}),
		s.AddPress(ctx, storage.Press{Message: asked, Action: "share", At: someTime}),
		s.SetToken(ctx, storage.Token{Kind: storage.BotToken, Access: "secret"}),
		s.RecordCopies(ctx, []storage.Copy{{Message: asked, At: someTime}}))
	if err != nil {
		t.Fatal(err)
	}
	return s, aside
}

// readings reads everything.
func readings(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	read := func(what string, err error) {
		t.Helper()
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := s.Unfinished(ctx)
	read("Unfinished", err)
	_, err = s.Question(ctx, asked)
	read("Question", err)
	_, err = s.UnfinishedIn(ctx, inAsked)
	read("UnfinishedIn", err)
	read("EachEnded", s.EachEnded(ctx, time.Time{}, someTime.AddDate(1, 0, 0), func(storage.Question) error { return nil }))
	read("EachFeedback", s.EachFeedback(ctx, time.Time{}, someTime.AddDate(1, 0, 0), func(storage.Feedback) error { return nil }))
	_, err = s.Thread(ctx, inAsked)
	read("Thread", err)
	_, err = s.ActiveThreads(ctx, time.Time{}, 10)
	read("ActiveThreads", err)
	_, err = s.Tickets(ctx, inAsked)
	read("Tickets", err)
	_, err = s.Feedback(ctx, asked)
	read("Feedback", err)
	_, err = s.Preferences(ctx, "U1")
	read("Preferences", err)
	_, err = s.Presses(ctx)
	read("Presses", err)
	_, err = s.Token(ctx, storage.BotToken)
	read("Token", err)
	_, err = s.History(ctx, asked)
	read("History", err)
	_, err = s.UpdateTicket(ctx, enjo.Ticket{ID: "IT-1", Status: "Closed"}, someTime)
	read("UpdateTicket", err)
}

// Ensure that a record that cannot be read stops no operation, and is reported once.
func TestStore_DamagedRecords(t *testing.T) {
	url := pgtest.Database(t)
	for table, record := range map[string]string{
		"threads": `{"id":7}`, "tickets": `[]`, "feedback": `{"question":{"team":"T9"}}`, "preferences": `7`,
		"presses": `{"user":7}`, "histories": `{}`, "tokens": `"secret"`,
	} {
		t.Run(table, func(t *testing.T) {
			s, aside := full(t, url)
			tamper(t, s, table, `true`, record)
			for range 2 {
				readings(t, s)
			}
			if len(*aside) != 1 || (*aside)[0].Bucket != table {
				t.Errorf("reports %+v, want one of %s", *aside, table)
			}
			want := record
			if slices.Contains(withTexts, table) {
				want = ""
			}
			var kept string
			if err := s.pool.QueryRow(t.Context(), `SELECT record FROM enjobridge.damaged WHERE source = $1`, table).Scan(&kept); err != nil || kept != want {
				t.Errorf("%q was set aside, %v, want %q", kept, err, want)
			}
			if err := s.Forget(t.Context(), time.Now().AddDate(1, 0, 0), time.Now().AddDate(1, 0, 0)); err != nil {
				t.Fatal(err)
			}
			if n := count(t, s, "damaged"); n > 0 {
				t.Errorf("%d damaged records after Forget", n)
			}
		})
	}
}

// tamper replaces the records of a table that a condition selects.
func tamper(t *testing.T, s *Store, table, where, record string) {
	t.Helper()
	done, err := s.pool.Exec(t.Context(), fmt.Sprintf(`UPDATE enjobridge.%s SET record = '%s' WHERE %s`, table, record, where))
	if err != nil || done.RowsAffected() != 1 {
		t.Fatalf("damage %d records: %v", done.RowsAffected(), err)
	}
}

// count returns how many rows a table has.
func count(t *testing.T, s *Store, table string) (n int) {
	t.Helper()
	if err := s.pool.QueryRow(t.Context(), `SELECT count(*) FROM enjobridge.`+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Ensure that the asker of an unfinished question that cannot be read gets a failure, that an
// ended one stays ended, and that the messages of both are not accepted again.
func TestStore_DamagedQuestions(t *testing.T) {
	url := pgtest.Database(t)
	for name, record := range map[string]string{
		"not a question": `7`, "another's": `{"id":{"team":"T1","channel":"C1","ts":"9.9"},"state":"queued"}`,
		"an unknown state": `{"id":{"team":"T1","channel":"C1","ts":"1.1"},"state":"thinking"}`,
	} {
		t.Run(name, func(t *testing.T) {
			s, aside := full(t, url)
			tamper(t, s, "questions", `ts = '1.1'`, record)
			tamper(t, s, "questions", `ts = '1.2'`, record)
			readings(t, s)
			got, err := s.Unfinished(t.Context())
			want := []storage.Question{{
				ID: asked, Thread: inAsked, Asker: "U1", State: storage.Answered, AcceptedAt: someTime,
				Outcome: &storage.Outcome{Failure: storage.FailureInternal, Reference: storage.Reference(asked)},
			}}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Error(diff, err)
			}
			ended := asked
			ended.TS = "1.2"
			if q, err := s.Question(t.Context(), ended); err != nil || q.State != storage.Cancelled || !q.EndedAt.Equal(someTime) {
				t.Errorf("the ended question is %+v, %v", q, err)
			}
			if len(*aside) != 2 {
				t.Errorf("reports %+v, want 2", *aside)
			}
		})
	}
}

// Ensure that the question of a thread that cannot be read is answered in a new conversation,
// by a write that meets the thread first.
func TestStore_DamagedThread(t *testing.T) {
	s, aside := full(t, pgtest.Database(t))
	tamper(t, s, "threads", `true`, `"?"`)
	outcome := storage.Outcome{Reply: &enjo.Reply{Text: "So.", ConversationID: "c2"}}
	if err := s.SetOutcome(t.Context(), asked, outcome, someTime); err != nil {
		t.Fatal(err)
	}
	thread, err := s.Thread(t.Context(), inAsked)
	want := storage.Thread{ID: inAsked, Agent: "it", Conversation: "c2", Askers: map[string]string{"U1": "1.1"}, LastActive: thread.LastActive}
	if diff := cmp.Diff(want, thread); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if len(*aside) != 1 {
		t.Errorf("reports %+v, want 1", *aside)
	}
}

// Ensure that a damaged thread is replaced although one of its questions is damaged, too.
func TestStore_DamagedThreadAndQuestion(t *testing.T) {
	s, aside := full(t, pgtest.Database(t))
	tamper(t, s, "threads", `true`, `"?"`)
	tamper(t, s, "questions", `ended_at IS NULL`, `7`)
	if err := s.SetMuted(t.Context(), inAsked, true); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("the thread has no question that can be read: %v, want ErrNotFound", err)
	}
	q, err := s.Question(t.Context(), asked)
	if err != nil || q.Thread != inAsked || len(*aside) != 2 {
		t.Errorf("the question is %+v, %v; reports %+v, want 2", q, err, *aside)
	}
}

// Ensure that a decision that meets a damaged record is made again without it.
func TestStore_DamagedRecordInDecision(t *testing.T) {
	s, aside := full(t, pgtest.Database(t))
	tamper(t, s, "preferences", `true`, `7`)
	var read storage.Preferences
	err := s.Decide(t.Context(), storage.Scope{Team: "T1", Channel: "C1"}, func(decided storage.Store) (err error) {
		read, err = decided.Preferences(t.Context(), "U1")
		return err
	})
	if err != nil || read != (storage.Preferences{User: "U1"}) || len(*aside) != 1 {
		t.Errorf("the decision reads %+v, %v, and %+v were set aside", read, err, *aside)
	}
}
