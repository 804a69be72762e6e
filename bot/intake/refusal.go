package intake

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

const (
	// notifyTimeout bounds the telling of one refusal.
	notifyTimeout = time.Minute
	// maxNotifying bounds how many refusals are told at once, and maxToTell how many
	// wait for that; more are left for the next look at history.
	maxNotifying = 32
	maxToNotify  = 4_000
)

// notifier tells senders who get no answer why, to them alone.
type notifier struct {
	slack   *slackapi.Client
	log     zerolog.Logger
	places  chan struct{} // holds a token for each that is told
	waiting chan struct{} // holds a token for each that is told or waits
	running sync.WaitGroup
}

func newNotifier(client *slackapi.Client, log zerolog.Logger) *notifier {
	return &notifier{slack: client, log: log, places: make(chan struct{}, maxNotifying), waiting: make(chan struct{}, maxToNotify)}
}

// notify tells a verdict to the message's sender. It does not wait. In the end it
// calls done, with whether there is nothing more to be told.
func (n *notifier) notify(ctx context.Context, m slackevent.Message, v Decision, done func(told bool)) {
	log := n.log.With().Str("question", m.ID.String()).Str("ref", storage.Reference(m.ID)).Logger()
	select {
	case n.waiting <- struct{}{}:
	default:
		log.Warn().Msg("too many refusals to tell them all now")
		done(false)
		return
	}
	n.running.Go(func() {
		defer func() { <-n.waiting }()
		select {
		case n.places <- struct{}{}:
			defer func() { <-n.places }()
		case <-ctx.Done():
			done(false)
			return
		}
		within, cancel := context.WithTimeout(log.WithContext(ctx), notifyTimeout)
		defer cancel()
		err := n.say(within, m, v)
		failure := slackapi.Classify(err)
		if err != nil {
			log.Warn().Err(err).Str("hint", failure.Hint).Msg("sender could not be told")
		}
		done(err == nil || failure.Class == slackapi.Rejected || failure.Class == slackapi.Inaccessible)
	})
}

// say tells a verdict: thanks by a reaction, a refusal by a message that only
// the sender sees, or by a plain one in a direct message.
// https://docs.slack.dev/reference/methods/chat.postEphemeral
func (n *notifier) say(ctx context.Context, m slackevent.Message, v Decision) error {
	if v.action == actionReact {
		return n.slack.React(ctx, m.ID.Channel, m.ID.TS, v.emoji)
	}
	view := blocks.NoticeView{Text: v.text}
	if v.Retryable {
		view.Buttons = []blocks.Button{askAgainButton(m.ID)}
	}
	if v.stale {
		view.Buttons = []blocks.Button{blocks.AnswerNow(m.ID.String())}
	}
	notice := blocks.Notice(view)
	to := slackapi.Target{Thread: m.Thread(true), Since: m.ID.TS}
	switch {
	case v.public:
	case m.IsDirect():
		to.Thread.Root = m.ThreadTS
	default:
		return n.slack.PostEphemeral(ctx, m.ID.Channel, m.ThreadTS, m.User, notice)
	}
	// A process before may have told it, and died before that was stored.
	_, _, err := n.slack.PostOnce(ctx, slackapi.Post{To: to, Message: notice, Marker: slackapi.Marker{Question: m.ID}, Check: true})
	return err
}
