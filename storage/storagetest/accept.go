package storagetest

import (
	"errors"
	"fmt"
	"testing"

	"enjobridge/enjo"
	"enjobridge/storage"
)

func testAccept(t *testing.T, f *fixture) {
	t.Run("stores the question and its thread", func(t *testing.T) {
		s := f.open(t)
		q := ask("1.1", "How do I reset my password?")
		q.NewConversation, q.MakesTicket, q.HasFiles = true, true, true
		q.UnreadFiles = []string{"VPN.png"}
		q.NotBefore = at(7)
		thread := storage.Thread{
			ID: q.Thread, Agent: "it", Conversation: "c", Joined: true, Muted: true, LastActive: at(0),
		}
		if fresh, err := s.Accept(background, q, thread); err != nil || !fresh {
			t.Fatalf("Accept = %v, %v", fresh, err)
		}
		equal(t, "question", s.question(q.ID), q)
		thread.Askers = map[string]string{"U1": "1.1"}
		equal(t, "thread", s.thread(q.Thread), thread)
	})

	t.Run("ignores the fields for later states", func(t *testing.T) {
		s := f.open(t)
		want := ask("1.1", "Hello?")
		q := want
		q.State, q.Attempts, q.AskedAt, q.EndedAt = storage.Delivered, 3, at(1), at(2)
		q.With, q.Posts = []storage.MessageID{message("0.1")}, []string{"9.9"}
		q.Outcome = &storage.Outcome{Reply: &enjo.Reply{Text: "Hello."}}
		s.accept(q)
		equal(t, "question", s.question(q.ID), want)
	})

	t.Run("accepts a message once", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(ask("1.1", "first"))
		s.must(s.SetMuted(background, q.Thread, true))
		again := ask("1.1", "second")
		again.AcceptedAt = at(60)
		if fresh, err := s.Accept(background, again, threadOf(again)); err != nil || fresh {
			t.Errorf("Accept again = %v, %v; want false", fresh, err)
		}
		equal(t, "question", s.question(q.ID), q)
		thread := storedThread(q)
		thread.Muted = true
		equal(t, "thread", s.thread(q.Thread), thread)
	})

	t.Run("accepts an ended message once", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(ask("1.1", "first"))
		s.end(q.ID, storage.Cancelled)
		if fresh, err := s.Accept(background, q, threadOf(q)); err != nil || fresh {
			t.Errorf("Accept again = %v, %v; want false", fresh, err)
		}
	})

	t.Run("rejects a question of another thread", func(t *testing.T) {
		s := f.open(t)
		q := ask("1.1", "Hello?")
		if _, err := s.Accept(background, q, threadOf(ask("2.2", ""))); err == nil {
			t.Error("Accept succeeded")
		}
		equal(t, "unfinished", s.unfinished(), nil)
	})
}

func testFirstTime(t *testing.T, f *fixture) {
	s := f.open(t)
	for _, test := range []struct {
		key  storage.Key
		want bool
	}{
		{"event/1", true},
		{"event/1", false},
		{"event/2", true},
		{"event/", true},
		{"event/1", false},
		{"", true},
		{"", false},
	} {
		first, err := s.FirstTime(background, test.key, at(0))
		s.must(err)
		equal(t, "FirstTime "+string(test.key), first, test.want)
	}
}

func testFirstTimeSince(t *testing.T, f *fixture) {
	s := f.open(t)
	_, err := s.FirstTime(background, "known", at(1))
	s.must(err)
	for _, test := range []struct {
		key       storage.Key
		at, since int
		want      bool
	}{
		{"known", 10, 0, false},
		{"known", 10, 1, false},
		{"known", 10, 2, true},
		{"known", 11, 10, false},
		{"known", 20, 11, true},
		{"other", 5, 9, true},
		{"other", 5, 5, false},
	} {
		first, err := s.FirstTimeSince(background, test.key, at(test.at), at(test.since))
		s.must(err)
		equal(t, fmt.Sprintf("%+v", test), first, test.want)
	}
	first, err := s.FirstTime(background, "known", at(30))
	s.must(err)
	equal(t, "FirstTime", first, false)
	s.forget(20, 0)
	for key, want := range map[storage.Key]bool{"known": true, "other": false} {
		seen, err := s.Seen(background, key)
		s.must(err)
		equal(t, "seen after Forget, "+string(key), seen, want)
	}
	if _, err := s.FirstTimeSince(background, "not\xffUTF-8", at(0), at(0)); !errors.Is(err, storage.ErrBadID) {
		t.Errorf("a bad key: %v, want ErrBadID", err)
	}
}
