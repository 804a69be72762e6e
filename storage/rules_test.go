package storage

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enjobridge/enjo"
)

// Ensure that a question that ends does not erase the texts in the outcome that the caller
// of SetOutcome may still use.
func TestQuestion_EndCopiesOutcome(t *testing.T) {
	outcome := Outcome{Reply: &enjo.Reply{Text: "So."}}
	q := Question{State: Asking}
	if err := q.SetOutcome(outcome, time.Time{}); err != nil {
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

// Ensure that people have asked from their first question on, and not before.
func TestThread_HasAsked(t *testing.T) {
	thread := Thread{}.Created(Question{ID: MessageID{TS: "1772442000.000200"}, Asker: "U1", Origin: Mention})
	for ts, want := range map[string]bool{"1772442000.000100": false, "1772442000.000200": false, "1772442000.000300": true} {
		if got := thread.HasAsked("U1", ts); got != want {
			t.Errorf("at %s: %v, want %v", ts, got, want)
		}
	}
	if thread.HasAsked("U2", "1772442000.000300") {
		t.Error("somebody else has asked")
	}
}

// Ensure that adding an asker does not change a copy of the thread.
func TestThread_AskersAreCopied(t *testing.T) {
	thread := Thread{}.Created(Question{ID: MessageID{TS: "1.1"}, Asker: "U1"})
	before := thread
	thread.Asked(Question{ID: MessageID{TS: "1.2"}, Asker: "U2"}, someTime)
	if len(before.Askers) != 1 || len(thread.Askers) != 2 {
		t.Errorf("the copy has %v, the thread %v", before.Askers, thread.Askers)
	}
}

// Ensure that a thread that starts a new conversation on purpose still knows what was sent.
func TestThread_RepliedAfterReset(t *testing.T) {
	for name, tt := range map[string]struct {
		thread  Thread
		outcome Outcome
		want    string
	}{
		"reset on purpose":      {Thread{SentUntil: "1.5"}, Outcome{SentUntil: "1.7", Reply: &enjo.Reply{ConversationID: "c2"}}, "1.7"},
		"no conversation":       {Thread{}, Outcome{SentUntil: "1.7", Reply: &enjo.Reply{}}, ""},
		"the first reply":       {Thread{}, Outcome{SentUntil: "1.7", Reply: &enjo.Reply{ConversationID: "c1"}}, "1.7"},
		"more digits are later": {Thread{Conversation: "c1", SentUntil: "9.9"}, Outcome{SentUntil: "10.1", Reply: &enjo.Reply{}}, "10.1"},
	} {
		if tt.thread.Replied(tt.outcome, someTime); tt.thread.SentUntil != tt.want {
			t.Errorf("%s: sent until %q, want %q", name, tt.thread.SentUntil, tt.want)
		}
	}
}

// Ensure that a store accepts every ticket ID that the client accepts.
func TestTicketIDsCanBeStored(t *testing.T) {
	if enjo.MaxTicketID > MaxID {
		t.Errorf("the client accepts %d bytes, a store %d", enjo.MaxTicketID, MaxID)
	}
}
