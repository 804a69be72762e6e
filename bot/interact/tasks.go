package interact

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
)

const (
	// maxTasks is how many tasks run at once.
	maxTasks = 256
	// taskTimeout bounds one task.
	taskTimeout = 5 * time.Minute
)

// tasks run in the background, such as the opening of a modal. They are lost if the
// process ends, so nothing that must last may depend on them.
type tasks struct {
	ctx    context.Context
	log    zerolog.Logger
	places chan struct{}

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

// newTasks returns tasks that are cancelled with ctx; close waits for them.
func newTasks(ctx context.Context, log zerolog.Logger) *tasks {
	return &tasks{ctx: ctx, log: log, places: make(chan struct{}, maxTasks)}
}

// start runs a task. It does not wait.
func (t *tasks) start(what string, do func(context.Context) error) {
	select {
	case t.places <- struct{}{}:
	default:
		t.log.Error().Str("task", what).Msg("interact: too many tasks run, dropping one")
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		<-t.places
		return
	}
	t.running.Go(func() {
		defer func() { <-t.places }()
		defer func() {
			if fault := recover(); fault != nil {
				t.log.Error().Interface("panic", fault).Bytes("stack", debug.Stack()).Str("task", what).Msg("interact: a task panicked")
			}
		}()
		ctx, cancel := context.WithTimeout(t.log.WithContext(t.ctx), taskTimeout)
		defer cancel()
		if err := do(ctx); err != nil {
			t.log.Warn().Err(err).Str("task", what).Str("hint", slackapi.Classify(err).Hint).Msg("interact: a task failed")
		}
	})
}

// close starts no more tasks, and waits for those that run.
func (t *tasks) close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.running.Wait()
}

// task returns a function that starts a task, and does not wait.
func (h *Handler) task(what string, do func(context.Context) error) func() {
	return func() { h.tasks.start(what, do) }
}

// taskFor returns a function that starts a task, and does not wait. If the task fails,
// the person sees that it did.
func (h *Handler) taskFor(i slackevent.Interaction, what string, do func(context.Context) error) func() {
	return h.task(what, func(ctx context.Context) error {
		err := do(ctx)
		if err == nil {
			return nil
		}
		return errors.Join(err, h.reply(ctx, i, blocks.Say(blocks.SayDidNotWork)))
	})
}
