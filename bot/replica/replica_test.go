package replica

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"enjobridge/bot/telemetry"
	"enjobridge/storage"
	"enjobridge/storage/replicatedtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// database returns an empty database.
func database(t *testing.T) *replicatedtest.Database {
	t.Helper()
	bolt, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bolt.Close(); err != nil {
			t.Error(err)
		}
	})
	return replicatedtest.New(bolt)
}

// at is a replica of a test, whose work is to note when it has the lease.
type at struct {
	*Keeper
	store *replicatedtest.Replica
	works atomic.Int64 // how often the work has begun, and not ended
	cause atomic.Pointer[error]
	stop  func()
}

// replicaOf starts a replica that stops with the test.
func replicaOf(t *testing.T, db *replicatedtest.Database, id string) *at {
	t.Helper()
	a := &at{store: db.Replica()}
	a.Keeper = NewKeeper(Config{Store: a.store, ID: id, Metrics: telemetry.NewRegistry(), Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop()})
	ctx, cancel := context.WithCancel(t.Context())
	background, cut := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		a.Run(ctx, background, func(soft, hard context.Context, _ *Held) {
			a.works.Add(1)
			defer a.works.Add(-1)
			<-soft.Done()
			cause := context.Cause(hard)
			a.cause.Store(&cause)
		})
	})
	a.stop = func() {
		cancel()
		running.Wait()
		cut()
	}
	t.Cleanup(a.stop)
	return a
}

// Ensure that one replica at a time has the lease, that it keeps it while it can renew it, and
// that another one has it within fifteen seconds if it cannot, and within a moment if it stops.
func TestKeeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := database(t)
		a, b := replicaOf(t, db, "a"), replicaOf(t, db, "b")
		time.Sleep(time.Hour)
		first, second := a, b
		if b.works.Load() == 1 {
			first, second = b, a
		}
		if first.works.Load() != 1 || second.works.Load() != 0 {
			t.Fatalf("%d and %d replicas work", a.works.Load(), b.works.Load())
		}

		first.store.Cut()
		began := time.Now()
		for second.works.Load() == 0 {
			time.Sleep(10 * time.Millisecond)
			if first.works.Load() > 0 && second.works.Load() > 0 {
				t.Fatal("both work")
			}
		}
		if took := time.Since(began); took < length-renewEvery || took > 15*time.Second {
			t.Errorf("the take-over took %v", took)
		}
		if cause := *first.cause.Load(); !errors.Is(cause, storage.ErrLeaseLost) {
			t.Errorf("the work ended with %v", cause)
		}

		first.store.Restore()
		time.Sleep(2 * pollEvery) // it listens again
		second.stop()
		synctest.Wait()
		if first.works.Load() != 1 {
			t.Error("the other replica does not work at once after a release")
		}
	})
}

// Ensure that work that goes on when the process stops has the lease until it ends.
func TestKeeper_FinishesUnderTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := database(t)
		store, other := db.Replica(), db.Replica()
		k := NewKeeper(Config{Store: store, ID: "a", Metrics: telemetry.NewRegistry(), Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop()})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			k.Run(ctx, t.Context(), func(soft, hard context.Context, held *Held) {
				<-soft.Done()
				time.Sleep(time.Minute)
				if held.Check() != nil || hard.Err() != nil {
					t.Error("the lease has ended before the work")
				}
			})
		})
		time.Sleep(time.Second)
		stop()
		time.Sleep(59 * time.Second)
		if _, err := other.AcquireLease(t.Context(), "b", length); !errors.Is(err, storage.ErrLeaseHeld) {
			t.Errorf("the lease of work in progress: error %v", err)
		}
		running.Wait()
		if _, err := other.AcquireLease(t.Context(), "b", length); err != nil {
			t.Errorf("the lease of work that has ended: error %v", err)
		}
	})
}

// Ensure that a process which was stopped for a while learns that the lease has ended when it
// checks it, that either of the machine's clocks can say so, and that it stays ended.
func TestHeld(t *testing.T) {
	now := time.Now()
	for name, test := range map[string]struct {
		now  time.Time
		want bool
	}{
		"in time":             {now.Add(length - margin - time.Millisecond), false},
		"at its end":          {now.Add(length - margin), true},
		"wall clock is later": {now.Round(0).Add(time.Minute), true},
	} {
		if got := ended(now.Add(length-margin), test.now); got != test.want {
			t.Errorf("%s: ended is %v", name, got)
		}
	}
	var cause error
	h := newHeld(storage.Lease{}, now.Add(-time.Hour))
	h.begin(func(why error) { cause = why })
	defer h.end()
	if err := h.Check(); !errors.Is(err, storage.ErrLeaseLost) || !errors.Is(cause, storage.ErrLeaseLost) {
		t.Errorf("the check of an old lease: %v, and the work ends with %v", err, cause)
	}
	h.renewed(time.Now())
	if h.Check() == nil {
		t.Error("a lease that had ended was renewed")
	}
}

