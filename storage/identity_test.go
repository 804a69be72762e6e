package storage_test

import (
	"testing"

	"pgregory.net/rapid"

	"enjobridge/storage"
)

// Ensure that parsing the string of an identity gives the identity.
func TestParseMessageID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := storage.MessageID{
			Team:    rapid.StringMatching(`T[A-Z0-9]{1,10}`).Draw(t, "team"),
			Channel: rapid.StringMatching(`[CDG][A-Z0-9]{1,10}`).Draw(t, "channel"),
			TS:      rapid.StringMatching(`[0-9]{10}\.[0-9]{6}(#[a-z]+(/[0-9]+)?)?`).Draw(t, "ts"),
		}
		if got, ok := storage.ParseMessageID(id.String()); !ok || got != id {
			t.Fatalf("%v, %v", got, ok)
		}
	})
	for _, text := range []string{"", "T1/C1", "T1/C1/now", "T1/../1.2", "T1/C1/#ticket"} {
		if got, ok := storage.ParseMessageID(text); ok {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

// Ensure that the identity of a button's question has the format of existing stores and
// posts.
func TestButtonID(t *testing.T) {
	message := storage.MessageID{Team: "T1", Channel: "C1", TS: "1772442000.000100"}
	id := storage.ButtonID(message, "retry/2")
	if want := "T1/C1/1772442000.000100#retry/2"; id.String() != want {
		t.Errorf("the identity is %s, want %s", id, want)
	}
	for _, ts := range []string{id.TS, message.TS} {
		if got := storage.MessageTS(ts); got != message.TS {
			t.Errorf("the message of %s is %s, want %s", ts, got, message.TS)
		}
	}
}

// Ensure that the references that users have seen stay valid.
func TestReference(t *testing.T) {
	id := storage.MessageID{Team: "T1", Channel: "C1", TS: "1772442000.000100"}
	if got, want := storage.Reference(id), "EB-NQHLJP"; got != want {
		t.Errorf("the reference is %s, want %s", got, want)
	}
}
