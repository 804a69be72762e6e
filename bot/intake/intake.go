// Package intake turns messages, edits, deletions and stops into stored decisions,
// before their events are acked. It does not know how events arrive, or when a
// question is asked.
//
// Each decision is one call of [storage.Store.Decide]. If replicas share the store, two events
// of a message, or of a thread, can come to two of them, so everything that a decision depends
// on is in the store: what waits, the questions of a channel on a day, those of bots in a row,
// claims to refusals, and early edits. Otherwise the process has that in memory.
package intake

import (
	"context"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"enjobridge/bot/keylock"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// Queue is where accepted questions wait to be asked. No method waits.
type Queue interface {
	// Add takes a question; adding it again changes nothing.
	Add(storage.Question)
	// Merged takes out questions that the store has merged into another one.
	Merged([]storage.Question)
	// Edit replaces the text of a waiting question by the one that it has now.
	Edit(storage.Question)
	// Stop ends questions that the store has as stopped.
	Stop([]storage.Question)
	// Retract deletes the answer to a question, unless people have replied.
	Retract(storage.Question)
	// Depth returns how many questions of a thread are unfinished, and how many wait
	// of an asker and in all.
	Depth(thread storage.ThreadID, asker string) (inThread, ofAsker, total int)
}

// announced is the Queue of an intake whose store announces what it accepts.
type announced struct{}

func (announced) Add(storage.Question)                           {}
func (announced) Merged([]storage.Question)                      {}
func (announced) Edit(storage.Question)                          {}
func (announced) Stop([]storage.Question)                        {}
func (announced) Retract(storage.Question)                       {}
func (announced) Depth(storage.ThreadID, string) (int, int, int) { return 0, 0, 0 }

// Config configures an [Intake].
type Config struct {
	Store      storage.Store
	Policy     Policy
	DailyLimit *DailyLimit
	Slack      *slackapi.Client
	// Queue is nil if replicas share the store. Then what waits, and what else this intake
	// would remember, is counted and read in the transaction of each decision, and the
	// store announces what is accepted: see [storage.Replicated].
	Queue Queue
	// Command does what a word does after the slash command, and answers the sender of the
	// message alone. It must not block.
	Command func(m slackevent.Message, word string)
	// Record stores a decision on a message that is for the bot, later. It must not block;
	// nil to store none.
	Record func(storage.Copy)
	// Missed is called when a sender could not be notified, so that history is read. It
	// must not block.
	Missed  func()
	Panics  *supervise.Supervisor
	Metrics *telemetry.Registry
	Log     zerolog.Logger
}

// Intake stores what is decided about messages, edits, deletions and stops. It does
// nothing else before the ack, so that Slack never waits for an answer.
type Intake struct {
	store      storage.Store
	policy     Policy
	dailyLimit *DailyLimit
	slack      *slackapi.Client
	queue      Queue
	shared     bool // by replicas
	notifier   *notifier
	command    func(m slackevent.Message, word string)
	record     func(storage.Copy)
	missed     func()
	panics     *supervise.Supervisor
	decisions  *prometheus.CounterVec // action, reason
	log        zerolog.Logger

	earlyReplies early[storage.ThreadID, slackevent.Message]         // in threads that the store does not know
	earlyEdits   early[storage.MessageID, slackevent.MessageChanged] // of messages that the store does not know
	locks        keylock.Locks                                       // by the order key: events of a thread are handled one at a time

	mu       sync.Mutex
	botLoops botLoops
	arriving map[string]int            // questions of an asker between the decision and the queue
	refusing map[storage.Key]*refusing // refusals that are being posted, by their key
	// unverified are messages that wait for their twins, by the key of their refusal.
	unverified map[storage.Key]*unverified
	deciding   sync.WaitGroup // on these
}

// New returns an intake whose notifications are cut off with background.
func New(background context.Context, cfg Config) *Intake {
	if cfg.Record == nil {
		cfg.Record = func(storage.Copy) {}
	}
	shared := cfg.Queue == nil
	if shared {
		cfg.Queue = announced{}
	}
	merged := cfg.Metrics.Counter("refusals_merged_total", "Refused messages whose sender was notified of another one at the same time.")
	return &Intake{
		store: cfg.Store, policy: cfg.Policy, dailyLimit: cfg.DailyLimit, slack: cfg.Slack, queue: cfg.Queue, shared: shared,
		notifier: newNotifier(background, cfg.Slack, merged.WithLabelValues(), cfg.Panics, cfg.Log), command: cfg.Command,
		record: cfg.Record, missed: cfg.Missed, panics: cfg.Panics, log: cfg.Log,
		decisions: newDecisions(cfg.Metrics), arriving: make(map[string]int), refusing: make(map[storage.Key]*refusing), unverified: make(map[storage.Key]*unverified), botLoops: make(botLoops),
	}
}

// Wait waits until all notifications are posted, including those that otherwise wait for
// more of their kind. Messages that wait for their twins are left to the next process.
func (i *Intake) Wait() {
	i.abandonUnverified()
	i.notifier.wait()
}

// Handle stores the decision on an event, and returns what is to be done after its
// ack. The same message can come as an event and be found in history at once, so the
// events of one thread are handled one at a time.
func (i *Intake) Handle(ctx context.Context, event slackevent.Event) (after func(), err error) {
	if m, ok := event.(slackevent.Message); ok {
		after, _, err = i.acceptMessage(ctx, m)
		return after, err
	}
	unlock, err := i.locks.Lock(ctx, event.OrderKey())
	if err != nil {
		return nil, err
	}
	defer unlock()
	switch e := event.(type) {
	case slackevent.MessageChanged:
		var what decision
		after, what, err = i.storeEdit(ctx, e)
		i.noteChange(ctx, e.After.ID, e.After.Event, e.After.Retry, what)
	case slackevent.MessageDeleted:
		var what decision
		after, what, err = i.storeDeletion(ctx, e.ID)
		i.noteChange(ctx, e.ID, EventDeleted, e.Retry, what)
	case slackevent.SessionStopped:
		after, err = i.storeSessionStop(ctx, e)
	default:
		after = func() {}
	}
	return after, err
}

// Accept takes a message that was found in history as if it came as an event. If its
// sender is being notified of a refusal, notified waits until that is posted and
// stored: until then history must not count as read, because the next process has to
// find the message again if this one dies. It is nil if there is nothing to wait for.
func (i *Intake) Accept(ctx context.Context, m slackevent.Message) (notified func(context.Context) error, err error) {
	after, refusal, err := i.acceptMessage(i.log.WithContext(ctx), m)
	if err != nil {
		return nil, err
	}
	after()
	if refusal == "" {
		return nil, nil
	}
	twin := i.waitingForTwin(refusal)
	return func(ctx context.Context) error { return i.awaitRefusal(ctx, refusal, twin) }, nil
}

func (i *Intake) acceptMessage(ctx context.Context, m slackevent.Message) (after func(), refusal storage.Key, err error) {
	if err := i.decideEarlier(ctx, m); err != nil {
		return nil, "", err
	}
	unlock, err := i.locks.Lock(ctx, m.OrderKey())
	if err != nil {
		return nil, "", err
	}
	defer unlock()
	return i.storeMessage(ctx, m)
}
