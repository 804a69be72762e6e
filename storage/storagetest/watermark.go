package storagetest

import (
	"testing"
	"time"

	"enjobridge/storage"
)

func testWatermark(t *testing.T, f *fixture) {
	s := f.open(t)
	watermark := func(conversation string) time.Time {
		t.Helper()
		until, err := s.Watermark(background, conversation)
		s.must(err)
		return until
	}
	equal(t, "never set", watermark("C1"), time.Time{})
	s.must(s.SetWatermark(background, "C1", at(5)))
	s.must(s.SetWatermark(background, "C1", at(7)))
	s.reopen()
	equal(t, "after reopening", watermark("C1"), at(7))
	equal(t, "of another conversation", watermark("C2"), time.Time{})
}

func testActiveThreads(t *testing.T, f *fixture) {
	s := f.open(t)
	active := func(seconds, limit int) []string {
		t.Helper()
		threads, err := s.ActiveThreads(background, at(seconds), limit)
		s.must(err)
		var roots []string
		for _, thread := range threads {
			roots = append(roots, thread.ID.Root)
		}
		return roots
	}
	equal(t, "none", active(0, 10), []string(nil))
	for seconds, ts := range []string{"1.1", "2.2", "3.3"} {
		q := ask(ts, "Why?")
		q.Thread.Root = ts
		_, err := s.Accept(background, q, storage.Thread{ID: q.Thread, LastActive: at(seconds)})
		s.must(err)
	}
	equal(t, "all", active(0, 10), []string{"3.3", "2.2", "1.1"})
	equal(t, "since", active(1, 10), []string{"3.3", "2.2"})
	equal(t, "at most", active(0, 2), []string{"3.3", "2.2"})
}

func testResetConversation(t *testing.T, f *fixture) {
	s := f.open(t)
	q := s.accept(ask("1.1", "Why?"))
	s.must(s.ResetConversation(background, storage.ThreadID{Team: "T9", Channel: "C9", Root: "9.9"}))
	outcome := reply("yes")
	outcome.Reply.ConversationID, outcome.SentUntil = "c1", "1.1"
	s.setOutcome(q.ID, outcome)
	want := s.thread(q.Thread)
	if want.Conversation == "" || want.SentUntil == "" {
		t.Fatal("the reply gave the thread no conversation")
	}
	s.must(s.ResetConversation(background, q.Thread))
	want.Conversation = ""
	equal(t, "reset", s.thread(q.Thread), want)
}
