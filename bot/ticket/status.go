package ticket

import (
	"context"
	"strings"

	"enjobridge/blocks"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// closed reports whether a ticket is closed, by the words of its status.
func closed(t enjo.Ticket) bool { return blocks.CategoryOf(t.Status).Closed() }

// plainStatus returns a ticket's status in lower case, without superfluous space.
func plainStatus(t enjo.Ticket) string {
	return strings.ToLower(strings.Join(strings.Fields(t.Status), " "))
}

// newlyClosed reports whether a ticket is closed, and was not when it was shown last.
func (c *Cards) newlyClosed(ctx context.Context, t storage.Ticket) (newly bool, err error) {
	err = storage.Retry(ctx, c.backOff, func() error {
		now, err := c.isClosed(ctx, t.Latest)
		if err != nil || !now {
			newly = false
			return err
		}
		before, err := c.isClosed(ctx, t.Shown)
		newly = !before
		return err
	})
	return newly, err
}

// isClosed reports whether a ticket is closed, by its status or by a webhook call.
func (c *Cards) isClosed(ctx context.Context, t enjo.Ticket) (bool, error) {
	if closed(t) {
		return true, nil
	}
	if t.Status == "" {
		return false, nil
	}
	return c.store.Seen(ctx, closedKey(t))
}

// closedKey identifies a ticket with a status that its ticketing system counts as closed.
func closedKey(t enjo.Ticket) storage.Key { return storage.TicketClosedKey(t.ID, plainStatus(t)) }
