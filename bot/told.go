package bot

import (
	"context"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/bot/deliver"
	"enjobridge/storage"
)

const (
	// tellEvery is how often a place in line is told anew, at most.
	tellEvery = 3 * time.Second
	// tellFrom is the wait from which on a place is told.
	tellFrom = 3 * time.Second
)

// tellPlaces tells those who wait their places in line, as the line moves,
// until ctx ends.
func (w *worker) tellPlaces(ctx context.Context) {
	for backoff.Sleep(ctx, tellEvery) == nil {
		w.mu.Lock()
		signs := w.signs()
		threads := make(map[storage.MessageID]storage.ThreadID, len(signs))
		for id := range signs {
			threads[id] = w.line.ids[id].thread
		}
		w.mu.Unlock()
		for id, sign := range signs {
			if sign != deliver.Thinking {
				w.indicators.SetText(threads[id], sign)
			}
		}
	}
}

// signs returns what each question in line that leads its thread shows: its
// place, if the wait for it is long. w.mu must be held.
func (w *worker) signs() map[storage.MessageID]string {
	places := w.line.places()
	now := time.Now()
	times := w.limiter.Ahead(now, len(places))
	signs := make(map[storage.MessageID]string, len(places))
	for id, p := range places {
		if !w.line.leads(id) {
			continue
		}
		signs[id] = deliver.Thinking
		if wait := w.line.ids[id].notBefore.Sub(now); wait > tellFrom {
			signs[id] = "is waiting for the agent, about " + roughly(wait)
		} else if wait := times[p.slots].Sub(now); wait > tellFrom {
			signs[id] = p.sentence(wait)
		}
	}
	return signs
}
