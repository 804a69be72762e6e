package bot

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/storage"
)

// rejoinEvery is the least time from one look for stray questions to the next.
const rejoinEvery = 5 * time.Second

// rejoin looks for stray questions whenever the store takes writes again, until
// ctx ends. A write that failed can have been made all the same: then the
// question is stored although its sender was told nothing, and when Slack sends
// it again it is known already.
func (w *worker) rejoin(ctx, hard context.Context, recovered <-chan struct{}, log zerolog.Logger) {
	for {
		select {
		case <-recovered:
		case <-ctx.Done():
			return
		}
		left, err := w.store.Unfinished(ctx)
		if err != nil && ctx.Err() == nil {
			log.Error().Err(err).Msg("stray questions could not be looked for")
		}
		for _, q := range left {
			if ctx.Err() == nil && q.State == storage.Queued && !w.waits(q.ID) {
				log.Info().Str("question", q.ID.String()).Str("ref", reference(q.ID)).Msg("stray question joins the line")
				w.enter(hard, q)
			}
		}
		if sleep(ctx, rejoinEvery) != nil {
			return
		}
	}
}

// waits reports whether a question is in line.
func (w *worker) waits(id storage.MessageID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.line.ids[id] != nil
}
