package storage

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"enjobridge/enjo"
)

// numbered returns the question with a number, which starts a thread. Ascending numbers
// have ascending keys.
func numbered(number int) (Question, Thread) {
	channel := fmt.Sprintf("C%08d", number/10_000)
	ts := fmt.Sprintf("%010d.000000", 1_772_442_000+number)
	thread := ThreadID{Team: "T024BE7LD", Channel: channel, Root: ts}
	at := someTime.Add(time.Duration(number) * time.Second)
	question := Question{
		ID:         MessageID{Team: "T024BE7LD", Channel: channel, TS: ts},
		Thread:     thread,
		Asker:      "U024BE7LH",
		Agent:      "it",
		Origin:     Mention,
		Text:       "<@U0BOT> I cannot reach the VPN from home since this morning. What can I do?",
		State:      Queued,
		AcceptedAt: at,
	}
	return question, Thread{ID: thread, Agent: "it", LastActive: at}
}

// benchStore opens a new store.
func benchStore(b *testing.B, options BoltOptions) *Bolt {
	b.Helper()
	s, err := OpenBolt(filepath.Join(b.TempDir(), "enjobridge.db"), options)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// BenchmarkAccept measures how many questions a second concurrent writers can store.
func BenchmarkAccept(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s := benchStore(b, BoltOptions{})
			var number, commits atomic.Int64
			s.writer.commit = func(t *bbolt.Tx) error {
				commits.Add(1)
				return t.Commit()
			}
			b.ReportAllocs()
			b.ResetTimer()
			concurrently(writers, func() {
				for n := int(number.Add(1)); n <= b.N; n = int(number.Add(1)) {
					q, thread := numbered(n)
					if _, err := s.Accept(b.Context(), q, thread); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "accepts/s")
			b.ReportMetric(float64(b.N)/float64(commits.Load()), "accepts/commit")
		})
	}
}

// concurrently runs do in some goroutines and waits for them.
func concurrently(goroutines int, do func()) {
	var all sync.WaitGroup
	for range goroutines {
		all.Go(do)
	}
	all.Wait()
}

// BenchmarkSize measures operations that slow down with the number of known threads.
func BenchmarkSize(b *testing.B) {
	for _, threads := range []int{1_000, 100_000, 1_000_000} {
		if testing.Short() && threads == 1_000_000 {
			continue
		}
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			s := benchStore(b, BoltOptions{})
			load(b, s, threads)
			b.Run("Thread", func(b *testing.B) { benchThread(b, s, threads) })
			b.Run("Claim", func(b *testing.B) { benchClaim(b, s, threads) })
			b.Run("Unfinished", func(b *testing.B) { benchUnfinished(b, s) })
		})
	}
}

// benchQueued is the number of unfinished questions among the ended ones.
const benchQueued = 500

// load fills a store with threads, each with a question and a ticket. The last
// questions are queued, the others have ended.
func load(b *testing.B, s *Bolt, threads int) {
	b.Helper()
	s.db.NoSync = true
	for first := 0; first < threads; first += 10_000 {
		err := s.db.Update(func(bolt *bbolt.Tx) error {
			t := &tx{bolt: bolt}
			for number := first; number < min(first+10_000, threads); number++ {
				if err := loadOne(t, number, number >= threads-benchQueued); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	s.db.NoSync = false
	if err := s.db.Sync(); err != nil {
		b.Fatal(err)
	}
}

// loadOne writes a question like Accept, SetOutcome and End.
func loadOne(t *tx, number int, queued bool) error {
	q, thread := numbered(number)
	if err := t.asked(q, thread); err != nil {
		return err
	}
	if queued {
		if err := t.put(indexUnfinished, timeKey(q.AcceptedAt, q.key()), nil); err != nil {
			return err
		}
		if err := t.put(indexThreadsBusy, busyKey(&q), nil); err != nil {
			return err
		}
		return t.save(bucketQuestions, &q)
	}
	reply := &enjo.Reply{ConversationID: "conversation", Ticket: someTicket()}
	if err := q.SetOutcome(Outcome{Reply: reply}, time.Now()); err != nil {
		return err
	}
	if err := t.replied(q, q.AcceptedAt); err != nil {
		return err
	}
	if err := q.End(Delivered, []string{q.ID.TS}, q.AcceptedAt); err != nil {
		return err
	}
	return t.saveEnded(&q)
}

func benchThread(b *testing.B, s *Bolt, threads int) {
	b.ReportAllocs()
	for b.Loop() {
		_, thread := numbered(rand.IntN(threads))
		if _, err := s.Thread(b.Context(), thread.ID); err != nil {
			b.Fatal(err)
		}
	}
}

// benchClaim claims the queued questions one by one.
func benchClaim(b *testing.B, s *Bolt, threads int) {
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		q, _ := numbered(threads - 1 - n%benchQueued)
		if _, err := s.Claim(b.Context(), q.ID, nil, someTime); err != nil {
			b.Fatal(err)
		}
		if n%benchQueued == benchQueued-1 {
			b.StopTimer()
			requeueAll(b, s)
			b.StartTimer()
		}
	}
	requeueAll(b, s)
}

// requeueAll requeues all asking questions.
func requeueAll(b *testing.B, s *Bolt) {
	b.Helper()
	questions, err := s.Unfinished(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	concurrently(64, func() {
		for i := next.Add(1) - 1; i < int64(len(questions)); i = next.Add(1) - 1 {
			if questions[i].State != Asking {
				continue
			}
			if err := s.Requeue(b.Context(), questions[i].ID, someTime, false); err != nil {
				b.Error(err)
			}
		}
	})
}

func benchUnfinished(b *testing.B, s *Bolt) {
	b.ReportAllocs()
	for b.Loop() {
		if questions, err := s.Unfinished(b.Context()); err != nil || len(questions) != benchQueued {
			b.Fatalf("%d questions, %v; want %d", len(questions), err, benchQueued)
		}
	}
}
