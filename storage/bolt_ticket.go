package storage

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"enjobridge/enjo"
)

// Tickets implements [Store].
func (b *Bolt) Tickets(ctx context.Context, thread ThreadID) (_ []Ticket, err error) {
	defer b.report("tickets")(&err)
	var tickets []Ticket
	err = b.view(ctx, func(t *tx) error {
		var known Thread
		if err := t.load(bucketThreads, thread.key(), &known); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		tickets = []Ticket{}
		if known.Continues != (ThreadID{}) {
			if tickets, err = t.tickets(known.Continues); err != nil {
				return err
			}
		}
		own, err := t.tickets(thread)
		tickets = append(tickets, own...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the tickets of thread %s: %w", thread, err)
	}
	return tickets, nil
}

// tickets returns the tickets that were first stored in a thread, in order.
func (t *tx) tickets(thread ThreadID) ([]Ticket, error) {
	var records []ticketRecord
	prefix := thread.key()
	err := t.scan(bucketTickets, prefix, func(key, _ []byte) (bool, error) {
		if !bytes.HasPrefix(key, prefix) {
			return false, nil
		}
		var r ticketRecord
		if t.load(bucketTickets, key, &r) == nil {
			records = append(records, r)
		}
		return true, nil
	})
	slices.SortFunc(records, func(a, b ticketRecord) int { return cmp.Compare(a.Number, b.Number) })
	tickets := make([]Ticket, len(records))
	for i, r := range records {
		tickets[i] = r.Ticket
	}
	return tickets, err
}

// SetCard implements [Store].
func (b *Bolt) SetCard(ctx context.Context, thread ThreadID, ticketID, ts string, shown enjo.Ticket) (err error) {
	defer b.report("set_card")(&err)
	err = b.update(ctx, func(t *tx) error {
		var r ticketRecord
		if err := t.load(bucketTickets, ticketKey(thread, ticketID), &r); err != nil {
			return err
		}
		if err := t.unindexTicket(&r); err != nil {
			return err
		}
		r.ShowOn(ts, shown)
		return t.saveTicket(&r)
	})
	if err != nil {
		return fmt.Errorf("set the card of a ticket in thread %s: %w", thread, err)
	}
	return nil
}

// TicketsOf implements [Store].
func (b *Bolt) TicketsOf(ctx context.Context, requester string) (_ []Ticket, err error) {
	defer b.report("tickets_of")(&err)
	var tickets []Ticket
	err = b.view(ctx, func(t *tx) (err error) {
		tickets, err = t.indexedTickets(indexTicketsOf, stringsKey(requester))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the tickets of %s: %w", requester, err)
	}
	slices.SortStableFunc(tickets, func(a, b Ticket) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	return tickets, nil
}

// OutdatedCards implements [Store].
func (b *Bolt) OutdatedCards(ctx context.Context) (_ []Ticket, err error) {
	defer b.report("outdated_cards")(&err)
	var outdated []Ticket
	err = b.view(ctx, func(t *tx) (err error) {
		outdated, err = t.indexedTickets(indexTicketsOutdated, nil)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the outdated cards: %w", err)
	}
	return outdated, nil
}

// UpdateTicket implements [Store].
func (b *Bolt) UpdateTicket(ctx context.Context, latest enjo.Ticket, at time.Time) (_ []Ticket, err error) {
	defer b.report("tell_ticket")(&err)
	var tickets []Ticket
	err = b.update(ctx, func(t *tx) (err error) {
		if tickets, err = t.indexedTickets(indexTicketsNamed, stringsKey(latest.ID)); err != nil {
			return err
		}
		if len(tickets) == 0 {
			return ErrNotFound
		}
		for i, known := range tickets {
			if err := t.updateTicket(Question{Thread: known.Thread}, latest, at); err != nil {
				return err
			}
			tickets[i].Update(Question{Thread: known.Thread}, latest, at)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("update a ticket: %w", err)
	}
	return tickets, nil
}

// indexedTickets returns the tickets in an index whose keys have a prefix.
func (t *tx) indexedTickets(index, prefix []byte) ([]Ticket, error) {
	var tickets []Ticket
	err := t.scan(index, prefix, func(key, _ []byte) (bool, error) {
		if !bytes.HasPrefix(key, prefix) {
			return false, nil
		}
		var r ticketRecord
		if t.loadIndexed(bucketTickets, index, key, &r) {
			tickets = append(tickets, r.Ticket)
		}
		return true, nil
	})
	return tickets, err
}

// updateTicket stores the latest data of a ticket in the thread of a question.
func (t *tx) updateTicket(q Question, latest enjo.Ticket, at time.Time) error {
	var r ticketRecord
	err := t.load(bucketTickets, ticketKey(q.Thread, latest.ID), &r)
	switch {
	case errors.Is(err, ErrNotFound):
		if r.Number, err = t.next(bucketTickets); err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		if err := t.unindexTicket(&r); err != nil {
			return err
		}
	}
	r.Update(q, latest, at)
	return t.saveTicket(&r)
}

// saveTicket writes a ticket and its index entries. The ticket must not be in an index.
func (t *tx) saveTicket(r *ticketRecord) error {
	for index, key := range r.indexed() {
		if err := t.put(index, key, nil); err != nil {
			return err
		}
	}
	return t.save(bucketTickets, r)
}

// unindexTicket deletes the index entries of a ticket, which is unchanged since it was
// stored.
func (t *tx) unindexTicket(r *ticketRecord) error {
	for index, key := range r.indexed() {
		if err := t.delete(index, key); err != nil {
			return err
		}
	}
	return nil
}

// indexed yields each index that contains the ticket, with the ticket's key in it.
func (r *ticketRecord) indexed() iter.Seq2[[]byte, []byte] {
	return func(yield func(index, key []byte) bool) {
		key := r.key()
		_ = yield(indexTicketsIdle, timeKey(r.UpdatedAt, key)) &&
			yield(indexTicketsNamed, append(stringsKey(r.Latest.ID), key...)) &&
			yield(indexTicketsOf, append(stringsKey(r.Requester), key...)) &&
			r.Outdated() && yield(indexTicketsOutdated, key)
	}
}
