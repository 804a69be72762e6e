package bot

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/storage"
)

// errStopped is the cause with which a question is stopped by its people.
var errStopped = errors.New("the question was stopped")

// partStopped marks the post that says so; an outcome's parts count from 0.
const partStopped = -2

// stop takes questions that the store has settled as stopped out of the line, or
// cuts them off while they are asked, and delivers that like any other outcome.
func (w *worker) stop(ctx context.Context, settled []storage.Question) {
	for _, q := range settled {
		w.mu.Lock()
		waited := w.line.remove(q.ID)
		delete(w.texts, q.ID)
		cut := w.stops[q.ID]
		w.mu.Unlock()
		if cut != nil {
			cut(errStopped)
		}
		log := w.log.With().Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Logger()
		log.Info().Bool("waited", waited).Msg("question stopped")
		w.running.Go(func() {
			if err := w.deliver.deliver(log.WithContext(ctx), q, false); err != nil {
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
	w.indicators.hush(q)(false)
}

// postStopped says in a thread that what it waited for is stopped.
func (d *deliverer) postStopped(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	ts, err := d.post.once(ctx, berthOfOutcome(q), notice(blocks.SayStopped), mark{question: q.ID, part: partStopped}, check)
	if err != nil {
		return nil, err
	}
	return []string{ts}, nil
}

// unfinishedIn returns the questions of a thread that still can be stopped.
func unfinishedIn(ctx context.Context, store storage.Store, thread storage.ThreadID) ([]storage.Question, error) {
	all, err := store.Unfinished(ctx)
	if err != nil {
		return nil, err
	}
	var found []storage.Question
	for _, q := range all {
		if q.Thread == thread && (q.State == storage.Queued || q.State == storage.Asking) {
			found = append(found, q)
		}
	}
	return found, nil
}

// settleStopped settles the questions as stopped in the store, and returns those
// that were not past it. The first of them is to say so in its thread.
func settleStopped(ctx context.Context, store storage.Store, questions []storage.Question, at time.Time) ([]storage.Question, error) {
	var settled []storage.Question
	for _, q := range questions {
		outcome := storage.Outcome{Failure: storage.FailureDropped}
		if len(settled) == 0 {
			outcome.Failure = storage.FailureStopped
		}
		err := store.Settle(ctx, q.ID, outcome, at)
		switch {
		case err == nil:
			q.State, q.Outcome = storage.Answered, &outcome
			settled = append(settled, q)
		case errors.Is(err, storage.ErrState), errors.Is(err, storage.ErrNotFound):
		default:
			return nil, err
		}
	}
	return settled, nil
}
