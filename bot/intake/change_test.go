package intake

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// racingStore is a store in which something else happens once, right after a question
// was read.
type racingStore struct {
	storage.Store
	race func()
}

func (s *racingStore) Decide(_ context.Context, _ storage.Scope, decide func(storage.Store) error) error {
	return decide(s)
}

func (s *racingStore) Question(ctx context.Context, id storage.MessageID) (storage.Question, error) {
	q, err := s.Store.Question(ctx, id)
	if race := s.race; race != nil {
		s.race = nil
		race()
	}
	return q, err
}

// stopCounter is a queue that counts the stopped questions.
type stopCounter struct {
	Queue
	stopped int
}

func (s *stopCounter) Stop(all []storage.Question) { s.stopped += len(all) }

// Ensure that a deletion takes into account that its question has changed meanwhile:
// a merged question goes on, and an answer is deleted.
func TestIntake_DeletionOfAQuestionThatChanges(t *testing.T) {
	ctx, now := t.Context(), time.Now()
	first, second := storage.MessageID{Channel: "C1", TS: "1.1"}, storage.MessageID{Channel: "C1", TS: "1.2"}
	for name, test := range map[string]struct {
		race       func(storage.Store) error
		want       storage.State
		remembered bool // the deletion, so that the question's end deletes the answer
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
			store := &racingStore{Store: bolt}
			store.race = func() {
				if err := test.race(bolt); err != nil {
					t.Error(err)
				}
			}
			var stops stopCounter
			metrics := telemetry.NewRegistry()
			client := slackapi.New(slackapi.Config{Metrics: metrics})
			i := New(ctx, Config{Store: store, Slack: client, Queue: &stops, Metrics: metrics, Log: zerolog.Nop()})
			after, _, err := i.storeDeletion(ctx, first)
			if err != nil {
				t.Fatal(err)
			}
			after()

			q, err := bolt.Question(ctx, first)
			if err != nil || q.State != test.want {
				t.Errorf("the question is %s (%v), want %s", q.State, err, test.want)
			}
			if want := name == "nothing"; (stops.stopped == 1) != want {
				t.Errorf("%d questions were stopped", stops.stopped)
			}
			if remembered, err := bolt.Seen(ctx, storage.DeletedKey(first)); err != nil || remembered != test.remembered {
				t.Errorf("the deletion is remembered: %v (%v), want %v", remembered, err, test.remembered)
			}
		})
	}
}
