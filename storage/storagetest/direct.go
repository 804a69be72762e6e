package storagetest

import (
	"errors"
	"strings"
	"testing"

	"enjobridge/storage"
)

// direct returns a direct message at the top, the root of its thread.
func direct(ts, text string, seconds int) storage.Question {
	q := ask(ts, text)
	q.Origin, q.AcceptedAt = storage.Direct, at(seconds)
	return q
}

// acceptDirect stores a direct message, which must be new.
func (s *store) acceptDirect(q storage.Question) (accepted storage.Question, merged []storage.Question) {
	s.t.Helper()
	accepted, merged, fresh, err := s.AcceptDirect(background, q, threadOf(q))
	if err != nil || !fresh {
		s.t.Fatalf("AcceptDirect(%s) = %v, %v; want true", q.ID, fresh, err)
	}
	return accepted, merged
}

func testAcceptDirect(t *testing.T, f *fixture) {
	t.Run("accepts a message once", func(t *testing.T) {
		s := f.open(t)
		q := direct("1.1", "hi", 0)
		q.NotBefore = at(2)
		accepted, merged := s.acceptDirect(q)
		equal(t, "accepted", accepted, q)
		equal(t, "merged", merged, nil)
		equal(t, "stored", s.question(q.ID), q)
		equal(t, "thread", s.thread(q.Thread), storedThread(q))
		if _, _, fresh, err := s.AcceptDirect(background, q, threadOf(q)); err != nil || fresh {
			t.Errorf("AcceptDirect again = %v, %v; want false", fresh, err)
		}
	})

	t.Run("merges the earlier ones in their order", func(t *testing.T) {
		s := f.open(t)
		one, two, three := direct("1.1", "hi", 0), direct("1.2", "my laptop", 1), direct("1.3", "it does not start", 2)
		two.HasFiles, two.UnreadFiles, three.UnreadFiles = true, []string{"two.png"}, []string{"three.png"}
		s.acceptDirect(one)
		s.acceptDirect(two)
		accepted, merged := s.acceptDirect(three)

		two.With = []storage.MessageID{one.ID}
		for i, q := range []*storage.Question{&one, &two} {
			q.State, q.Text, q.UnreadFiles, q.EndedAt, q.Lead = storage.Merged, "", nil, at(i+1), [...]storage.MessageID{two.ID, three.ID}[i]
			equal(t, "stored", s.question(q.ID), *q)
		}
		three.Text, three.HasFiles = "hi\n\nmy laptop\n\nit does not start", true
		three.UnreadFiles = []string{"two.png", "three.png"}
		three.With = []storage.MessageID{one.ID, two.ID}
		equal(t, "merged", merged, []storage.Question{two})
		equal(t, "accepted", accepted, three)
		equal(t, "unfinished", s.unfinished(), []storage.Question{three})
		s.reopen()
		equal(t, "stored", s.question(three.ID), three)
	})

	t.Run("reads all messages again if one was edited", func(t *testing.T) {
		s := f.open(t)
		one, two, three := direct("1.1", "hi", 0), direct("1.2", "my laptop", 1), direct("1.3", "it does not start", 2)
		s.acceptDirect(one)
		s.acceptDirect(two)
		_, err := s.Edit(background, one.ID, "hello")
		s.must(err)
		accepted, _ := s.acceptDirect(three)
		equal(t, "messages", accepted.Again, []storage.MessageID{three.ID, one.ID, two.ID})
	})

	t.Run("counts characters, not bytes", func(t *testing.T) {
		s := f.open(t)
		s.acceptDirect(direct("1.1", strings.Repeat("日", 25_000), 0))
		if _, merged := s.acceptDirect(direct("1.2", "my laptop", 1)); len(merged) != 1 {
			t.Errorf("%d questions are merged, want 1", len(merged))
		}
	})

	t.Run("merges nothing else", func(t *testing.T) { testNotMerged(t, f) })

	t.Run("rejects a question of another thread", func(t *testing.T) {
		s := f.open(t)
		if _, _, _, err := s.AcceptDirect(background, direct("1.1", "hi", 0), threadOf(ask("2.2", ""))); err == nil {
			t.Error("AcceptDirect succeeded")
		}
		equal(t, "unfinished", s.unfinished(), nil)
	})

	t.Run("the threads of merged questions continue the conversation", func(t *testing.T) {
		s := f.open(t)
		one, two, three := direct("1.1", "hi", 0), direct("1.2", "my laptop", 1), direct("1.3", "it does not start", 2)
		for _, q := range []storage.Question{one, two, three} {
			s.acceptDirect(q)
		}
		s.claim(three.ID)
		s.setOutcome(three.ID, replyWithTicket("IT-1", "Open"))
		for _, q := range []storage.Question{one, two} {
			want := storedThread(q)
			want.Conversation, want.Continues, want.SentUntil = "conversation-1", three.Thread, q.ID.TS
			equal(t, "thread", s.thread(q.Thread), want)
		}
		next := s.accept(followUp(one, "1.4", 60))
		s.claim(next.ID)
		s.must(s.SetOutcome(background, next.ID, replyWithTicket("IT-1", "Closed"), at(70)))
		want := s.tickets(three.Thread)
		equal(t, "tickets", s.tickets(one.Thread), want)
		if len(want) != 1 || want[0].Latest.Status != "Closed" || want[0].Thread != three.Thread {
			t.Errorf("tickets of the thread that is continued: %+v", want)
		}
		s.must(s.ResetConversation(background, one.Thread))
		equal(t, "after a reset", s.thread(one.Thread).Conversation, "")
		equal(t, "after a reset of another", s.thread(two.Thread).Conversation, "conversation-1")
	})
}

