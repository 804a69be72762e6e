package postgres

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"enjobridge/storage"
)

var scaleThreads = flag.Int("scale.threads", 10_000_000, "threads, each with a question, in TestScale")

// Ensure that looking up a question or a thread, and claiming a question, take at most twice as
// long among ten million threads as among a thousand. The results are in docs/architecture.md.
func TestScale(t *testing.T) {
	if os.Getenv("ENJOBRIDGE_SCALE") == "" {
		t.Skip("it takes three minutes and 10 GB: set ENJOBRIDGE_SCALE=1")
	}
	server := startServer(t, nil, "-c", "shared_buffers=1GB", "-c", "max_wal_size=8GB")
	var stores []*scaled
	for _, threads := range []int{1000, *scaleThreads} {
		url, err := server.CreateDatabase(fmt.Sprint("threads", threads))
		if err != nil {
			t.Fatal(err)
		}
		s := &scaled{Store: open(t, url), threads: threads}
		defer s.Close()
		began := time.Now()
		for _, table := range []string{"threads", "questions"} {
			if err := s.load(t.Context(), url, table); err != nil {
				t.Fatalf("%s: %v", table, err)
			}
		}
		t.Logf("%d threads and questions were loaded in %s", threads, time.Since(began).Round(time.Second))
		stores = append(stores, s)
	}
	for _, measured := range []struct {
		name    string
		measure func(*scaled) (time.Duration, error)
	}{{"Question", (*scaled).lookUpQuestion}, {"Thread", (*scaled).lookUpThread}, {"Claim", (*scaled).claim}} {
		small, large := compare(t, stores[0], stores[1], measured.measure)
		ratio := float64(large) / float64(small)
		t.Logf("%s: %s among %d threads, %s among %d: %.2f times", measured.name, small, stores[0].threads, large, stores[1].threads, ratio)
		if ratio > 2 {
			t.Errorf("%s takes %.2f times as long", measured.name, ratio)
		}
	}
}

// compare measures two stores in turn, so that what else the machine does slows both down, and
// returns the medians.
func compare(t *testing.T, small, large *scaled, measure func(*scaled) (time.Duration, error)) (time.Duration, time.Duration) {
	t.Helper()
	took := make(map[*scaled][]time.Duration)
	for n := range 3000 {
		for _, s := range []*scaled{small, large} {
			d, err := measure(s)
			if err != nil {
				t.Fatal(err)
			}
			if n >= 500 { // the caches are warm
				took[s] = append(took[s], d)
			}
		}
	}
	median := func(s *scaled) time.Duration {
		slices.Sort(took[s])
		return took[s][len(took[s])/2].Round(time.Microsecond)
	}
	return median(small), median(large)
}

// scaled is a store with so many threads, each with a question that was answered.
type scaled struct {
	*Store
	threads int
	claims  int
}

// id returns the identity of the thread with a number.
func (s *scaled) id(n int) storage.MessageID {
	return storage.MessageID{Team: "T1", Channel: fmt.Sprint("C", n%5000), TS: fmt.Sprintf("%d.1", 1_700_000_000+n)}
}

func (s *scaled) random() storage.MessageID { return s.id(rand.IntN(s.threads)) }

func (s *scaled) lookUpQuestion() (time.Duration, error) {
	id, began := s.random(), time.Now()
	_, err := s.Question(context.Background(), id)
	return time.Since(began), err
}

func (s *scaled) lookUpThread() (time.Duration, error) {
	id, began := storage.ThreadID(s.thread(s.random()).ID), time.Now()
	_, err := s.Thread(context.Background(), id)
	return time.Since(began), err
}

func (s *scaled) thread(id storage.MessageID) storage.Thread {
	return storage.Thread{
		ID:    storage.ThreadID{Team: id.Team, Channel: id.Channel, Root: id.TS},
		Agent: "it", Conversation: "conversation-" + id.TS, Askers: map[string]string{"U1": id.TS}, LastActive: filledAt,
	}
}

// claim accepts a question in a thread, and measures how long it takes to claim it.
func (s *scaled) claim() (time.Duration, error) {
	id := s.random()
	thread := s.thread(id)
	s.claims++
	id.TS = fmt.Sprintf("%d.2", 1_900_000_000+s.claims)
	q := storage.Question{ID: id, Thread: thread.ID, Asker: "U1", Text: "Why?", State: storage.Queued, AcceptedAt: later}
	if _, err := s.Accept(context.Background(), q, thread); err != nil {
		return 0, err
	}
	began := time.Now()
	_, err := s.Claim(context.Background(), id, nil, later)
	took := time.Since(began)
	return took, steps(
		func() error { return err },
		func() error {
			return s.SetOutcome(context.Background(), id, storage.Outcome{Failure: storage.FailureInternal}, later)
		},
		func() error { return s.End(context.Background(), id, storage.Failed, nil, later) },
	)
}

// load loads a table with COPY, over several connections, and creates its indexes afterwards.
func (s *scaled) load(ctx context.Context, url, table string) error {
	return withoutIndexes(ctx, url, table, func() error {
		const connections = 4
		var group errgroup.Group
		for first := range connections {
			group.Go(func() error { return s.copy(ctx, url, table, first, connections) })
		}
		return group.Wait()
	})
}

// copy copies the rows of a table whose numbers are first, first + step and so on.
func (s *scaled) copy(ctx context.Context, url, table string, first, step int) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	n := first
	columns, row := threadColumns, s.threadRow
	if table == "questions" {
		columns, row = questionColumns, s.questionRow
	}
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"enjobridge", table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		if n >= s.threads {
			return nil, nil
		}
		n += step
		return row(s.id(n - step))
	}))
	return err
}

var (
	threadColumns   = []string{"team", "channel", "root", "last_active", "listed", "continues_team", "continues_channel", "record"}
	questionColumns = []string{"team", "channel", "ts", "thread_team", "thread_channel", "thread_root", "asker", "state", "accepted_at", "ended_at", "kept", "record"}
)

func (s *scaled) threadRow(id storage.MessageID) ([]any, error) {
	record, err := encode(s.thread(id))
	return []any{id.Team, id.Channel, id.TS, filledAt, true, "", "", record}, err
}

func (s *scaled) questionRow(id storage.MessageID) ([]any, error) {
	record, err := encode(storage.Question{
		ID: id, Thread: s.thread(id).ID, Asker: "U1", Agent: "it", Origin: storage.Mention, State: storage.Delivered,
		AcceptedAt: filledAt, AskedAt: filledAt, AnsweredAt: filledAt, EndedAt: filledAt, Posts: []string{id.TS},
	})
	return []any{id.Team, id.Channel, id.TS, id.Team, id.Channel, id.TS, "U1", string(storage.Delivered), filledAt, filledAt, false, record}, err
}
