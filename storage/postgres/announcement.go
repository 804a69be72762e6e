package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// notifications is the channel on which PostgreSQL tells the replicas of announcements and of
// a free lease. https://www.postgresql.org/docs/15/sql-notify.html
const notifications = "enjobridge"

// announce announces a change to the holder of the lease, unless that makes it.
func (t *tx) announce(a storage.Announcement) {
	if t.op == nil || t.op.lease != nil || t.silent {
		return
	}
	t.exec(`INSERT INTO enjobridge.announcements (kind, team, channel, ts, name, moved_from, moved_to, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(a.Kind), a.Message.Team, a.Message.Channel, a.Message.TS, a.Name, a.From, a.To, timeOf(a.At))
	t.announced = true
}

// Announce implements [storage.Replicated].
func (s *Store) Announce(ctx context.Context, announcements ...storage.Announcement) error {
	err := s.update(ctx, needs{}, func(t *tx) error {
		for _, a := range announcements {
			t.announce(a)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	return nil
}

// Announcements implements [storage.Replicated].
func (s *Store) Announcements(ctx context.Context, limit int) (oldest []storage.Announcement, err error) {
	err = s.view(ctx, func(t *tx) error {
		const sql = `SELECT number, kind, team, channel, ts, name, moved_from, moved_to, at FROM enjobridge.announcements ORDER BY number LIMIT $1`
		return t.query(sql, []any{limit}, func(rows pgx.Rows) error {
			return scanEach(rows, func() error {
				a, err := scanAnnouncement(rows)
				oldest = append(oldest, a)
				return err
			})
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the announcements: %w", err)
	}
	return oldest, nil
}

func scanAnnouncement(rows pgx.Rows) (a storage.Announcement, err error) {
	var at *time.Time
	err = rows.Scan(&a.Number, &a.Kind, &a.Message.Team, &a.Message.Channel, &a.Message.TS, &a.Name, &a.From, &a.To, &at)
	if at != nil {
		a.At = at.UTC()
	}
	return a, err
}

// EndAnnouncements implements [storage.Replicated].
func (s *Store) EndAnnouncements(ctx context.Context, lease storage.Lease, announcements []storage.Announcement) error {
	var numbers []int64
	for _, a := range announcements {
		numbers = append(numbers, a.Number)
	}
	fenced := &Store{database: s.database, lease: &lease}
	err := fenced.update(ctx, needs{}, func(t *tx) error {
		t.exec(`DELETE FROM enjobridge.announcements WHERE number = ANY($1)`, numbers)
		return nil
	})
	if err != nil {
		return fmt.Errorf("end announcements: %w", err)
	}
	return nil
}
