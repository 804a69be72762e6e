// Package receive decodes each envelope once, has it handled in the order of its
// thread, and acks it. It does not know what is decided about an event.
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

// Receiver decodes each envelope once, has it handled in the order of its thread,
// and acks it.
type Receiver struct {
	self     slackevent.Identity
	intake   Handler                // of messages and their changes
	interact Handler                // of interactions
	missed   func()                 // see New
	unacked  *prometheus.CounterVec // cause
	panics   *supervise.Supervisor
	log      zerolog.Logger

	lanes   [lanes]chan received
	waiting atomic.Int64 // the bytes in the lanes
}

// received is a decoded envelope.
type received struct {
	socketmode.Envelope
	event slackevent.Event // nil if there is nothing to handle
}

// New returns a receiver. It calls missed, which must not block, when an event is not
// handled, because Slack may give up sending it again.
func New(
	self slackevent.Identity, intake, interact Handler, missed func(), panics *supervise.Supervisor, metrics *telemetry.Registry, log zerolog.Logger,
) *Receiver {
	r := &Receiver{
		self: self, intake: intake, interact: interact, missed: missed, panics: panics, log: log,
		unacked: metrics.Counter("envelopes_unacked_total", "Envelopes that were not acknowledged, so that Slack sends them again, by cause.", "cause"),
	}
	for i := range r.lanes {
		r.lanes[i] = make(chan received, laneLength)
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
}

// Take decodes an envelope and puts it into its lane. It does not wait: Slack
// closes a connection that is not read.
func (r *Receiver) Take(e socketmode.Envelope) {
	in := received{e, r.decode(e)}
	key := e.ID
	if in.event != nil {
		key = in.event.OrderKey()
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(key))
	if r.waiting.Add(e.Size()) <= maxWaitingBytes {
		select {
		case r.lanes[hash.Sum32()%lanes] <- in:
			return
		default:
		}
	}
	r.waiting.Add(-e.Size())
	r.unacked.WithLabelValues("overload").Inc()
	r.missed()
	r.log.Warn().Str("envelope", e.ID).Msg("receive: too many events wait for the disk, leaving one to Slack to send again")
}

// decode returns the event of an envelope; nil if it has none, or cannot be decoded:
// receiving it again does not help.
func (r *Receiver) decode(e socketmode.Envelope) (event slackevent.Event) {
	defer func() {
		if fault := recover(); fault != nil {
			r.panics.Report(r.log.With().Str("envelope", e.ID).Logger(), "decode an envelope", fault)
			event = nil
		}
	}()
	event, err := slackevent.Decode(e.Type, e.Payload, r.self)
	if err != nil {
		r.log.Warn().Err(err).Str("envelope", e.ID).Str("kind", e.Type).Msg("receive: decoding an event failed")
	}
	return event
}

// process has an event handled, and acks it. An event that could not be stored is
// not acked.
func (r *Receiver) process(ctx context.Context, e received) {
	log := r.log.With().Str("envelope", e.ID).Int("retry", e.Retry).Logger()
	defer func() {
		if fault := recover(); fault != nil {
			r.panics.Report(log, "handle an event", fault)
		}
	}()
	after, err := r.handle(log.WithContext(ctx), e.event)
	if err != nil {
		r.unacked.WithLabelValues("store").Inc()
		r.missed()
		log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("receive: storing an event failed, Slack will send it again")
		return
	}
	if err := e.Ack(nil); err != nil {
		r.unacked.WithLabelValues("socket").Inc()
		log.Warn().Err(err).Msg("receive: acknowledging an event failed, Slack will send it again")
	}
	after()
}

func (r *Receiver) handle(ctx context.Context, event slackevent.Event) (after func(), err error) {
	switch event.(type) {
	case nil:
		return func() {}, nil
	case slackevent.Interaction:
		return r.interact(ctx, event)
	}
	return r.intake(ctx, event)
}
