package bot

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"enjobridge/bot/keylock"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// listener takes envelopes off the sockets: decode, decide, persist, ack, and
// nothing else, so that Slack never waits for an answer.
type listener struct {
	store    storage.Store
	policy   policy
	verdicts *prometheus.CounterVec // action, reason
	log      zerolog.Logger
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
	tell func(m slackevent.Message, v verdict, done func(told bool))

	overheard early[storage.ThreadID, slackevent.Message]         // in threads that the bot does not know
	edits     early[storage.MessageID, slackevent.MessageChanged] // of messages that it does not know
	locks     keylock.Locks                                       // decide on the messages of a thread one at a time
	bots      botTurns                                            // guarded by mu

	mu       sync.Mutex
	arriving map[string]int                // questions of a person between the verdict and the line
	telling  map[storage.Key]chan struct{} // refusals that are being told, by their key; closed when that ends
}

func newListener(store storage.Store, p policy, metrics *telemetry.Registry, log zerolog.Logger) *listener {
	return &listener{
		arriving: make(map[string]int), telling: make(map[storage.Key]chan struct{}), bots: make(botTurns),
		store: store, policy: p, verdicts: newVerdicts(metrics), log: log,
	}
}

// handle stores the decision on an event, and returns what is to be done after its ack.
func (l *listener) handle(ctx context.Context, event slackevent.Event) (after func(), err error) {
	switch e := event.(type) {
	case slackevent.Message:
		kept, err := l.keepMessage(ctx, e)
		return kept.afterwards, err
	case slackevent.MessageChanged:
		return l.keepEdit(ctx, e)
	case slackevent.MessageDeleted:
		return l.keepDeletion(ctx, e.ID)
	case slackevent.SessionStopped:
		return l.keepStop(ctx, e.Thread)
	}
	return func() {}, nil
}
