package storagetest

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"enjobridge/storage"
)

// Ensure that the check of linearizability finds stores that are not.
func TestLinearizability_Broken(t *testing.T) {
	for name, broken := range map[string]func(storage.Store) storage.Store{
		"reads what has changed":       func(s storage.Store) storage.Store { return &staleStore{Store: s} },
		"claims what was claimed":      func(s storage.Store) storage.Store { return claimTwice{s} },
		"forgets what it has accepted": func(s storage.Store) storage.Store { return acceptTwice{s} },
		"gives up, but goes on":        func(s storage.Store) storage.Store { return doneAnyway{s} },
	} {
		t.Run(name, func(t *testing.T) {
			good := openBolt(t)
			defer good.Close()
			r := Replicas{Stores: []storage.Store{good, broken(good)}}
			for round := range 50 {
				if porcupine.CheckOperationsTimeout(linearModel, r.record(rand.Uint64(), round), linearPatience) == porcupine.Illegal {
					return
				}
			}
			t.Error("nothing was found")
		})
	}
}

// Ensure that a store that is linearizable passes, although some calls fail without a word.
func TestLinearizability_Whole(t *testing.T) {
	good := openBolt(t)
	defer good.Close()
	Linearizability(t, 300*time.Millisecond, Replicas{Stores: []storage.Store{good, silent{good}}})
}

func openBolt(t *testing.T) storage.Store {
	t.Helper()
	s, err := storage.OpenBolt(filepath.Join(t.TempDir(), "store.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// staleStore reads a question from a cache that it fills once.
type staleStore struct {
	storage.Store
	mu    sync.Mutex
	cache map[storage.MessageID]storage.Question
}

func (s *staleStore) Question(ctx context.Context, id storage.MessageID) (storage.Question, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q, ok := s.cache[id]; ok {
		return q, nil
	}
	q, err := s.Store.Question(ctx, id)
	if err == nil {
		if s.cache == nil {
			s.cache = make(map[storage.MessageID]storage.Question)
		}
		s.cache[id] = q
	}
	return q, err
}

// claimTwice claims a question that is asked already.
type claimTwice struct{ storage.Store }

func (s claimTwice) Claim(ctx context.Context, id storage.MessageID, with []storage.MessageID, at time.Time) (storage.Question, error) {
	if q, err := s.Question(ctx, id); err == nil && q.State == storage.Asking {
		return q, nil
	}
	return s.Store.Claim(ctx, id, with, at)
}

// acceptTwice says of each question that it is new.
type acceptTwice struct{ storage.Store }

func (s acceptTwice) Accept(ctx context.Context, q storage.Question, thread storage.Thread) (bool, error) {
	_, err := s.Store.Accept(ctx, q, thread)
	return err == nil, err
}

// doneAnyway says of stops that their time was up, although they are done.
type doneAnyway struct{ storage.Store }

func (s doneAnyway) StopThread(ctx context.Context, thread storage.ThreadID) ([]storage.Question, error) {
	stopped, err := s.Store.StopThread(ctx, thread)
	if len(stopped) > 0 {
		return nil, context.DeadlineExceeded
	}
	return stopped, err
}

// silent fails without saying whether a change was made.
type silent struct{ storage.Store }

func (s silent) Requeue(ctx context.Context, id storage.MessageID, notBefore time.Time, unknown bool) error {
	if rand.IntN(2) == 0 {
		return errors.New("no answer")
	}
	err := s.Store.Requeue(ctx, id, notBefore, unknown)
	if err == nil && rand.IntN(2) == 0 {
		return errors.New("no answer")
	}
	return err
}
