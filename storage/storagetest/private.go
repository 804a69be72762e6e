package storagetest

import (
	"errors"
	"testing"

	"enjobridge/storage"
)

// private returns a question that was asked with the slash command.
func private(trigger string) storage.Question {
	id := storage.CommandID("T1", "C1", trigger)
	return storage.Question{
		ID: id, Thread: storage.PrivateThread(id), Asker: "U1", Agent: "it", Origin: storage.Command,
		Text: "Why?", ResponseURL: "https://hooks.example.com/" + trigger, State: storage.Queued, AcceptedAt: at(0),
	}
}

// inThread is where the tests publish answers.
var inThread = storage.ThreadID{Team: "T1", Channel: "C1", Root: "9.1"}

func testPrivate(t *testing.T, f *fixture) {
	t.Run("its asker has asked since it was accepted", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(private("a"))
		equal(t, "stored", s.question(q.ID), q)
		equal(t, "askers", s.thread(q.Thread).Askers, map[string]string{"U1": "1772442000.000000"})
	})
	t.Run("its end erases the response URL", func(t *testing.T) {
		for _, end := range []storage.State{storage.Delivered, storage.Failed, storage.Cancelled} {
			s := f.open(t)
			q := s.accept(private("a"))
			s.setOutcome(q.ID, reply("yes"))
			s.end(q.ID, end)
			got := s.question(q.ID)
			equal(t, "response URL", got.ResponseURL, "")
			equal(t, "text", got.Text+got.Outcome.Reply.Text, "")
			equal(t, "kept after "+string(end), got.Kept != "", end == storage.Delivered)
		}
	})
	t.Run("an answer is kept only if it was posted nowhere and can be shared", func(t *testing.T) { testNotKept(t, f) })
	t.Run("kept answers are erased by the time of their end", func(t *testing.T) { testEraseAnswers(t, f.open(t)) })
	t.Run("its thread is no active one", func(t *testing.T) {
		s := f.open(t)
		s.accept(private("a"))
		active, err := s.ActiveThreads(background, at(0), 10)
		s.must(err)
		equal(t, "active", len(active), 0)
	})
}

func testNotKept(t *testing.T, f *fixture) {
	s := f.open(t)
	posted := s.accept(private("a"))
	direct := private("b")
	direct.ID.Channel, direct.Thread.Channel = "D1", "D1"
	s.accept(direct)
	public := s.accept(ask("1.1", "Why?"))
	for _, id := range []storage.MessageID{posted.ID, direct.ID, public.ID} {
		s.setOutcome(id, reply("yes"))
	}
	s.end(posted.ID, storage.Delivered, "8.1")
	s.end(direct.ID, storage.Delivered)
	s.end(public.ID, storage.Delivered)
	for _, id := range []storage.MessageID{posted.ID, direct.ID, public.ID} {
		equal(t, id.String(), s.question(id).Kept, "")
	}
}

func testEraseAnswers(t *testing.T, s *store) {
	q := s.accept(private("a"))
	s.setOutcome(q.ID, reply("yes"))
	s.end(q.ID, storage.Delivered) // at 30
	for _, span := range [][2]int{{31, 100}, {0, 30}} {
		s.must(s.EraseAnswers(background, at(span[0]), at(span[1])))
		equal(t, "kept", s.question(q.ID).Kept, "yes")
	}
	s.must(s.EraseAnswers(background, at(30), at(31)))
	equal(t, "erased", s.question(q.ID).Kept, "")
}

func testPublish(t *testing.T, f *fixture) {
	t.Run("moves the conversation and the tickets to the thread of the post", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(private("a"))
		s.setOutcome(q.ID, replyWithTicket("IT-1", "Open"))
		before := s.tickets(q.Thread)
		s.end(q.ID, storage.Delivered)
		for range 2 {
			s.must(s.Publish(background, q.ID, inThread, at(40)))
		}
		equal(t, "thread", s.thread(inThread), storage.Thread{
			ID: inThread, Agent: "it", Conversation: "conversation-1", SentUntil: "9.1", Askers: map[string]string{"U1": "9.1"}, LastActive: at(40),
		})
		equal(t, "private thread", s.thread(q.Thread).Continues, inThread)
		before[0].Thread = inThread
		equal(t, "tickets", s.tickets(inThread), before)
		equal(t, "tickets of the private thread", s.tickets(q.Thread), before)
		got := s.question(q.ID)
		equal(t, "posts", got.Posts, []string{"9.1"})
		equal(t, "kept", got.Kept, "")
	})

	t.Run("a reply can come first", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(private("a"))
		s.setOutcome(q.ID, reply("yes"))
		early := ask("9.2", "And then?")
		early.Thread, early.Asker = inThread, "U2"
		s.accept(early)
		s.must(s.Publish(background, q.ID, inThread, at(40)))
		equal(t, "conversation", s.thread(inThread).Conversation, "conversation-1")
		equal(t, "askers", s.thread(inThread).Askers, map[string]string{"U1": "9.1", "U2": "9.2"})
	})

	t.Run("errors", func(t *testing.T) {
		s := f.open(t)
		notFound(t, "Publish", s.Publish(background, private("a").ID, inThread, at(40)))
		q := s.accept(ask("1.1", "Why?"))
		if err := s.Publish(background, q.ID, inThread, at(40)); !errors.Is(err, storage.ErrState) {
			t.Errorf("error %v, want ErrState", err)
		}
		in := inThread
		in.Root = "\xff"
		if err := s.Publish(background, s.accept(private("a")).ID, in, at(40)); !errors.Is(err, storage.ErrBadID) {
			t.Errorf("error %v, want ErrBadID", err)
		}
	})
}
