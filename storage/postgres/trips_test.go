package postgres

import (
	"testing"

	"enjobridge/enjo"
	"enjobridge/internal/pgtest"
	"enjobridge/storage"
)

// Ensure that operations take two round trips: one to begin and to read, one to write and to
// commit.
func TestRoundTrips(t *testing.T) {
	var count pgtest.Trips
	s, err := Open(t.Context(), pgtest.Database(t), Options{Tracer: &count})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	q, thread := numbered(1)
	next, nextThread := numbered(2)
	direct, directThread := numbered(3)
	direct.Origin, direct.ID.Channel, direct.Thread.Channel, directThread.ID.Channel = storage.Direct, "D1", "D1", "D1"
	decided, _ := numbered(4)
	later := direct
	later.ID.TS, later.Thread.Root = "9772442000.000000", "9772442000.000000"
	ticket := enjo.Ticket{ID: "IT-1", Status: "Open"}
	for _, op := range []struct {
		name  string
		do    func() error
		trips int64
	}{
		{"Accept", func() error { _, err := s.Accept(t.Context(), q, thread); return err }, 2},
		{"Accept another", func() error { _, err := s.Accept(t.Context(), next, nextThread); return err }, 2},
		{"AcceptDirect", func() error { _, _, _, err := s.AcceptDirect(t.Context(), direct, directThread); return err }, 2},
		{"AcceptDirect and merge", func() error {
			_, _, _, err := s.AcceptDirect(t.Context(), later, storage.Thread{ID: later.Thread, LastActive: someTime})
			return err
		}, 2},
		{"FirstTime", func() error { _, err := s.FirstTime(t.Context(), "event/1", someTime); return err }, 2},
		{"Decide", func() error { return acceptOne(t, s) }, 2},
		{"Claim", func() error {
			_, err := s.Claim(t.Context(), q.ID, []storage.MessageID{next.ID}, someTime)
			return err
		}, 2},
		{"Requeue", func() error { return s.Requeue(t.Context(), q.ID, someTime, false) }, 2},
		{"SetOutcome", func() error {
			reply := enjo.Reply{ConversationID: "c", Ticket: &ticket}
			return s.SetOutcome(t.Context(), decided.ID, storage.Outcome{Reply: &reply}, someTime)
		}, 2},
		{"SetOutcome of a question with a merged one, in another thread", func() error {
			return s.SetOutcome(t.Context(), later.ID, storage.Outcome{Reply: &enjo.Reply{ConversationID: "c"}}, someTime)
		}, 3},
		{"UpdateTicket", func() error { _, err := s.UpdateTicket(t.Context(), ticket, someTime); return err }, 2},
		{"SetCard", func() error { return s.SetCard(t.Context(), decided.Thread, "IT-1", "1.2", ticket) }, 2},
		{"StopThread", func() error { _, err := s.StopThread(t.Context(), q.Thread); return err }, 2},
		{"End", func() error { return s.End(t.Context(), q.ID, storage.Delivered, nil, someTime) }, 2},
		{"SetMuted", func() error { return s.SetMuted(t.Context(), q.Thread, true) }, 2},
		{"Question", func() error { _, err := s.Question(t.Context(), q.ID); return err }, 1},
		{"Waiting", func() error { _, err := s.Waiting(t.Context(), q.Thread, q.Asker); return err }, 1},
		{"UnfinishedIn", func() error { _, err := s.UnfinishedIn(t.Context(), q.Thread); return err }, 1},
		{"Tickets", func() error { _, err := s.Tickets(t.Context(), q.Thread); return err }, 2},
	} {
		before := count.Count()
		if err := op.do(); err != nil {
			t.Errorf("%s: %v", op.name, err)
		}
		if took := count.Count() - before; took > op.trips {
			t.Errorf("%s takes %d round trips, want at most %d", op.name, took, op.trips)
		}
	}
}

// acceptOne decides to accept a question.
func acceptOne(t *testing.T, s *Store) error {
	q, thread := numbered(4)
	scope := storage.Scope{
		Team: q.ID.Team, Channel: q.ID.Channel, Person: q.Asker,
		Questions: []storage.MessageID{q.ID}, Threads: []storage.ThreadID{q.Thread}, Keys: []storage.Key{"refused/4"},
	}
	return s.Decide(t.Context(), scope, func(s storage.Store) error {
		if seen, err := s.Seen(t.Context(), "refused/4"); err != nil || seen {
			return err
		}
		if _, err := s.Waiting(t.Context(), q.Thread, q.Asker); err != nil {
			return err
		}
		_, err := s.Accept(t.Context(), q, thread)
		return err
	})
}
