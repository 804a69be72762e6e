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

// Ensure that the identity of a command's question depends on its trigger, can be the value
// of a button, and is known as private; others are not.
func TestCommandID(t *testing.T) {
	id := storage.CommandID("T1", "C1", "13345224609.738474920.8088930838d88f008e0")
	if again := storage.CommandID("T1", "C1", "13345224609.738474920.8088930838d88f008e0"); again != id {
		t.Errorf("the same trigger makes %s and %s", id, again)
	}
	if other := storage.CommandID("T1", "C1", "13345224610.738474920.8088930838d88f008e0"); other == id {
		t.Errorf("two triggers make %s", id)
	}
	if got, ok := storage.ParseMessageID(id.String()); !ok || got != id || len(id.TS) > 40 {
		t.Errorf("%s is read as %v, %v", id, got, ok)
	}
	if thread := storage.PrivateThread(id); !thread.IsPrivate() {
		t.Errorf("thread %s is not private", thread)
	}
	for _, root := range []string{"", "0.0", "1772442000.000100", "1772442000.000100#ticket"} {
		if (storage.ThreadID{Team: "T1", Channel: "C1", Root: root}).IsPrivate() {
			t.Errorf("the thread with root %q is private", root)
		}
	}
}

// Ensure that private threads and those in direct messages are personal, and no others.
func TestThreadID_IsPersonal(t *testing.T) {
	private := storage.PrivateThread(storage.CommandID("T1", "C1", "1.2.3"))
	for thread, want := range map[storage.ThreadID]bool{
		private: true, {Team: "T1", Channel: "D1"}: true, {Team: "T1", Channel: "D1", Root: "1.1"}: true,
		{Team: "T1", Channel: "C1", Root: "1.1"}: false, {Team: "T1", Channel: "G1"}: false, {}: false,
	} {
		if got := thread.IsPersonal(); got != want {
			t.Errorf("thread %s is personal: %v", thread, got)
		}
	}
}
