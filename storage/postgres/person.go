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
	quoted, err := json.Marshal(f.user) // as it is in records
	if err != nil {
		return err
	}
	const named, inDirect = `strpos(record::text, $1) > 0`, `channel = ANY ($1)`
	for _, step := range []struct {
		kind   kind
		filter string
		arg    any
		forget func(t *tx, id identity) error
	}{
		{questions, `asker = $1`, f.user, f.findDirect},
		{threads, named, string(quoted), f.findDirectThread},
		{histories, inDirect, &f.direct, drop(histories, &f.done.Others)},
		{watermarks, `conversation = ANY ($1)`, &f.direct, drop(watermarks, &f.done.Others)},
		{threads, inDirect, &f.direct, f.directThread},
		{questions, `asker = $1`, f.user, f.question},
		{tickets, `requester = $1`, f.user, f.ticket},
		{feedback, `person = $1`, f.user, drop(feedback, &f.done.Feedback)},
		{preferences, `person = $1`, f.user, drop(preferences, &f.done.Others)},
		{keyNames, `NOT counter AND right(key, length($1)) = $1`, "/" + f.user, f.key},
		{buttons, named, string(quoted), f.press},
		{setAside, `strpos(key, $1) > 0 OR strpos(record, '"' || $1 || '"') > 0`, f.user, drop(setAside, &f.done.Others)},
		{threads, named, string(quoted), f.thread},
	} {
		if err := f.step(ctx, step.kind, step.filter, step.arg, step.forget); err != nil {
			return err
		}
	}
	return nil
}

// searchPage is how many records one query of ForgetPerson examines.
const searchPage = 1000

// step calls forget for the records of a kind to which a filter with one parameter applies.
func (f *forgetter) step(ctx context.Context, k kind, filter string, arg any, forget func(t *tx, id identity) error) error {
	var after identity
	for {
		found, last, err := f.search(ctx, k, filter, arg, after)
		if err != nil {
			return err
		}
		for batch := range slices.Chunk(found, forgetBatch) {
			if err := f.batch(ctx, k, batch, forget); err != nil {
				return err
			}
		}
		if last == nil {
			return nil
		}
		after = last
	}
}

// search reads a page of the records of a kind, in the order of their identities, and returns
// those to which a filter applies, and the last one of the page; nil if there are no more.
func (f *forgetter) search(ctx context.Context, k kind, filter string, arg any, after identity) (found []identity, last identity, err error) {
	start, columns := ``, strings.Join(k.key, ", ")
	if after != nil {
		start = fmt.Sprintf(`WHERE (%s) > (%s)`, columns, placeholders(2, len(after)))
	}
	sql := fmt.Sprintf(`SELECT %[1]s, %[2]s FROM (SELECT * FROM enjobridge.%[3]s %[4]s ORDER BY %[1]s LIMIT %[5]d) AS r`,
		columns, filter, k.table, start, searchPage)
	err = f.store.view(ctx, func(t *tx) error {
		return t.query(sql, append([]any{arg}, args(after)...), func(rows pgx.Rows) error {
			var n int
			found, last = nil, nil
			return scanEach(rows, func() error {
				id, applies := make(identity, len(k.key)), false
				err := rows.Scan(append(id.pointers(), &applies)...)
				if applies {
					found = append(found, id)
				}
				if n++; n == searchPage {
					last = id
				}
				return err
			})
		})
	})
	return found, last, err
}

// batch calls forget for records in one transaction.
func (f *forgetter) batch(ctx context.Context, k kind, ids []identity, forget func(t *tx, id identity) error) error {
	locks := needs{locks: k.locks(ids)}
	err := f.store.update(ctx, locks, func(t *tx) error {
		f.done = storage.Forgotten{} // the transaction can be repeated
		if err := f.prepare(t, k, ids); err != nil {
			return err
		}
		for _, id := range ids {
			if err := forget(t, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		f.total.Add(f.done)
	}
	return err
}

// prepare reads what the steps for records of a kind need.
func (f *forgetter) prepare(t *tx, k kind, ids []identity) error {
	var n needs
	for _, id := range ids {
		switch k.table {
		case questions.table:
			n.keys = append(n.keys, storage.RefusedKey(messageOf(id)))
		case threads.table:
			n.unfinished = append(n.unfinished, inThread(threadOf(id)))
		}
	}
	if err := t.prepare(n); err != nil || !k.hasRecords() {
		return err
	}
	return t.loadAll(k, ids...)
}
