package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/bot/deliver"
	"enjobridge/bot/queue"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// claimAgain is the wait after a claim that the store could not make.
const claimAgain = time.Second

// work claims a batch, asks it, and delivers the outcome. A panic ends this batch
// and nothing else.
func (d *Dispatcher) work(ctx, hard context.Context, b *batch, call *queue.Call) {
	log := zerolog.Ctx(ctx)
	stopStatus := d.showAsking(b.lead())
	defer d.endTurn(b)
	defer func() {
		stopStatus()
		if fault := recover(); fault != nil {
			d.panics.Report(*log, "ask a question", fault)
			d.finish(ctx, hard, b.lead().ID, failed(b.lead().ID, storage.FailureInternal))
		}
	}()
	q, err := d.store.Claim(ctx, b.lead().ID, b.with(), time.Now())
	if err != nil {
		stopStatus()
		d.claimFailed(ctx, hard, b, err)
		return
	}
	d.metrics.claimed(q, d.slack.Now().Sub(q.AcceptedAt))
	d.deliver.CountMerged(len(b.with()))
	b.all = merged(b.texts)
	if b.all.source != q.Text || b.all.again != (len(q.Again) > 0) {
		// Its message was edited in the last moment.
		b.all = d.write(ctx, q, false, prepareTimeout).final()
	}
	reply, err := d.call(ctx, b, q, call)
	stopStatus()
	switch {
	case err == nil:
		d.agentAnswered(q)
		log.Info().Str("conversation", reply.ConversationID).Int("sources", len(reply.Sources)).Bool("ticket", reply.Ticket != nil).
			Float64("took_seconds", time.Since(q.AskedAt).Seconds()).Msg("dispatch: agent answered")
		d.finish(ctx, hard, q.ID, storage.Outcome{
			Reply: &reply, Reference: storage.Reference(q.ID), SentUntil: b.sent.sentUntil, UnreadFiles: b.sent.files,
		})
	case ctx.Err() != nil:
		d.cutOff(ctx, q)
	default:
		d.askFailed(ctx, hard, b, q, err)
	}
}

// claimFailed returns the questions of a batch to the queue that the store did not
// give out, unless they were stopped or merged.
func (d *Dispatcher) claimFailed(ctx, hard context.Context, b *batch, err error) {
	log := zerolog.Ctx(ctx)
	switch {
	case errors.Is(err, storage.ErrState), errors.Is(err, storage.ErrNotFound), errors.Is(context.Cause(ctx), errStopped):
		log.Info().Err(err).Msg("dispatch: question was stopped, or merged into another, before it was asked")
		for _, e := range b.questions {
			if q, err := d.store.Question(hard, e.ID); err == nil && q.State == storage.Queued {
				d.Add(q)
			} else {
				d.clearStatus(storage.Question{ID: e.ID, Thread: e.Thread})
			}
		}
	case ctx.Err() != nil:
		leave(ctx)
	default:
		log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("dispatch: claiming the question failed, retrying")
		for i, e := range b.questions {
			e.NotBefore = time.Now().Add(claimAgain)
			d.requeue(e, b.texts[i])
			d.start("show that a question waits", func() { d.showWaiting(e) })
		}
		// Until then the call counts, so that not all that wait are tried at once.
		_ = backoff.Sleep(ctx, claimAgain)
	}
}

// requeue returns a question with its text to the queue, and reports whether its
// agent is down.
func (d *Dispatcher) requeue(e queue.Entry, text prepared) (down bool) {
	d.locked(func() {
		d.texts[e.ID] = text
		d.queue.Add(e)
		down = d.breaker.Down(e.Agent)
	})
	d.signal()
	return down
}

