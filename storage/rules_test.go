package storage

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"enjobridge/enjo"
)

// Ensure that a question that ends erases its own texts, not those that the
// caller of SetOutcome may still hold.
func TestQuestion_EndLeavesOutcomeAlone(t *testing.T) {
	outcome := Outcome{Reply: &enjo.Reply{Text: "So."}}
	q := Question{State: Asking}
	if err := q.SetOutcome(outcome); err != nil {
		t.Fatal(err)
	}
	if err := q.End(Delivered, nil, someTime); err != nil {
		t.Fatal(err)
	}
	if q.Outcome.Reply.Text != "" {
		t.Errorf("the question keeps the text %q", q.Outcome.Reply.Text)
	}
	if diff := cmp.Diff(Outcome{Reply: &enjo.Reply{Text: "So."}}, outcome); diff != "" {
		t.Errorf("outcome of the caller (-before +after):\n%s", diff)
	}
}

// Ensure that no ID of a ticket which the client lets through is refused by a store.
func TestTicketIDsCanBeStored(t *testing.T) {
	if enjo.MaxTicketID > MaxID {
		t.Errorf("the client lets %d bytes through, a store takes %d", enjo.MaxTicketID, MaxID)
	}
}
