package dispatch

import (
	"context"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/deliver"
	"enjobridge/bot/queue"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/telemetry"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// outageNoticeAfter is the wait from which on an asker is notified that the question is
// stored.
const outageNoticeAfter = 30 * time.Second

// setUp reports that an agent is up. mu must be held once the dispatcher runs.
func (d *Dispatcher) setUp(agent string) {
	d.metrics.up.WithLabelValues(agent).Set(1)
	d.health.AgentUp(agent)
}

// Leave says that another process asks the agents from now on. It withdraws what goes out of
// date: whether they are up, and the use of Enjo's limits. Call it when nothing is asked any
// more.
func (d *Dispatcher) Leave(r *telemetry.Registry) {
	for _, agent := range d.agents.List {
		d.health.AgentUp(agent.Name)
	}
	d.metrics.up.Reset()
	r.Remove(usage{d.limiter})
}

// setDown reports that an agent is down. mu must be held.
func (d *Dispatcher) setDown(ctx context.Context, agent, hint string, setup bool) {
	d.metrics.up.WithLabelValues(agent).Set(0)
	d.health.AgentDown(agent, hint, setup)
	zerolog.Ctx(ctx).Error().Str("agent", agent).Bool("setup", setup).Float64("probe_seconds", d.breaker.Every.Seconds()).
		Str("hint", hint).Msg("dispatch: agent is down")
}

// agentAnswered records that an agent is up.
func (d *Dispatcher) agentAnswered(q storage.Question) {
	d.locked(func() {
		if d.breaker.Answered(q.Agent, q.AskedAt) {
			d.setUp(q.Agent)
			d.log.Info().Str("agent", q.Agent).Msg("dispatch: agent is back")
		}
		if !d.breaker.Down(q.Agent) {
			d.queue.Open(q.Agent)
		}
	})
	d.signal()
}

// agentFailed records a failed call, and reports whether the agent is down. When it
// goes down, everyone who waits for it is notified.
func (d *Dispatcher) agentFailed(ctx context.Context, q storage.Question, err error) (isDown bool) {
	failed, ok := asEnjoError(err)
	if !ok {
		return false
	}
	switch failed.Code {
	case enjo.RateLimited:
		d.limiter.Refused(time.Now(), failed.RetryAfter)
	case enjo.NotProcessed, enjo.OutcomeUnknown:
		d.locked(func() {
			probe, fell := d.breaker.Failed(q.Agent, time.Now())
			d.queue.CloseUntil(q.Agent, probe)
			isDown = d.breaker.Down(q.Agent)
			if fell {
				d.setDown(ctx, q.Agent, "check Enjo's status; questions are stored until a probe succeeds", false)
				d.notifyWaiting(ctx, q.Agent)
			}
		})
	default:
		// It refused this question, but it is up.
		d.agentAnswered(q)
	}
	return isDown
}

// agentRefused records that an agent refused a question because of the setup, and
// decides what becomes of the question: it waits until the setup is right, unless the
// refusal is about the question itself.
func (d *Dispatcher) agentRefused(ctx context.Context, b *batch, q storage.Question, failed *enjo.Error, risky bool) decision {
	doubt := doubtAbout(failed, b.continues)
	code := storage.Failure(failed.Code)
	cause, probe := d.countRefusal(ctx, q, doubt, code)
	again := decision{again: true, code: code}
	switch {
	case cause == queue.TheQuestion:
		return decision{code: storage.FailureRejected}
	case cause == queue.Unclear && risky && failed.Code == enjo.WrongAddress && failed.Status == http.StatusOK:
		// Whatever answered with a web page can have called the agent.
		return decision{code: storage.FailureUnconfirmed}
	case cause == queue.Unclear:
		again.wait = d.backOff(q.Attempts)
	case probe.IsZero():
		again.wait = d.breaker.Every // others may be called meanwhile
	}
	return again
}

// countRefusal counts a refusal. It returns its cause, and when to try the agent again
// if it is down.
func (d *Dispatcher) countRefusal(ctx context.Context, q storage.Question, doubt queue.Doubt, code storage.Failure) (queue.Cause, time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if doubt == queue.DoubtConversation {
		d.starts[q.ID] = true
	}
	cause, probe, fell := d.breaker.Refused(q.Agent, q.ID, doubt, time.Now())
	if cause == queue.TheAgent {
		d.queue.CloseUntil(q.Agent, probe)
	}
	if fell {
		d.setDown(ctx, q.Agent, deliver.Explain(code).Hint, true)
		d.notifyWaiting(ctx, q.Agent)
	}
	return cause, probe
}

// doubtAbout returns what a refusal can be about other than the setup.
func doubtAbout(failed *enjo.Error, inConversation bool) queue.Doubt {
	if failed.Code == enjo.InvalidBotID {
		return queue.NoDoubt
	}
	switch failed.Status {
	case http.StatusUnauthorized, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
		return queue.NoDoubt
	case http.StatusForbidden, http.StatusNotFound:
		// Enjo does not say how it refuses a conversation that is gone, or another token's.
		if inConversation {
			return queue.DoubtConversation
		}
	}
	// Firewalls and proxies refuse questions with these, too.
	return queue.DoubtQuestion
}

// startsConversation reports whether a question starts a new conversation this time,
// because the agent refused it in the thread's.
func (d *Dispatcher) startsConversation(id storage.MessageID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	starts := d.starts[id]
	delete(d.starts, id)
	return starts
}

// forget forgets how a question was refused, because it ends. mu must be held.
func (d *Dispatcher) forget(id storage.MessageID) {
	d.breaker.Ended(id)
	delete(d.starts, id)
}

// notifyWaiting notifies everyone who waits for an agent that it is down. mu must be held.
func (d *Dispatcher) notifyWaiting(ctx context.Context, agent string) {
	for _, q := range d.queue.Of(agent) {
		if q.Pauses && time.Now().Before(q.NotBefore) {
			continue // it is announced then
		}
		d.start("notify of an outage", func() { d.notifyOutage(ctx, storage.Question{ID: q.ID, Thread: q.Thread}) })
	}
}

// notifyOutage notifies an asker, once, that the agent is down and the question
// stored. Until it is asked again no status shows that somebody works on it.
func (d *Dispatcher) notifyOutage(ctx context.Context, q storage.Question) {
	if q.Thread.IsPrivate() {
		d.notifyPrivately(ctx, q.ID)
		return
	}
	end := d.status.Suspend(q)
	posted, err := d.postOutage(d.log.WithContext(ctx), q)
	end(posted)
	if err != nil && ctx.Err() == nil {
		d.log.Warn().Err(err).Str("question", q.ID.String()).Str("hint", slackapi.Classify(err).Hint).Msg("dispatch: posting the outage notice failed")
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
		To: deliver.TargetOf(q), Message: d.deliver.OutageNotice(q),
		Marker: slackapi.Marker{Question: q.ID, Part: deliver.PartOutage}, Check: true, Brief: true,
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
