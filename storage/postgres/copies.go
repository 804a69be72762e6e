package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// RecordCopies implements [storage.Store].
func (s *Store) RecordCopies(ctx context.Context, copies []storage.Copy) (err error) {
	defer s.report("record_copies")(&err)
	var needs needs
	for _, c := range copies {
		needs.locks = append(needs.locks, channelLock(c.Message.Team, c.Message.Channel))
	}
	if err = s.update(ctx, needs, func(t *tx) error { return t.recordCopies(copies) }); err != nil {
		return fmt.Errorf("record copies of messages: %w", err)
	}
	return nil
}

// recordCopies adds copies to the histories of their messages.
func (t *tx) recordCopies(copies []storage.Copy) error {
	var ids []identity
	for _, c := range copies {
		id := messageIdentity(c.Message)
		if err := check(histories.name, id...); err != nil {
			return err
		}
		ids = append(ids, id)
	}
	if err := t.loadAll(histories, ids...); err != nil {
		return err
	}
	for n, c := range copies {
		var h storage.History
		switch err := t.load(histories, ids[n], &h); {
		case errors.Is(err, storage.ErrNotFound):
			h = storage.History{Message: c.Message, Reference: storage.Reference(c.Message)}
		case err != nil:
			return err
		}
		h.Add(c)
		if err := t.saveHistory(&h); err != nil {
			return err
		}
	}
	return nil
}

// saveHistory writes a history, which has copies.
func (t *tx) saveHistory(h *storage.History) error {
	return t.save(histories, messageIdentity(h.Message), h, column{"began_at", h.Copies[0].At.UTC()}, column{"refs", h.References()})
}

// History implements [storage.Store].
func (s *Store) History(ctx context.Context, message storage.MessageID) (h storage.History, err error) {
	defer s.report("history")(&err)
	err = s.view(ctx, func(t *tx) error { return t.load(histories, messageIdentity(message), &h) })
	if err != nil {
		return storage.History{}, fmt.Errorf("read the history of %s: %w", message, err)
	}
	return h, nil
}

// Referenced implements [storage.Store].
func (s *Store) Referenced(ctx context.Context, reference string) (found []storage.MessageID, err error) {
	defer s.report("referenced")(&err)
	err = s.view(ctx, func(t *tx) error {
		// Materialized, or the planner walks through all histories in order until it has found enough.
		const sql = `WITH found AS MATERIALIZED (SELECT team, channel, ts FROM enjobridge.histories WHERE refs @> ARRAY[$1::text])
			SELECT team, channel, ts FROM found ORDER BY team, channel, ts LIMIT $2`
		return t.query(sql, []any{reference, storage.MaxReferenced}, func(rows pgx.Rows) error {
			found = nil
			return scanEach(rows, func() error {
				var id storage.MessageID
				err := rows.Scan(&id.Team, &id.Channel, &id.TS)
				found = append(found, id)
				return err
			})
		})
	})
	if err != nil {
		return nil, fmt.Errorf("look up the reference %q: %w", reference, err)
	}
	return found, nil
}
