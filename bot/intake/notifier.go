package intake

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/background"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/supervise"
	"enjobridge/storage"
)

// notifyLimits bound the notifications. The next reading of history finds those for
// which there is no room.
var notifyLimits = background.Limits{
	Running: 32, RunningEach: 2, Waiting: 4_000, WaitingEach: 1_000, Timeout: time.Minute,
}

const (
	// refusalWindow is how long after a refusal the same sender gets no other one for the
	// same reason in the same channel. At its end one notification counts the rest.
	refusalWindow = 30 * time.Second
	// maxRepeats bounds how many messages wait for the end of a window.
	maxRepeats = 1_000
	// reactionAttempts is how often adding a reaction is attempted.
	reactionAttempts = 2
)

// notifier notifies senders who get no answer of the reason, mostly privately. Senders
// take turns, so that nobody waits for the notifications of a person with hundreds.
type notifier struct {
	slack  *slackapi.Client
	pool   *background.Pool
	merged prometheus.Counter
	log    zerolog.Logger

	mu     sync.Mutex
	recent map[refusalKind]*repeats // refusals whose window has not ended
}

// refusalKind is what a sender is notified of once in a window.
type refusalKind struct {
	asker, channel string
	reason         reason
}

// repeats are the messages that were refused since the last notification of a kind.
type repeats struct {
	m      slackevent.Message // the latest
	d      decision
	claims []claim
}

// claim is the right to notify a message's sender.
type claim struct {
	// keep reports, right before the notification, whether the right still exists; without
	// it, done is not called.
	keep func(ctx context.Context) bool
	// done is called in the end, with whether trying again is pointless: the notification was
	// posted, or cannot be.
	done func(posted bool)
}

// unclaimed is for notifications that nobody else posts, and that are not tried again.
var unclaimed = claim{func(context.Context) bool { return true }, func(bool) {}}

func newNotifier(ctx context.Context, client *slackapi.Client, merged prometheus.Counter, panics *supervise.Supervisor, log zerolog.Logger) *notifier {
	return &notifier{
		slack: client, pool: background.New(ctx, notifyLimits, panics, log), merged: merged, log: log, recent: make(map[refusalKind]*repeats),
	}
}

// notify posts a decision to the message's sender. It does not wait.
func (n *notifier) notify(m slackevent.Message, d decision, c claim) {
	if d.action != actionRefuse || d.public {
		n.start(m, d, c) // it is about this message alone
		return
	}
	kind := refusalKind{m.Asker(), m.ID.Channel, d.reason}
	n.mu.Lock()
	r := n.recent[kind]
	switch {
	case r == nil:
		n.open(kind)
		n.mu.Unlock()
		n.start(m, d, c)
	case len(r.claims) >= maxRepeats:
		n.mu.Unlock()
		n.leave(m)
		c.done(false)
	default:
		r.m, r.d, r.claims = m, d, append(r.claims, c)
		n.mu.Unlock()
	}
}

// open begins a window. The caller must hold mu.
func (n *notifier) open(kind refusalKind) {
	r := &repeats{}
	n.recent[kind] = r
	time.AfterFunc(refusalWindow, func() { n.end(kind, r) })
}

// end ends a window, unless it has ended before: it notifies the sender of the messages
// that were refused in it. If there are any, that begins the next window.
func (n *notifier) end(kind refusalKind, r *repeats) {
	n.mu.Lock()
	switch {
	case n.recent[kind] != r:
		n.mu.Unlock()
		return
	case len(r.claims) == 0:
		delete(n.recent, kind)
		n.mu.Unlock()
		return
	}
	n.open(kind)
	n.mu.Unlock()
	n.merged.Add(float64(len(r.claims) - 1))
	n.start(r.m, r.d, r.claims...)
}

// wait ends all windows, and waits until all notifications are posted.
func (n *notifier) wait() {
	n.mu.Lock()
	open := make(map[refusalKind]*repeats, len(n.recent))
	for kind, r := range n.recent {
		open[kind] = r
	}
	n.mu.Unlock()
	for kind, r := range open {
		n.end(kind, r)
	}
	n.pool.Wait()
}

// start posts a decision on the messages of some claims, of which m is the latest, when it is
// the sender's turn.
func (n *notifier) start(m slackevent.Message, d decision, claims ...claim) {
	done := func(posted bool) {
		for _, c := range claims {
			c.done(posted)
		}
	}
	started := n.pool.Start(m.Asker(), "notifying a sender", func(ctx context.Context) {
		pointless := false
		defer func() { done(pointless) }() // also after a panic: others wait for it
		if claims = slices.DeleteFunc(claims, func(c claim) bool { return !c.keep(ctx) }); len(claims) == 0 {
			return
		}
		log := n.log.With().Str("question", m.ID.String()).Str("ref", storage.Reference(m.ID)).Logger()
		err := n.post(log.WithContext(ctx), m, d, len(claims))
		failure := slackapi.Classify(err)
		if err != nil {
			log.Warn().Err(err).Str("hint", failure.Hint).Msg("intake: notifying a sender failed")
		}
		pointless = err == nil || failure.Class == slackapi.Rejected || failure.Class == slackapi.Inaccessible
	})
	if !started {
		n.leave(m)
		done(false)
	}
}

