package bot

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

// keptForLater is told to who asks an agent that is down.
var keptForLater = blocks.NoticeView{
	Text: blocks.SayKeptForLater,
}

// keptFrom is the wait from which on an asker is told that the question is kept.
const keptFrom = 30 * time.Second

// partKept marks the post of [keptForLater]; an outcome's parts count from 0.
const partKept = -1

// agentAnswered says that an agent is up.
func (w *worker) agentAnswered(agent string) {
	w.mu.Lock()
	wasDown := w.breakers.Answered(agent)
	w.line.Open(agent)
	w.mu.Unlock()
	if wasDown {
		w.log.Info().Str("agent", agent).Msg("agent is back")
	}
	w.stir()
}

// agentFailed acts on a failed call: the agent may be down, which it reports,
// or the limits stricter than they are kept.
func (w *worker) agentFailed(ctx context.Context, agent string, err error) (isDown bool) {
	failed, ok := asEnjoError(err)
	if !ok {
		return false
	}
	switch failed.Code {
	case enjo.RateLimited:
		w.limiter.Refused(time.Now(), failed.RetryAfter)
	case enjo.NotProcessed, enjo.OutcomeUnknown:
		w.mu.Lock()
		probe, fell := w.breakers.Failed(agent, time.Now())
		w.line.CloseUntil(agent, probe)
		left := w.line.Of(agent)
		isDown = w.breakers.Down(agent)
		w.mu.Unlock()
		if !fell {
			return isDown
		}
		zerolog.Ctx(ctx).Error().Str("agent", agent).Dur("every", w.breakers.Every).
			Str("hint", "check Enjo's status; it is tried again and again, and questions are kept").Msg("agent is down")
		for _, q := range left {
			w.running.Go(func() { w.tellDown(ctx, storage.Question{ID: q.ID, Thread: q.Thread}) })
		}
	default:
		// What it said was of no use for this question, but it is there.
		w.agentAnswered(agent)
	}
	return isDown
}

// tellDown tells an asker, once, that the agent is down and the question kept.
// Until it is asked again nothing shows that it is worked on.
func (w *worker) tellDown(ctx context.Context, q storage.Question) {
	hushed := w.indicators.Suspend(q)
	told, err := w.tellKept(w.log.WithContext(ctx), q)
	hushed(told)
	if err != nil && ctx.Err() == nil {
		w.log.Warn().Err(err).Str("question", q.ID.String()).Msg("asker could not be told that the agent is down")
	}
}

// tellKept tells an asker that the question is kept, unless that was told before,
// or the question is asked by the time that Slack takes it. It is remembered once
// it was told.
func (w *worker) tellKept(ctx context.Context, q storage.Question) (told bool, err error) {
	key := storage.KeptKey(q.ID)
	done, err := w.locks.Lock(ctx, string(key))
	if err != nil {
		return false, err
	}
	defer done()
	if known, err := w.store.Seen(ctx, key); err != nil || known {
		return false, err
	}
	as := slackapi.Marker{Question: q.ID, Part: partKept}
	ts, _, err := w.slack.PostOnce(ctx, slackapi.Post{
		To: deliver.TargetOf(q), Message: blocks.Notice(keptForLater), Marker: as, Check: true,
		Wanted: func() bool { return w.waits(q.ID) },
	})
	if err != nil || ts == "" {
		return false, err
	}
	_, err = w.store.Once(ctx, key, time.Now())
	return true, err
}
