// Package replica makes several processes over one store one bot. Each of them accepts; the
// one with the lease works. It keeps the lease, hands what the others have accepted to the
// holder, and knows which replicas are there. It does not know what is accepted, or what the
// work is.
package replica

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

const (
	// length is how long the lease lasts after each renewal, by the clock of the database.
	length = 10 * time.Second
	// margin is how much earlier the holder counts the lease as ended: clocks run at different
	// speeds, and what was sent last must arrive before another replica works.
	margin = 2 * time.Second
	// renewEvery is how often the lease is renewed, and renewAgain the wait after a renewal
	// that failed.
	renewEvery = 3 * time.Second
	renewAgain = 500 * time.Millisecond
	// pollEvery is how often the others ask for the lease.
	pollEvery = time.Second
	// callTimeout bounds one call of the store.
	callTimeout = 5 * time.Second
)

// Config configures a [Keeper].
type Config struct {
	Store storage.Replicated
	// ID identifies this process among the replicas, and is used by no other one, ever.
	ID      string
	Metrics *telemetry.Registry
	// Health is given the role of this replica.
	Health *telemetry.Health
	Log    zerolog.Logger
}

// Keeper gets the lease, and keeps it while this process can.
type Keeper struct {
	cfg       Config
	held      prometheus.Gauge
	takeovers prometheus.Counter
	woken     chan struct{} // holds a token when there may be announcements, or the lease is free
}

// NewKeeper returns a keeper without the lease.
func NewKeeper(cfg Config) *Keeper {
	cfg.Health.SetRole(telemetry.RoleStandby)
	return &Keeper{
		cfg:       cfg,
		held:      cfg.Metrics.Gauge("lease_held", "1 while this replica has the lease, and so asks and posts; 0 for the others."),
		takeovers: cfg.Metrics.Counter("lease_takeovers_total", "How often this replica has taken the lease.").WithLabelValues(),
		woken:     make(chan struct{}, 1),
	}
}

// Work is done by the holder of a lease. It begins nothing new after soft has ended, and ends
// at once when hard has ended: with [storage.ErrLeaseLost] when the lease has ended, or with
// the context given to [Keeper.Run].
type Work func(soft, hard context.Context, held *Held)

// Run gets the lease, and has the work done with it, again and again until ctx ends. Then it
// waits for the work, which can go on until background ends, and releases the lease.
func (k *Keeper) Run(ctx, background context.Context, work Work) {
	listening, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	running.Go(func() { k.listen(listening) })
	for {
		held, err := k.acquire(ctx)
		if err != nil {
			return
		}
		k.hold(ctx, background, held, work)
	}
}

// listen is woken by the store until ctx ends. Without it the keeper still polls.
func (k *Keeper) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := k.cfg.Store.Listen(ctx, k.wake)
		if ctx.Err() == nil {
			k.cfg.Log.Debug().Err(err).Msg("replica: listening failed, trying again")
		}
		_ = backoff.Sleep(ctx, pollEvery)
	}
}

// wake makes the keeper look at the store. It does not wait.
func (k *Keeper) wake() {
	select {
	case k.woken <- struct{}{}:
	default:
	}
}

// await waits for a time, or until the keeper is woken. It returns the cause if ctx ends.
func (k *Keeper) await(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-k.woken:
	case <-timer.C:
	case <-ctx.Done():
	}
	return context.Cause(ctx)
}

// acquire waits until this replica has the lease. It returns an error only if ctx ends.
func (k *Keeper) acquire(ctx context.Context) (*Held, error) {
	for failing := false; ctx.Err() == nil; {
		began := time.Now()
		asking, cancel := context.WithTimeout(ctx, callTimeout)
		lease, err := k.cfg.Store.AcquireLease(asking, k.cfg.ID, length)
		cancel()
		switch isHeld := errors.Is(err, storage.ErrLeaseHeld); {
		case err == nil:
			return newHeld(lease, began), nil
		case isHeld || ctx.Err() != nil:
			failing = false
		case !failing:
			failing = true
			k.cfg.Log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("replica: asking for the lease failed, trying again")
		}
		_ = k.await(ctx, pollEvery)
	}
	return nil, context.Cause(ctx)
}

// hold has the work done with a lease, which is renewed meanwhile, and then releases the
// lease.
func (k *Keeper) hold(ctx, background context.Context, held *Held, work Work) {
	hard, cut := context.WithCancelCause(background)
	soft, end := context.WithCancelCause(hard)
	defer context.AfterFunc(ctx, func() { end(context.Cause(ctx)) })()
	held.begin(cut)
	defer held.end()

	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	var renewal sync.WaitGroup
	renewal.Go(func() { k.renew(renewing, held) })
	defer renewal.Wait()
	defer stop()

	k.held.Set(1)
	k.takeovers.Inc()
	k.cfg.Health.SetRole(telemetry.RoleHolder)
	k.cfg.Log.Info().Int64("token", held.Lease.Token).Msg("replica: this replica has the lease")
	defer func() {
		k.held.Set(0)
		k.cfg.Health.SetRole(telemetry.RoleStandby)
	}()
	work(soft, hard, held)
	k.release(ctx, held)
}

// renew renews the lease until ctx ends, or until it has ended.
func (k *Keeper) renew(ctx context.Context, held *Held) {
	for wait, failing := renewEvery, false; backoff.Sleep(ctx, wait) == nil && held.Check() == nil; {
		began := time.Now()
		asking, cancel := context.WithTimeout(ctx, min(callTimeout, held.left()))
		err := k.cfg.Store.RenewLease(asking, held.Lease, length)
		cancel()
		switch {
		case err == nil:
			wait, failing = renewEvery, false
			held.renewed(began)
		case errors.Is(err, storage.ErrLeaseLost):
			held.Lose()
		case ctx.Err() == nil:
			if !failing {
				k.cfg.Log.Warn().Err(err).Str("hint", storage.Hint(err)).Float64("left_seconds", held.left().Seconds()).
					Msg("replica: renewing the lease failed, trying again")
			}
			wait, failing = renewAgain, true
		}
	}
}

// release ends the lease, so that another replica has it at once.
func (k *Keeper) release(ctx context.Context, held *Held) {
	if held.Check() != nil {
		k.cfg.Log.Error().Str("hint", "check the connection to the database, and whether this process was stopped for a while").
			Msg("replica: the lease was not renewed in time, this replica stops asking and posting")
		return
	}
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	if err := k.cfg.Store.ReleaseLease(asking, held.Lease); err != nil {
		k.cfg.Log.Warn().Err(err).Msg("replica: releasing the lease failed, another replica takes over when it has ended")
		return
	}
	k.cfg.Log.Info().Msg("replica: the lease is released")
}
