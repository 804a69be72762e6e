// Package receive decodes each envelope once, has its person looked up if Slack does not
// say where they belong, has it handled in the order of its thread, and acks it. It does
// not know what is decided about an event.
package receive

import (
	"context"
	"hash/fnv"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"enjobridge/bot/slackevent"
	"enjobridge/bot/socketmode"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

const (
	// lanes is how many envelopes are handled at the same time, so that their writes
	// share one fsync. Events with the same order key are in the same lane.
	lanes = 64
	// laneLength is how many envelopes can wait in one lane for a slow disk. More
	// are rejected, and Slack sends them again.
	laneLength = 256
	// maxWaitingBytes is how many bytes can wait in all lanes together.
	maxWaitingBytes = 64 << 20
)

// Handler stores what an event asks for, and returns what is to be done after
// its ack. It returns an error if the event must not be acked.
type Handler func(context.Context, slackevent.Event) (after func(), err error)

// Config configures a [Receiver].
type Config struct {
	Self      slackevent.Identity
	Intake    Handler // of messages and their changes
	Interact  Handler // of interactions
	Workspace Handler // of what concerns the workspace
	// Identify looks up whether a user belongs to the bot's organisation. It returns an
	// error if Slack has not answered before ctx ends. It is nil if everyone is served.
	Identify func(ctx context.Context, user string) (slackevent.Membership, error)
	// Missed is called when an event is not handled, because Slack may give up sending it
	// again. It must not block.
	Missed  func()
	Panics  *supervise.Supervisor
	Metrics *telemetry.Registry
	Log     zerolog.Logger
}

// Receiver decodes each envelope once, has it handled in the order of its thread,
// and acks it.
type Receiver struct {
	cfg     Config
	unacked *prometheus.CounterVec // cause
	log     zerolog.Logger

	lanes   [lanes]chan *received
	waiting atomic.Int64 // the bytes in the lanes, and of the events that are held back

	mu      sync.Mutex             // also while an event is put into its lane
	held    map[string][]*received // events that are held back, by their order key: see holdBack
	looking sync.WaitGroup
	ended   bool
}

// received is a decoded envelope.
type received struct {
	socketmode.Envelope
	event slackevent.Event // nil if there is nothing to handle

	isHeld    bool // until it is known who caused it
	isDropped bool // it is forgotten, and only has its place among the held ones
}

// New returns a receiver.
func New(cfg Config) *Receiver {
	r := &Receiver{
		cfg: cfg, log: cfg.Log, held: make(map[string][]*received),
		unacked: newUnacked(cfg.Metrics),
	}
	for i := range r.lanes {
		r.lanes[i] = make(chan *received, laneLength)
	}
	return r
}

// Run handles envelopes until ctx ends, and finishes the current one of each lane.
// The rest is not acked, so Slack sends it again.
func (r *Receiver) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, lane := range r.lanes {
		running.Go(func() {
			for {
				select {
				case e := <-lane:
					r.waiting.Add(-e.Size())
					r.process(context.WithoutCancel(ctx), e)
				case <-ctx.Done():
					return
				}
			}
		})
	}
	running.Wait()
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	r.looking.Wait()
}

// Take decodes an envelope and puts it into its lane, or holds it back until it is known
// who caused it. It does not wait: Slack closes a connection that is not read.
func (r *Receiver) Take(e socketmode.Envelope) {
	in := &received{Envelope: e, event: r.decode(e)}
	key := e.ID
	if in.event != nil {
		key = in.event.OrderKey()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.waiting.Add(e.Size()) > maxWaitingBytes:
		r.overload(in)
	case !r.holdBack(key, in):
		r.enqueue(key, in)
	}
}

// enqueue puts an event into its lane. The caller must hold mu.
func (r *Receiver) enqueue(key string, in *received) {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(key))
	select {
	case r.lanes[hash.Sum32()%lanes] <- in:
	default:
		r.overload(in)
	}
}

// overload leaves an event to Slack to send again.
func (r *Receiver) overload(in *received) {
	r.drop(in, causeOverload)
	r.log.Warn().Str("envelope", in.ID).Msg("receive: too many events wait for the disk, leaving one to Slack to send again")
}

// drop forgets an event that waits, without an ack.
func (r *Receiver) drop(in *received, cause string) {
	r.waiting.Add(-in.Size())
	r.unacked.WithLabelValues(cause).Inc()
	r.cfg.Missed()
}

// decode returns the event of an envelope; nil if it has none, or cannot be decoded:
// receiving it again does not help.
func (r *Receiver) decode(e socketmode.Envelope) (event slackevent.Event) {
	defer func() {
		if fault := recover(); fault != nil {
			r.cfg.Panics.Report(r.log.With().Str("envelope", e.ID).Logger(), "decode an envelope", fault)
			event = nil
		}
	}()
	event, err := slackevent.Decode(e.Type, e.Payload, r.cfg.Self)
	if err != nil {
		r.log.Warn().Err(err).Str("envelope", e.ID).Str("kind", e.Type).Msg("receive: decoding an event failed")
	}
	return withRetry(event, e.Retry)
}

// withRetry adds to a message how often Slack had sent it before.
func withRetry(event slackevent.Event, retry int) slackevent.Event {
	switch e := event.(type) {
	case slackevent.Message:
		e.Retry = retry
		return e
	case slackevent.MessageChanged:
		e.After.Retry = retry
		return e
	case slackevent.MessageDeleted:
		e.Retry = retry
		return e
	}
	return event
}

// process has an event handled, and acks it. An event that could not be stored is
// not acked.
func (r *Receiver) process(ctx context.Context, e *received) {
	log := r.log.With().Str("envelope", e.ID).Int("retry", e.Retry).Logger()
	defer func() {
		if fault := recover(); fault != nil {
			r.cfg.Panics.Report(log, "handle an event", fault)
		}
	}()
	after, err := r.handle(log.WithContext(ctx), e.event)
	if err != nil {
		r.unacked.WithLabelValues(causeStore).Inc()
		r.cfg.Missed()
		log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("receive: storing an event failed, Slack will send it again")
		return
	}
	if err := e.Ack(nil); err != nil {
		r.unacked.WithLabelValues(causeSocket).Inc()
		log.Warn().Err(err).Msg("receive: acknowledging an event failed, Slack will send it again")
	}
	after()
}

func (r *Receiver) handle(ctx context.Context, event slackevent.Event) (after func(), err error) {
	switch event.(type) {
	case nil:
		return func() {}, nil
	case slackevent.Interaction:
		return r.cfg.Interact(ctx, event)
	case slackevent.EventsRateLimited, slackevent.ChannelIDChanged, slackevent.BotAdded:
		return r.cfg.Workspace(ctx, event)
	}
	return r.cfg.Intake(ctx, event)
}
