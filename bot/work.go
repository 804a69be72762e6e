package bot

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/agents"
	"enjobridge/bot/deliver"
	"enjobridge/bot/keylock"
	"enjobridge/bot/queue"
	"enjobridge/bot/slackapi"
	"enjobridge/enjo"
	"enjobridge/storage"
)

const (
	// maxAtWork bounds how many questions are asked and delivered at once.
	maxAtWork = 100
	// maxPreparing bounds how many questions are prepared at once.
	maxPreparing = 16
)

// worker puts the questions that wait to the agent, within its limits, and sees
// to it that each of them ends.
type worker struct {
	store      storage.Store
	agent      *enjo.Client
	agents     agents.Agents
	limiter    *queue.Limiter
	scribe     *scribe
	slack      *slackapi.Client
	deliver    *deliver.Deliverer
	indicators *deliver.Status
	metrics    askMetrics
	log        zerolog.Logger
	backOff    func(attempt int) time.Duration

	mu       sync.Mutex
	line     *queue.Queue
	breakers *queue.Breaker
	texts    map[storage.MessageID]prepared                // what the agent is asked, of those in line
	stops    map[storage.MessageID]context.CancelCauseFunc // stop what is being asked

	failedLast string // what went wrong last, in words for people
	failedAt   time.Time

	locks     keylock.Locks // tell each asker one thing at a time
	wake      chan struct{} // something changed in the line
	preparing chan struct{} // holds one token for each that is prepared
	atWork    chan struct{} // holds one token for each at work
	running   sync.WaitGroup
}

// errShutDown is the cause with which work is cut off when the process ends.
var errShutDown = errors.New("enjobridge is shutting down")

// enter takes a queued question in line. It does not wait.
func (w *worker) enter(ctx context.Context, q storage.Question) {
	w.mu.Lock()
	w.line.Add(queue.Entry{
		ID: q.ID, Thread: q.Thread, Asker: q.Asker, Agent: q.Agent, NotBefore: q.NotBefore, Alone: askedAlone(q),
	})
	down := w.breakers.Down(q.Agent)
	at, _ := w.line.Position(q.ID)
	leads := w.line.Leads(q.ID)
	w.mu.Unlock()

	switch {
	case down:
		w.running.Go(func() { w.tellDown(ctx, q) })
	case leads:
		w.indicators.Show(q.ID, q.Thread, w.signOf(at, q.NotBefore))
	default:
		w.indicators.Show(q.ID, q.Thread, deliver.Thinking)
	}
	w.running.Go(func() { w.prepare(ctx, q, 0) })
}

// askedAlone reports whether a question is not to be asked together with others:
// what a button asks, and what the agent may have processed. What is asked with
// that would share its last try.
func askedAlone(q storage.Question) bool { return q.Origin == storage.Button || q.Doubts > 0 }

// load returns how many questions of a thread are unfinished, and how many wait
// of a person and in all.
func (w *worker) load(thread storage.ThreadID, asker string) (unfinished, mine, all int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.line.Depth(thread, asker)
}

// prepare writes the text for the agent, ahead of the question's turn: nothing
// must come between taking a call and calling the agent. The question is as of
// so many edits.
func (w *worker) prepare(ctx context.Context, q storage.Question, edits int) {
	select {
	case w.preparing <- struct{}{}:
		defer func() { <-w.preparing }()
	case <-ctx.Done():
		return
	}
	text := w.write(ctx, q)
	w.mu.Lock()
	if w.line.Prepared(q.ID, edits) {
		w.texts[q.ID] = prepared{text, q.Text}
	}
	w.mu.Unlock()
	w.stir()
}

// prepared is what the agent is asked, and the message that it was made of.
type prepared struct{ text, of string }

// stir makes run look at the line again.
func (w *worker) stir() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// run asks one question after the other, as the agent's limits allow, until soft
// ends. What is under way then goes on until hard ends.
func (w *worker) run(soft, hard context.Context) {
	w.running.Go(func() { w.tellPlaces(soft) })
	for w.waitForQuestion(soft) && w.waitForPlace(soft) {
		if !w.askNext(soft, hard) {
			<-w.atWork
		}
	}
}

