package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"enjobridge/storage"
)

// moveBatch is how many records one transaction of MoveChannel moves.
const moveBatch = 100

// MoveChannel implements [storage.Store].
func (s *Store) MoveChannel(ctx context.Context, team, from, to string) (_ []storage.Question, err error) {
	defer s.report("move_channel")(&err)
	m := mover{storage.Move{Team: team, From: from, To: to}}
	if err = check("channel", team, from, to); err == nil && from != to {
		err = s.moveAll(ctx, m)
	}
	if err != nil {
		return nil, fmt.Errorf("move channel %s to %s: %w", from, to, err)
	}
	unfinished, err := s.unfinished(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(unfinished, func(q storage.Question) bool { return q.ID.Team != team || q.ID.Channel != to }), nil
}

// moveAll moves everything in batches. A question moves together with its thread. If the
// process ends between two batches, the same call moves the rest.
func (s *Store) moveAll(ctx context.Context, m mover) error {
	for _, step := range []struct {
		kind  kind
		where string
		move  func(t *tx, ids []identity) error
	}{
		{questions, `(team, channel) = ($1, $2)`, m.questions},
		{threads, `(team, channel) = ($1, $2)`, m.threads},
		{tickets, `(team, channel) = ($1, $2)`, m.tickets},
		{feedback, `(team, channel) = ($1, $2)`, m.feedback},
		{histories, `(team, channel) = ($1, $2)`, m.histories},
		{threads, `(continues_team, continues_channel) = ($1, $2) AND continues_channel <> ''`, m.links},
	} {
		for {
			ids, err := s.identities(ctx, step.kind, fmt.Sprintf(`WHERE %s LIMIT %d`, step.where, moveBatch), m.Team, m.From)
			if err != nil {
				return err
			}
			if len(ids) == 0 {
				break
			}
			if err := s.silently(ctx, m.needs(), func(t *tx) error { return step.move(t, ids) }); err != nil {
				return err
			}
		}
	}
	if err := s.moveKeys(ctx, m); err != nil {
		return err
	}
	return s.silently(ctx, m.needs(), m.rest)
}

// silently is update, but the changes are not announced.
func (s *Store) silently(ctx context.Context, needs needs, change func(*tx) error) error {
	return s.update(ctx, needs, func(t *tx) error {
		t.silent = true
		defer func() { t.silent = false }()
		return change(t)
	})
}

// moveKeys moves the keys about messages and threads of the channel.
func (s *Store) moveKeys(ctx context.Context, m mover) error {
	from, to := m.Prefixes()
	for n, prefix := range from {
		end := strings.TrimSuffix(prefix, "/") + "0" // '0' follows '/'
		for {
			keys, err := s.identities(ctx, keyNames, fmt.Sprintf(`WHERE key >= $1 AND key < $2 LIMIT %d`, moveBatch), prefix, end)
			if err != nil {
				return err
			}
			if len(keys) == 0 {
				break
			}
			renamed := make(map[storage.Key]storage.Key)
			for _, key := range keys {
				renamed[storage.Key(key[0])] = storage.Key(to[n] + strings.TrimPrefix(key[0], prefix))
			}
			if err := s.update(ctx, m.needs(), func(t *tx) error { t.renameKeys(renamed); return nil }); err != nil {
				return err
			}
		}
	}
	return nil
}

// renameKeys renames keys, unless there is a key with the new name.
func (t *tx) renameKeys(renamed map[storage.Key]storage.Key) {
	var from, to []string
	for old, key := range renamed {
		from, to = append(from, string(old)), append(to, string(key))
		delete(t.keys, old)
		delete(t.keys, key)
	}
	t.exec(`INSERT INTO enjobridge.keys SELECT renamed, counter, at, count, event, lasting
		FROM enjobridge.keys JOIN unnest($1::text[], $2::text[]) AS n (key, renamed) USING (key) ON CONFLICT DO NOTHING`, from, to)
	t.exec(`DELETE FROM enjobridge.keys WHERE key = ANY ($1::text[])`, from)
}
