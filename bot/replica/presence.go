package replica

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/storage"
)

const (
	// registerEvery is how often a replica says that it is there, and goneAfter how long after
	// that it counts as there.
	registerEvery = 3 * time.Second
	goneAfter     = 15 * time.Second

	// Slack allows an app ten connections. One is left for those that are being replaced.
	// https://docs.slack.dev/apis/events-api/using-socket-mode
	maxSockets = 9
	// socketsEach is how many connections a replica holds, unless there are too many replicas.
	socketsEach = 2
)

// Presence says that this replica is there, and knows the others.
type Presence struct {
	Store storage.Replicated
	ID    string
	// Live returns how many connections this replica has open.
	Live func() int
	// Changed is called with how many connections this replica is to hold, and how many the
	// others have at most: one that has just started opens its connections before it says so.
	// It must not block.
	Changed func(own, others int)
	// Vanished is called when another replica has gone: events may be lost with it. It must
	// not block.
	Vanished func()
	Log      zerolog.Logger

	others atomic.Int64 // the connections of the others
	known  []string     // the IDs of the others
}

// Register registers this replica, and retries until the store has it. It returns an error
// only if ctx ends before.
func (p *Presence) Register(ctx context.Context, backOff backoff.Func) error {
	return storage.Retry(p.Log.WithContext(ctx), backOff, func() error { return p.register(ctx) })
}

// Run says that this replica is there until ctx ends.
func (p *Presence) Run(ctx context.Context) {
	for failing := false; backoff.Sleep(ctx, registerEvery) == nil; {
		err := p.register(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			p.Log.Warn().Err(err).Str("hint", storage.Hint(err)).Msg("replica: registering this replica failed, trying again")
		}
		failing = err != nil
	}
}

// Leave says that this replica is not there any more. If that fails, it counts as there for a
// while.
func (p *Presence) Leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	if err := p.Store.Deregister(ctx, p.ID); err != nil {
		p.Log.Debug().Err(err).Msg("replica: deregistering this replica failed")
	}
}

// Others returns how many connections the other replicas have.
func (p *Presence) Others() int { return int(p.others.Load()) }

// register says that this replica is there, and learns of the others.
func (p *Presence) register(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	found, err := p.Store.Register(ctx, storage.Replica{ID: p.ID, Sockets: p.Live()}, goneAfter)
	if err != nil {
		return err
	}
	var ids []string
	own, others, most := 0, 0, 0
	for index, r := range found {
		share := Sockets(index, len(found))
		if r.ID == p.ID {
			own = share
			continue
		}
		ids = append(ids, r.ID)
		others += r.Sockets
		most += max(r.Sockets, share)
	}
	if slices.ContainsFunc(p.known, func(id string) bool { return !slices.Contains(ids, id) }) {
		p.Vanished()
	}
	p.known = ids
	p.others.Store(int64(others))
	p.Changed(own, most)
	return nil
}

// Sockets returns how many connections a replica holds of those that Slack allows the app:
// the one with an index, in the order of their registration, of so many.
func Sockets(index, replicas int) int {
	switch {
	case replicas*socketsEach <= maxSockets:
		return socketsEach
	case index < maxSockets:
		return 1
	}
	return 0
}
