package storagetest

import (
	"errors"
	"fmt"
	"testing"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// states contains all states, each with a function that moves a queued question there.
var states = map[storage.State]func(s *store, id storage.MessageID){
	storage.Queued:    func(*store, storage.MessageID) {},
	storage.Asking:    func(s *store, id storage.MessageID) { s.claim(id) },
	storage.Answered:  func(s *store, id storage.MessageID) { s.setOutcome(id, reply("yes")) },
	storage.Delivered: func(s *store, id storage.MessageID) { s.setOutcome(id, reply("yes")); s.end(id, storage.Delivered) },
	storage.Failed: func(s *store, id storage.MessageID) {
		s.setOutcome(id, storage.Outcome{Failure: "x"})
		s.end(id, storage.Failed)
	},
	storage.Cancelled: func(s *store, id storage.MessageID) { s.end(id, storage.Cancelled) },
	storage.Merged: func(s *store, id storage.MessageID) {
		other := s.accept(ask("0.1", "And?"))
		s.claim(other.ID, id)
	},
}

// transitions contains all transitions, each with its source states and its target state.
var transitions = map[string]struct {
	do   func(s *store, id storage.MessageID) error
	from []storage.State
	to   storage.State
}{
	"Claim": {
		func(s *store, id storage.MessageID) error {
			_, err := s.Claim(background, id, nil, at(40))
			return err
		},
		[]storage.State{storage.Queued},
		storage.Asking,
	},
	"Claim with another": {
		func(s *store, id storage.MessageID) error {
			s.accept(ask("0.2", "So?"))
			_, err := s.Claim(background, message("0.2"), []storage.MessageID{id}, at(40))
			return err
		},
		[]storage.State{storage.Queued},
		storage.Merged,
	},
	"Requeue": {
		func(s *store, id storage.MessageID) error { return s.Requeue(background, id, at(40), false) },
		[]storage.State{storage.Asking},
		storage.Queued,
	},
	"SetOutcome": {
		func(s *store, id storage.MessageID) error { return s.SetOutcome(background, id, reply("yes"), at(40)) },
		[]storage.State{storage.Queued, storage.Asking},
		storage.Answered,
	},
	"End as delivered": {endAs(storage.Delivered), []storage.State{storage.Answered}, storage.Delivered},
	"End as failed":    {endAs(storage.Failed), []storage.State{storage.Answered}, storage.Failed},
	"End as cancelled": {endAs(storage.Cancelled), unfinished, storage.Cancelled},
	"End as merged":    {endAs(storage.Merged), nil, ""},
	"End as queued":    {endAs(storage.Queued), nil, ""},
	"End as asking":    {endAs(storage.Asking), nil, ""},
	"End as answered":  {endAs(storage.Answered), nil, ""},
	"End as nothing":   {endAs(""), nil, ""},
}

// unfinished are the states that are not end states.
var unfinished = []storage.State{storage.Queued, storage.Asking, storage.Answered}

func endAs(end storage.State) func(*store, storage.MessageID) error {
	return func(s *store, id storage.MessageID) error { return s.End(background, id, end, nil, at(40)) }
}

// testTransitions tries every transition from every state.
func testTransitions(t *testing.T, f *fixture) {
	for name, transition := range transitions {
		t.Run(name+" of an unknown question", func(t *testing.T) {
			s := f.open(t)
			if err := transition.do(s, message("1.1")); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("error %v, want ErrNotFound", err)
			}
		})
		for state, bring := range states {
			t.Run(fmt.Sprintf("%s from %s", name, state), func(t *testing.T) {
				s := f.open(t)
				id := s.accept(ask("1.1", "Why?")).ID
				bring(s, id)
				before := s.question(id)
				equal(t, "state before", before.State, state)

				err := transition.do(s, id)
				after := s.question(id)
				for _, from := range transition.from {
					if state == from {
						s.must(err)
						equal(t, "state after", after.State, transition.to)
						return
					}
				}
				if !errors.Is(err, storage.ErrState) {
					t.Errorf("error %v, want ErrState", err)
				}
				equal(t, "question after", after, before)
			})
		}
	}
}

