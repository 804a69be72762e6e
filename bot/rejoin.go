package bot

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/storage"
)

const (
	// rejoinEvery is the time from one look for stray questions to the next, and
	// rejoinAgain that after a look that found some or a recovery of the store.
	rejoinEvery = time.Minute
	rejoinAgain = 5 * time.Second
)

// rejoin looks for stray questions until ctx ends. A write that failed can have
// been made all the same: then a question is stored, claimed or answered although
// nobody in this process knows.
func (w *worker) rejoin(ctx, hard context.Context, recovered <-chan struct{}, log zerolog.Logger) {
	// One that is stray at two looks in a row is nobody's; at one, it may be on its
	// way from the store to the line.
	before := make(map[storage.MessageID]storage.State)
	for awaitLook(ctx, recovered, len(before) > 0) {
		stray, err := w.strays(ctx)
		if err != nil && ctx.Err() == nil {
			log.Error().Err(err).Msg("stray questions could not be looked for")
		}
		for _, q := range stray {
			if before[q.ID] == q.State && !w.busy(q.Thread) {
				w.takeUp(ctx, hard, q, log)
			}
		}
		clear(before)
		for _, q := range stray {
			before[q.ID] = q.State
		}
	}
}

// awaitLook waits until it is time for another look, and reports whether it is:
// false if ctx ends before.
func awaitLook(ctx context.Context, recovered <-chan struct{}, soon bool) bool {
	wait := rejoinEvery
	if soon {
		wait = rejoinAgain
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-recovered:
		return backoff.Sleep(ctx, rejoinAgain) == nil
	case <-ctx.Done():
		return false
	}
}

// takeUp goes on with a stray question, as a start does with what was left.
func (w *worker) takeUp(ctx, hard context.Context, q storage.Question, log zerolog.Logger) {
	log = log.With().Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Str("state", string(q.State)).Logger()
	log.Info().Msg("stray question is taken up")
	if err := w.resumeOne(ctx, hard, q); err != nil && ctx.Err() == nil {
		log.Error().Err(err).Str("hint", storage.DiskHint).Msg("stray question could not be taken up, trying again")
	}
}

// strays returns the unfinished questions that nothing in this process deals with.
func (w *worker) strays(ctx context.Context) ([]storage.Question, error) {
	left, err := w.store.Unfinished(ctx)
	if err != nil {
		return nil, err
	}
	var stray []storage.Question
	for _, q := range left {
		if !w.holds(q) {
			stray = append(stray, q)
		}
	}
	return stray, nil
}

// holds reports whether a question is in line, is asked or is delivered.
func (w *worker) holds(q storage.Question) bool {
	if w.deliver.Holds(q.ID) {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.line.Has(q.ID) || w.stops[q.ID] != nil
}

// busy reports whether a question of a thread is asked or delivered.
func (w *worker) busy(thread storage.ThreadID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.line.Holds(thread)
}

// waits reports whether a question is in line.
func (w *worker) waits(id storage.MessageID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.line.Has(id)
}
