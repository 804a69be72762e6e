package blocks

import "testing"

// Ensure that placeholders are replaced, and that a value stays as it is.
func TestText(t *testing.T) {
	for got, want := range map[string]string{
		sayWaitingYours.Text("n", "{mine}", "mine", "2"): "{mine} in line, 2 of them yours.",
		sayAllIsWell.Text(): "All is well.",
		plural(1, sayOneTicket, sayTickets).Text("n", "1"): "You have one ticket.",
		plural(0, sayOneTicket, sayTickets).Text("n", "0"): "You have 0 tickets.",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
