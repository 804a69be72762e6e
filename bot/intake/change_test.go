package intake

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// movingStore is one in which somebody else does something right after a question was read, once.
type movingStore struct {
	storage.Store
	move func()
}

func (s *movingStore) Question(ctx context.Context, id storage.MessageID) (storage.Question, error) {
	q, err := s.Store.Question(ctx, id)
	if move := s.move; move != nil {
		s.move = nil
		move()
	}
	return q, err
}

// stopCounter is a queue that counts the stopped questions.
type stopCounter struct {
	Queue
	stopped int
}

func (s *stopCounter) Stop(all []storage.Question) { s.stopped += len(all) }

// Ensure that a deletion heeds what became of its question while it was decided
// on: what is asked together with it goes on, and an answer is taken down.
func TestListener_DeletionMeetsWhatBecameOfIt(t *testing.T) {
	ctx, now := t.Context(), time.Now()
	first, second := storage.MessageID{Channel: "C1", TS: "1.1"}, storage.MessageID{Channel: "C1", TS: "1.2"}
	for name, test := range map[string]struct {
		move func(storage.Store) error
		want storage.State
		mark bool // its end takes the answer down
	}{
		"nothing": {func(storage.Store) error { return nil }, storage.Answered, false},
		"merged": {func(s storage.Store) error {
			_, err := s.Claim(ctx, first, []storage.MessageID{second}, now)
			return err
		}, storage.Asking, false},
		"answered": {func(s storage.Store) error {
			return s.SetOutcome(ctx, first, storage.Outcome{Failure: "timeout"}, now)
		}, storage.Answered, true},
	} {
		t.Run(name, func(t *testing.T) {
			bolt, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer bolt.Close()
			thread := storage.ThreadID{Channel: "C1", Root: "1.1"}
			for _, id := range []storage.MessageID{first, second} {
				q := storage.Question{ID: id, Thread: thread, Asker: "U1", Text: "Why?", AcceptedAt: now}
				if _, err := bolt.Accept(ctx, q, storage.Thread{ID: thread, Agent: "default", LastActive: now}); err != nil {
					t.Fatal(err)
				}
			}
			store := &movingStore{Store: bolt}
			store.move = func() {
				if err := test.move(bolt); err != nil {
					t.Error(err)
				}
			}
			var stops stopCounter
			l := New(ctx, Config{Store: store, Queue: &stops, Metrics: telemetry.NewRegistry(), Log: zerolog.Nop()})
			afterwards, err := l.storeDeletion(ctx, first)
			if err != nil {
				t.Fatal(err)
			}
			afterwards()

			q, err := bolt.Question(ctx, first)
			if err != nil || q.State != test.want {
				t.Errorf("the question is %s (%v), want %s", q.State, err, test.want)
			}
			if want := name == "nothing"; (stops.stopped == 1) != want {
				t.Errorf("%d questions were stopped", stops.stopped)
			}
			if marked, err := bolt.Seen(ctx, storage.DeletedKey(first)); err != nil || marked != test.mark {
				t.Errorf("the deletion is remembered: %v (%v), want %v", marked, err, test.mark)
			}
		})
	}
}
