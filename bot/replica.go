package bot

import (
	"context"
	"crypto/rand"
	"sync"
	"sync/atomic"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/interact"
	"enjobridge/bot/replica"
	"enjobridge/bot/tokens"
	"enjobridge/bot/workspace"
	"enjobridge/storage"
)

// member is this process as one of the replicas of a store.
type member struct {
	id        string
	store     storage.Replicated
	keeper    *replica.Keeper
	presence  *replica.Presence
	announcer *replica.Announcer
	// lease is that of this replica, and dispatcher that of its worker; nil without one.
	lease      atomic.Pointer[replica.Held]
	dispatcher atomic.Pointer[dispatch.Dispatcher]
	connected  atomic.Bool // from then on the keeper asks for the lease
}

// newMember returns this process as one of the replicas of its store, which lets only the
// holder of the lease refresh tokens; nil if no others can use the store.
func (b *Bot) newMember(refresher *tokens.Refresher) *member {
	store, shared := b.store.(storage.Replicated)
	if !shared {
		return nil
	}
	m := &member{id: rand.Text(), store: store}
	refresher.Allow(m.holds)
	return m
}

// runReplica runs the bot as one of several replicas, which all accept. The one with the lease
// works.
func (b *Bot) runReplica(ctx, background context.Context, cut context.CancelCauseFunc, c *base, m *member) error {
	m.keeper = replica.NewKeeper(replica.Config{Store: m.store, ID: m.id, Metrics: b.metrics, Health: b.health, Log: b.log})
	m.announcer = replica.NewAnnouncer(m.store, c.backOff, b.log)
	a := b.newAcceptor(background, c, links{role: interact.Acceptor, working: m.working, effects: m, missed: m.announcer.Missed})
	m.presence = &replica.Presence{
		Store: m.store, ID: m.id, Live: b.health.LiveSockets, Changed: a.sockets.SetSockets, Vanished: m.announcer.Missed, Log: b.log,
	}
	finish := a.finish
	defer b.stop([]step{
		{"cut off work in progress", func() { cut(dispatch.ErrShutDown) }},
		{"finish tasks and notifications", finish},
		{"store the journal", func() { c.journal.Store(context.Background()) }},
	})
	defer b.offer(c, a)()
	if err := m.presence.Register(ctx, c.backOff); err != nil {
		return errStopped
	}
	defer m.presence.Leave(ctx)
	m.connected.Store(true)
	work := func(soft context.Context) {
		var working sync.WaitGroup
		defer working.Wait()
		for name, run := range map[string]func(){
			"say that this replica is there": func() { m.presence.Run(soft) },
			"announce what is missed":        func() { m.announcer.Run(soft) },
			"announce gaps":                  func() { m.announceGaps(soft, b.health.Reopened, c.slack.Now) },
		} {
			working.Go(func() { c.panics.Loop(soft, name, run) })
		}
		c.panics.Loop(soft, "keep the lease", func() {
			m.keeper.Run(soft, background, func(soft, hard context.Context, held *replica.Held) { b.workWith(soft, hard, c, m, held) })
		})
	}
	return b.serve(ctx, cut, a, work, finish)
}

// workWith works with a lease: it takes over what an earlier holder has left, and acts on what
// the replicas announce. It returns when the work in progress has ended.
func (b *Bot) workWith(soft, hard context.Context, c *base, m *member, held *replica.Held) {
	m.lease.Store(held)
	defer m.lease.Store(nil)
	store := m.store.Fenced(held.Lease, held.Lose)
	limiter, err := dispatch.NewLimiterAfter(b.log.WithContext(soft), store, b.cfg.Limits, b.cfg.Jitter, c.backOff)
	if err != nil {
		return // the lease has ended
	}
	// Whatever happened before, this process does not know of it.
	reopened, updated := make(chan struct{}, 1), make(chan struct{}, 1)
	reopened <- struct{}{}
	hard, cut := context.WithCancelCause(hard)
	defer cut(nil)
	w := b.newWorker(hard, c, workerConfig{
		store: store, slack: c.slack.Guarded(held.Check), guard: held.Check, reopened: reopened, updated: updated, shared: true,
	}, limiter)
	m.dispatcher.Store(w.dispatcher)
	defer m.dispatcher.Store(nil)
	defer b.stop([]step{
		{"finish tasks and questions", w.finish},
		{"cut off what is left", func() { cut(dispatch.ErrShutDown) }},
		{"finish deliveries", w.deliverer.Wait},
		{"close statuses", w.status.Close},
		{"leave the agents to another replica", func() { w.dispatcher.Leave(b.metrics) }},
	})
	w.resume(soft)
	var acting sync.WaitGroup
	defer acting.Wait()
	acting.Go(func() {
		w.panics.Loop(soft, "act on announcements", func() {
			m.keeper.Announcements(soft, held, func(ctx context.Context, a storage.Announcement) error { return w.act(ctx, a, updated) })
		})
	})
	w.run(soft, hard)
}

