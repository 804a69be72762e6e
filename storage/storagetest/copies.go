package storagetest

import (
	"errors"
	"testing"

	"enjobridge/storage"
)

// copyOf returns a copy of a message that arrived at a second of the test.
func copyOf(ts string, second int) storage.Copy {
	return storage.Copy{Message: message(ts), At: at(second), Event: "message", Retry: 1, Decision: "ask", Reason: "mentioned"}
}

// history returns the history of a message.
func (s *store) history(id storage.MessageID) storage.History {
	s.t.Helper()
	h, err := s.History(background, id)
	s.must(err)
	return h
}

// referenced returns the messages with the reference of a message.
func (s *store) referenced(id storage.MessageID) []storage.MessageID {
	s.t.Helper()
	found, err := s.Referenced(background, storage.Reference(id))
	s.must(err)
	return found
}

// withoutIDs returns copies as a history has them: each has the history's message.
func withoutIDs(copies ...storage.Copy) []storage.Copy {
	for i := range copies {
		copies[i].Message = storage.MessageID{}
	}
	return copies
}

func testCopies(t *testing.T, f *fixture) {
	one, two := message("1.1"), message("1.2")

	t.Run("are the histories of their messages", func(t *testing.T) {
		s := f.open(t)
		s.must(s.RecordCopies(background, nil))
		s.must(s.RecordCopies(background, []storage.Copy{copyOf("1.1", 0), copyOf("1.2", 1), copyOf("1.1", 2)}))
		s.must(s.RecordCopies(background, []storage.Copy{copyOf("1.1", 3)}))
		s.reopen()
		want := storage.History{Message: one, Reference: storage.Reference(one), Copies: withoutIDs(copyOf("1.1", 0), copyOf("1.1", 2), copyOf("1.1", 3))}
		equal(t, "history", s.history(one), want)
		equal(t, "another history", len(s.history(two).Copies), 1)
		_, err := s.History(background, message("1.3"))
		notFound(t, "a message without a history", err)
	})

	t.Run("are omitted in the middle if there are too many", func(t *testing.T) {
		s := f.open(t)
		const many = storage.MaxCopies + 3
		for second := range many {
			s.must(s.RecordCopies(background, []storage.Copy{copyOf("1.1", second)}))
		}
		h := s.history(one)
		equal(t, "omitted", h.Omitted, many-storage.MaxCopies)
		equal(t, "copies", len(h.Copies), storage.MaxCopies)
		equal(t, "the first one", h.Copies[0].At, at(0))
		equal(t, "the last one", h.Copies[storage.MaxCopies-1].At, at(many-1))
	})

	t.Run("are found by the reference", func(t *testing.T) {
		s := f.open(t)
		s.must(s.RecordCopies(background, []storage.Copy{copyOf("1.1", 0), copyOf("1.2", 1)}))
		equal(t, "messages", s.referenced(one), []storage.MessageID{one})
		equal(t, "messages of another one", s.referenced(message("1.3")), nil)
	})

	t.Run("with an invalid identity are not stored, nor are those with them", func(t *testing.T) {
		s := f.open(t)
		if err := s.RecordCopies(background, []storage.Copy{copyOf("1.1", 0), copyOf("\xff", 0)}); !errors.Is(err, storage.ErrBadID) {
			t.Errorf("error %v, want ErrBadID", err)
		}
		_, err := s.History(background, one)
		notFound(t, "the history", err)
	})

	t.Run("are forgotten by the first one", func(t *testing.T) {
		s := f.open(t)
		s.must(s.RecordCopies(background, []storage.Copy{copyOf("1.1", 10), copyOf("1.1", 30), copyOf("1.2", 20)}))
		s.forget(1000, 10)
		equal(t, "copies", len(s.history(one).Copies), 2)
		s.forget(0, 11)
		_, err := s.History(background, one)
		notFound(t, "the history after Forget", err)
		equal(t, "messages after Forget", s.referenced(one), nil)
		equal(t, "another history", len(s.history(two).Copies), 1)
	})

	t.Run("move with their channel", func(t *testing.T) { testMoveCopies(t, f.open(t)) })
}

func testMoveCopies(t *testing.T, s *store) {
	one, two := message("1.1"), message("1.2")
	moved := func(id storage.MessageID) storage.MessageID { id.Channel = "C9"; return id }
	there := copyOf("1.2", 9)
	there.Message = moved(two)
	s.must(s.RecordCopies(background, []storage.Copy{copyOf("1.1", 0), copyOf("1.2", 1), there}))
	for range 2 {
		s.moveChannel()
		equal(t, "history", s.history(moved(one)), storage.History{Message: moved(one), Reference: storage.Reference(one), Copies: withoutIDs(copyOf("1.1", 0))})
		equal(t, "a history of both IDs", s.history(moved(two)).Copies, withoutIDs(there))
		equal(t, "messages", s.referenced(one), []storage.MessageID{moved(one)})
		equal(t, "messages of the new reference", s.referenced(moved(one)), []storage.MessageID{moved(one)})
		equal(t, "messages of the other one", s.referenced(two), nil)
		_, err := s.History(background, one)
		notFound(t, "the old history", err)
	}
	s.forget(1000, 1000)
	_, err := s.History(background, moved(one))
	notFound(t, "the history after Forget", err)
	equal(t, "messages after Forget", append(s.referenced(one), s.referenced(moved(one))...), nil)
}
