package dispatch

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/bot/deliver"
	"enjobridge/bot/queue"
	"enjobridge/enjo"
	"enjobridge/storage"
)

const (
	// claimAgain is the wait after a claim that the store could not make.
	claimAgain = time.Second
	// longAfter is when the agent's thinking counts as long.
	longAfter = 20 * time.Second
	// thinkingLong is the status then.
	thinkingLong = "is still thinking; this one takes a little longer…"
)

// work claims a job's questions, asks them, and delivers what comes of it. A
// panic ends this question and nothing else.
func (d *Dispatcher) work(ctx, hard context.Context, j *batch, taken *queue.Call) {
	log := zerolog.Ctx(ctx)
	defer d.leave(j)
	defer func() {
		if fault := recover(); fault != nil {
			log.Error().Interface("panic", fault).Bytes("stack", debug.Stack()).Msg("a fault in handling a question")
			d.finish(ctx, hard, j.lead().ID, failed(j.lead().ID, storage.FailureInternal))
		}
	}()
	q, err := d.store.Claim(ctx, j.lead().ID, j.with(), time.Now())
	switch {
	case err == nil:
		d.deliver.CountMerged(len(j.with()))
		if !j.asks(q) {
			j.texts = []prepared{{d.write(ctx, q), q.Text}}
		}
		d.ask(ctx, hard, j, q, taken)
	case errors.Is(err, storage.ErrState), errors.Is(err, storage.ErrNotFound), errors.Is(context.Cause(ctx), errStopped):
		d.askOthers(hard, j, err)
	case ctx.Err() != nil:
		log.Info().Msg("left for the next start")
	default:
		log.Error().Err(err).Str("hint", storage.DiskHint).Msg("question could not be claimed")
		d.requeue(j)
		// Until then the call counts, so that a long line is not tried at once.
		_ = backoff.Sleep(ctx, claimAgain)
	}
}

// askOthers deals with a claim that came to nothing because a question was
// stopped meanwhile: those of the job that were not go back in line.
func (d *Dispatcher) askOthers(hard context.Context, j *batch, err error) {
	zerolog.Ctx(hard).Info().Err(err).Msg("question is not to be asked any more")
	for _, one := range j.questions {
		if q, err := d.store.Question(hard, one.ID); err == nil && q.State == storage.Queued {
			d.Add(q)
		} else {
			// Its sign may have been shown after the stop was told.
			d.status.Suspend(storage.Question{ID: one.ID, Thread: one.Thread})(false)
		}
	}
}

// requeue takes questions back in line that the store did not give out.
func (d *Dispatcher) requeue(j *batch) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, one := range j.questions {
		one.NotBefore = time.Now().Add(claimAgain)
		d.texts[one.ID] = j.texts[i]
		d.queue.Add(one)
	}
}

// ask puts a claimed question to the agent, and acts on what comes back.
func (d *Dispatcher) ask(ctx, hard context.Context, j *batch, q storage.Question, taken *queue.Call) {
	log := zerolog.Ctx(ctx)
	d.status.Show(q.ID, q.Thread, deliver.Thinking)
	d.status.SetText(q.Thread, deliver.Thinking)
	late := time.AfterFunc(longAfter, func() { d.status.SetText(q.Thread, thinkingLong) })
	reply, err := d.call(ctx, j, q, taken)
	late.Stop()
	switch {
	case err == nil:
		d.agentAnswered(q.Agent)
		log.Info().Str("conversation", reply.ConversationID).Int("sources", len(reply.Sources)).Bool("ticket", reply.Ticket != nil).
			Dur("took", time.Since(q.AskedAt)).Msg("agent answered")
		d.finish(ctx, hard, q.ID, storage.Outcome{Reply: &reply, Reference: storage.Reference(q.ID)})
	case ctx.Err() != nil:
		d.stopped(ctx, q)
	default:
		d.askFailed(ctx, hard, j, q, err)
	}
}

