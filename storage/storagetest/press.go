package storagetest

import (
	"slices"
	"strings"
	"testing"

	"enjobridge/storage"
)

// press returns a press of a button of a message.
func press(ts, action string) storage.Press {
	return storage.Press{Message: message(ts), Action: action, At: at(0), ThreadTS: "1.0", User: "U1", Private: true, Value: "T1/C1/1.1 Why?"}
}

// presses returns the presses that are not complete, sorted by message and action.
func (s *store) presses() []storage.Press {
	s.t.Helper()
	presses, err := s.Presses(background)
	s.must(err)
	slices.SortFunc(presses, func(a, b storage.Press) int { return strings.Compare(a.Message.TS+a.Action, b.Message.TS+b.Action) })
	return presses
}

func testPresses(t *testing.T, f *fixture) {
	one, two, three := press("1.1", "person"), press("1.1", "share"), press("2.1", "share")

	t.Run("are there until they end", func(t *testing.T) {
		s := f.open(t)
		for _, p := range []storage.Press{three, one, two} {
			s.must(s.AddPress(background, p))
		}
		s.reopen()
		equal(t, "presses", s.presses(), []storage.Press{one, two, three})
		for range 2 {
			s.must(s.EndPress(background, two.Message, two.Action))
		}
		equal(t, "presses after an end", s.presses(), []storage.Press{one, three})
		s.must(s.AddPress(background, two))
		equal(t, "presses after another one", s.presses(), []storage.Press{one, two, three})
	})

	t.Run("are what the first one was", func(t *testing.T) {
		s := f.open(t)
		s.must(s.AddPress(background, one))
		again := one
		again.At, again.User = at(5), "U2"
		s.must(s.AddPress(background, again))
		equal(t, "presses", s.presses(), []storage.Press{one})
	})

	t.Run("are forgotten, and are no keys", func(t *testing.T) {
		s := f.open(t)
		s.must(s.AddPress(background, one))
		_, err := s.FirstTime(background, "press", at(0))
		s.must(err)
		equal(t, "presses", s.presses(), []storage.Press{one})
		s.forget(20, 0)
		equal(t, "presses after Forget", s.presses(), nil)
		s.must(s.EndPress(background, one.Message, one.Action))
	})

	t.Run("move with their channel", func(t *testing.T) {
		s := f.open(t)
		s.must(s.AddPress(background, one))
		s.moveChannel()
		moved := one
		moved.Message.Channel = "C9"
		equal(t, "presses", s.presses(), []storage.Press{moved})
		s.forget(20, 0)
		equal(t, "presses after Forget", s.presses(), nil)
	})
}
