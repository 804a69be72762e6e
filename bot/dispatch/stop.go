package dispatch

import (
	"context"
	"errors"

	"github.com/rs/zerolog"

	"enjobridge/storage"
)

// errStopped is the cause with which a question is stopped by its people.
var errStopped = errors.New("the question was stopped")

// Stop takes questions that the store has settled as stopped out of the queue, or
// cuts them off while they are asked, and delivers that like any other outcome.
func (d *Dispatcher) Stop(settled []storage.Question) {
	for _, q := range settled {
		waited, cancel := false, context.CancelCauseFunc(nil)
		d.locked(func() {
			waited = d.queue.Remove(q.ID)
			delete(d.texts, q.ID)
			d.forget(q.ID)
			cancel = d.cancels[q.ID]
		})
		if cancel != nil {
			cancel(errStopped)
		}
		log := d.logFor(q.ID)
		log.Info().Bool("waited", waited).Msg("dispatch: question stopped")
		done := d.deliver.Begin(q.ID)
		d.start("deliver a stop", func() {
			defer done()
			d.post(log.WithContext(d.background), q, false)
		})
	}
	d.signal()
}

// cutOff deals with a question whose asking was cut off: because it was stopped, or
// because the work of this process ends.
func (d *Dispatcher) cutOff(ctx context.Context, q storage.Question) {
	if !errors.Is(context.Cause(ctx), errStopped) {
		leave(ctx)
		return
	}
	d.clearStatus(q)
}

// leave logs that a question is left unfinished, because the work has ended with ctx.
func leave(ctx context.Context) {
	log := zerolog.Ctx(ctx).Info()
	if errors.Is(context.Cause(ctx), storage.ErrLeaseLost) {
		log.Msg("dispatch: the lease has ended, the question is left for the replica that takes over")
		return
	}
	log.Msg("dispatch: shutting down, the question is left for the next start")
}

// clearStatus clears the status of a stopped question: it may have been shown after
// the stop was delivered.
func (d *Dispatcher) clearStatus(q storage.Question) { d.status.Suspend(q)(false) }
