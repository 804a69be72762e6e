package dispatch

import (
	"cmp"
	"context"
	"errors"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

const (
	// prepareTimeout bounds the first attempt to prepare a question. Further ones may take
	// longer, up to maxPrepareTimeout: Slack can be slow.
	prepareTimeout    = 5 * time.Second
	maxPrepareTimeout = 30 * time.Second
	// A question waits so long for Slack to return its messages, the earlier ones of its
	// thread, or their senders.
	waitForQuestion = 2 * time.Hour
	waitForHistory  = 10 * time.Minute
	waitForSenders  = 15 * time.Second
)

// unreadHint is the operator's fix if Slack's error has none.
const unreadHint = "none is needed unless it goes on: then check the app's scopes and https://slack-status.com"

// prepare writes what is sent to the agent ahead of the question's turn, so that nothing
// comes between taking a call and calling the agent. The question is as of so many edits.
// While Slack does not return what the text is made of, the question waits. After a
// while it is asked without its thread's earlier messages, or fails.
func (d *Dispatcher) prepare(q storage.Question, edits int) {
	best := history{}
	for began, attempt := time.Now(), 1; ; attempt++ {
		written, ok := d.tryToPrepare(q, attempt)
		if !ok {
			return
		}
		if written.missing != nil && len(best.lines) > len(written.thread.lines) {
			written.thread = best
		}
		best = written.thread
		err := written.lacks()
		failure := slackapi.Classify(err)
		wait := max(failure.RetryAfter, d.backOff(attempt))
		again := failure.Transient() && time.Since(began)+wait <= written.patience()
		if err != nil {
			d.logFor(q.ID).Warn().Err(err).Str("hint", cmp.Or(failure.Hint, unreadHint)).Bool("again", again).Float64("wait_seconds", wait.Seconds()).
				Msg("dispatch: reading a question's messages failed")
		}
		if !again {
			d.setText(q, edits, written.final())
			return
		}
		if backoff.Sleep(d.whileRunning, wait) != nil || !d.unprepared(q.ID, edits) {
			return
		}
	}
}

// tryToPrepare writes the text for the agent once; false if the process ends before.
func (d *Dispatcher) tryToPrepare(q storage.Question, attempt int) (written draft, ok bool) {
	select {
	case d.preparing <- struct{}{}:
		defer func() { <-d.preparing }()
	case <-d.whileRunning.Done():
		return draft{}, false
	}
	written = d.write(d.whileRunning, q, false, min(time.Duration(attempt)*prepareTimeout, maxPrepareTimeout))
	return written, d.whileRunning.Err() == nil
}

// lacks returns why a draft lacks something; nil if it is complete.
func (w draft) lacks() error { return cmp.Or(w.unread, w.missing, w.unnamed) }

// patience is how long Slack is asked again for what a draft lacks.
func (w draft) patience() time.Duration {
	err := w.lacks()
	switch {
	case errors.Is(err, errSender), errors.Is(err, errNames):
		return waitForSenders
	case slackapi.Classify(err).Class == slackapi.Unexpected:
		return slackapi.Patience
	case w.unread != nil:
		return waitForQuestion
	}
	return waitForHistory
}

// final returns what is sent, with nothing more to wait for.
func (w draft) final() prepared {
	p := w.prepared
	switch failure := slackapi.Classify(w.unread); {
	case failure.Transient():
		p.failure = storage.FailureUnread
	case w.unread != nil:
		p.failure = storage.FailureNoAccess
	}
	return p
}

// setText gives a question in the queue its text, unless it has changed since.
func (d *Dispatcher) setText(q storage.Question, edits int, text prepared) {
	d.locked(func() {
		if d.queue.Prepared(q.ID, edits) {
			d.texts[q.ID] = text
		}
	})
	d.signal()
}

// unprepared reports whether a question still waits for its text.
func (d *Dispatcher) unprepared(id storage.MessageID, edits int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queue.Unprepared(id, edits)
}

// write writes what is sent to the agent within a time. An agent that knows nothing needs
// the whole thread. If that panics, the question is asked as its message says it: the
// process would panic again after every restart.
func (d *Dispatcher) write(ctx context.Context, q storage.Question, whole bool, timeout time.Duration) (written draft) {
	defer func() {
		if fault := recover(); fault != nil {
			d.panics.Report(*d.logFor(q.ID), "prepare a question", fault)
			written = draft{prepared: asItIs(q)}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return d.prompts.write(ctx, q, whole)
}

// asItIs returns a question as its message says it.
func asItIs(q storage.Question) prepared {
	return prepared{question: slackevent.Cut(q.Text, maxQuestion), source: q.Text, asker: speaker{id: q.Asker}}
}

// writeWithoutSlack writes the text for the agent if that needs no call of Slack.
func (d *Dispatcher) writeWithoutSlack(q storage.Question) (text prepared, ok bool) {
	defer func() {
		if fault := recover(); fault != nil {
			d.panics.Report(*d.logFor(q.ID), "prepare a question", fault)
			text, ok = asItIs(q), true
		}
	}()
	return d.prompts.withoutSlack(q)
}
