package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// forgetBatch is how many records one transaction of Forget deletes, and so how many channels
// it locks at most.
const forgetBatch = 100

// forgettable are records that Forget deletes: those of a table with a time before another
// one, and with a condition. An index has exactly these, by the time.
type forgettable struct {
	table, time, condition string
	before                 time.Time
}

// Forget implements [storage.Store].
func (s *Store) Forget(ctx context.Context, seenBefore, idleBefore time.Time) (err error) {
	defer s.report("forget")(&err)
	eventsBefore := seenBefore
	if idleBefore.Before(eventsBefore) {
		eventsBefore = idleBefore
	}
	for _, f := range []forgettable{
		{"keys", "at", "NOT event AND NOT lasting", seenBefore},
		{"keys", "at", "event", eventsBefore},
		{"presses", "at", "true", seenBefore},
		{"calls", "at", "true", seenBefore},
		{"questions", "ended_at", "ended_at IS NOT NULL", idleBefore},
		{"tickets", "updated_at", "true", idleBefore},
		{"feedback", "at", "true", idleBefore},
		{"threads", "last_active", idleThread, idleBefore},
		{"histories", "began_at", "true", idleBefore},
		{"damaged", "at", "true", idleBefore},
	} {
		if err := s.forget(ctx, f); err != nil {
			return fmt.Errorf("forget old %s: %w", f.table, err)
		}
	}
	return nil
}

// idleThread is the condition that a thread has no unfinished question.
const idleThread = `NOT EXISTS (SELECT FROM enjobridge.questions AS q WHERE q.ended_at IS NULL
	AND (q.thread_team, q.thread_channel, q.thread_root) = (r.team, r.channel, r.root))`

// inChannels are the tables whose records belong to channels.
var inChannels = map[string]bool{"questions": true, "threads": true, "tickets": true, "feedback": true, "histories": true, "presses": true}

// forget deletes records, batch by batch. It locks their channels, because another transaction
// may be changing one of them.
func (s *Store) forget(ctx context.Context, f forgettable) error {
	where, args := fmt.Sprintf(`WHERE %s < $1 AND %s`, f.time, f.condition), []any{f.before.UTC()}
	place, lock := `'', ''`, func(_, _ string) []int64 { return nil }
	if inChannels[f.table] {
		place, lock = `team, channel`, func(team, channel string) []int64 { return []int64{channelLock(team, channel)} }
	}
	for {
		var teams, channels []string
		var locks []int64
		err := s.view(ctx, func(t *tx) error {
			sql := fmt.Sprintf(`SELECT %s FROM enjobridge.%s AS r %s ORDER BY %s LIMIT %d`, place, f.table, where, f.time, forgetBatch)
			return t.query(sql, args, func(rows pgx.Rows) error {
				return scanEach(rows, func() error {
					var team, channel string
					err := rows.Scan(&team, &channel)
					teams, channels, locks = append(teams, team), append(channels, channel), append(locks, lock(team, channel)...)
					return err
				})
			})
		})
		if err != nil || len(teams) == 0 {
			return err
		}
		err = s.update(ctx, needs{locks: locks}, func(t *tx) error {
			t.exec(fmt.Sprintf(`DELETE FROM enjobridge.%[1]s WHERE ctid = ANY (ARRAY (
				SELECT ctid FROM enjobridge.%[1]s AS r %[2]s AND (%[3]s) IN (SELECT * FROM unnest($2::text[], $3::text[]))
				ORDER BY %[4]s LIMIT %[5]d))`, f.table, where, place, f.time, forgetBatch), append(args, teams, channels)...)
			return nil
		})
		if err != nil || len(teams) < forgetBatch {
			return err
		}
	}
}
