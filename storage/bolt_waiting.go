package storage

import "context"

// Waiting implements [Store]. It reads all unfinished questions: the one process that uses the
// file counts them in memory.
func (b *Bolt) Waiting(ctx context.Context, thread ThreadID, asker string) (w Waiting, err error) {
	defer b.report("waiting")(&err)
	unfinished, err := b.unfinished(ctx)
	for _, q := range unfinished {
		if q.Thread == thread {
			w.InThread++
		}
		if q.State != Queued {
			continue
		}
		w.All++
		if q.Asker == asker {
			w.OfAsker++
		}
	}
	return w, err
}
