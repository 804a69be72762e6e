package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// UnfinishedIn implements [storage.Store].
func (s *Store) UnfinishedIn(ctx context.Context, thread storage.ThreadID) (unfinished []storage.Question, err error) {
	defer s.report("unfinished_in")(&err)
	err = s.view(ctx, func(t *tx) (err error) {
		unfinished, err = t.unfinishedOf(inThread(thread))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the unfinished questions of thread %s: %w", thread, err)
	}
	return unfinished, nil
}

// StopThread implements [storage.Store].
func (s *Store) StopThread(ctx context.Context, thread storage.ThreadID) (stopped []storage.Question, err error) {
	defer s.report("stop_thread")(&err)
	err = s.update(ctx, needs{unfinished: []group{inThread(thread)}}, func(t *tx) error {
		unfinished, err := t.unfinishedOf(inThread(thread))
		if err != nil {
			return err
		}
		stopped = storage.Stop(unfinished)
		for i := range stopped {
			if err := t.saveQuestion(&stopped[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("stop the questions of thread %s: %w", thread, err)
	}
	return stopped, nil
}

// group is the questions of a thread, or of all threads of a channel.
type group struct {
	team, channel, root string
	whole               bool // of the channel
}

func inThread(id storage.ThreadID) group {
	return group{team: id.Team, channel: id.Channel, root: id.Root}
}

func inChannel(team, channel string) group {
	return group{team: team, channel: channel, whole: true}
}

func (g group) lock() int64 { return channelLock(g.team, g.channel) }

// has reports whether the questions of a thread are in the group.
func (g group) has(id storage.ThreadID) bool {
	return g.team == id.Team && g.channel == id.Channel && (g.whole || g.root == id.Root)
}

// where returns the condition that selects the unfinished questions q of the group.
func (g group) where() (sql string, args []any) {
	sql, args = `q.ended_at IS NULL AND (q.thread_team, q.thread_channel) = ($1, $2)`, []any{g.team, g.channel}
	if !g.whole {
		sql, args = sql+` AND q.thread_root = $3`, append(args, g.root)
	}
	return sql, args
}

// unfinishedOf returns the unfinished questions of a group, oldest first. In a transaction of
// the writer, no others come to them.
func (t *tx) unfinishedOf(g group) (unfinished []storage.Question, err error) {
	if err := t.prepare(needs{unfinished: []group{g}}); err != nil {
		return nil, err
	}
	listed, err := loadEach[storage.Question](t, questions, t.unfinished[g])
	unfinished = slices.DeleteFunc(listed, func(q storage.Question) bool { return q.State.Ended() || !g.has(q.Thread) })
	slices.SortStableFunc(unfinished, func(a, b storage.Question) int { return a.AcceptedAt.Compare(b.AcceptedAt) })
	return unfinished, err
}

// readUnfinished adds queries that read the unfinished questions of a group, and the threads of
// those of a channel.
func (t *tx) readUnfinished(b *pgx.Batch, g group) {
	if _, known := t.unfinished[g]; known {
		return
	}
	t.unfinished[g] = nil
	if check("thread", g.team, g.channel, g.root) != nil {
		return
	}
	where, args := g.where()
	b.Queue(`SELECT `+questions.columns("q")+` FROM enjobridge.questions AS q WHERE `+where+` ORDER BY q.accepted_at, q.number`, args...).
		Query(t.keep(questions, func(id identity) { t.unfinished[g] = append(t.unfinished[g], id) }))
	if g.whole {
		b.Queue(threadsOf(`enjobridge.questions AS q WHERE `+where), args...).Query(t.keep(threads, nil))
	}
}

// threadsOf returns a query for the threads of questions q.
func threadsOf(from string) string {
	return `SELECT ` + threads.columns("r") + ` FROM enjobridge.threads AS r
		WHERE (r.team, r.channel, r.root) IN (SELECT q.thread_team, q.thread_channel, q.thread_root FROM ` + from + `)`
}

// listUnfinished adds a question that was saved to the lists that were read.
func (t *tx) listUnfinished(q *storage.Question) {
	id := messageIdentity(q.ID)
	for g, ids := range t.unfinished {
		if g.has(q.Thread) && !slices.ContainsFunc(ids, id.equal) {
			t.unfinished[g] = append(ids, id)
		}
	}
}

// lead returns the unfinished question that one was merged into; the question itself if there
// is none.
func (t *tx) lead(q storage.Question) (storage.Question, error) {
	unfinished, err := t.unfinishedOf(inChannel(q.ID.Team, q.ID.Channel))
	for _, lead := range unfinished {
		if slices.Contains(lead.With, q.ID) {
			return lead, nil
		}
	}
	return q, err
}