// askFailed asks a question that the agent did not answer again, or tells its
// asker that it failed.
func (d *Dispatcher) askFailed(ctx, hard context.Context, j *batch, q storage.Question, err error) {
	log := zerolog.Ctx(ctx)
	code := codeOf(err)
	down := d.agentFailed(hard, q.Agent, err)
	risky := ticketing(ctx, d.store, q, j.text())
	again, wait := afterFailure(err, q, risky, down, d.backOff)
	log.Warn().Str("error", withoutWordsOf(j.text(), err.Error())).Str("hint", deliver.Explain(code).Hint).Int("attempt", q.Attempts).Bool("again", again).Dur("wait", wait).Msg("agent did not answer")
	d.mu.Lock()
	d.remember(code, time.Now())
	d.mu.Unlock()
	if !again {
		d.finish(ctx, hard, q.ID, failed(q.ID, unanswered(code, risky)))
		return
	}
	at := time.Now().Add(wait)
	if down {
		// The next try of the agent decides, not this question's own back-off.
		at = time.Now()
	}
	doubt := code == storage.FailureOutcomeUnknown
	err = storage.Retry(ctx, d.backOff, func() error { return d.store.Requeue(ctx, q.ID, at, doubt) })
	switch {
	case err == nil:
		if doubt {
			q.UnknownAttempts++
		}
		if d.again(q, j.text(), at) || wait > outageNoticeAfter {
			d.tellOutage(hard, q)
		}
	case ctx.Err() != nil:
		d.stopped(ctx, q)
	default:
		log.Info().Err(err).Msg("question is not to be asked again")
	}
}

// call calls the agent of a question, once the limiter allows it.
func (d *Dispatcher) call(ctx context.Context, j *batch, q storage.Question, taken *queue.Call) (enjo.Reply, error) {
	botID, ok := d.agents.BotID(q.Agent)
	if !ok {
		return enjo.Reply{}, failureError(storage.FailureNoAgent)
	}
	if j.text() == "" {
		return enjo.Reply{}, failureError(storage.FailureEmpty)
	}
	var thread storage.Thread
	err := storage.Retry(ctx, d.backOff, func() (err error) {
		thread, err = d.store.Thread(ctx, q.Thread)
		return err
	})
	if err != nil {
		return enjo.Reply{}, fmt.Errorf("reading the question's thread: %w", err)
	}
	conversation := thread.Conversation
	if q.NewConversation {
		conversation = ""
	}
	zerolog.Ctx(ctx).Debug().Str("text", j.text()).Str("conversation", conversation).Msg("asking the agent")
	taken.Left()
	began := time.Now()
	reply, err := d.agent.Ask(ctx, botID, enjo.Message{Text: j.text(), ConversationID: conversation})
	d.metrics.called(time.Since(began), err)
	if conversation != "" && reply.ConversationID != "" && reply.ConversationID != conversation {
		// It may be another thread's, and what is said in one must not show in the other.
		zerolog.Ctx(ctx).Warn().Str("conversation", conversation).Str("answered", reply.ConversationID).
			Str("hint", "Enjo answered in another conversation than it was asked in; the thread keeps its own").Msg("conversation differs")
		reply.ConversationID = conversation
	}
	return reply, err
}

// failed returns the outcome of a question that could not be answered.
func failed(id storage.MessageID, code storage.Failure) storage.Outcome {
	return storage.Outcome{Failure: code, Reference: storage.Reference(id)}
}

// finish stores the outcome of a question, unless it is stopped before, and
// delivers it, which cannot be stopped: half of an answer would be left. If the
// process ends before it is stored the question stays as it was, for the next start.
func (d *Dispatcher) finish(ctx, hard context.Context, id storage.MessageID, outcome storage.Outcome) {
	log := zerolog.Ctx(ctx)
	err := storage.Retry(ctx, d.backOff, func() error { return d.store.SetOutcome(ctx, id, outcome, time.Now()) })
	if errors.Is(err, storage.ErrBadID) && outcome.Reply != nil && outcome.Reply.Ticket != nil {
		log.Error().Err(err).Msg("the answer's ticket cannot be kept; it is told without")
		reply := *outcome.Reply
		reply.Ticket, outcome.Reply = nil, &reply
		d.finish(ctx, hard, id, outcome)
		return
	}
	if err != nil {
		log.Warn().Err(err).Msg("outcome was not stored")
		return
	}
	var q storage.Question
	err = storage.Retry(hard, d.backOff, func() (err error) {
		q, err = d.store.Question(hard, id)
		return err
	})
	if err != nil {
		log.Error().Err(err).Msg("answered question could not be read")
		return
	}
	if err := d.deliver.Deliver(hard, q, false); err != nil {
		log.Warn().Err(err).Msg("outcome was not posted")
	}
}
