package storagetest

import (
	"fmt"
	"testing"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// moveChannel moves channel C1 to C9, and returns the unfinished questions there.
func (s *store) moveChannel() []storage.Question {
	s.t.Helper()
	unfinished, err := s.MoveChannel(background, "T1", "C1", "C9")
	s.must(err)
	return unfinished
}

// in9 returns the identities in channel C9.
func in9(q storage.Question) storage.Question {
	q.ID.Channel, q.Thread.Channel = "C9", "C9"
	return q
}

func testMoveChannel(t *testing.T, f *fixture) {
	t.Run("an empty store", func(t *testing.T) { equal(t, "unfinished", f.open(t).moveChannel(), nil) })
	t.Run("everything", func(t *testing.T) { testMoveEverything(t, f.open(t)) })
	t.Run("an unfinished question goes on", func(t *testing.T) { testMoveUnfinished(t, f.open(t)) })
	t.Run("into a thread that began again", func(t *testing.T) { testMoveMerged(t, f.open(t)) })
	t.Run("more than one batch", func(t *testing.T) { testMoveMany(t, f.open(t)) })
}

func testMoveEverything(t *testing.T, s *store) {
	q, elsewhere := ask("1.1", "Why?"), ask("1.1", "Why?")
	elsewhere.ID.Channel, elsewhere.Thread.Channel = "C10", "C10"
	s.accept(q)
	s.accept(elsewhere)
	s.setOutcome(q.ID, replyWithTicket("IT-1", "Open"))
	s.end(q.ID, storage.Delivered, "8.1")
	s.must(s.SetCard(background, q.Thread, "IT-1", "8.2", enjo.Ticket{ID: "IT-1"}))
	s.must(s.SetWatermark(background, "C1", at(5)))
	s.must(s.SetFeedback(background, storage.Feedback{Question: q.ID, User: "U1", Good: true, At: at(6)}))
	key := storage.RefusedKey(message("2.1"))
	_, err := s.FirstTime(background, key, at(7))
	s.must(err)
	for _, channel := range []string{"C1", "C10"} {
		_, err := s.FirstTime(background, storage.WelcomeKey("T1", channel), at(7))
		s.must(err)
	}
	thread, ended := s.thread(q.Thread), s.question(q.ID)
	post := storage.ThreadID{Team: "T1", Channel: "D1", Root: "9.1"}
	s.must(s.LinkThread(background, post, q.Thread, at(8)))

	for range 2 {
		equal(t, "unfinished", s.moveChannel(), nil)
		moved := in9(q)
		thread.ID = moved.Thread
		equal(t, "thread", s.thread(moved.Thread), thread)
		equal(t, "question", s.question(moved.ID), in9(ended))
		tickets := s.tickets(moved.Thread)
		if len(tickets) != 1 || tickets[0].Card != "8.2" || tickets[0].Thread != moved.Thread {
			t.Errorf("the tickets are %+v", tickets)
		}
		equal(t, "outdated", outdated(s), 1)
		equal(t, "tickets of a thread that continues it", len(s.tickets(post)), 1)
		equal(t, "feedback", len(s.feedback(moved.ID)), 1)
		until, err := s.Watermark(background, "C9")
		s.must(err)
		equal(t, "watermark", until, at(5))
		for _, other := range []storage.MessageID{{Team: "T1", Channel: "C9", TS: "2.1"}, message("2.1")} {
			seen, err := s.Seen(background, storage.RefusedKey(other))
			s.must(err)
			equal(t, "seen in "+other.Channel, seen, other.Channel == "C9")
		}
		for channel, want := range map[string]bool{"C1": false, "C9": true, "C10": true} {
			welcome, err := s.Seen(background, storage.WelcomeKey("T1", channel))
			s.must(err)
			equal(t, "welcome in "+channel, welcome, want)
		}
		_, err = s.Question(background, q.ID)
		notFound(t, "the old question", err)
		_, err = s.Thread(background, q.Thread)
		notFound(t, "the old thread", err)
		equal(t, "question of another channel", s.question(elsewhere.ID).Text, "Why?")
		s.reopen()
	}
	s.forget(1000, 1000)
	_, err = s.Question(background, in9(q).ID)
	notFound(t, "the moved question after Forget", err)
}

func testMoveUnfinished(t *testing.T, s *store) {
	q, second := ask("1.1", "Why?"), ask("1.2", "And?")
	second.Thread = q.Thread
	s.accept(q)
	s.accept(second)
	s.claim(q.ID)
	unfinished := s.moveChannel()
	equal(t, "unfinished", len(unfinished), 2)
	moved := in9(q)
	equal(t, "state", s.question(moved.ID).State, storage.Asking)
	in, err := s.UnfinishedIn(background, moved.Thread)
	s.must(err)
	equal(t, "in the thread", len(in), 2)
	s.setOutcome(moved.ID, reply("Because."))
	s.end(moved.ID, storage.Delivered)
	equal(t, "conversation", s.thread(moved.Thread).Conversation, "conversation-1")
	third := in9(ask("1.3", "And?"))
	third.Thread = moved.Thread
	s.accept(third)
	s.claim(in9(second).ID, third.ID)
	_, err = s.MoveChannel(background, "T1", "C9", "C8")
	s.must(err)
	lead, merged := in9(second).ID, third.ID
	lead.Channel, merged.Channel = "C8", "C8"
	equal(t, "the question that another one was merged into", s.question(merged).Lead, lead)
}

func testMoveMerged(t *testing.T, s *store) {
	q := s.accept(ask("1.1", "Why?"))
	s.setOutcome(q.ID, reply("Because."))
	later := in9(ask("1.3", "And?"))
	later.Thread = in9(q).Thread
	s.accept(later)
	equal(t, "before", s.thread(later.Thread).Conversation, "")
	s.moveChannel()
	equal(t, "conversation", s.thread(later.Thread).Conversation, "conversation-1")
	equal(t, "unfinished", len(s.unfinished()), 2)
}

func testMoveMany(t *testing.T, s *store) {
	const many = 1_100
	concurrently(many, func(i int) {
		q := ask(fmt.Sprintf("%d.1", i+1), "Why?")
		if _, err := s.Accept(background, q, threadOf(q)); err != nil {
			t.Error(err)
		}
	})
	equal(t, "unfinished", len(s.moveChannel()), many)
	threads, err := s.ActiveThreads(background, at(0), 2*many)
	s.must(err)
	for _, thread := range threads {
		if thread.ID.Channel != "C9" {
			t.Fatalf("thread %s was not moved", thread.ID)
		}
	}
	equal(t, "threads", len(threads), many)
}
