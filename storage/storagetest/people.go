package storagetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

func testTicketNews(t *testing.T, f *fixture) {
	modified := func(status string, seconds int) enjo.Ticket {
		return enjo.Ticket{ID: "IT-1", Status: status, Modified: enjo.Time{At: at(seconds), Raw: at(seconds).Format(time.RFC3339)}}
	}

	t.Run("reach every thread that has the ticket", func(t *testing.T) {
		s := f.open(t)
		one, two, other := s.accept(ask("1.1", "Why?")), s.accept(ask("2.1", "Why?")), s.accept(ask("3.1", "Why?"))
		s.setOutcome(one.ID, replyWithTicket("IT-1", "Open"))
		s.setOutcome(two.ID, replyWithTicket("IT-1", "Open"))
		s.setOutcome(other.ID, replyWithTicket("IT-10", "Open"))
		updated, err := s.UpdateTicket(background, modified("Closed", 50), at(50))
		s.must(err)
		equal(t, "updated tickets", len(updated), 2)
		equal(t, "first", s.tickets(one.Thread)[0].Latest, modified("Closed", 50))
		equal(t, "second", s.tickets(two.Thread)[0].Latest, modified("Closed", 50))
		equal(t, "other", s.tickets(other.Thread)[0].Latest.Status, "Open")
		equal(t, "requester", updated[0].Requester, "U1")
	})

	t.Run("that are older change nothing, and empty fields erase nothing", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(ask("1.1", "Why?"))
		s.setOutcome(q.ID, replyWithTicket("IT-1", "Open"))
		_, err := s.UpdateTicket(background, modified("Closed", 50), at(50))
		s.must(err)
		_, err = s.UpdateTicket(background, modified("Open", 40), at(60))
		s.must(err)
		_, err = s.UpdateTicket(background, enjo.Ticket{ID: "IT-1", Priority: "High"}, at(70))
		s.must(err)
		want := modified("Closed", 50)
		want.Priority = "High"
		equal(t, "latest", s.tickets(q.Thread)[0].Latest, want)
	})

	t.Run("with an invalid date do not let older ones through", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(ask("1.1", "Why?"))
		s.setOutcome(q.ID, replyWithTicket("IT-1", "Open"))
		unreadable := enjo.Ticket{ID: "IT-1", Status: "Resolved", Modified: enjo.Time{Raw: "a minute ago"}}
		for _, latest := range []enjo.Ticket{modified("In Progress", 50), unreadable, modified("Open", 40)} {
			_, err := s.UpdateTicket(background, latest, at(60))
			s.must(err)
		}
		equal(t, "latest", s.tickets(q.Thread)[0].Latest, modified("Resolved", 50))
		_, err := s.UpdateTicket(background, modified("Closed", 55), at(70))
		s.must(err)
		equal(t, "latest after a newer update", s.tickets(q.Thread)[0].Latest, modified("Closed", 55))
	})

	t.Run("update the ticket only if they change something", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(ask("1.1", "Why?"))
		s.setOutcome(q.ID, replyWithTicket("IT-1", "Open")) // at 20
		otherNotation := modified("Closed", 50)
		otherNotation.Modified.Raw = "nine o'clock"
		for n, test := range []struct {
			latest enjo.Ticket
			want   int
		}{
			{enjo.Ticket{ID: "IT-1", Status: "Open"}, 20},
			{enjo.Ticket{ID: "IT-1"}, 20},
			{modified("Closed", 50), 42},
			{modified("Closed", 50), 42},
			{otherNotation, 42},
			{modified("Open", 40), 42},
			{modified("Closed", 60), 46},
		} {
			updated, err := s.UpdateTicket(background, test.latest, at(40+n))
			s.must(err)
			equal(t, fmt.Sprint("update time after ", n+1), s.tickets(q.Thread)[0].UpdatedAt, at(test.want))
			equal(t, fmt.Sprint("tickets after ", n+1), updated, s.tickets(q.Thread))
		}
	})

	t.Run("of an unknown ticket fail", func(t *testing.T) {
		s := f.open(t)
		if _, err := s.UpdateTicket(background, modified("Closed", 50), at(50)); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("error %v, want ErrNotFound", err)
		}
	})

	t.Run("make the card outdated until it shows them", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(ask("1.1", "Why?"))
		s.setOutcome(q.ID, replyWithTicket("IT-1", "Open"))
		s.must(s.SetCard(background, q.Thread, "IT-1", "8.1", enjo.Ticket{ID: "IT-1", Status: "Open"}))
		equal(t, "outdated", outdated(s), 0)
		_, err := s.UpdateTicket(background, modified("Closed", 50), at(50))
		s.must(err)
		equal(t, "outdated", outdated(s), 1)
		elsewhere := modified("Closed", 50)
		elsewhere.Modified.At = elsewhere.Modified.At.In(time.FixedZone("CET", 3600))
		s.must(s.SetCard(background, q.Thread, "IT-1", "8.1", elsewhere))
		equal(t, "outdated", outdated(s), 0)
	})

	t.Run("are sorted by time for a requester, until they are forgotten", func(t *testing.T) {
		s := f.open(t)
		one, two := s.accept(ask("1.1", "Why?")), s.accept(ask("2.1", "Why?"))
		s.must(s.SetOutcome(background, one.ID, replyWithTicket("IT-1", "Open"), at(20)))
		s.must(s.SetOutcome(background, two.ID, replyWithTicket("IT-2", "Open"), at(30)))
		tickets, err := s.TicketsOf(background, "U1")
		s.must(err)
		equal(t, "tickets", len(tickets), 2)
		equal(t, "latest", tickets[0].Latest.ID, "IT-2")
		s.forget(1000, 25)
		tickets, err = s.TicketsOf(background, "U1")
		s.must(err)
		equal(t, "tickets left", len(tickets), 1)
		if _, err := s.UpdateTicket(background, modified("Closed", 50), at(50)); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("error %v, want ErrNotFound", err)
		}
	})
}

