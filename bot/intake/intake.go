// Package intake turns messages, edits, deletions and stops into stored decisions,
// before their events are acked. It does not know how events arrive, or when a
// question is asked.
package intake

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

// Config configures an [Intake].
type Config struct {
	Store   storage.Store
	Policy  Policy
	Slack   *slackapi.Client
	Queue   Queue
	Metrics *telemetry.Registry
	Log     zerolog.Logger
}

// Intake stores what is decided about messages, edits, deletions and stops. It does
// nothing else before the ack, so that Slack never waits for an answer.
type Intake struct {
	// background is the context of what continues after the ack.
	background context.Context
	store      storage.Store
	policy     Policy
	slack      *slackapi.Client
	queue      Queue
	notifier   *notifier
	decisions  *prometheus.CounterVec // action, reason
	log        zerolog.Logger

	earlyReplies early[storage.ThreadID, slackevent.Message]         // in threads that the bot does not know
	earlyEdits   early[storage.MessageID, slackevent.MessageChanged] // of messages that it does not know
	locks        keylock.Locks                                       // by the thread: one message is decided at a time

	mu       sync.Mutex
	botLoops botLoops
	arriving map[string]int                // questions of a person between the decision and the queue
	refusing map[storage.Key]chan struct{} // refusals that are being posted, by their key; closed when that ends
}

// New returns an intake whose notifications are cut off with background.
func New(background context.Context, cfg Config) *Intake {
	return &Intake{
		background: background, store: cfg.Store, policy: cfg.Policy, slack: cfg.Slack, queue: cfg.Queue,
		notifier: newNotifier(cfg.Slack, cfg.Log), decisions: newDecisions(cfg.Metrics), log: cfg.Log,
		arriving: make(map[string]int), refusing: make(map[storage.Key]chan struct{}), botLoops: make(botLoops),
	}
}

// Wait waits until nobody is notified any more.
func (l *Intake) Wait() { l.notifier.running.Wait() }

// Handle stores the decision on an event, and returns what is to be done after its ack.
func (l *Intake) Handle(ctx context.Context, event slackevent.Event) (after func(), err error) {
	switch e := event.(type) {
	case slackevent.Message:
		kept, err := l.acceptMessage(ctx, e)
		return kept.afterwards, err
	case slackevent.MessageChanged:
		return l.storeEdit(ctx, e)
	case slackevent.MessageDeleted:
		return l.storeDeletion(ctx, e.ID)
	case slackevent.SessionStopped:
		return l.storeStop(ctx, e.Thread)
	}
	return func() {}, nil
}
