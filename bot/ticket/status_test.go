package ticket

import (
	"testing"

	"enjobridge/enjo"
)

// Ensure that the words of known ticketing systems for closed tickets are recognised.
func TestClosed(t *testing.T) {
	for status, want := range map[string]bool{
		"Closed": true, "closed": true, " DONE ": true, "Resolved": true, "Solved": true, "Fixed": true, "Canceled": true,
		"Closed Complete": true, "Closed Incomplete": true, "Closed  Skipped": true, "Closed - duplicate": true, "Resolved (auto)": true,
		"Won't Do": true, "Won’t Do": true, "Won't Fix": true, "Declined": true, "Declined by manager": true, "Complete": true,

		"": false, "Open": false, "In Progress": false, "Reopened": false, "Not done": false, "Donee": false, "Done2": false,
		"Unresolved": false, "Enclosed": false, "Closedown planned": false, "Fixed in test": false, "Completed review": false,
		"Rejected by QA": false, "7": false,
	} {
		if got := closed(enjo.Ticket{Status: status}); got != want {
			t.Errorf("%q: %v", status, got)
		}
	}
}