// outdated returns the number of outdated cards.
func outdated(s *store) int {
	s.t.Helper()
	tickets, err := s.OutdatedCards(background)
	s.must(err)
	return len(tickets)
}

func testFeedback(t *testing.T, f *fixture) {
	s := f.open(t)
	q := message("1.1")
	bad := storage.Feedback{Question: q, User: "U1", Reasons: []string{"wrong"}, Comment: "It is on floor 3", At: at(10)}
	good := storage.Feedback{Question: q, User: "U2", Good: true, At: at(20)}
	s.must(s.SetFeedback(background, bad))
	s.must(s.SetFeedback(background, good))
	equal(t, "feedback", s.feedback(q), []storage.Feedback{bad, good})
	equal(t, "on another question", s.feedback(message("1.10")), nil)

	changed := storage.Feedback{Question: q, User: "U1", Good: true, At: at(30)}
	s.must(s.SetFeedback(background, changed))
	equal(t, "feedback", s.feedback(q), []storage.Feedback{changed, good})
	s.forget(1000, 25)
	equal(t, "feedback left", s.feedback(q), []storage.Feedback{changed})
}

func (s *store) feedback(q storage.MessageID) []storage.Feedback {
	s.t.Helper()
	all, err := s.Feedback(background, q)
	s.must(err)
	return all
}

func testPreferences(t *testing.T, f *fixture) {
	s := f.open(t)
	read := func() storage.Preferences {
		p, err := s.Preferences(background, "U1")
		s.must(err)
		return p
	}
	equal(t, "default", read(), storage.Preferences{User: "U1"})
	s.must(s.SetPreferences(background, storage.Preferences{User: "U1", TicketNews: true}))
	s.reopen()
	equal(t, "set", read(), storage.Preferences{User: "U1", TicketNews: true})
	s.must(s.SetPreferences(background, storage.Preferences{User: "U1"}))
	equal(t, "reset", read(), storage.Preferences{User: "U1"})
}
