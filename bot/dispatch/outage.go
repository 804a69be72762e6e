package dispatch

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/deliver"
	"enjobridge/bot/slackapi"
	"enjobridge/enjo"
	"enjobridge/storage"
)

const (
	// outageNoticeAfter is the wait from which on an asker is notified that the
	// question is stored.
	outageNoticeAfter = 30 * time.Second
	// partOutage is the part that the notice is posted as; an outcome's count from 0.
	partOutage = -1
)

// agentAnswered records that an agent is up.
func (d *Dispatcher) agentAnswered(agent string) {
	d.mu.Lock()
	wasDown := d.breaker.Answered(agent)
	d.queue.Open(agent)
	d.mu.Unlock()
	if wasDown {
		d.log.Info().Str("agent", agent).Msg("dispatch: agent is back")
	}
	d.signal()
}

// agentFailed records a failed call, and reports whether the agent is down. When it
// goes down, everyone who waits for it is notified.
func (d *Dispatcher) agentFailed(ctx context.Context, agent string, err error) (isDown bool) {
	failed, ok := asEnjoError(err)
	if !ok {
		return false
	}
	switch failed.Code {
	case enjo.RateLimited:
		d.limiter.Refused(time.Now(), failed.RetryAfter)
	case enjo.NotProcessed, enjo.OutcomeUnknown:
		d.mu.Lock()
		probe, fell := d.breaker.Failed(agent, time.Now())
		d.queue.CloseUntil(agent, probe)
		waiting := d.queue.Of(agent)
		isDown = d.breaker.Down(agent)
		d.mu.Unlock()
		if !fell {
			return isDown
		}
		zerolog.Ctx(ctx).Error().Str("agent", agent).Float64("probe_seconds", d.breaker.Every.Seconds()).
			Str("hint", "check Enjo's status; questions are stored until a probe succeeds").Msg("dispatch: agent is down")
		for _, q := range waiting {
			d.running.Go(func() { d.notifyOutage(ctx, storage.Question{ID: q.ID, Thread: q.Thread}) })
		}
	default:
		// It refused this question, but it is up.
		d.agentAnswered(agent)
	}
	return isDown
}

// notifyOutage notifies an asker, once, that the agent is down and the question
// stored. Until it is asked again no status shows that somebody works on it.
func (d *Dispatcher) notifyOutage(ctx context.Context, q storage.Question) {
	end := d.status.Suspend(q)
	posted, err := d.postOutage(d.log.WithContext(ctx), q)
	end(posted)
	if err != nil && ctx.Err() == nil {
		d.log.Warn().Err(err).Str("question", q.ID.String()).Msg("dispatch: posting the outage notice failed")
	}
}

// postOutage posts the notice, unless it was posted before, or the question is asked
// by the time that Slack takes it. It records the notice once it was posted.
func (d *Dispatcher) postOutage(ctx context.Context, q storage.Question) (posted bool, err error) {
	key := storage.OutageNoticeKey(q.ID)
	unlock, err := d.locks.Lock(ctx, string(key))
	if err != nil {
		return false, err
	}
	defer unlock()
	if known, err := d.store.Seen(ctx, key); err != nil || known {
		return false, err
	}
	ts, _, err := d.slack.PostOnce(ctx, slackapi.Post{
		To: deliver.TargetOf(q), Message: blocks.Notice(blocks.NoticeView{Text: blocks.SayKeptForLater}),
		Marker: slackapi.Marker{Question: q.ID, Part: partOutage}, Check: true, Brief: true,
		Wanted: func() bool { return d.queued(q.ID) },
	})
	if err != nil || ts == "" {
		return false, err
	}
	_, err = d.store.FirstTime(ctx, key, d.slack.Now())
	return true, err
}

// queued reports whether a question is in the queue.
func (d *Dispatcher) queued(id storage.MessageID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queue.Has(id)
}
