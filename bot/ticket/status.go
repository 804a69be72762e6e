package ticket

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// The words for a closed ticket in ticketing systems. The words of the first list can
// be followed by others, as in ServiceNow's "Closed Complete". The words of the second
// list must stand alone: "Fixed in test" is not closed.
var (
	closedBeginnings = []string{"closed", "resolved", "solved", "done", "cancelled", "canceled", "declined", "won't do", "won't fix"}
	closedWords      = []string{"completed", "complete", "fixed", "rejected"}
)

// closed reports whether a ticket is closed, by the words of its status.
func closed(t enjo.Ticket) bool {
	status := strings.ReplaceAll(plainStatus(t), "’", "'")
	if slices.Contains(closedWords, status) {
		return true
	}
	return slices.ContainsFunc(closedBeginnings, func(word string) bool {
		rest, begins := strings.CutPrefix(status, word)
		next, _ := utf8.DecodeRuneInString(rest)
		return begins && !unicode.IsLetter(next) && !unicode.IsDigit(next)
	})
}

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
