package blocks

import "testing"

// Ensure that the statuses of known ticketing systems have a category.
func TestCategoryOf(t *testing.T) {
	for want, statuses := range map[TicketCategory][]string{
		TicketNew:        {"Open", "new", " TO DO ", "To-do", "Todo", "Reopened", "Re-opened", "Backlog", "Selected for Development", "Open (unassigned)"},
		TicketInProgress: {"In Progress", "in-progress", "IN_PROGRESS", "Work in progress", "WIP", "Under review", "Assigned to Bob", "Escalated"},
		TicketWaiting:    {"Waiting for customer", "On Hold", "on-hold", "Pending", "Awaiting approval", "Hold", "Blocked", "Waiting on Third Party"},
		TicketDone:       {"Closed", " DONE ", "Resolved", "Solved", "Fixed", "Closed Complete", "Closed - duplicate", "Resolved (auto)", "Complete"},
		TicketCancelled: {
			"Canceled", "Cancelled", "Declined by manager", "Won't Do", "Won’t Fix", "Rejected", "Closed Incomplete", "Closed  Skipped", "Closed - cancelled",
		},
		TicketUnknown: {
			"", "Not done", "Donee", "Done2", "Unresolved", "Enclosed", "Closedown planned", "Fixed in test", "Completed review", "Rejected by QA", "7", "Newest", "مفتوح",
		},
	} {
		for _, status := range statuses {
			if got := CategoryOf(status); got != want {
				t.Errorf("%q: category %d, want %d", status, got, want)
			}
		}
		if closed := want == TicketDone || want == TicketCancelled; want.Closed() != closed {
			t.Errorf("category %d: closed %v", want, want.Closed())
		}
	}
}
