package interact

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"enjobridge/bot/slackapi"

	"github.com/rs/zerolog"
)

const (
	// maxTasks bounds how many errands are run at once.
	maxTasks = 256
	// taskTimeout bounds one errand.
	taskTimeout = 5 * time.Minute
)

// tasks are what is done on the side, such as opening a modal. What is lost
// with the process must not matter to them.
type tasks struct {
	ctx    context.Context
	log    zerolog.Logger
	places chan struct{}

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

// newTasks returns errands that are cut off with ctx; close waits for them.
func newTasks(ctx context.Context, log zerolog.Logger) *tasks {
	return &tasks{ctx: ctx, log: log, places: make(chan struct{}, maxTasks)}
}

// start runs an errand. It does not wait.
func (e *tasks) start(what string, do func(context.Context) error) {
	select {
	case e.places <- struct{}{}:
	default:
		e.log.Error().Str("errand", what).Msg("too much is done on the side; this is left undone")
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		<-e.places
		return
	}
	e.running.Go(func() {
		defer func() { <-e.places }()
		defer func() {
			if fault := recover(); fault != nil {
				e.log.Error().Interface("panic", fault).Bytes("stack", debug.Stack()).Str("errand", what).Msg("a fault in an errand")
			}
		}()
		ctx, cancel := context.WithTimeout(e.log.WithContext(e.ctx), taskTimeout)
		defer cancel()
		if err := do(ctx); err != nil {
			hint := slackapi.Classify(err).Hint
			e.log.Warn().Err(err).Str("errand", what).Str("hint", hint).Msg("errand failed")
		}
	})
}

// close lets no more errands begin, and waits for those under way.
func (e *tasks) close() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.running.Wait()
}
