package sim_test

import (
	"context"
	"flag"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"enjobridge/storage"
	"enjobridge/storage/replicatedtest"
)

var simReplicas = flag.Int("sim.replicas", 0, "how many replicas share a database in TestSimulation; 0 means what the seed draws, -1 one instance over a file")

// replicasOf returns how many replicas share a database with a seed: two or three with every
// fourth one. 0 means one instance over a file.
func replicasOf(seed uint64) int {
	drawn := mix(seed ^ 0x7e91)
	if *simReplicas != 0 || drawn%4 != 0 {
		return max(0, *simReplicas)
	}
	return 2 + int(drawn/4%2)
}

// shared is the database that the replicas of a world share, with its faults. It judges who
// has the lease.
type shared struct {
	world    *world
	replicas int
	bolt     *storage.Bolt
	db       *replicatedtest.Database
	judging  sync.WaitGroup
	stop     context.CancelFunc

	mu   sync.Mutex
	down bool // nobody reaches the database
	deaf bool // it wakes nobody
	// atCall is the call of the holder of the lease after which a fault begins; empty for none.
	atCall string
	then   func(*instance)
	owners map[string]*instance
	lease  storage.Lease
	lapsed bool        // the current lease was not released
	taken  []time.Time // when another lease was taken
	lapses []time.Time // when another lease was taken after one that was not released
	late   []time.Time // when calls to the agent arrive that were on their way when a replica froze
}

// newShared returns an empty database for so many replicas.
func newShared(w *world, replicas int) *shared {
	bolt, err := storage.OpenBolt(filepath.Join(w.dir, "shared.db"), storage.BoltOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	s := &shared{world: w, replicas: replicas, bolt: bolt, db: replicatedtest.New(bolt), owners: make(map[string]*instance)}
	var ctx context.Context
	ctx, s.stop = context.WithCancel(context.Background())
	s.judging.Go(func() { s.watch(ctx) })
	return s
}

// connect connects an instance to the database.
func (s *shared) connect(l *instance) storage.Store {
	replica := s.db.Replica()
	l.store, l.closeStore = s.bolt, replica.Close
	stepped := steppedReplica{replica, s.world.steps}
	return &sharedStore{instanceStore: &instanceStore{instance: l, Store: stepped}, replica: stepped}
}

// clear ends all faults of the database and of the replicas.
func (s *shared) clear() {
	s.set(func(s *shared) { s.down, s.deaf, s.atCall = false, false, "" })
	for _, l := range s.world.instance.all() {
		l.away.end()
	}
}

// close closes the database.
func (s *shared) close() {
	s.stop()
	s.judging.Wait()
	if err := s.bolt.Close(); err != nil {
		s.world.t.Error(err)
	}
}

// set changes the faults.
func (s *shared) set(change func(*shared)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// holder returns the instance that has the lease; nil if there is none.
func (s *shared) holder() *instance {
	owner, _, _ := s.db.Replica().Holder(context.Background())
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.owners[owner]
}

// acquired records that an instance has the lease.
func (s *shared) acquired(l *instance, lease storage.Lease) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owners[lease.Owner] = l
	if s.lease.Token > 0 {
		s.taken = append(s.taken, time.Now())
		if s.lapsed {
			s.lapses = append(s.lapses, time.Now())
		}
	}
	s.lease, s.lapsed = lease, true
}

// released records that the lease was released.
func (s *shared) released(lease storage.Lease) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lapsed = s.lapsed && s.lease != lease
}

// takeOvers returns when another lease was taken.
func (s *shared) takeOvers() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.taken)
}

// startReplica starts another replica, and tries again if that fails.
func (w *world) startReplica() {
	if w.noRestart || len(w.instance.all()) >= w.shared.replicas {
		return
	}
	if err := w.start(); err != nil {
		w.trace.add("the bot cannot start: %v", err)
		w.later(restartAfter, "a replica starts", w.startReplica)
	}
}

