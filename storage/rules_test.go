package storage

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"enjobridge/enjo"
)

// Ensure that a question that ends does not erase the texts in the outcome that the caller
// of SetOutcome may still use.
func TestQuestion_EndCopiesOutcome(t *testing.T) {
	outcome := Outcome{Reply: &enjo.Reply{Text: "So."}}
	q := Question{State: Asking}
	if err := q.SetOutcome(outcome); err != nil {
		t.Fatal(err)
	}
	if err := q.End(Delivered, nil, someTime); err != nil {
		t.Fatal(err)
	}
	if q.Outcome.Reply.Text != "" {
		t.Errorf("the question still has the text %q", q.Outcome.Reply.Text)
	}
	if diff := cmp.Diff(Outcome{Reply: &enjo.Reply{Text: "So."}}, outcome); diff != "" {
		t.Errorf("outcome of the caller (-before +after):\n%s", diff)
	}
}

// Ensure that a store accepts every ticket ID that the client accepts.
func TestTicketIDsCanBeStored(t *testing.T) {
	if enjo.MaxTicketID > MaxID {
		t.Errorf("the client accepts %d bytes, a store %d", enjo.MaxTicketID, MaxID)
	}
}
