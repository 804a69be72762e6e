package bot

import (
	"context"
	"errors"

	"github.com/rs/zerolog"

	"enjobridge/storage"
)

// errStopped is the cause with which a question is stopped by its people.
var errStopped = errors.New("the question was stopped")

// stop takes questions that the store has settled as stopped out of the line, or
// cuts them off while they are asked, and delivers that like any other outcome.
func (w *worker) stop(ctx context.Context, settled []storage.Question) {
	for _, q := range settled {
		w.mu.Lock()
		waited := w.line.Remove(q.ID)
		delete(w.texts, q.ID)
		cut := w.stops[q.ID]
		w.mu.Unlock()
		if cut != nil {
			cut(errStopped)
		}
		log := w.log.With().Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Logger()
		log.Info().Bool("waited", waited).Msg("question stopped")
		w.running.Go(func() {
			if err := w.deliver.Deliver(log.WithContext(ctx), q, false); err != nil {
				log.Warn().Err(err).Msg("stop was not told")
			}
		})
	}
	w.stir()
}

// stopped deals with a question whose asking was cut off: because it was
// stopped, or because the process ends.
func (w *worker) stopped(ctx context.Context, q storage.Question) {
	if !errors.Is(context.Cause(ctx), errStopped) {
		zerolog.Ctx(ctx).Info().Msg("left for the next start")
		return
	}
	// Its sign may have been shown after the stop was told.
	w.indicators.Suspend(q)(false)
}
