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
		Event: "message",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Ensure that a field of the wrong type hides no other.
func TestDecode_WrongTypes(t *testing.T) {
	for _, field := range []string{
		"user", "bot_id", "subtype", "channel_type", "thread_ts", "user_team", "blocks", "attachments", "files", "edited", "team",
		"message", "previous_message",
	} {
		for _, wrong := range []string{"7", "null", "true", "[]", "{}", `[[["x"]]]`, `{"ts":7}`} {
			payload := `{"event":{"type":"message","text":"hi","channel":"C1","ts":"1.2","` + field + `":` + wrong + `}}`
			got, err := Decode(EventsAPI, []byte(payload), acme)
			if m, ok := got.(Message); err != nil || !ok || m.Text != "hi" || m.ID.Channel != "C1" {
				t.Errorf("%s of %s: got %+v, %v", field, wrong, got, err)
			}
		}
	}
}

// Ensure that a sender without a team counts as one of the organisation only where Slack
// says that there are no others.
func TestDecode_SharedChannels(t *testing.T) {
	for shared, want := range map[string]Membership{
		`"is_ext_shared_channel":false,`: Member, `"is_ext_shared_channel":true,`: Unknown, `"is_ext_shared_channel":"no",`: Unknown, "": Unknown,
	} {
		got, err := Decode(EventsAPI, []byte(`{`+shared+`"event":{"type":"app_mention","user":"U1","text":"hi","channel":"C1","ts":"1.2"}}`), acme)
		if m, ok := got.(Message); err != nil || !ok || m.Membership != want {
			t.Errorf("%s got %+v, %v", shared, got, err)
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
		"an edit": {
			`"subtype":"message_changed","ts":"9.9","message":{"ts":"1.2","text":"b","user":"U1"},"previous_message":{"text":"a"}`,
			"edit C1/1.2",
		},
		"an edit of a root": {
			`"subtype":"message_changed","message":{"ts":"1.2","thread_ts":"1.2","text":"b","user":"U1"},"previous_message":{"text":"a"}`,
			"edit C1/1.2",
		},
		"an edit of a reply": {
			`"subtype":"message_changed","message":{"ts":"1.2","thread_ts":"1.1","text":"b","user":"U1"},"previous_message":{"text":"a"}`,
			"edit C1/1.1",
		},
		"an unfurl": {`"subtype":"message_changed","message":{"ts":"1.2","text":"a","user":"U1"},"previous_message":{"text":"a"}`, ""},
		"an edit of blocks": {`"subtype":"message_changed","message":{"ts":"1.2","user":"U1",` + section(`{"type":"text","text":"b"}`) + `},
		"previous_message":{` + section(`{"type":"text","text":"a"}`) + `}`, "edit C1/1.2"},
		"blocks for a text": {`"subtype":"message_changed","message":{"ts":"1.2","user":"U1","text":"",` + section(`{"type":"text","text":"a"}`) + `},
		"previous_message":{"text":"a"}`, ""},
		"an attachment": {`"subtype":"message_changed","message":{"ts":"1.2","user":"U1","text":"a",` + forwarded(`"text":"b"`) + `},
		"previous_message":{"text":"a"}`, ""},
		"a transcript": {`"subtype":"message_changed","message":{"ts":"1.2","user":"U1","text":"","files":[{"name":"a",
		"transcription":{"preview":{"content":"hi"}}}]},"previous_message":{"text":"","files":[{"name":"a"}]}`, ""},
		"our update":          {`"subtype":"message_changed","message":{"ts":"1.2","text":"b","bot_id":"B1"},"previous_message":{"text":"a"}`, ""},
		"a deletion":          {`"subtype":"message_deleted","ts":"9.9","deleted_ts":"1.2"`, "deletion C1/1.2"},
		"a deletion of reply": {`"subtype":"message_deleted","deleted_ts":"1.2","previous_message":{"ts":"1.2","thread_ts":"1.1"}`, "deletion C1/1.1"},
		"a tombstone": {
			`"subtype":"message_changed","message":{"ts":"1.2","subtype":"tombstone","text":"gone"},"previous_message":{"text":"a"}`,
			"deletion C1/1.2",
		},
		"no ts": {`"subtype":"message_deleted","deleted_ts":"x"`, ""},
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

// Ensure that an edit has the same parts as a new message, and when it was made.
func TestDecode_EditedContent(t *testing.T) {
	for _, ts := range []string{`"1700000009.000100"`, `"x"`, `7`} {
		payload := `{"event":{"type":"message","subtype":"message_changed","channel":"C1","message":{"ts":"1.2","user":"U1","text":"b","edited":{"user":"U1",
		"ts":` + ts + `},
			"attachments":[{"title":"db1"}],"files":[{"name":"a.png"}]},"previous_message":{"text":"a","attachments":[{"title":"db2"}]}}}`
		event, err := Decode(EventsAPI, []byte(payload), acme)
		change, ok := event.(MessageChanged)
		content := "b\n\ndb1\n\n[Attached file, not readable: a.png]"
		if err != nil || !ok || change.Before != "a" || change.After.Text != "b" || change.After.Content != content || len(change.After.UnreadFiles) != 1 {
			t.Errorf("got %+v, %v", event, err)
		}
		if known := change.After.EditedTS == "1700000009.000100"; known != strings.HasPrefix(ts, `"1`) || (!known && change.After.EditedTS != "") {
			t.Errorf("%s: it was edited at %q", ts, change.After.EditedTS)
		}
	}
}

// Ensure that a message is direct if Slack says so, or says nothing that is known and the
// channel's ID says so.
func TestMessage_IsDirect(t *testing.T) {
	for _, test := range []struct {
		channel, channelType string
		want                 bool
	}{
		{"D1", "im", true},
		{"C1", "im", true},
		{"D1", "", true},
		{"D1", "app_home", true},
		{"D1", "future", true},
		{"C1", "", false},
		{"C1", "channel", false},
		{"G1", "mpim", false},
		{"C1", "mpim", false},
		{"C1", "group", false},
		{"C1", "future", false},
		{"", "", false},
	} {
		m := Message{ID: storage.MessageID{Channel: test.channel}, ChannelType: test.channelType}
		if got := m.IsDirect(); got != test.want {
			t.Errorf("%q of the type %q is direct: %v", test.channel, test.channelType, got)
		}
	}
}

// Ensure that everything in a direct message has one order key, because consecutive
// messages can be one question, and that threads of channels have separate ones.
func TestOrderKey(t *testing.T) {
	for _, test := range []struct{ kind, payload, want string }{
		{EventsAPI, `"type":"message","user":"U1","text":"a","ts":"1.2"`, "C1/1.2"},
		{EventsAPI, `"type":"message","user":"U1","text":"a","ts":"1.2","thread_ts":"1.1"`, "C1/1.1"},
		{
			EventsAPI, `"type":"message","subtype":"message_changed","message":{"ts":"1.2","thread_ts":"1.1","text":"b","user":"U1"},"previous_message":{"text":"a"}`,
			"C1/1.1",
		},
		{EventsAPI, `"type":"message","subtype":"message_deleted","deleted_ts":"1.2","previous_message":{"ts":"1.2","thread_ts":"1.1"}`, "C1/1.1"},
		{EventsAPI, `"type":"agent_session_stopped","thread_ts":"1.1","user":"U1"`, "C1/1.1"},
		{Interactive, `"container":{"type":"message","channel_id":"C1","message_ts":"1.2","thread_ts":"1.1"}`, "C1/1.1"},
		{Interactive, `"container":{"type":"message","channel_id":"C1","message_ts":"1.2"},"message":{"ts":"1.2","thread_ts":"1.1"}`, "C1/1.1"},
		{Interactive, `"container":{"type":"message_attachment","channel_id":"C1","message_ts":"1.2","attachment_id":1,"is_ephemeral":false},"message":{"ts":"1.2",
		"thread_ts":"1.1"}`, "C1/1.1"},
		{Interactive, `"container":{"type":"message","is_ephemeral":true},"channel":{"id":"C1"},"message":{"ts":"1.2","thread_ts":"1.1"}`, "C1/1.1"},
		{Interactive, `"container":{"type":"message","channel_id":"C1","message_ts":"1.2"}`, "C1/1.2"},
	} {
		for _, channel := range []string{"C1", "D1"} {
			payload := `{"event":{"channel":"` + channel + `",` + test.payload + `}}`
			if test.kind == Interactive {
				payload = `{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"a"}],` + strings.ReplaceAll(test.payload, "C1", channel) + `}`
			}
			want := test.want
			if channel == "D1" {
				want = "D1"
			}
			event, err := Decode(test.kind, []byte(payload), acme)
			if err != nil || event == nil || event.OrderKey() != want {
				t.Errorf("%s: got %+v, %v, want the key %q", payload, event, err, want)
			}
		}
	}
}

// Ensure that only bots have a name in a message of history, on one line.
func TestDecodePosted_Name(t *testing.T) {
	for fields, want := range map[string]string{
		`"user":"U1","username":"ada"`:                                        "",
		`"bot_id":"B2","subtype":"bot_message","username":"Alert\nmanager"`:   "Alert manager",
		`"bot_id":"B2","user":"U2","bot_profile":{"id":"B2","name":"Jira"}`:   "Jira",
		`"bot_id":"B2","username":"Alerts","bot_profile":{"name":"Incoming"}`: "Alerts",
		`"bot_id":"B2","bot_profile":7`:                                       "",
		`"subtype":"bot_message","username":"a workflow"`:                     "a workflow",
	} {
		if m, err := DecodePosted([]byte(`{"ts":"1.2",` + fields + `}`)); err != nil || m.Name != want {
			t.Errorf("%s has the name %q, %v", fields, m.Name, err)
		}
	}
}
