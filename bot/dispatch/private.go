package dispatch

import (
	"context"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/bot/queue"
	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

// acknowledgeWithin is how long after a private question was accepted its asker is told
// that it is being worked on: after a restart that is no news, and uses up the response URL.
const acknowledgeWithin = 15 * time.Second

// acknowledge shows the asker of a private question soon that it is being worked on, with
// the time if the wait is long. Slack has no thread that could have a status.
func (d *Dispatcher) acknowledge(q storage.Question) {
	if d.slack.Now().Sub(q.AcceptedAt) > acknowledgeWithin || backoff.Sleep(d.background, showAfter) != nil {
		return
	}
	var at queue.Position
	var waits bool
	d.locked(func() { at, waits = d.queue.Position(q.ID) })
	var wait time.Duration
	if waits {
		wait = d.waitAfter(at.Calls, time.Now())
	}
	d.deliver.Acknowledge(d.logFor(q.ID).WithContext(d.background), q, wait)
}

// notifyPrivately notifies the asker of a private question, once, that the agent is down.
// It records the notice before: nobody can find out whether it was shown.
func (d *Dispatcher) notifyPrivately(ctx context.Context, id storage.MessageID) {
	log := d.logFor(id)
	first, err := d.store.FirstTime(ctx, storage.OutageNoticeKey(id), d.slack.Now())
	if err == nil && first {
		err = d.deliver.NotifyOutage(log.WithContext(ctx), id)
	}
	if err != nil && ctx.Err() == nil {
		log.Warn().Err(err).Str("hint", slackapi.Classify(err).Hint).Msg("dispatch: showing the outage notice failed")
	}
}