// reach waits until an operation of a frozen instance can begin, and returns an error if the
// instance cannot reach its store.
func (l *instance) reach(ctx context.Context, op string) error {
	s := l.world.shared
	if s != nil && !l.underWay(op) {
		l.away.wait(ctx)
	}
	switch {
	case l.crashed():
		return errCrashed
	case s == nil:
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down || l.away.isCut() {
		return replicatedtest.ErrCut
	}
	return ctx.Err()
}

// underWay reports whether an operation was already on its way when the instance froze, so
// that only the response is late.
func (l *instance) underWay(op string) bool {
	return mix(l.world.seed^uint64(time.Since(l.world.trace.begin))^uint64(len(op)))%2 == 0
}

// sharedStore is the store of a replica.
type sharedStore struct {
	*instanceStore
	replica storage.Replicated
}

var _ storage.Replicated = (*sharedStore)(nil)

// Fenced implements [storage.Replicated].
func (s *sharedStore) Fenced(lease storage.Lease, lost func()) storage.Store {
	return &instanceStore{instance: s.instance, Store: s.replica.Fenced(lease, lost), hook: s.hook}
}

// call runs an operation that only replicas have.
func (s *sharedStore) call(ctx context.Context, op string, do func() error) error {
	w, this := s.instance.world, point{"after", "store." + op, 0}
	s.instance.away.wait(ctx) // the lease is not renewed while the instance is frozen
	err := s.instance.reach(ctx, op)
	if err == nil {
		err = w.disk.before(this)
	}
	if err == nil && s.instance.crashed() {
		err = errCrashed
	}
	if err != nil {
		return err
	}
	if err = do(); err != nil {
		return err
	}
	if w.points.reach("after", "store."+op) {
		s.instance.crash("after store." + op)
		return errCrashed
	}
	return w.disk.after(this)
}

// AcquireLease implements [storage.Replicated].
func (s *sharedStore) AcquireLease(ctx context.Context, owner string, length time.Duration) (lease storage.Lease, err error) {
	err = s.call(ctx, "AcquireLease", func() (err error) {
		if lease, err = s.replica.AcquireLease(ctx, owner, length); err == nil {
			s.instance.world.trace.add("%s has the lease %d", s.instance.host, lease.Token)
			s.instance.world.shared.acquired(s.instance, lease)
		}
		return err
	})
	return lease, err
}

// RenewLease implements [storage.Replicated].
func (s *sharedStore) RenewLease(ctx context.Context, lease storage.Lease, length time.Duration) error {
	return s.call(ctx, "RenewLease", func() error { return s.replica.RenewLease(ctx, lease, length) })
}

// ReleaseLease implements [storage.Replicated].
func (s *sharedStore) ReleaseLease(ctx context.Context, lease storage.Lease) error {
	return s.call(ctx, "ReleaseLease", func() error {
		s.instance.world.trace.add("%s releases the lease %d", s.instance.host, lease.Token)
		s.instance.world.shared.released(lease)
		return s.replica.ReleaseLease(ctx, lease)
	})
}

// Holder implements [storage.Replicated].
func (s *sharedStore) Holder(ctx context.Context) (owner string, until time.Time, err error) {
	if err := s.instance.reach(ctx, "Holder"); err != nil {
		return "", time.Time{}, err
	}
	return s.replica.Holder(ctx)
}

// Announce implements [storage.Replicated].
func (s *sharedStore) Announce(ctx context.Context, announcements ...storage.Announcement) error {
	return s.call(ctx, "Announce", func() error { return s.replica.Announce(ctx, announcements...) })
}

// Announcements implements [storage.Replicated].
func (s *sharedStore) Announcements(ctx context.Context, limit int) ([]storage.Announcement, error) {
	return value(s.reads("Announcements"), func() ([]storage.Announcement, error) { return s.replica.Announcements(ctx, limit) })
}

// EndAnnouncements implements [storage.Replicated].
func (s *sharedStore) EndAnnouncements(ctx context.Context, lease storage.Lease, ended []storage.Announcement) error {
	return s.call(ctx, "EndAnnouncements", func() error { return s.replica.EndAnnouncements(ctx, lease, ended) })
}

// Listen implements [storage.Replicated].
func (s *sharedStore) Listen(ctx context.Context, wake func()) error {
	if err := s.instance.reach(ctx, "Listen"); err != nil {
		return err
	}
	shared := s.instance.world.shared
	return s.replica.Listen(ctx, func() {
		shared.mu.Lock()
		silent := shared.down || shared.deaf
		shared.mu.Unlock()
		if !silent && !s.instance.away.isAway() {
			wake()
		}
	})
}

// Register implements [storage.Replicated].
func (s *sharedStore) Register(ctx context.Context, r storage.Replica, within time.Duration) (found []storage.Replica, err error) {
	err = s.call(ctx, "Register", func() (err error) {
		found, err = s.replica.Register(ctx, r, within)
		return err
	})
	if err == nil {
		s.instance.registered.Store(true)
	}
	return found, err
}

// Deregister implements [storage.Replicated].
func (s *sharedStore) Deregister(ctx context.Context, id string) error {
	return s.call(ctx, "Deregister", func() error { return s.replica.Deregister(ctx, id) })
}
