package bot

import (
	"context"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"enjobridge/bot/keylock"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// Queue is where accepted questions wait to be asked. No method waits.
type Queue interface {
	// Add takes a question; adding it again changes nothing.
	Add(storage.Question)
	// Edit gives a question that waits the text that it has now.
	Edit(storage.Question)
	// Stop ends questions that the store has as stopped.
	Stop([]storage.Question)
	// Retract deletes the answer to a question, unless people have replied.
	Retract(storage.Question)
	// Depth returns how many questions of a thread are unfinished, and how many wait
	// of a person and in all.
	Depth(thread storage.ThreadID, asker string) (inThread, ofAsker, total int)
}

// listener stores what is decided about messages, edits, deletions and stops. It does
// nothing else before the ack, so that Slack never waits for an answer.
type listener struct {
	// background is the context of what continues after the ack.
	background context.Context
	store      storage.Store
	policy     policy
	slack      *slackapi.Client
	queue      Queue
	notifier   *notifier
	verdicts   *prometheus.CounterVec // action, reason
	log        zerolog.Logger

	overheard early[storage.ThreadID, slackevent.Message]         // in threads that the bot does not know
	edits     early[storage.MessageID, slackevent.MessageChanged] // of messages that it does not know
	locks     keylock.Locks                                       // decide on the messages of a thread one at a time
	bots      botTurns                                            // guarded by mu

	mu       sync.Mutex
	arriving map[string]int                // questions of a person between the verdict and the line
	telling  map[storage.Key]chan struct{} // refusals that are being told, by their key; closed when that ends
}

func newListener(
	background context.Context, store storage.Store, p policy, client *slackapi.Client, questions Queue, metrics *telemetry.Registry, log zerolog.Logger,
) *listener {
	return &listener{
		background: background, store: store, policy: p, slack: client, queue: questions,
		notifier: newNotifier(client, log), verdicts: newVerdicts(metrics), log: log,
		arriving: make(map[string]int), telling: make(map[storage.Key]chan struct{}), bots: make(botTurns),
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
