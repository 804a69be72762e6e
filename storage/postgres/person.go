package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// ForgetPerson implements [storage.Store]. It is called by hand, so it finds the records of a
// person by reading all, page by page.
func (s *Store) ForgetPerson(ctx context.Context, user string) (_ storage.Forgotten, err error) {
	defer s.report("forget_person")(&err)
	f := forgetter{store: s, user: user, direct: []string{}}
	if err = check("user", user); err == nil && user == "" {
		err = fmt.Errorf("%w: the user is empty", storage.ErrBadID)
	}
	if err == nil {
		err = f.run(ctx)
	}
	if err != nil {
		return f.total, fmt.Errorf("forget a person: %w", err)
	}
	return f.total, nil
}

// forgetter deletes the records of a person.
type forgetter struct {
	store  *Store
	user   string
	direct []string          // the channels of the person's direct messages
	done   storage.Forgotten // in the current transaction
	total  storage.Forgotten
}

// run deletes the records table by table. The threads that name the person are last: if an
// error ends run before, they say in which direct messages the rest is.
func (f *forgetter) run(ctx context.Context) error {
	quoted, err := json.Marshal(f.user)
	if err != nil {
		return err
	}
	named, asker, inDirect := `strpos(record::text, $1) > 0`, `asker = $1`, `channel = ANY ($1)`
	if err := f.findDirect(ctx, questions, asker, f.user); err != nil {
		return err
	}
	if err := f.findDirect(ctx, threads, named, string(quoted)); err != nil {
		return err
	}
	for _, step := range []struct {
		kind   kind
		filter string
		arg    any
		forget func(t *tx, id identity) error
	}{
		{histories, inDirect, f.direct, f.history},
		{watermarks, `conversation = ANY ($1)`, f.direct, f.watermark},
		{threads, inDirect, f.direct, f.directThread},
		{questions, asker, f.user, f.question},
		{tickets, `requester = $1`, f.user, f.ticket},
		{feedback, `person = $1`, f.user, f.feedback},
		{preferences, `person = $1`, f.user, f.preferences},
		{keyKind, `NOT counter AND right(key, length($1)) = $1`, "/" + f.user, f.key},
		{buttons, named, string(quoted), f.press},
		{damagedKind, `strpos(key, trim('"' from $1)) > 0 OR strpos(record, $1) > 0`, string(quoted), f.damaged},
		{threads, named, string(quoted), f.thread},
	} {
		err := f.search(ctx, step.kind, step.filter, step.arg, func(ids []identity) error {
			return f.forget(ctx, step.kind, ids, step.forget)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
