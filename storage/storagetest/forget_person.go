package storagetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"enjobridge/storage"
)

func testForgetPerson(t *testing.T, f *fixture) {
	t.Run("everything about a person, and nothing about others", func(t *testing.T) { testForgetAll(t, f.open(t)) })
	t.Run("nothing that is in progress", func(t *testing.T) { testForgetInProgress(t, f.open(t)) })
	t.Run("a thread of direct messages", func(t *testing.T) { testForgetDirect(t, f.open(t)) })
	t.Run("the person in a thread in which somebody else's question is in progress", func(t *testing.T) { testForgetAsker(t, f.open(t)) })
	t.Run("the rest after an error", func(t *testing.T) { testForgetInterrupted(t, f) })
	t.Run("more than one batch", func(t *testing.T) { testForgetManyOfPerson(t, f.open(t)) })
	t.Run("nobody", func(t *testing.T) {
		s := f.open(t)
		got, err := s.ForgetPerson(background, "U9")
		s.must(err)
		equal(t, "forgotten", got, storage.Forgotten{})
		if _, err := s.ForgetPerson(background, ""); !errors.Is(err, storage.ErrBadID) {
			t.Errorf("without a user: %v, want ErrBadID", err)
		}
	})
}

// of makes a question another person's.
func of(user string, q storage.Question) storage.Question {
	q.Asker = user
	return q
}

func (s *store) forgetPerson(user string) storage.Forgotten {
	s.t.Helper()
	forgotten, err := s.ForgetPerson(background, user)
	s.must(err)
	return forgotten
}

func testForgetAll(t *testing.T, s *store) {
	mine, theirs := s.accept(ask("1.1", "Why?")), s.accept(of("U2", ask("2.1", "Why?")))
	joined := s.accept(followUp(theirs, "2.2", 0)) // mine, in their thread
	for _, q := range []storage.Question{mine, theirs, joined} {
		outcome := replyWithTicket("IT-"+q.ID.TS, "Open")
		s.setOutcome(q.ID, outcome)
		s.end(q.ID, storage.Delivered, "9.1")
		s.must(s.RecordCopies(background, []storage.Copy{{Message: q.ID, At: at(0), Event: "message"}}))
		for _, user := range []string{"U1", "U2"} {
			s.must(s.SetFeedback(background, storage.Feedback{Question: q.ID, User: user, Comment: "No.", At: at(40)}))
		}
	}
	for _, user := range []string{"U1", "U2"} {
		s.must(s.SetPreferences(background, storage.Preferences{User: user, TicketNews: true}))
		for _, key := range []storage.Key{storage.OutsiderKey("T1", "C1", user), storage.OfferedInKey(mine.Thread, user)} {
			_, err := s.FirstTime(background, key, at(0))
			s.must(err)
		}
	}

	want := storage.Forgotten{Questions: 2, Threads: 1, Tickets: 2, Feedback: 3, Others: 4}
	equal(t, "forgotten", s.forgetPerson("U1"), want)
	for _, id := range []storage.MessageID{mine.ID, joined.ID} {
		_, err := s.Question(background, id)
		notFound(t, "question", err)
		_, err = s.History(background, id)
		notFound(t, "history", err)
		decided, err := s.Seen(background, storage.RefusedKey(id))
		s.must(err)
		equal(t, "the message counts as decided", decided, true)
	}
	_, err := s.Thread(background, mine.Thread)
	notFound(t, "thread", err)
	for _, key := range []storage.Key{storage.OutsiderKey("T1", "C1", "U1"), storage.OfferedInKey(mine.Thread, "U1")} {
		seen, err := s.Seen(background, key)
		s.must(err)
		equal(t, string(key), seen, false)
	}
	equal(t, "events", each(s, s.EachEvent, 0, 100), []storage.Event{{Kind: storage.Ticketed, Question: theirs.ID, At: at(20)}})
	equal(t, "asks again", s.forgetPerson("U1"), storage.Forgotten{})

	equal(t, "question of another", s.question(theirs.ID).Asker, "U2")
	equal(t, "history of another", len(s.history(theirs.ID).Copies), 1)
	equal(t, "askers", s.thread(theirs.Thread).Askers, map[string]string{"U2": "2.1"})
	equal(t, "tickets of the other's thread", len(s.tickets(theirs.Thread)), 1)
	feedback, err := s.Feedback(background, mine.ID)
	s.must(err)
	equal(t, "feedback of another", len(feedback), 1)
	preferences, err := s.Preferences(background, "U2")
	s.must(err)
	equal(t, "preferences of another", preferences.TicketNews, true)
	s.forget(1000, 1000) // finds no index entry that leads nowhere
}

