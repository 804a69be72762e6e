package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// Waiting implements [storage.Store].
func (s *Store) Waiting(ctx context.Context, thread storage.ThreadID, asker string) (w storage.Waiting, err error) {
	defer s.report("waiting")(&err)
	n := needs{waiting: []place{{thread, asker}}}
	err = s.view(ctx, func(t *tx) error {
		if err := t.prepare(n); err != nil {
			return err
		}
		w = storage.Waiting{InThread: t.waiting.inThread[thread], OfAsker: t.waiting.ofAsker[asker], All: t.waiting.all}
		return nil
	})
	if err != nil {
		return storage.Waiting{}, fmt.Errorf("count the questions that wait: %w", err)
	}
	return w, nil
}

// place is where questions are counted: those in a thread, and those of a person.
type place struct {
	thread storage.ThreadID
	asker  string
}

func (p place) locks() []int64 {
	return []int64{channelLock(p.thread.Team, p.thread.Channel), personLock(p.asker)}
}

// waiting is how many questions have not ended, as a transaction sees it: it was read once, and
// has the changes since. In transactions at the same time, all can be different.
type waiting struct {
	inThread map[storage.ThreadID]int
	ofAsker  map[string]int
	all      int
}

// misses reports whether the questions in a place are not counted.
func (w *waiting) misses(p place) bool {
	_, inThread := w.inThread[p.thread]
	_, ofAsker := w.ofAsker[p.asker]
	return !inThread || !ofAsker
}

// readWaiting adds queries that count the questions in places.
func (t *tx) readWaiting(b *pgx.Batch, places []place) {
	var askers []string
	columns := make([][]string, len(threads.key))
	for _, p := range places {
		if !t.waiting.misses(p) {
			continue
		}
		t.waiting.inThread[p.thread], t.waiting.ofAsker[p.asker] = 0, 0
		id := threadIdentity(p.thread)
		if check("place", append(id, p.asker)...) != nil {
			continue // nothing has such an identity
		}
		askers = append(askers, p.asker)
		for n, part := range id {
			columns[n] = append(columns[n], part)
		}
	}
	if len(askers) == 0 {
		return
	}
	b.Queue(`SELECT team, channel, root, (SELECT count(*) FROM enjobridge.questions
			WHERE ended_at IS NULL AND (thread_team, thread_channel, thread_root) = (team, channel, root))
		FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (team, channel, root)`, columns[0], columns[1], columns[2]).Query(t.scanInThreads)
	b.Queue(`SELECT wanted, (SELECT count(*) FROM enjobridge.questions WHERE state = 'queued' AND asker = wanted)
		FROM unnest($1::text[]) AS wanted`, askers).Query(t.scanOfAskers)
	b.Queue(`SELECT count(*) FROM enjobridge.questions WHERE state = 'queued'`).QueryRow(func(row pgx.Row) error { return row.Scan(&t.waiting.all) })
}

func (t *tx) scanInThreads(rows pgx.Rows) error {
	return scanEach(rows, func() error {
		var id storage.ThreadID
		var n int
		err := rows.Scan(&id.Team, &id.Channel, &id.Root, &n)
		t.waiting.inThread[id] = n
		return err
	})
}

func (t *tx) scanOfAskers(rows pgx.Rows) error {
	return scanEach(rows, func() error {
		var asker string
		var n int
		err := rows.Scan(&asker, &n)
		t.waiting.ofAsker[asker] = n
		return err
	})
}

// recount counts a question in another state. Its record before is nil for a new one.
func (w *waiting) recount(before []byte, now *storage.Question) {
	if len(w.ofAsker) == 0 {
		return
	}
	var q storage.Question
	if before != nil && json.Unmarshal(before, &q) == nil {
		w.add(&q, -1)
	}
	w.add(now, 1)
}

// add counts a question n times.
func (w *waiting) add(q *storage.Question, n int) {
	if _, counted := w.inThread[q.Thread]; counted && q.EndedAt.IsZero() {
		w.inThread[q.Thread] += n
	}
	if q.State != storage.Queued {
		return
	}
	w.all += n
	if _, counted := w.ofAsker[q.Asker]; counted {
		w.ofAsker[q.Asker] += n
	}
}