// resume continues with what an earlier holder has left, and retries until all of it is in the
// queue or being delivered, or ctx ends.
func (w *worker) resume(ctx context.Context) {
	for attempt := 1; ; attempt++ {
		err := w.dispatcher.Resume(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		w.bot.log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("dispatch: resuming unfinished questions failed, retrying")
		_ = backoff.Sleep(ctx, w.backOff(attempt))
	}
}

// act acts on an announcement. Acting on it again changes nothing.
func (w *worker) act(ctx context.Context, a storage.Announcement, updated chan<- struct{}) error {
	switch a.Kind {
	case storage.QuestionChanged:
		return w.dispatcher.Sync(ctx, a.Message)
	case storage.QuestionDeleted:
		return w.dispatcher.SyncDeleted(ctx, a.Message)
	case storage.PressAdded:
		return w.presses.CompletePress(ctx, a.Message, a.Name)
	case storage.TicketUpdated:
		select {
		case updated <- struct{}{}:
		default: // a token is there already
		}
	case storage.ChannelMoved:
		return w.dispatcher.SyncMoved(ctx, a.From, a.To)
	case storage.ChannelJoined:
		after, err := w.space.Joined(ctx, a.Name, a.At)
		if err == nil {
			after()
		}
		return err
	case storage.GapUntil:
		w.space.GapUntil(a.At)
	case storage.EventMissed:
		w.missed.Send()
	}
	return nil
}

var _ workspace.Effects = (*member)(nil)

// GapUntil implements [workspace.Effects].
func (m *member) GapUntil(until time.Time) { m.announcer.GapUntil(until) }

// Joined implements [workspace.Effects].
func (m *member) Joined(ctx context.Context, channel string, greeted time.Time) (func(), error) {
	return func() {}, m.store.Announce(ctx, storage.Announcement{Kind: storage.ChannelJoined, Name: channel, At: greeted})
}

// Moved implements [workspace.Effects].
func (m *member) Moved(ctx context.Context, from, to string, _ []storage.Question) (func(), error) {
	return func() {}, m.store.Announce(ctx, storage.Announcement{Kind: storage.ChannelMoved, From: from, To: to})
}

// announceGaps announces the end of each time in which no socket was open, until ctx ends. It
// is no gap that this replica had none before it started, if others had.
func (m *member) announceGaps(ctx context.Context, reopened <-chan struct{}, now func() time.Time) {
	for first := true; ; first = false {
		select {
		case <-reopened:
		case <-ctx.Done():
			return
		}
		if !first || m.presence.Others() == 0 {
			m.announcer.GapUntil(now())
		}
	}
}

// startTimeout bounds the question for the lease of a replica that starts.
const startTimeout = 5 * time.Second

// holds reports whether this replica has the lease. One that starts takes it for a moment if
// nobody has it: without a valid token no replica could start.
func (m *member) holds() bool {
	if held := m.lease.Load(); held != nil || m.connected.Load() {
		return held != nil && held.Check() == nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	_, err := m.store.AcquireLease(ctx, m.id, startTimeout)
	return err == nil
}

// working returns the state of the queue and the agents for a person, if this replica works.
func (m *member) working(user string) (stats dispatch.Stats, works bool) {
	if d := m.dispatcher.Load(); d != nil {
		return d.Stats(user), true
	}
	return dispatch.Stats{}, false
}