func testForgetInProgress(t *testing.T, s *store) {
	for i, state := range unfinished {
		q := s.accept(ask(fmt.Sprintf("1.%d", i), "Why?"))
		states[state](s, q.ID)
	}
	s.must(s.AddPress(background, storage.Press{Message: message("5.1"), Action: "share", User: "U1", At: at(0)}))
	before := s.unfinished()
	equal(t, "forgotten", s.forgetPerson("U1"), storage.Forgotten{Unfinished: len(before) + 1})
	equal(t, "unfinished", s.unfinished(), before)
	for _, q := range before {
		s.thread(q.Thread)
	}
	presses, err := s.Presses(background)
	s.must(err)
	equal(t, "presses", len(presses), 1)
}

func testForgetDirect(t *testing.T, s *store) {
	q := ask("1.1", "Why?")
	q.ID.Channel, q.Thread = "D1", storage.ThreadID{Team: "T1", Channel: "D1"}
	s.accept(q)
	s.setOutcome(q.ID, reply("yes"))
	s.end(q.ID, storage.Delivered, "1.2") // which becomes the root of another thread
	s.must(s.SetWatermark(background, "D1", at(0)))
	thanks := storage.MessageID{Team: "T1", Channel: "D1", TS: "1.3"}
	s.must(s.RecordCopies(background, []storage.Copy{{Message: thanks, At: at(0), Event: "message"}, copyOf("1.4", 0)}))
	equal(t, "forgotten", s.forgetPerson("U1"), storage.Forgotten{Questions: 1, Threads: 2, Others: 2})
	_, err := s.History(background, thanks)
	notFound(t, "history of another message", err)
	equal(t, "history of a message in a channel", len(s.history(message("1.4")).Copies), 1)
	_, err = s.Thread(background, storage.ThreadID{Team: "T1", Channel: "D1", Root: "1.2"})
	notFound(t, "thread of the post", err)
}

func testForgetAsker(t *testing.T, s *store) {
	mine := s.accept(ask("1.1", "Why?"))
	s.end(mine.ID, storage.Cancelled)
	theirs := s.accept(of("U2", followUp(mine, "1.2", 0)))
	equal(t, "forgotten", s.forgetPerson("U1"), storage.Forgotten{Questions: 1, Others: 1})
	equal(t, "askers", s.thread(mine.Thread).Askers, map[string]string{"U2": "1.2"})
	s.setOutcome(theirs.ID, reply("yes"))
	s.end(theirs.ID, storage.Delivered, "1.3")
}

// interrupted is a context that ends after it was asked for its error so many times.
type interrupted struct {
	context.Context
	after int
}

func (c *interrupted) Err() error {
	if c.after--; c.after < 0 {
		return context.Canceled
	}
	return nil
}

// Ensure that whenever an error ends ForgetPerson, calling it again leaves nothing.
func testForgetInterrupted(t *testing.T, f *fixture) {
	for after, interrupted := 0, true; interrupted && !t.Failed(); after++ {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			interrupted = forgetInterrupted(t, f.open(t), after) != nil
			if !interrupted && after < 5 {
				t.Error("ForgetPerson was never interrupted between its batches")
			}
		})
	}
}

// forgetInterrupted forgets a person twice, and returns the error that ended the first time.
func forgetInterrupted(t *testing.T, s *store, after int) error {
	thanks := storage.MessageID{Team: "T1", Channel: "D1", TS: "1.3"}
	q := ask("1.1", "Why?")
	q.ID.Channel, q.Thread = "D1", storage.ThreadID{Team: "T1", Channel: "D1"}
	s.accept(q)
	s.setOutcome(q.ID, replyWithTicket("IT-1", "Open"))
	s.end(q.ID, storage.Delivered, "1.2")
	s.must(s.SetWatermark(background, "D1", at(0)))
	s.must(s.RecordCopies(background, []storage.Copy{{Message: thanks, At: at(0), Event: "message"}}))

	_, err := s.ForgetPerson(&interrupted{background, after}, "U1")
	s.forgetPerson("U1")
	_, e := s.Question(background, q.ID)
	notFound(t, "question", e)
	_, e = s.History(background, thanks)
	notFound(t, "history", e)
	for _, root := range []string{"", "1.2"} {
		_, e = s.Thread(background, storage.ThreadID{Team: "T1", Channel: "D1", Root: root})
		notFound(t, "thread "+root, e)
	}
	until, e := s.Watermark(background, "D1")
	s.must(e)
	equal(t, "watermark", until, time.Time{})
	return err
}

func testForgetManyOfPerson(t *testing.T, s *store) {
	const many = 1200
	concurrently(many, func(i int) {
		q := ask(fmt.Sprintf("1.%04d", i), "Why?")
		_, err := s.Accept(background, q, threadOf(q))
		if err = errors.Join(err, s.End(background, q.ID, storage.Cancelled, nil, at(30))); err != nil {
			t.Error(err)
		}
	})
	equal(t, "forgotten", s.forgetPerson("U1"), storage.Forgotten{Questions: many, Threads: many})
}