// call calls the agent of a claimed question.
func (d *Dispatcher) call(ctx context.Context, b *batch, q storage.Question, call *queue.Call) (enjo.Reply, error) {
	botID, ok := d.agents.BotID(q.Agent)
	if !ok {
		return enjo.Reply{}, failureError(storage.FailureNoAgent)
	}
	thread, err := d.thread(ctx, q.Thread)
	if err != nil {
		return enjo.Reply{}, fmt.Errorf("reading the question's thread: %w", err)
	}
	conversation := thread.Conversation
	refused := d.startsConversation(q.ID)
	if q.NewConversation || refused {
		conversation = ""
	}
	b.continues = conversation != ""
	b.sent = d.compose(ctx, b, q, knownIn(thread, refused))
	if strings.TrimSpace(b.sent.text) == "" {
		return enjo.Reply{}, failureError(cmp.Or(b.all.failure, storage.FailureEmpty))
	}
	log := zerolog.Ctx(ctx)
	log.Debug().Str("text", b.sent.text).Str("conversation", conversation).Msg("dispatch: asking the agent")
	began := time.Now()
	reply, err := d.agent.Ask(ctx, botID, enjo.Message{Text: b.sent.text, ConversationID: conversation, OnSend: call.Left, Guard: d.guard})
	call.GiveBack() // now, because the delivery can take long; does nothing if the call has left
	d.metrics.called(time.Since(began), err)
	if conversation != "" && reply.ConversationID != "" && reply.ConversationID != conversation {
		// It may be another thread's, and no thread must show what was said in another.
		log.Warn().Str("conversation", conversation).Str("answered", reply.ConversationID).
			Str("hint", "report it to Enjo; the thread continues in its own conversation").Msg("dispatch: Enjo answered in another conversation")
		reply.ConversationID = conversation
	}
	return reply, err
}

