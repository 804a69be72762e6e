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

// partStopped marks the post that says so.
const partStopped = -2

// stoppedNotice is told where a question was stopped.
var stoppedNotice = blocks.NoticeView{Text: "Stopped."}

// stop takes questions that the store has ended as cancelled out of the line, or
// cuts them off while they are asked. With tell the thread says so.
func (w *worker) stop(ctx context.Context, ended []storage.Question, tell bool) {
	for i, q := range ended {
		w.mu.Lock()
		waited := w.line.remove(q.ID)
		delete(w.texts, q.ID)
		cut := w.stops[q.ID]
		w.mu.Unlock()
		if cut != nil {
			cut(errStopped)
		}
		w.log.Info().Str("question", q.ID.String()).Str("ref", reference(q.ID)).Bool("waited", waited).Msg("question stopped")
		w.running.Go(func() {
			hushed := w.indicators.hush(q)
			if tell && i == 0 {
				_, err := w.deliver.post.post(ctx, q.ID.Channel, q.Thread.Root, blocks.Notice(stoppedNotice), mark{question: q.ID, part: partStopped})
				hushed(err == nil)
				return
			}
			hushed(false)
		})
	}
	w.stir()
}

// stopped says why the work on a question was cut off, unless it was stopped.
func stopped(ctx context.Context) {
	if !errors.Is(context.Cause(ctx), errStopped) {
		zerolog.Ctx(ctx).Info().Msg("left for the next start")
	}
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

// cancel ends the questions as cancelled in the store, and returns those that
// were not past it.
func cancel(ctx context.Context, store storage.Store, questions []storage.Question, at time.Time) ([]storage.Question, error) {
	var ended []storage.Question
	for _, q := range questions {
		err := store.End(ctx, q.ID, storage.Cancelled, nil, at)
		switch {
		case err == nil:
			ended = append(ended, q)
		case errors.Is(err, storage.ErrState), errors.Is(err, storage.ErrNotFound):
		default:
			return nil, err
		}
	}
	return ended, nil
}