// waitForQuestion returns true when a question can be taken, false when ctx ends.
func (w *worker) waitForQuestion(ctx context.Context) bool {
	for {
		w.mu.Lock()
		next, later := w.line.Next(time.Now())
		w.mu.Unlock()
		if next != nil {
			return ctx.Err() == nil
		}
		var timer <-chan time.Time
		if !later.IsZero() {
			timer = time.After(time.Until(later))
		}
		select {
		case <-w.wake:
		case <-timer:
		case <-ctx.Done():
			return false
		}
	}
}

// waitForPlace returns true when fewer than maxAtWork are at work, false when ctx ends.
func (w *worker) waitForPlace(ctx context.Context) bool {
	select {
	case w.atWork <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// askNext takes a call first and the question second, so that whose turn it is
// is decided at the last moment, and begins to work on it. It returns false if
// that came to nothing.
func (w *worker) askNext(soft, hard context.Context) bool {
	call, err := w.limiter.Take(soft)
	if err != nil {
		return false
	}
	hard, ctx, job := w.takeTurn(hard)
	if job == nil {
		call.GiveBack()
		return false
	}
	w.running.Go(func() {
		defer func() { <-w.atWork }()
		defer call.GiveBack()
		w.work(ctx, hard, job, call)
	})
	return true
}

// job is what is asked with one call: a question, and those asked together with it.
type job struct {
	questions []queue.Entry // the first one leads
	texts     []prepared    // one of each
}

func (j *job) lead() queue.Entry { return j.questions[0] }

// with returns the questions that are asked together with the first.
func (j *job) with() []storage.MessageID {
	var ids []storage.MessageID
	for _, q := range j.questions[1:] {
		ids = append(ids, q.ID)
	}
	return ids
}

// text returns what the agent is asked.
func (j *job) text() string {
	return j.joined(func(p prepared) string { return p.text })
}

// asks reports whether the text was made of what a claimed question says: it can
// have been edited in the last moment.
func (j *job) asks(q storage.Question) bool {
	return q.Text == j.joined(func(p prepared) string { return p.of })
}

// joined puts the parts of all questions together as the store does their texts.
func (j *job) joined(part func(prepared) string) string {
	var parts []string
	for _, text := range j.texts {
		parts = append(parts, part(text))
	}
	return strings.Join(parts, "\n\n")
}

// takeTurn takes the question whose turn it is, with what goes along; nil if
// there is none any more. It returns the context of what has to go on until the
// process ends, and the one that also ends when the question is stopped.
func (w *worker) takeTurn(hard context.Context) (context.Context, context.Context, *job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	taken := w.line.Take(now)
	if taken == nil {
		return hard, hard, nil
	}
	j := &job{questions: taken}
	for _, one := range taken {
		j.texts = append(j.texts, w.texts[one.ID])
		delete(w.texts, one.ID)
	}
	lead := j.lead()
	// An agent that is down is tried with one question at a time.
	w.line.CloseUntil(lead.Agent, w.breakers.Called(lead.Agent, now))

	hard = w.log.With().Str("question", lead.ID.String()).Str("ref", storage.Reference(lead.ID)).Logger().WithContext(hard)
	ctx, stop := context.WithCancelCause(hard)
	w.stops[lead.ID] = stop
	return hard, ctx, j
}

// leave ends the work on a job: its thread's next question can be taken.
func (w *worker) leave(j *job) {
	w.mu.Lock()
	w.line.Release(j.lead().Thread)
	stop := w.stops[j.lead().ID]
	delete(w.stops, j.lead().ID)
	w.mu.Unlock()
	if stop != nil {
		stop(nil)
	}
	w.stir()
}

// again takes a question back in line, with its text, and reports whether its
// agent is down.
func (w *worker) again(q storage.Question, text string, notBefore time.Time) (down bool) {
	w.mu.Lock()
	w.texts[q.ID] = prepared{text, q.Text}
	w.line.Add(queue.Entry{
		ID: q.ID, Thread: q.Thread, Asker: q.Asker, Agent: q.Agent, NotBefore: notBefore, Ready: true, Alone: askedAlone(q),
	})
	down = w.breakers.Down(q.Agent)
	w.mu.Unlock()
	w.stir()
	return down
}
