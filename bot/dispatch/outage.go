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

// outageNotice is told to who asks an agent that is down.
var outageNotice = blocks.NoticeView{
	Text: blocks.SayKeptForLater,
}

// outageNoticeAfter is the wait from which on an asker is told that the question is kept.
const outageNoticeAfter = 30 * time.Second

// partOutage marks the post of [outageNotice]; an outcome's parts count from 0.
const partOutage = -1

// agentAnswered says that an agent is up.
func (d *Dispatcher) agentAnswered(agent string) {
	d.mu.Lock()
	wasDown := d.breakers.Answered(agent)
	d.queue.Open(agent)
	d.mu.Unlock()
	if wasDown {
		d.log.Info().Str("agent", agent).Msg("agent is back")
	}
	d.signal()
}

// agentFailed acts on a failed call: the agent may be down, which it reports,
// or the limits stricter than they are kept.
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
		probe, fell := d.breakers.Failed(agent, time.Now())
		d.queue.CloseUntil(agent, probe)
		left := d.queue.Of(agent)
		isDown = d.breakers.Down(agent)
		d.mu.Unlock()
		if !fell {
			return isDown
		}
		zerolog.Ctx(ctx).Error().Str("agent", agent).Dur("every", d.breakers.Every).
			Str("hint", "check Enjo's status; it is tried again and again, and questions are kept").Msg("agent is down")
		for _, q := range left {
			d.running.Go(func() { d.tellOutage(ctx, storage.Question{ID: q.ID, Thread: q.Thread}) })
		}
	default:
		// What it said was of no use for this question, but it is there.
		d.agentAnswered(agent)
	}
	return isDown
}

// tellOutage tells an asker, once, that the agent is down and the question kept.
// Until it is asked again nothing shows that it is worked on.
func (d *Dispatcher) tellOutage(ctx context.Context, q storage.Question) {
	hushed := d.status.Suspend(q)
	told, err := d.postOutage(d.log.WithContext(ctx), q)
	hushed(told)
	if err != nil && ctx.Err() == nil {
		d.log.Warn().Err(err).Str("question", q.ID.String()).Msg("asker could not be told that the agent is down")
	}
}

// postOutage tells an asker that the question is kept, unless that was told before,
// or the question is asked by the time that Slack takes it. It is remembered once
// it was told.
func (d *Dispatcher) postOutage(ctx context.Context, q storage.Question) (told bool, err error) {
	key := storage.OutageNoticeKey(q.ID)
	done, err := d.locks.Lock(ctx, string(key))
	if err != nil {
		return false, err
	}
	defer done()
	if known, err := d.store.Seen(ctx, key); err != nil || known {
		return false, err
	}
	as := slackapi.Marker{Question: q.ID, Part: partOutage}
	ts, _, err := d.slack.PostOnce(ctx, slackapi.Post{
		To: deliver.TargetOf(q), Message: blocks.Notice(outageNotice), Marker: as, Check: true,
		Wanted: func() bool { return d.queued(q.ID) },
	})
	if err != nil || ts == "" {
		return false, err
	}
	_, err = d.store.FirstTime(ctx, key, time.Now())
	return true, err
}
