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

// What ticketing systems call a ticket that is done with. The words of the first
// list can have more behind them, as in ServiceNow's "Closed Complete"; behind
// those of the second, things such as "Fixed in test" are not done at all.
var (
	closedBeginnings = []string{"closed", "resolved", "solved", "done", "cancelled", "canceled", "declined", "won't do", "won't fix"}
	closedWords      = []string{"completed", "complete", "fixed", "rejected"}
)

// closed reports whether a ticket is done with, by the words of its status.
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

// plainStatus returns a ticket's status without case and needless space.
func plainStatus(t enjo.Ticket) string {
	return strings.ToLower(strings.Join(strings.Fields(t.Status), " "))
}

// newlyClosed reports whether a ticket is done with, and was not when it was
// shown last.
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

// isClosed reports whether a ticket is done with: its status says so, or the
// ticketing system did.
func (c *Cards) isClosed(ctx context.Context, t enjo.Ticket) (bool, error) {
	if closed(t) {
		return true, nil
	}
	if t.Status == "" {
		return false, nil
	}
	return c.store.Seen(ctx, doneKey(t))
}

// doneKey is the key of a ticket with its status, however that is written.
func doneKey(t enjo.Ticket) storage.Key { return storage.TicketClosedKey(t.ID, plainStatus(t)) }
