package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"hash/fnv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack/socketmode"

	"enjobridge/storage"
)

const (
	// lanes is how many envelopes are decided at once, their writes sharing one
	// fsync. Those of one thread are in one lane, so that a follow-up is not
	// decided before the question.
	lanes = 64
	// laneLength is how many envelopes wait for a slow disk in one lane. More
	// are not taken, and Slack sends them again.
	laneLength = 256
	// lanesHold is how many bytes wait in all lanes together.
	lanesHold = 64 << 20
)

// listener takes envelopes off the sockets: decode, decide, persist, ack, and
// nothing else, so that Slack never waits for an answer.
type listener struct {
	store   storage.Store
	policy  policy
	metrics *metrics
	log     zerolog.Logger
	// asked is told of each question that was accepted; it must not wait.
	asked func(storage.Question)
	// stopped is told of questions that were settled as stopped; orphaned of one
	// whose message was deleted after the answer; edited of one that waits with a
	// new text; offerAgain of one that was edited too late. None of them must wait.
	stopped    func(questions []storage.Question)
	orphaned   func(storage.Question)
	edited     func(storage.Question)
	offerAgain func(storage.Question)
	// slackNow tells the time as Slack does.
	slackNow func() time.Time
	// load returns what is in line of a thread, of a person, and in all.
	load func(storage.ThreadID, string) (unfinished, mine, all int)
	// tell is told of what is to be said to a sender who is not answered; it must
	// not wait, and calls done with whether there is nothing more to be said.
	tell func(m message, v verdict, done func(told bool))
	// interact is given what people do with buttons, modals, the slash command
	// and the home tab; it stores what must not be lost.
	interact func(context.Context, interaction) (afterwards func(), err error)

	lanes     [lanes]chan envelope
	waiting   atomic.Int64                     // the bytes in the lanes
	overheard early[storage.ThreadID, message] // in threads that the bot does not know
	edits     early[storage.MessageID, change] // of messages that it does not know
	turns     *turns                           // decide on the messages of a thread one at a time
	bots      botTurns                         // guarded by mu

	mu       sync.Mutex
	arriving map[string]int           // questions of a person between the verdict and the line
	telling  map[string]chan struct{} // refusals that are being told, by their key; closed when that ends
}

func newListener(store storage.Store, p policy, figures *metrics, log zerolog.Logger) *listener {
	l := &listener{
		arriving: make(map[string]int), telling: make(map[string]chan struct{}), bots: make(botTurns), turns: newTurns(),
		store: store, policy: p, metrics: figures, log: log,
	}
	for i := range l.lanes {
		l.lanes[i] = make(chan envelope, laneLength)
	}
	return l
}

// run decides envelopes until ctx ends, and the one at hand in each lane after
// that; the rest is not acknowledged, so Slack sends it again.
func (l *listener) run(ctx context.Context) {
	var running sync.WaitGroup
	for _, lane := range l.lanes {
		running.Go(func() {
			for {
				select {
				case e := <-lane:
					l.waiting.Add(-e.size())
					l.receive(context.WithoutCancel(ctx), e)
				case <-ctx.Done():
					return
				}
			}
		})
	}
	running.Wait()
}

// take puts an envelope into its lane. It does not wait: a reader that does is
// taken for dead by Slack.
func (l *listener) take(e envelope) {
	var place struct {
		Event struct {
			TS       loose `json:"ts"`
			ThreadTS loose `json:"thread_ts"`
		} `json:"event"`
		Container struct {
			TS       loose `json:"message_ts"`
			ThreadTS loose `json:"thread_ts"`
		} `json:"container"`
	}
	_ = json.Unmarshal(e.payload, &place)
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(cmp.Or(place.Event.ThreadTS, place.Event.TS, place.Container.ThreadTS, place.Container.TS)))
	if l.waiting.Add(e.size()) <= lanesHold {
		select {
		case l.lanes[hash.Sum32()%lanes] <- e:
			return
		default:
		}
	}
	l.waiting.Add(-e.size())
	l.metrics.unacked.WithLabelValues("overload").Inc()
	l.log.Warn().Str("envelope", e.id).Msg("too much waits for the disk; the event is left for Slack to send again")
}

// receive decides what is to be done with an envelope, makes it last, and
// acknowledges it. What cannot be made to last is not acknowledged.
func (l *listener) receive(ctx context.Context, e envelope) {
	log := l.log.With().Str("envelope", e.id).Int("retry", e.retry).Logger()
	defer func() {
		if fault := recover(); fault != nil {
			log.Error().Interface("panic", fault).Msg("a fault in reading an envelope")
		}
	}()
	afterwards, err := l.keep(log.WithContext(ctx), e)
	if err != nil {
		l.metrics.unacked.WithLabelValues("store").Inc()
		log.Error().Err(err).Str("hint", diskHint).Msg("event is not acknowledged, Slack will send it again")
		return
	}
	if err := e.ack(nil); err != nil {
		l.metrics.unacked.WithLabelValues("socket").Inc()
		log.Warn().Err(err).Msg("event could not be acknowledged, Slack will send it again")
	}
	afterwards()
}

// keep makes what an envelope asks for last, and returns what is to be done
// once it is acknowledged.
func (l *listener) keep(ctx context.Context, e envelope) (afterwards func(), err error) {
	nothing := func() {}
	if i, ok := decodeInteraction(e.kind, e.payload); ok {
		return l.interact(ctx, i)
	}
	if e.kind != socketmode.RequestTypeEventsAPI {
		zerolog.Ctx(ctx).Warn().Str("kind", e.kind).Msg("interaction cannot be read")
		return nothing, nil
	}
	m, ok, err := decodeMessage(e.payload, l.policy.self)
	if err != nil {
		// It will not get better by being sent again.
		zerolog.Ctx(ctx).Warn().Err(err).Msg("event cannot be read")
		return nothing, nil
	}
	if c, changed, err := decodeChange(e.payload, l.policy.self); err == nil && changed {
		return l.keepChange(ctx, c)
	}
	if !ok {
		return nothing, nil
	}
	kept, err := l.keepMessage(ctx, m)
	return kept.afterwards, err
}