// Ensure that announcements are acted on in order and once, that one that fails does not keep
// up others and is given up, and that none ends without the lease.
func TestKeeper_Announcements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := database(t)
		store, other := db.Replica(), db.Replica()
		var log strings.Builder
		k := NewKeeper(Config{Store: store, ID: "a", Metrics: telemetry.NewRegistry(), Health: telemetry.NewHealth(1, time.Now), Log: zerolog.New(&log)})
		announce := func(names ...string) {
			for _, name := range names {
				if err := other.Announce(t.Context(), storage.Announcement{Kind: storage.ChannelJoined, Name: name}); err != nil {
					t.Fatal(err)
				}
			}
		}
		announce("a", "bad", "b", "b")
		var mu sync.Mutex
		var acted []string
		tried := 0
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			k.Run(ctx, t.Context(), func(soft, _ context.Context, held *Held) {
				k.Announcements(soft, held, func(_ context.Context, a storage.Announcement) error {
					mu.Lock()
					defer mu.Unlock()
					if a.Name == "bad" {
						tried++
						return errors.New("it is bad")
					}
					acted = append(acted, a.Name)
					return nil
				})
			})
		})
		time.Sleep(5 * time.Second)
		announce("c")
		time.Sleep(time.Minute)
		stop()
		running.Wait()
		if diff := cmp.Diff([]string{"a", "b", "c"}, acted); diff != "" || tried != maxAttempts {
			t.Errorf("%s; the bad one was tried %d times", diff, tried)
		}
		if left, err := other.Announcements(t.Context(), 10); err != nil || len(left) != 0 {
			t.Errorf("%v are left: %v", left, err)
		}
		if n := strings.Count(log.String(), `"again":false`); n != 1 {
			t.Errorf("the log says %d times that an announcement is given up", n)
		}
	})
}

// Ensure that the work ends at once when the database rejects a write, or the end of an
// announcement, because the lease has ended earlier than by this machine's clocks, and that
// this is no fault.
func TestKeeper_RejectedWrite(t *testing.T) {
	for name, write := range map[string]func(ctx context.Context, k *Keeper, held *Held){
		"a write": func(ctx context.Context, k *Keeper, held *Held) {
			_ = k.cfg.Store.Fenced(held.Lease, held.Lose).Probe(ctx)
		},
		"the end of an announcement": func(ctx context.Context, k *Keeper, held *Held) {
			k.Announcements(ctx, held, func(context.Context, storage.Announcement) error { return nil })
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			db := database(t)
			store, other := db.Replica(), db.Replica()
			var log strings.Builder
			k := NewKeeper(Config{Store: store, ID: "a", Metrics: telemetry.NewRegistry(), Health: telemetry.NewHealth(1, time.Now), Log: zerolog.New(&log)})
			if err := other.Announce(t.Context(), storage.Announcement{Kind: storage.EventMissed}); err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			var cause error
			k.Run(ctx, t.Context(), func(soft, hard context.Context, held *Held) {
				defer stop()
				if _, err := other.AcquireLease(t.Context(), "a", length); err != nil {
					t.Error(err)
				}
				began := time.Now()
				write(soft, k, held)
				if cause = context.Cause(hard); time.Since(began) > 0 {
					t.Errorf("%s: it took %v", name, time.Since(began))
				}
			})
			if !errors.Is(cause, storage.ErrLeaseLost) {
				t.Errorf("%s: the work ends with %v", name, cause)
			}
			if strings.Contains(log.String(), "announcements failed") {
				t.Errorf("%s is logged as a fault: %s", name, &log)
			}
		})
	}
}

// Ensure that what may be missed is announced once the database can be reached again.
func TestAnnouncer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := database(t).Replica()
		a := NewAnnouncer(store, func(int) time.Duration { return time.Second }, zerolog.Nop())
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { a.Run(ctx) })
		store.Cut()
		gap := time.Now().Add(time.Hour)
		a.Missed()
		synctest.Wait()
		a.Missed()
		a.GapUntil(gap)
		a.GapUntil(gap.Add(-time.Minute))
		time.Sleep(time.Minute)
		store.Restore()
		time.Sleep(time.Minute)
		stop()
		running.Wait()
		found, err := store.Announcements(t.Context(), 10)
		for i := range found {
			found[i].Number = 0
		}
		want := []storage.Announcement{{Kind: storage.EventMissed}, {Kind: storage.EventMissed}, {Kind: storage.GapUntil, At: gap}}
		if diff := cmp.Diff(want, found); diff != "" || err != nil {
			t.Error(diff, err)
		}
	})
}

// Ensure that replicas learn of each other, and that one which has vanished is missed.
func TestPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := database(t)
		var own, most, vanished atomic.Int64
		presence := func(id string, live int) *Presence {
			return &Presence{
				Store: db.Replica(), ID: id, Live: func() int { return live }, Log: zerolog.Nop(),
				Changed:  func(o, all int) { own.Store(int64(o)); most.Store(int64(all)) },
				Vanished: func() { vanished.Add(1) },
			}
		}
		watching := presence("watching", 2)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { watching.Run(ctx) })
		dies, leaves := presence("dies", 2), presence("leaves", 1)
		for _, p := range []*Presence{dies, leaves} {
			if err := p.Register(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(5 * time.Second)
		if own.Load() != 2 || most.Load() != 4 || watching.Others() != 3 || vanished.Load() != 0 {
			t.Errorf("the others have %d connections, and can have %d; this one can have %d; %d replicas have vanished", watching.Others(), most.Load(), own.Load(), vanished.Load())
		}
		leaves.Leave(t.Context())
		time.Sleep(5 * time.Second)
		if watching.Others() != 2 {
			t.Errorf("there are %d others", watching.Others())
		}
		time.Sleep(goneAfter)
		if watching.Others() != 0 || vanished.Load() != 2 {
			t.Errorf("there are %d others; %d have vanished", watching.Others(), vanished.Load())
		}
		stop()
		running.Wait()
	})
}

// Ensure that all replicas together hold at most nine connections, and each as many as it can.
func TestSockets(t *testing.T) {
	for replicas, want := range map[int][]int{1: {2}, 4: {2, 2, 2, 2}, 5: {1, 1, 1, 1, 1}, 9: {1, 1, 1, 1, 1, 1, 1, 1, 1}, 11: {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0}} {
		var got []int
		for index := range replicas {
			got = append(got, Sockets(index, replicas))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d replicas: %s", replicas, diff)
		}
	}
}
