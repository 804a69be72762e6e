package blocks

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TicketCategory is what a ticket's status means. Each ticketing system has its own names
// for statuses, and administrators can add more.
type TicketCategory int

// The categories of a ticket's status.
const (
	TicketUnknown TicketCategory = iota
	TicketNew
	TicketInProgress
	TicketWaiting
	TicketDone
	TicketCancelled
)

// Closed reports whether a ticket of the category is closed.
func (c TicketCategory) Closed() bool { return c == TicketDone || c == TicketCancelled }

// sign returns the emoji of the category.
func (c TicketCategory) sign() string {
	return [...]string{"⚪", "🔵", "🟡", "🟠", "🟢", "⚫"}[c]
}

// statusWords are the words for a category in ticketing systems.
type statusWords struct {
	category TicketCategory
	// beginnings can be followed by other words, as in ServiceNow's "Closed Complete".
	beginnings []string
	// whole words must stand alone: "Fixed in test" is not closed.
	whole []string
}

// knownStatuses are searched in this order.
var knownStatuses = []statusWords{
	{
		TicketCancelled,
		[]string{
			"cancelled", "canceled", "declined", "won't do", "won't fix", "wont do", "wont fix",
			"closed cancelled", "closed canceled", "closed incomplete", "closed skipped", "closed rejected", "closed unsuccessful",
		},
		[]string{"rejected"},
	},
	{TicketDone, []string{"closed", "resolved", "solved", "done"}, []string{"completed", "complete", "fixed"}},
	{
		TicketWaiting,
		[]string{
			"waiting", "awaiting", "on hold", "onhold", "pending", "blocked", "paused", "suspended", "deferred", "postponed", "stalled",
			"needs info", "needs more info", "need more info", "more info",
		},
		[]string{"hold"},
	},
	{
		TicketInProgress,
		[]string{
			"in progress", "inprogress", "work in progress", "in review", "under review", "in development", "in testing", "in implementation",
			"under investigation", "investigating", "assigned", "accepted", "acknowledged", "escalated", "implementing", "processing", "working", "started",
		},
		[]string{"wip", "active"},
	},
	{
		TicketNew,
		[]string{
			"new", "open", "opened", "reopened", "re opened", "to do", "todo", "submitted", "registered", "logged", "received", "unassigned",
			"selected for development",
		},
		[]string{"backlog", "created", "requested", "triage", "draft"},
	},
}

// CategoryOf returns the category of a status, by its words.
func CategoryOf(status string) TicketCategory {
	plain := strings.NewReplacer("’", "'", "_", " ", "-", " ").Replace(strings.ToLower(oneLine(status)))
	plain = strings.Join(strings.Fields(plain), " ")
	for _, known := range knownStatuses {
		if slices.Contains(known.whole, plain) {
			return known.category
		}
		for _, word := range known.beginnings {
			rest, begins := strings.CutPrefix(plain, word)
			next, _ := utf8.DecodeRuneInString(rest)
			if begins && !unicode.IsLetter(next) && !unicode.IsDigit(next) {
				return known.category
			}
		}
	}
	return TicketUnknown
}