// leave logs that a message's sender is not notified now.
func (n *notifier) leave(m slackevent.Message) {
	n.log.Warn().Str("question", m.ID.String()).Str("ref", storage.Reference(m.ID)).
		Msg("intake: too many notifications wait, leaving one to the next reading of history")
}

// post posts a decision: thanks as a reaction, a refusal as a message that only the
// sender sees, or as a plain one in a direct message.
// https://docs.slack.dev/reference/methods/chat.postEphemeral
func (n *notifier) post(ctx context.Context, m slackevent.Message, d decision, messages int) error {
	if d.action == actionReact {
		return n.react(ctx, m, d)
	}
	notice := blocks.Notice(refusalView(m, d, messages))
	to := slackapi.Target{Thread: m.Thread(true), Since: m.ID.TS}
	switch {
	case d.public:
	case m.IsDirect():
		to.Thread.Root = m.ThreadTS
	default:
		return n.postPrivately(ctx, m, d, notice)
	}
	// An earlier process may have posted it, and died before that was stored.
	marker := slackapi.Marker{Question: m.ID}
	if d.reason == reasonUnverified {
		marker.Part = partUnverified
	}
	_, _, err := n.slack.PostOnce(ctx, slackapi.Post{To: to, Message: notice, Marker: marker, Check: true, Brief: true})
	if !slackapi.Classify(err).Elsewhere() || m.IsDirect() || m.User == "" || messageGone(m, err) {
		return err
	}
	view := blocks.NoticeView{Text: d.text, Next: blocks.NextAskHere.Text()} // a button would work only where it belongs
	link := n.slack.Permalink(ctx, m.ID.Channel, m.ID.TS)
	_, _, direct := n.slack.DirectMessage(ctx, m.User, blocks.WithLink(blocks.Notice(view), link))
	return direct
}

// messageGone reports whether nothing can be posted because the message, the root of its
// thread, is deleted.
func messageGone(m slackevent.Message, err error) bool {
	gone := errors.Is(err, slackapi.ErrRootGone) || slackapi.ErrorCode(err) == "thread_not_found"
	return gone && m.ThreadTS == ""
}

// react adds a reaction. If Slack does not take one that says why a question is not asked,
// the sender is notified privately.
func (n *notifier) react(ctx context.Context, m slackevent.Message, d decision) error {
	err := n.slack.Retry(ctx, reactionAttempts, func() error { return n.slack.React(ctx, m.ID.Channel, m.ID.TS, d.emoji) })
	if err == nil || d.text == "" || slackapi.ErrorCode(err) == "message_not_found" {
		return err
	}
	return n.postPrivately(ctx, m, d, blocks.Say(d.text))
}

// postPrivately shows a notice to a message's sender alone. A bot without a user gets none.
func (n *notifier) postPrivately(ctx context.Context, m slackevent.Message, d decision, notice blocks.Message) error {
	if m.User == "" {
		zerolog.Ctx(ctx).Info().Str("bot", m.BotID).Str("reason", string(d.reason)).Msg("intake: a bot is refused that has no user, nobody is notified")
		return nil
	}
	return n.slack.PostPrivately(ctx, m.ID.Channel, m.ThreadTS, m.User, notice)
}

// refusalView is the notice of a refusal of so many messages, of which m is the latest.
func refusalView(m slackevent.Message, d decision, messages int) blocks.NoticeView {
	view := blocks.NoticeView{Text: d.text}
	switch {
	case d.retryable:
		view.Buttons = []blocks.Button{blocks.AskAgain(m.ID.String())}
	case d.stale:
		view.Buttons = []blocks.Button{blocks.AnswerNow(m.ID.String())}
	}
	if messages > 1 {
		view.Next = blocks.LeftOut(messages, d.retryable)
	}
	return view
}

// offerAgain offers the asker of a question that was edited after it was asked,
// privately, to ask it again. It does not wait.
func (n *notifier) offerAgain(q storage.Question) {
	n.pool.Start(q.Asker, "offering to ask again", func(ctx context.Context) {
		err := n.slack.PostEphemeral(ctx, q.ID.Channel, q.Thread.Root, q.Asker, blocks.Edited(q.ID.String()))
		if err != nil {
			n.log.Warn().Err(err).Str("question", q.ID.String()).Msg("intake: offering to ask an edited question again failed")
		}
	})
}
