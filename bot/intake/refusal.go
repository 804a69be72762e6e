package intake

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// refusalKey identifies a refusal that is posted once: to an outsider once in a
// channel, otherwise once for each message.
func (d decision) refusalKey(m slackevent.Message) storage.Key {
	switch {
	case d.reason == reasonOutsider:
		return storage.OutsiderKey(m.ID.Team, m.ID.Channel, m.Asker())
	case d.stale:
		return storage.OfferedKey(m.ID)
	}
	return storage.RefusedKey(m.ID)
}

// claimRefusal reports whether a refusal was neither posted nor is being posted. From
// then on it counts as being posted.
func (i *Intake) claimRefusal(ctx context.Context, key storage.Key) (bool, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refusing[key] != nil {
		return false, nil
	}
	posted, err := i.store.Seen(ctx, key)
	if err == nil && !posted {
		i.refusing[key] = make(chan struct{})
	}
	return !posted, err
}

// finishRefusal stores that a refusal was posted. It is not stored earlier, so that
// history brings the message back to the next process if this one is killed.
func (i *Intake) finishRefusal(ctx context.Context, key storage.Key, posted bool) {
	if posted {
		if _, err := i.store.FirstTime(ctx, key, i.slack.Now()); err != nil {
			zerolog.Ctx(ctx).Error().Err(err).Str("hint", storage.DiskHint).Msg("intake: storing that a refusal was posted failed")
		}
	} else {
		i.missed()
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	close(i.refusing[key])
	delete(i.refusing, key)
}

// errNotNotified says that a sender could not be notified that a message is refused.
var errNotNotified = errors.New("the sender of a refused message could not be notified")

// awaitRefusal waits until a refusal is posted and stored.
func (i *Intake) awaitRefusal(ctx context.Context, key storage.Key) error {
	i.mu.Lock()
	posting := i.refusing[key]
	i.mu.Unlock()
	if posting != nil {
		select {
		case <-posting:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	posted, err := i.store.Seen(ctx, key)
	if err == nil && !posted {
		err = errNotNotified
	}
	return err
}

const (
	// notifyTimeout bounds one notification.
	notifyTimeout = time.Minute
	// maxNotifying bounds how many notifications are posted at once, and maxToNotify
	// how many wait for that; the next reading of history finds the others.
	maxNotifying = 32
	maxToNotify  = 4_000
)

// notifier notifies senders who get no answer of the reason, mostly privately.
type notifier struct {
	slack   *slackapi.Client
	log     zerolog.Logger
	posting chan struct{} // holds a token for each notification that is being posted
	waiting chan struct{} // holds a token for each that is being posted or waits
	running sync.WaitGroup
}

func newNotifier(client *slackapi.Client, log zerolog.Logger) *notifier {
	return &notifier{slack: client, log: log, posting: make(chan struct{}, maxNotifying), waiting: make(chan struct{}, maxToNotify)}
}

// notify posts a decision to the message's sender. It does not wait. In the end it
// calls done, with whether trying again is pointless: it was posted, or cannot be.
func (n *notifier) notify(ctx context.Context, m slackevent.Message, d decision, done func(posted bool)) {
	log := n.log.With().Str("question", m.ID.String()).Str("ref", storage.Reference(m.ID)).Logger()
	select {
	case n.waiting <- struct{}{}:
	default:
		log.Warn().Msg("intake: too many notifications wait, leaving one to the next reading of history")
		done(false)
		return
	}
	n.running.Go(func() {
		defer func() { <-n.waiting }()
		select {
		case n.posting <- struct{}{}:
			defer func() { <-n.posting }()
		case <-ctx.Done():
			done(false)
			return
		}
		ctx, cancel := context.WithTimeout(log.WithContext(ctx), notifyTimeout)
		defer cancel()
		err := n.post(ctx, m, d)
		failure := slackapi.Classify(err)
		if err != nil {
			log.Warn().Err(err).Str("hint", failure.Hint).Msg("intake: notifying a sender failed")
		}
		done(err == nil || failure.Class == slackapi.Rejected || failure.Class == slackapi.Inaccessible)
	})
}

// post posts a decision: thanks as a reaction, a refusal as a message that only the
// sender sees, or as a plain one in a direct message.
// https://docs.slack.dev/reference/methods/chat.postEphemeral
func (n *notifier) post(ctx context.Context, m slackevent.Message, d decision) error {
	if d.action == actionReact {
		return n.slack.React(ctx, m.ID.Channel, m.ID.TS, d.emoji)
	}
	view := blocks.NoticeView{Text: d.text}
	switch {
	case d.retryable:
		view.Buttons = []blocks.Button{blocks.AskAgain(m.ID.String())}
	case d.stale:
		view.Buttons = []blocks.Button{blocks.AnswerNow(m.ID.String())}
	}
	notice := blocks.Notice(view)
	to := slackapi.Target{Thread: m.Thread(true), Since: m.ID.TS}
	switch {
	case d.public:
	case m.IsDirect():
		to.Thread.Root = m.ThreadTS
	default:
		return n.slack.PostEphemeral(ctx, m.ID.Channel, m.ThreadTS, m.User, notice)
	}
	// An earlier process may have posted it, and died before that was stored.
	_, _, err := n.slack.PostOnce(ctx, slackapi.Post{To: to, Message: notice, Marker: slackapi.Marker{Question: m.ID}, Check: true})
	return err
}

// offerAgain offers the asker of a question that was edited after it was asked,
// privately, to ask it again. It does not wait.
func (n *notifier) offerAgain(ctx context.Context, q storage.Question) {
	n.running.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, notifyTimeout)
		defer cancel()
		err := n.slack.PostEphemeral(ctx, q.ID.Channel, q.Thread.Root, q.Asker, blocks.Edited(q.ID.String()))
		if err != nil {
			n.log.Warn().Err(err).Str("question", q.ID.String()).Msg("intake: offering to ask an edited question again failed")
		}
	})
}
