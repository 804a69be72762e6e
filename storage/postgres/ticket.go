package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// Tickets implements [storage.Store].
func (s *Store) Tickets(ctx context.Context, thread storage.ThreadID) (_ []storage.Ticket, err error) {
	defer s.report("tickets")(&err)
	var tickets []storage.Ticket
	err = s.view(ctx, func(t *tx) error {
		known, err := t.thread(thread)
		if _, err = ignoreNotFound(err); err != nil {
			return err
		}
		tickets = []storage.Ticket{}
		for _, id := range []storage.ThreadID{known.Continues, thread} {
			if id == (storage.ThreadID{}) {
				continue
			}
			stored, err := t.ticketsIn(id)
			if err != nil {
				return err
			}
			tickets = append(tickets, stored...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the tickets of thread %s: %w", thread, err)
	}
	return tickets, nil
}

// ticketsIn returns the tickets that were first stored in a thread, in order.
func (t *tx) ticketsIn(thread storage.ThreadID) ([]storage.Ticket, error) {
	id := threadIdentity(thread)
	if check("thread", id...) != nil {
		return nil, nil
	}
	return t.ticketsWhere(`(team, channel, root) = ($1, $2, $3) ORDER BY number`, args(id)...)
}

// ticketsWhere returns the tickets that a condition selects.
func (t *tx) ticketsWhere(where string, args ...any) ([]storage.Ticket, error) {
	return scanRecords[storage.Ticket](t, tickets, `WHERE `+where, args...)
}

// TicketsOf implements [storage.Store].
func (s *Store) TicketsOf(ctx context.Context, requester string) (tickets []storage.Ticket, err error) {
	defer s.report("tickets_of")(&err)
	err = s.view(ctx, func(t *tx) (err error) {
		if check("person", requester) != nil {
			return nil
		}
		tickets, err = t.ticketsWhere(`requester = $1 ORDER BY updated_at DESC, number`, requester)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the tickets of %s: %w", requester, err)
	}
	return tickets, nil
}

// OutdatedCards implements [storage.Store].
func (s *Store) OutdatedCards(ctx context.Context) (outdated []storage.Ticket, err error) {
	defer s.report("outdated_cards")(&err)
	err = s.view(ctx, func(t *tx) (err error) {
		outdated, err = t.ticketsWhere(`outdated ORDER BY number`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the outdated cards: %w", err)
	}
	return outdated, nil
}

// SetCard implements [storage.Store].
func (s *Store) SetCard(ctx context.Context, thread storage.ThreadID, ticketID, ts string, shown enjo.Ticket) (err error) {
	defer s.report("set_card")(&err)
	err = s.update(ctx, needs{tickets: []string{ticketID}}, func(t *tx) error {
		known, err := t.ticketsNamed(ticketID)
		if err != nil {
			return err
		}
		ticket, ok := ticketIn(known, thread)
		if !ok {
			return storage.ErrNotFound
		}
		ticket.ShowOn(ts, shown)
		return t.saveTicket(&ticket)
	})
	if err != nil {
		return fmt.Errorf("set the card of a ticket in thread %s: %w", thread, err)
	}
	return nil
}

// UpdateTicket implements [storage.Store].
func (s *Store) UpdateTicket(ctx context.Context, latest enjo.Ticket, at time.Time) (tickets []storage.Ticket, err error) {
	defer s.report("tell_ticket")(&err)
	err = s.update(ctx, needs{tickets: []string{latest.ID}}, func(t *tx) (err error) {
		if tickets, err = t.ticketsNamed(latest.ID); err != nil {
			return err
		}
		if len(tickets) == 0 {
			return storage.ErrNotFound
		}
		for i := range tickets {
			tickets[i].Update(storage.Question{Thread: tickets[i].Thread}, latest, at)
			if err := t.saveTicket(&tickets[i]); err != nil {
				return err
			}
		}
		t.announce(storage.Announcement{Kind: storage.TicketUpdated})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("update a ticket: %w", err)
	}
	return tickets, nil
}

// ticketsNamed returns the tickets with an ID. In a transaction of the writer, no others come
// to them.
func (t *tx) ticketsNamed(id string) (named []storage.Ticket, err error) {
	if err := t.prepare(needs{tickets: []string{id}}); err != nil {
		return nil, err
	}
	return loadEach[storage.Ticket](t, tickets, t.tickets[id])
}

// ticketIn returns that of the tickets that is in a thread.
func ticketIn(tickets []storage.Ticket, thread storage.ThreadID) (storage.Ticket, bool) {
	for _, ticket := range tickets {
		if ticket.Thread == thread {
			return ticket, true
		}
	}
	return storage.Ticket{}, false
}

// readTickets adds a query that reads the tickets with an ID.
func (t *tx) readTickets(b *pgx.Batch, id string) {
	if _, known := t.tickets[id]; known {
		return
	}
	t.tickets[id] = nil
	if check("ticket", id) != nil {
		return
	}
	b.Queue(`SELECT `+tickets.columns("r")+` FROM enjobridge.tickets AS r WHERE id = $1 ORDER BY number`, id).
		Query(t.keep(tickets, func(found identity) { t.tickets[id] = append(t.tickets[id], found) }))
}

// saveTicket writes a ticket.
func (t *tx) saveTicket(ticket *storage.Ticket) error {
	if err := check("person", ticket.Requester); err != nil {
		return err
	}
	id := ticketIdentity(ticket.Thread, ticket.Latest.ID)
	if named, known := t.tickets[ticket.Latest.ID]; known && !slices.ContainsFunc(named, id.equal) {
		t.tickets[ticket.Latest.ID] = append(named, id)
	}
	return t.save(tickets, id, ticket,
		column{"requester", ticket.Requester}, column{"updated_at", ticket.UpdatedAt.UTC()}, column{"outdated", ticket.Outdated()})
}