func testClaim(t *testing.T, f *fixture) {
	t.Run("counts the attempt", func(t *testing.T) {
		s := f.open(t)
		want := s.accept(ask("1.1", "Why?"))
		s.claim(want.ID)
		s.must(s.Requeue(background, want.ID, at(15), true))
		want.Attempts, want.UnknownAttempts, want.AskedAt, want.NotBefore = 1, 1, at(10), at(15)
		equal(t, "requeued", s.question(want.ID), want)

		claimed, err := s.Claim(background, want.ID, nil, at(12))
		s.must(err)
		want.State, want.Attempts, want.AskedAt, want.NotBefore = storage.Asking, 2, at(12), want.EndedAt
		equal(t, "claimed", claimed, want)
		equal(t, "stored", s.question(want.ID), want)
	})

	t.Run("merges others in the given order", func(t *testing.T) {
		s := f.open(t)
		want := s.accept(ask("1.1", "one"))
		two := ask("1.2", "two")
		two.MakesTicket, two.HasFiles, two.UnreadFiles = true, true, []string{"two.png"}
		three := ask("1.3", "three")
		three.NewConversation, three.HasFiles, three.UnreadFiles = true, true, []string{"three.png"}
		s.accept(two)
		s.accept(three)

		claimed := s.claim(want.ID, three.ID, two.ID)
		want.State, want.Attempts, want.AskedAt = storage.Asking, 1, at(10)
		want.Text = "one\n\nthree\n\ntwo"
		want.With = []storage.MessageID{three.ID, two.ID}
		want.MakesTicket, want.HasFiles, want.NewConversation = true, true, true
		want.UnreadFiles = []string{"three.png", "two.png"}
		equal(t, "claimed", claimed, want)
		equal(t, "stored", s.question(want.ID), want)

		two.State, two.EndedAt, two.Text, two.UnreadFiles, two.Lead = storage.Merged, at(10), "", nil, want.ID
		equal(t, "merged", s.question(two.ID), two)
		equal(t, "unfinished", s.unfinished(), []storage.Question{want})
	})

	t.Run("takes the highest number of unknown attempts", func(t *testing.T) {
		s := f.open(t)
		for _, ts := range []string{"1.1", "1.2", "1.3"} {
			s.accept(ask(ts, ts))
		}
		for range 2 {
			s.claim(message("1.2"))
			s.must(s.Requeue(background, message("1.2"), at(11), true))
		}
		s.claim(message("1.3"))
		s.must(s.Requeue(background, message("1.3"), at(11), true))
		equal(t, "unknown attempts", s.claim(message("1.1"), message("1.2"), message("1.3")).UnknownAttempts, 2)
		s.must(s.Requeue(background, message("1.1"), at(11), true))
		equal(t, "unknown attempts after one more", s.question(message("1.1")).UnknownAttempts, 3)
	})

	t.Run("keeps the questions that were merged before", func(t *testing.T) {
		s := f.open(t)
		for _, ts := range []string{"1.1", "1.2", "1.3"} {
			s.accept(ask(ts, ts))
		}
		s.claim(message("1.1"), message("1.2"))
		s.must(s.Requeue(background, message("1.1"), at(11), false))
		claimed := s.claim(message("1.3"), message("1.1"))
		equal(t, "text", claimed.Text, "1.3\n\n1.1\n\n1.2")
		equal(t, "with", claimed.With, []storage.MessageID{message("1.1"), message("1.2")})
	})

	t.Run("changes nothing if one cannot be merged", func(t *testing.T) {
		for name, with := range map[string]struct {
			ids  []storage.MessageID
			want error
		}{
			"itself":      {[]storage.MessageID{message("1.2"), message("1.1")}, storage.ErrState},
			"one twice":   {[]storage.MessageID{message("1.2"), message("1.2")}, storage.ErrState},
			"an asking":   {[]storage.MessageID{message("1.2"), message("1.3")}, storage.ErrState},
			"an unknown":  {[]storage.MessageID{message("1.2"), message("1.4")}, storage.ErrNotFound},
			"unknown 1st": {[]storage.MessageID{message("1.4"), message("1.2")}, storage.ErrNotFound},
		} {
			t.Run(name, func(t *testing.T) {
				s := f.open(t)
				for _, ts := range []string{"1.1", "1.2", "1.3"} {
					s.accept(ask(ts, ts))
				}
				s.claim(message("1.3"))
				before := s.unfinished()
				if _, err := s.Claim(background, message("1.1"), with.ids, at(40)); !errors.Is(err, with.want) {
					t.Errorf("error %v, want %v", err, with.want)
				}
				equal(t, "unfinished", s.unfinished(), before)
			})
		}
	})
}

