package dispatch

import (
	"context"
	"errors"

	"github.com/rs/zerolog"

	"enjobridge/storage"
)

// errStopped is the cause with which a question is stopped by its people.
var errStopped = errors.New("the question was stopped")

// Stop takes questions that the store has settled as stopped out of the line, or
// cuts them off while they are asked, and delivers that like any other outcome.
func (d *Dispatcher) Stop(settled []storage.Question) {
	for _, q := range settled {
		d.mu.Lock()
		waited := d.queue.Remove(q.ID)
		delete(d.texts, q.ID)
		cut := d.cancels[q.ID]
		d.mu.Unlock()
		if cut != nil {
			cut(errStopped)
		}
		log := d.log.With().Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Logger()
		log.Info().Bool("waited", waited).Msg("question stopped")
		d.running.Go(func() {
			if err := d.deliver.Deliver(log.WithContext(d.background), q, false); err != nil {
				log.Warn().Err(err).Msg("stop was not told")
			}
		})
	}
	d.signal()
}

// stopped deals with a question whose asking was cut off: because it was
// stopped, or because the process ends.
func (d *Dispatcher) stopped(ctx context.Context, q storage.Question) {
	if !errors.Is(context.Cause(ctx), errStopped) {
		zerolog.Ctx(ctx).Info().Msg("left for the next start")
		return
	}
	// Its sign may have been shown after the stop was told.
	d.status.Suspend(q)(false)
}
