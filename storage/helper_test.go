package storage_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// epoch is the time of all operations in the tests of this package.
var epoch = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

var background = context.Background()

// open opens a store, and ends the test if it cannot. The caller closes it.
func open(t testing.TB, path string, options storage.BoltOptions) *storage.Bolt {
	t.Helper()
	s, err := storage.OpenBolt(path, options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeStore(t testing.TB, s *storage.Bolt) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// ask returns the question with a number, which starts a thread.
func ask(number int) storage.Question {
	ts := fmt.Sprintf("1772442000.%06d", number)
	return storage.Question{
		ID:         storage.MessageID{Team: "T024BE7LD", Channel: fmt.Sprintf("C%08d", number%97), TS: ts},
		Thread:     storage.ThreadID{Team: "T024BE7LD", Channel: fmt.Sprintf("C%08d", number%97), Root: ts},
		Asker:      "U024BE7LH",
		Agent:      "it",
		Origin:     storage.Mention,
		Text:       fmt.Sprintf("How do I reset my password, for the %dth time?", number),
		State:      storage.Queued,
		AcceptedAt: epoch.Add(time.Duration(number) * time.Millisecond),
	}
}

// threadOf returns the new thread of a question.
func threadOf(q storage.Question) storage.Thread {
	return storage.Thread{ID: q.Thread, Agent: q.Agent, LastActive: q.AcceptedAt}
}

// accept stores a question, which must be new.
func accept(t testing.TB, s storage.Store, q storage.Question) {
	t.Helper()
	if fresh, err := s.Accept(t.Context(), q, threadOf(q)); err != nil || !fresh {
		t.Fatalf("Accept(%s) = %v, %v; want true", q.ID, fresh, err)
	}
}

// answer returns an outcome with a ticket.
func answer(number int) storage.Outcome {
	return storage.Outcome{Reply: &enjo.Reply{
		Text:           "Open **Settings**, then *Password*.",
		ConversationID: fmt.Sprintf("conversation-%d", number),
		Ticket:         &enjo.Ticket{ID: fmt.Sprintf("IT-%d", number), Status: "Open"},
	}}
}

// must ends the test if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
