package postgres

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
	"enjobridge/storage/storagetest"
)

func TestStore_Replicated(t *testing.T) {
	url := pgtest.Database(t)
	storagetest.RunReplicated(t, func(t *testing.T) []storage.Replicated {
		a, b, c := open(t, url), open(t, url), open(t, url)
		(&testStore{Store: a}).empty(t)
		return []storage.Replicated{a, b, c}
	})
}

// openTwo returns two connections to one database, which are closed at the end of the test.
func openTwo(t *testing.T) (a, b *Store) {
	t.Helper()
	url := pgtest.Database(t)
	for _, s := range []**Store{&a, &b} {
		*s = open(t, url)
		t.Cleanup(func() {
			if err := (*s).Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
	return a, b
}

// takeOver acquires the lease as soon as that of another owner has ended.
func takeOver(t *testing.T, s *Store, owner string) storage.Lease {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		lease, err := s.AcquireLease(ctx, owner, time.Hour)
		if err == nil {
			return lease
		}
		if !errors.Is(err, storage.ErrLeaseHeld) {
			t.Fatal(err)
		}
	}
}

func question(ts string) (storage.Question, storage.Thread) {
	q := storage.Question{
		ID:     storage.MessageID{Team: "T1", Channel: "C1", TS: ts},
		Thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: ts},
		Asker:  "U1", Text: "Why?", State: storage.Queued, AcceptedAt: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
	}
	return q, storage.Thread{ID: q.Thread, LastActive: q.AcceptedAt}
}

// Ensure that a holder that freezes in the middle of a transaction delays the next one by no
// more than the database waits for it, and that nothing of the transaction is stored.
func TestAcquireLease_WhileTheHolderIsFrozen(t *testing.T) {
	t.Parallel()
	a, b := openTwo(t)
	ctx := t.Context()
	if _, err := a.AcquireLease(ctx, "a", 500*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	conn, err := a.pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	frozen := newTx(ctx, conn)
	if err := frozen.begin(needs{fenced: true}); err != nil {
		t.Fatal(err)
	}
	q, thread := question("1.1")
	if err := frozen.accept(q, thread); err != nil {
		t.Fatal(err)
	}

	began := time.Now()
	takeOver(t, b, "b")
	if took := time.Since(began); took > idleTimeout+2*time.Second {
		t.Errorf("the lease was taken over after %v", took)
	}
	if err := frozen.commit(); err == nil {
		t.Error("the frozen transaction was committed after the take-over")
	}
	if _, err := b.Question(ctx, q.ID); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("the question of the frozen transaction: error %v, want ErrNotFound", err)
	}
}

// Ensure that the lease is not taken over while a write of its holder is about to be stored.
func TestAcquireLease_WaitsForFencedWrites(t *testing.T) {
	t.Parallel()
	a, b := openTwo(t)
	ctx := t.Context()
	lease, err := a.AcquireLease(ctx, "a", 500*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	q, thread := question("1.1")
	next := make(chan storage.Lease, 1)
	decided := a.Fenced(lease, nil).Decide(ctx, storage.Scope{}, func(s storage.Store) error {
		go func() { next <- takeOver(t, b, "b") }()
		for owner := "a"; owner != ""; { // the lease has ended, but not this transaction
			if owner, _, err = b.Holder(ctx); err != nil {
				return err
			}
		}
		for range 100 {
			if _, err := s.Unfinished(ctx); err != nil {
				return err
			}
		}
		select {
		case <-next:
			t.Error("the lease was taken over during a write of its holder")
		default:
		}
		_, err := s.Accept(ctx, q, thread)
		return err
	})
	if decided != nil {
		t.Fatal(decided)
	}
	after := <-next
	if after.Token <= lease.Token {
		t.Errorf("the token is %d, and was %d before", after.Token, lease.Token)
	}
	if _, err := b.Question(ctx, q.ID); err != nil {
		t.Errorf("the write of the holder before: %v", err)
	}
}

// Ensure that who looks for a free lease does not delay the writes of its holder.
func TestAcquireLease_OfAHeldLeaseTakesNoLock(t *testing.T) {
	t.Parallel()
	a, b := openTwo(t)
	ctx := t.Context()
	lease, err := a.AcquireLease(ctx, "a", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	attempts := 0
	err = a.Fenced(lease, nil).Decide(ctx, storage.Scope{}, func(s storage.Store) error {
		attempts++ // the database ends a transaction that waits too long, and the writer repeats it
		if _, err := b.AcquireLease(ctx, "b", time.Hour); !errors.Is(err, storage.ErrLeaseHeld) {
			t.Errorf("AcquireLease during a write of the holder: %v, want ErrLeaseHeld", err)
		}
		return s.Probe(ctx)
	})
	if err != nil || attempts != 1 {
		t.Errorf("the write of the holder: %v after %d attempts", err, attempts)
	}
}

// Ensure that a reader does not skip announcements whose transactions end late.
func TestAnnouncements_OfTransactionsThatEndLate(t *testing.T) {
	t.Parallel()
	a, b := openTwo(t)
	ctx := t.Context()
	lease, err := b.AcquireLease(ctx, "b", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	channels := func() (all []storage.Announcement, channels []string) {
		t.Helper()
		all, err := b.Announcements(ctx, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			channels = append(channels, a.Message.Channel)
		}
		return all, channels
	}
	first, firstThread := question("1.1")
	second, secondThread := question("2.2")
	second.ID.Channel, second.Thread.Channel, secondThread.ID.Channel = "C2", "C2", "C2"
	err = a.Decide(ctx, storage.Scope{Team: "T1", Channel: "C1"}, func(s storage.Store) error {
		if _, err := s.Accept(ctx, first, firstThread); err != nil {
			return err
		}
		if _, err := s.Unfinished(ctx); err != nil { // sends the writes
			return err
		}
		if _, err := b.Accept(ctx, second, secondThread); err != nil {
			return err
		}
		all, got := channels()
		if !slices.Equal(got, []string{"C2"}) {
			t.Errorf("announced before the commit: %q, want C2 only", got)
		}
		return b.EndAnnouncements(ctx, lease, all)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, got := channels(); !slices.Equal(got, []string{"C1"}) {
		t.Errorf("announced after the commit: %q, want C1", got)
	}
}

// Ensure that an error of a decision undoes it, and its announcements.
func TestDecide_IsUndone(t *testing.T) {
	t.Parallel()
	a, b := openTwo(t)
	ctx, failure := t.Context(), errors.New("no")
	q, thread := question("1.1")
	err := a.Decide(ctx, storage.Scope{Team: "T1", Channel: "C1", Keys: []storage.Key{"key"}}, func(s storage.Store) error {
		_, accept := s.Accept(ctx, q, thread)
		_, key := s.FirstTime(ctx, "key", q.AcceptedAt)
		return errors.Join(accept, key, failure)
	})
	if !errors.Is(err, failure) {
		t.Errorf("Decide: error %v, want that of the decision", err)
	}
	if _, err := b.Question(ctx, q.ID); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("Question: error %v, want ErrNotFound", err)
	}
	if seen, err := b.Seen(ctx, "key"); seen || err != nil {
		t.Errorf("Seen = %v, %v; want false", seen, err)
	}
	if announced, err := b.Announcements(ctx, 10); len(announced) > 0 || err != nil {
		t.Errorf("announced: %v, %v; want nothing", announced, err)
	}
}

// Ensure that a replica that registers waits for others that do, so that it sees them.
func TestRegister_WaitsForOthers(t *testing.T) {
	t.Parallel()
	a, b := openTwo(t)
	ctx := t.Context()
	other, err := a.pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Rollback(ctx) }() // does nothing after the commit
	if _, err := other.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, replicaLock); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Exec(ctx, `INSERT INTO enjobridge.replicas (id, sockets, seen_at) VALUES ('a', 2, clock_timestamp())`); err != nil {
		t.Fatal(err)
	}
	registered := make(chan []storage.Replica, 1)
	go func() {
		all, err := b.Register(ctx, storage.Replica{ID: "b", Sockets: 1}, time.Hour)
		if err != nil {
			t.Error(err)
		}
		registered <- all
	}()
	for waits := false; !waits && len(registered) == 0; {
		if err := a.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON oid = database
			WHERE datname = current_database() AND NOT granted)`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	if err := other.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if all := <-registered; !slices.Equal(all, []storage.Replica{{ID: "a", Sockets: 2}, {ID: "b", Sockets: 1}}) {
		t.Errorf("registered: %v, want both", all)
	}
}

// Ensure that a replica says that it is there also while its writer waits.
func TestRegister_WhileTheWriterWaits(t *testing.T) {
	f := openWriter(t)
	holder := f.connect()
	if _, err := holder.Exec(t.Context(), `SELECT pg_advisory_lock(9)`); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- f.update(context.Background(), needs{locks: []int64{9}}, add("a", nil)) }()
	for waiting := 0; waiting == 0; {
		f.scan(&waiting, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 9 AND NOT granted
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if all, err := f.Register(ctx, storage.Replica{ID: "one", Sockets: 2}, time.Minute); err != nil || len(all) != 1 {
		t.Errorf("registered %+v, %v", all, err)
	}
	if err := f.Deregister(ctx, "one"); err != nil {
		t.Error(err)
	}
	if _, err := holder.Exec(t.Context(), `SELECT pg_advisory_unlock(9)`); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
