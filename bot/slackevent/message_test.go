package slackevent

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enjobridge/storage"
)

var acme = Identity{TeamID: "T1", EnterpriseID: "E1", UserID: "UBOT", BotID: "BBOT"}

func TestDecode_Message(t *testing.T) {
	payload := `{"team_id":"T9","enterprise_id":null,"is_ext_shared_channel":true,"event":{"type":"message","subtype":"file_share",
		"user":"U1","user_team":"T2","text":"hi","channel":"C1","channel_type":"channel","ts":"1700000000.000100",
		"thread_ts":"1600000000.000100","edited":{"user":"U1","ts":"1700000009.000100"},
		"files":[{"id":"F1","name":"VPN.png","mimetype":"image/png","pretty_type":"PNG"},{"id":"F2"}]}}`
	got, err := Decode(EventsAPI, []byte(payload), acme)
	if err != nil {
		t.Fatal(err)
	}
	want := Message{
		ID:       storage.MessageID{Team: "T1", Channel: "C1", TS: "1700000000.000100"},
		ThreadTS: "1600000000.000100", User: "U1", Subtype: "file_share", Text: "hi",
		Content:     "hi\n\n[Attached file, not readable: VPN.png (PNG image)]\n[Attached file, not readable: a file without a name]",
		UnreadFiles: []string{"VPN.png", "a file without a name"}, EditedTS: "1700000009.000100", ChannelType: "channel",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Ensure that a field of the wrong type hides no other.
func TestDecode_WrongTypes(t *testing.T) {
	for _, field := range []string{"user", "bot_id", "subtype", "channel_type", "thread_ts", "user_team", "blocks", "attachments", "files", "edited", "team", "message", "previous_message"} {
		for _, wrong := range []string{"7", "null", "true", "[]", "{}", `[[["x"]]]`, `{"ts":7}`} {
			payload := `{"event":{"type":"message","text":"hi","channel":"C1","ts":"1.2","` + field + `":` + wrong + `}}`
			got, err := Decode(EventsAPI, []byte(payload), acme)
			if m, ok := got.(Message); err != nil || !ok || m.Text != "hi" || m.ID.Channel != "C1" {
				t.Errorf("%s of %s: got %+v, %v", field, wrong, got, err)
			}
		}
	}
}

func TestDecode_OtherEvents(t *testing.T) {
	for _, payload := range []string{`{}`, `{"event":{"type":"reaction_added"}}`, `{"event":{"type":7}}`, `{"event":[]}`} {
		if got, err := Decode(EventsAPI, []byte(payload), acme); got != nil || err != nil {
			t.Errorf("%s: got %v, %v", payload, got, err)
		}
	}
	if _, err := Decode("other", []byte(`{}`), acme); err == nil {
		t.Error("an envelope of an unknown type is decoded")
	}
}

// Ensure that no payload panics, that only a different text counts as an edit, and
// that a valid identity is safe in a key and a log.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"event":{"type":"message","user":"U1","text":"hi","channel":"C1","ts":"1.2"}}`,
		`{"event":[]}`,
		strings.Repeat("[", 1000),
		`{"event":{"type":"message","subtype":"message_changed","channel":"C1","message":{"ts":"1.2","text":"b","user":"U1"},"previous_message":{"text":"a"}}}`,
		`{"event":{"type":"message","subtype":"message_deleted","channel":"C1","deleted_ts":"1.2"}}`,
		`{"event":{"type":"agent_session_stopped","channel":"C1","thread_ts":"1.2"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		event, err := Decode(EventsAPI, payload, acme)
		if err != nil || event == nil {
			return
		}
		if !json.Valid(payload) {
			t.Errorf("decoded what is not JSON: %q", payload)
		}
		identity := ""
		switch e := event.(type) {
		case Message:
			if e.Valid() {
				identity = e.ID.String() + e.User + e.ThreadTS
			}
		case MessageChanged:
			identity = e.After.ID.String()
			if e.Before == e.After.Text {
				t.Errorf("%q counts as an edit", payload)
			}
		case MessageDeleted:
			identity = e.ID.String()
		case SessionStopped:
			identity = e.Thread.String()
		}
		if strings.ContainsAny(identity, "\n\x00 ") {
			t.Errorf("decoded the identity %q", identity)
		}
	})
}

// Ensure that a change has the order key of its message.
func TestDecode_Change(t *testing.T) {
	for name, test := range map[string]struct {
		event string
		want  string // the type and order key; empty for a message
	}{
		"an edit":             {`"subtype":"message_changed","ts":"9.9","message":{"ts":"1.2","text":"b","user":"U1"},"previous_message":{"text":"a"}`, "edit C1/1.2"},
		"an edit of a root":   {`"subtype":"message_changed","message":{"ts":"1.2","thread_ts":"1.2","text":"b","user":"U1"},"previous_message":{"text":"a"}`, "edit C1/1.2"},
		"an edit of a reply":  {`"subtype":"message_changed","message":{"ts":"1.2","thread_ts":"1.1","text":"b","user":"U1"},"previous_message":{"text":"a"}`, "edit C1/1.1"},
		"an unfurl":           {`"subtype":"message_changed","message":{"ts":"1.2","text":"a","user":"U1"},"previous_message":{"text":"a"}`, ""},
		"our update":          {`"subtype":"message_changed","message":{"ts":"1.2","text":"b","bot_id":"B1"},"previous_message":{"text":"a"}`, ""},
		"a deletion":          {`"subtype":"message_deleted","ts":"9.9","deleted_ts":"1.2"`, "deletion C1/1.2"},
		"a deletion of reply": {`"subtype":"message_deleted","deleted_ts":"1.2","previous_message":{"ts":"1.2","thread_ts":"1.1"}`, "deletion C1/1.1"},
		"a tombstone":         {`"subtype":"message_changed","message":{"ts":"1.2","subtype":"tombstone","text":"gone"},"previous_message":{"text":"a"}`, "deletion C1/1.2"},
		"no ts":               {`"subtype":"message_deleted","deleted_ts":"x"`, ""},
	} {
		event, err := Decode(EventsAPI, []byte(`{"event":{"type":"message","channel":"C1",`+test.event+`}}`), acme)
		got := ""
		switch event.(type) {
		case MessageChanged:
			got = "edit " + event.OrderKey()
		case MessageDeleted:
			got = "deletion " + event.OrderKey()
		}
		if err != nil || got != test.want {
			t.Errorf("%s: got %q (%+v, %v)", name, got, event, err)
		}
	}
}