func testSetOutcome(t *testing.T, f *fixture) {
	t.Run("stores a reply", func(t *testing.T) {
		s := f.open(t)
		want := s.accept(ask("1.1", "Why?"))
		outcome := storage.Outcome{
			Reference: "ref-1",
			Reply: &enjo.Reply{
				Text:           "Because.",
				ConversationID: "c",
				Sources:        []enjo.Source{{Type: "KB", Name: "Why", URL: "https://example.com", Score: -1}},
				Ticket: &enjo.Ticket{
					ID: "IT-1", Type: "Bug", Status: "Open", Priority: "Low", Description: "d", URL: "u",
					Attributes: "a", Created: enjo.Time{At: at(1), Raw: "r"}, Modified: enjo.Time{Raw: "?"},
				},
			},
		}
		s.setOutcome(want.ID, outcome)
		want.State, want.Outcome, want.AnsweredAt = storage.Answered, &outcome, at(20)
		equal(t, "question", s.question(want.ID), want)
	})

	t.Run("stores a failure and does not change the thread", func(t *testing.T) {
		s := f.open(t)
		want := s.accept(ask("1.1", "Why?"))
		outcome := storage.Outcome{Failure: "outcome_unknown", Reference: "ref-1"}
		s.setOutcome(want.ID, outcome)
		equal(t, "thread", s.thread(want.Thread), storedThread(want))
		want.State, want.Outcome, want.AnsweredAt = storage.Answered, &outcome, at(20)
		equal(t, "question", s.question(want.ID), want)
	})

	t.Run("retracts only a question without merged ones", func(t *testing.T) {
		s := f.open(t)
		alone, first, second := s.accept(ask("1.1", "Why?")), s.accept(ask("2.1", "How?")), s.accept(ask("3.1", "When?"))
		retracted := storage.Outcome{Failure: "dropped", Retracted: true}
		s.setOutcome(alone.ID, retracted)
		alone.State, alone.Outcome, alone.AnsweredAt = storage.Answered, &retracted, at(20)
		equal(t, "question", s.question(alone.ID), alone)

		claimed := s.claim(first.ID, second.ID)
		if err := s.SetOutcome(background, first.ID, retracted, at(20)); !errors.Is(err, storage.ErrState) {
			t.Errorf("error %v, want ErrState", err)
		}
		equal(t, "question", s.question(first.ID), claimed)
	})
}

func testEnd(t *testing.T, f *fixture) {
	t.Run("erases only the texts", func(t *testing.T) {
		s := f.open(t)
		want := s.accept(ask("1.1", "Why?"))
		s.claim(want.ID)
		given := replyWithTicket("IT-1", "Open")
		given.SentUntil, given.UnreadFiles = "1.1", []string{"VPN.png"}
		s.setOutcome(want.ID, given)
		s.end(want.ID, storage.Delivered, "8.1", "8.2")

		erased := replyWithTicket("IT-1", "Open")
		erased.Reply.Text, erased.SentUntil = "", "1.1"
		want.State, want.Text, want.Outcome = storage.Delivered, "", &erased
		want.Attempts, want.AskedAt, want.AnsweredAt, want.EndedAt = 1, at(10), at(20), at(30)
		want.Posts = []string{"8.1", "8.2"}
		equal(t, "question", s.question(want.ID), want)
		equal(t, "the caller's files", given.UnreadFiles, []string{"VPN.png"})
		given.SentUntil, given.UnreadFiles = "", nil
		equal(t, "the caller's outcome", given, replyWithTicket("IT-1", "Open"))
	})

	t.Run("erases the names of files of a failure", func(t *testing.T) {
		s := f.open(t)
		want := s.accept(ask("1.1", "Why?"))
		s.setOutcome(want.ID, storage.Outcome{Failure: "x", UnreadFiles: []string{"VPN.png"}})
		s.end(want.ID, storage.Failed)
		equal(t, "outcome", s.question(want.ID).Outcome, &storage.Outcome{Failure: "x"})
	})

	t.Run("erases the text of a question that was never asked", func(t *testing.T) {
		s := f.open(t)
		want := s.accept(ask("1.1", "Why?"))
		s.end(want.ID, storage.Cancelled)
		want.State, want.Text, want.EndedAt = storage.Cancelled, "", at(30)
		equal(t, "question", s.question(want.ID), want)
	})
}

func testUnfinished(t *testing.T, f *fixture) {
	s := f.open(t)
	equal(t, "empty store", s.unfinished(), nil)

	// Questions are sorted by acceptance, not by message.
	third, first, second := ask("1.1", "third"), ask("1.2", "first"), ask("1.3", "second")
	third.AcceptedAt, first.AcceptedAt, second.AcceptedAt = at(300), at(-1), at(100)
	for _, q := range []storage.Question{third, first, second} {
		s.accept(q)
	}
	equal(t, "queued", s.unfinished(), []storage.Question{first, second, third})

	s.setOutcome(second.ID, reply("yes"))
	s.claim(third.ID)
	s.end(first.ID, storage.Cancelled)
	equal(t, "later", s.unfinished(), []storage.Question{s.question(second.ID), s.question(third.ID)})
}