// thread returns a thread. One that continues another thread has that one's conversation,
// also if the agent began it later.
func (d *Dispatcher) thread(ctx context.Context, id storage.ThreadID) (thread storage.Thread, err error) {
	err = storage.Retry(ctx, d.backOff, func() (err error) {
		thread, err = d.store.Thread(ctx, id)
		return err
	})
	if err != nil || thread.Conversation != "" || thread.Continues == (storage.ThreadID{}) {
		return thread, err
	}
	var continued storage.Thread
	err = storage.Retry(ctx, d.backOff, func() (err error) {
		continued, err = d.store.Thread(ctx, thread.Continues)
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return thread, nil // it was forgotten
	}
	thread.Conversation = continued.Conversation
	return thread, err
}

// compose returns what a batch is sent as to an agent that knows a part of the thread. If
// that needs more of the thread than was read, because the agent forgot the conversation,
// it is read now.
func (d *Dispatcher) compose(ctx context.Context, b *batch, q storage.Question, k known) composed {
	before := k
	k.fails = d.failsAt(ctx, q, b.all.unknown(before))
	sent, complete := b.all.compose(k)
	if complete || b.all.failure != "" {
		return sent
	}
	b.all = d.write(ctx, q, k.nothing, prepareTimeout).final()
	k.fails = d.failsAt(ctx, q, b.all.unknown(before))
	sent, _ = b.all.compose(k)
	return sent
}

// failsAt returns the messages of a thread that the agent fails at, so that they do not
// make all later questions of the thread fail: those that it rejected, and the other failed
// questions if it failed again when one of them was sent along.
func (d *Dispatcher) failsAt(ctx context.Context, q storage.Question, lines []line) map[string]bool {
	rejected, failed := make(map[string]bool), make(map[string]bool)
	for _, l := range lines {
		earlier, err := d.store.Question(ctx, storage.MessageID{Team: q.Thread.Team, Channel: q.Thread.Channel, TS: l.ts})
		if err != nil || earlier.Outcome == nil {
			continue
		}
		switch earlier.Outcome.Failure {
		case "", storage.FailureStopped, storage.FailureDropped, storage.FailurePerson:
		case storage.FailureRejected:
			rejected[l.ts] = true
		default:
			failed[l.ts] = true
		}
	}
	if q.UnknownAttempts > 0 || len(failed) > 1 {
		maps.Copy(rejected, failed)
	}
	return rejected
}

// askFailed requeues a question that the agent did not answer, or ends it as failed.
func (d *Dispatcher) askFailed(ctx, hard context.Context, b *batch, q storage.Question, err error) {
	log := zerolog.Ctx(ctx)
	next := d.decide(hard, b, q, err)
	log.Warn().Str("error", redact(b.sent.text, err.Error())).Str("hint", deliver.Explain(codeOf(err)).Hint).Int("attempt", q.Attempts).
		Bool("again", next.again).Float64("wait_seconds", next.wait.Seconds()).Msg("dispatch: agent did not answer")
	if !next.again {
		d.finish(ctx, hard, q.ID, failed(q.ID, next.code))
		return
	}
	q.NotBefore = time.Now().Add(next.wait)
	unknown := next.code == storage.FailureOutcomeUnknown
	err = storage.Retry(ctx, d.backOff, func() error { return d.store.Requeue(ctx, q.ID, q.NotBefore, unknown) })
	switch {
	case err == nil:
		if unknown {
			q.UnknownAttempts++
		}
		e := entryOf(q, true)
		if d.requeue(e, b.all) || next.wait > outageNoticeAfter {
			d.notifyOutage(hard, q)
		} else {
			d.start("show that a question waits", func() { d.showWaiting(e) })
		}
	case ctx.Err() != nil:
		d.cutOff(ctx, q)
	default:
		log.Info().Err(err).Msg("dispatch: question was stopped before it was asked again")
	}
}

// decision is what becomes of a question that the agent did not answer.
type decision struct {
	again bool
	wait  time.Duration   // before it is asked again
	code  storage.Failure // of the question if it is not
}

// decide records a failed call, and decides what becomes of its question.
func (d *Dispatcher) decide(ctx context.Context, b *batch, q storage.Question, err error) decision {
	code, risky := codeOf(err), mayChangeTicket(ctx, d.store, q, b.sent.text)
	if failed, ok := asEnjoError(err); ok && failed.Code.Setup() {
		return d.agentRefused(ctx, b, q, failed, risky)
	}
	down := d.agentFailed(ctx, q, err)
	again, wait := afterFailure(err, q, risky, down, d.backOff)
	if down {
		wait = 0 // the next probe of the agent decides, not this question's back-off
	}
	return decision{again, wait, finalCode(code, risky)}
}

// failed returns the outcome of a question that could not be answered.
func failed(id storage.MessageID, code storage.Failure) storage.Outcome {
	return storage.Outcome{Failure: code, Reference: storage.Reference(id)}
}

// finish stores the outcome of a question, unless it was stopped before, and
// delivers it. Delivery cannot be stopped, because half of an answer would be left.
// If the process ends before the outcome is stored, the next start decides.
func (d *Dispatcher) finish(ctx, hard context.Context, id storage.MessageID, outcome storage.Outcome) {
	log := zerolog.Ctx(ctx)
	d.locked(func() { d.forget(id) })
	id = d.idNow(id)
	err := storage.Retry(ctx, d.backOff, func() error { return d.store.SetOutcome(ctx, id, outcome, d.slack.Now()) })
	if errors.Is(err, storage.ErrBadID) && outcome.Reply != nil && outcome.Reply.Ticket != nil {
		log.Error().Err(err).Msg("dispatch: storing the answer's ticket failed, delivering the answer without it")
		reply := *outcome.Reply
		reply.Ticket, outcome.Reply = nil, &reply
		d.finish(ctx, hard, id, outcome)
		return
	}
	if err != nil {
		log.Warn().Err(err).Msg("dispatch: storing the outcome failed")
		return
	}
	var q storage.Question
	err = storage.Retry(hard, d.backOff, func() (err error) {
		q, err = d.store.Question(hard, id)
		return err
	})
	if err != nil {
		log.Error().Err(err).Msg("dispatch: reading the answered question failed")
		return
	}
	d.post(hard, q, false)
}

// post delivers the outcome of a question. With check, a part may be posted already.
func (d *Dispatcher) post(ctx context.Context, q storage.Question, check bool) {
	if err := d.deliver.Deliver(ctx, q, check); err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Msg("dispatch: delivering the outcome failed, it is delivered later")
	}
}
