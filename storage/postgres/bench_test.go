package postgres

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
)

// numbered returns the question with a number, which starts a thread.
func numbered(number int) (storage.Question, storage.Thread) {
	ts := fmt.Sprintf("%010d.000000", 1_772_442_000+number)
	id := storage.MessageID{Team: "T024BE7LD", Channel: fmt.Sprintf("C%08d", number%100), TS: ts}
	at := someTime.Add(time.Duration(number) * time.Second)
	q := storage.Question{
		ID:         id,
		Thread:     storage.ThreadID{Team: id.Team, Channel: id.Channel, Root: ts},
		Asker:      "U024BE7LH",
		Agent:      "it",
		Origin:     storage.Mention,
		Text:       "<@U0BOT> I cannot reach the VPN from home since this morning. What can I do?",
		State:      storage.Queued,
		AcceptedAt: at,
	}
	return q, storage.Thread{ID: q.Thread, Agent: "it", LastActive: at}
}

// benchStore opens a store on a server that writes to the disk, and counts round trips.
func benchStore(b *testing.B) (*Store, *pgtest.Trips) {
	b.Helper()
	pgtest.Require(b)
	server, err := pgtest.Start(os.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(server.Stop)
	url, err := server.CreateDatabase("bench")
	if err != nil {
		b.Fatal(err)
	}
	count := new(pgtest.Trips)
	s, err := Open(b.Context(), url, Options{Tracer: count})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s, count
}

// BenchmarkAccept measures how many questions a second concurrent callers can store.
func BenchmarkAccept(b *testing.B) {
	benchCallers(b, func(*testing.B, *Store) {}, accept)
}

// BenchmarkClaim measures how many questions a second concurrent callers can claim.
func BenchmarkClaim(b *testing.B) {
	prepare := func(b *testing.B, s *Store) { repeat(b, s, 64, accept) }
	benchCallers(b, prepare, func(b *testing.B, s *Store, n int) error {
		q, _ := numbered(n)
		_, err := s.Claim(b.Context(), q.ID, nil, someTime)
		return err
	})
}

func accept(b *testing.B, s *Store, n int) error {
	q, thread := numbered(n)
	_, err := s.Accept(b.Context(), q, thread)
	return err
}

// benchCallers measures an operation with one caller, and with many that share round trips.
func benchCallers(b *testing.B, prepare func(*testing.B, *Store), do func(b *testing.B, s *Store, n int) error) {
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s, count := benchStore(b)
			prepare(b, s)
			before := count.Count()
			b.ReportAllocs()
			b.ResetTimer()
			repeat(b, s, callers, do)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
			b.ReportMetric(float64(count.Count()-before)/float64(b.N), "trips/op")
		})
	}
}

// repeat repeats an operation with the numbers up to b.N.
func repeat(b *testing.B, s *Store, callers int, do func(b *testing.B, s *Store, n int) error) {
	var number atomic.Int64
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for n := int(number.Add(1)); n <= b.N; n = int(number.Add(1)) {
				if err := do(b, s, n); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
}