func testNotMerged(t *testing.T, f *fixture) {
	for name, prepare := range map[string]func(s *store, first, second *storage.Question){
		"of another person":  func(_ *store, first, _ *storage.Question) { first.Asker = "U2" },
		"for another agent":  func(_ *store, first, _ *storage.Question) { first.Agent = "hr" },
		"a mention":          func(_ *store, first, _ *storage.Question) { first.Origin = storage.Mention },
		"a button":           func(_ *store, first, _ *storage.Question) { first.Origin = storage.Button },
		"in another thread":  func(_ *store, first, _ *storage.Question) { first.Thread.Root = "0.9" },
		"without threads":    func(_ *store, first, _ *storage.Question) { first.Thread.Root = "" },
		"a later message":    func(_ *store, first, _ *storage.Question) { *first = direct("1.3", "later", 0) },
		"elsewhere":          func(_ *store, first, _ *storage.Question) { first.ID.Channel, first.Thread.Channel = "C10", "C10" },
		"into a follow-up":   func(_ *store, _, second *storage.Question) { second.Thread.Root = "0.9" },
		"into a mention":     func(_ *store, _, second *storage.Question) { second.Origin = storage.Mention },
		"too long":           func(_ *store, first, _ *storage.Question) { first.Text = strings.Repeat("x", 40_000) },
		"with a reply of it": func(s *store, first, _ *storage.Question) { s.accept(followUp(*first, "1.11", 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := f.open(t)
			first, second := direct("1.1", "hi", 0), direct("1.2", "my laptop", 2)
			prepare(s, &first, &second)
			s.accept(first)
			accepted, merged := s.acceptDirect(second)
			equal(t, "merged", merged, nil)
			equal(t, "accepted", accepted, second)
			equal(t, "the first", s.question(first.ID), first)
		})
	}
	t.Run("whose thread has a conversation", func(t *testing.T) {
		s := f.open(t)
		first := direct("1.1", "hi", 2)
		reply := s.accept(followUp(first, "1.11", 0)) // it came before the message that it replies to
		s.claim(reply.ID)
		s.setOutcome(reply.ID, replyWithTicket("IT-1", "Open"))
		s.end(reply.ID, storage.Delivered)
		s.accept(first)
		_, merged := s.acceptDirect(direct("1.2", "my laptop", 3))
		equal(t, "merged", merged, nil)
	})
	for name, move := range map[string]func(s *store, id storage.MessageID){
		"asking": func(s *store, id storage.MessageID) { s.claim(id) },
		"attempted": func(s *store, id storage.MessageID) {
			s.claim(id)
			s.must(s.Requeue(background, id, at(11), false))
		},
		"answered": func(s *store, id storage.MessageID) { s.setOutcome(id, reply("yes")) },
	} {
		t.Run(name, func(t *testing.T) {
			s := f.open(t)
			first := s.accept(direct("1.1", "hi", 0))
			move(s, first.ID)
			_, merged := s.acceptDirect(direct("1.2", "my laptop", 2))
			equal(t, "merged", merged, nil)
		})
	}
}

func testLinkThread(t *testing.T, f *fixture) {
	post := storage.ThreadID{Team: "T1", Channel: "D1", Root: "9.1"}

	t.Run("continues the conversation and the tickets", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(ask("1.1", "Why?"))
		s.setOutcome(q.ID, replyWithTicket("IT-1", "Open"))
		s.must(s.LinkThread(background, post, q.Thread, at(40)))
		want := storage.Thread{
			ID: post, Agent: "it", Conversation: "conversation-1", Continues: q.Thread, Posted: true, LastActive: at(40),
		}
		equal(t, "thread", s.thread(post), want)
		equal(t, "tickets", s.tickets(post), s.tickets(q.Thread))

		s.must(s.ResetConversation(background, q.Thread))
		s.must(s.LinkThread(background, post, q.Thread, at(50)))
		equal(t, "linked again", s.thread(post), want)
	})

	t.Run("is active once somebody has replied", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(ask("1.1", "Why?"))
		s.must(s.LinkThread(background, post, q.Thread, at(40)))
		active, err := s.ActiveThreads(background, at(0), 1)
		s.must(err)
		equal(t, "active", active, []storage.Thread{storedThread(q)})
		next := followUp(q, "9.2", 50)
		next.ID.Channel, next.Thread = post.Channel, post
		s.accept(next)
		active, err = s.ActiveThreads(background, at(0), 1)
		s.must(err)
		equal(t, "active after a reply", active, []storage.Thread{s.thread(post)})
	})

	t.Run("keeps a reply that came first", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(ask("1.1", "Why?"))
		s.setOutcome(q.ID, reply("yes"))
		early := followUp(q, "9.2", 30)
		early.ID.Channel, early.Thread = post.Channel, post
		s.accept(early)
		s.must(s.LinkThread(background, post, q.Thread, at(40)))
		want := storedThread(early)
		want.Conversation, want.Continues = "conversation-1", q.Thread
		equal(t, "thread", s.thread(post), want)
	})

	t.Run("an unknown thread", func(t *testing.T) {
		s := f.open(t)
		if err := s.LinkThread(background, post, ask("1.1", "").Thread, at(0)); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("error %v, want ErrNotFound", err)
		}
	})

	t.Run("the posts of a direct message without threads", func(t *testing.T) {
		s := f.open(t)
		q := ask("1.1", "Why?")
		q.Thread.Root = ""
		s.accept(q)
		s.setOutcome(q.ID, reply("yes"))
		s.must(s.ResetConversation(background, q.Thread))
		s.end(q.ID, storage.Delivered, "8.1", "8.2")
		for _, ts := range []string{"8.1", "8.2"} {
			want := storage.Thread{
				ID: ask(ts, "").Thread, Agent: "it", Conversation: "conversation-1", SentUntil: ts,
				Continues: q.Thread, Posted: true, LastActive: at(30),
			}
			equal(t, "thread", s.thread(want.ID), want)
		}
	})

	t.Run("not the posts of a thread", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(ask("1.1", "Why?"))
		s.setOutcome(q.ID, reply("yes"))
		s.end(q.ID, storage.Delivered, "8.1")
		if _, err := s.Thread(background, ask("8.1", "").Thread); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("error %v, want ErrNotFound", err)
		}
	})
}
