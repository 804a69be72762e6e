package bot

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enjobridge/storage"
)

func TestDecodeMessage(t *testing.T) {
	payload := `{"team_id":"T9","enterprise_id":null,"is_ext_shared_channel":true,"event":{"type":"message","subtype":"file_share",
		"user":"U1","user_team":"T2","text":"hi","channel":"C1","channel_type":"channel","ts":"1700000000.000100",
		"thread_ts":"1600000000.000100","files":[{"id":"F1"},{"id":"F2"}]}}`
	got, ok, err := decodeMessage([]byte(payload), acme)
	if err != nil || !ok {
		t.Fatalf("got %v, %v", ok, err)
	}
	want := message{
		ID:       storage.MessageID{Team: "T1", Channel: "C1", TS: "1700000000.000100"},
		ThreadTS: "1600000000.000100", User: "U1", Subtype: "file_share", Text: "hi", Files: 2,
		Home: "T2", Shared: true, ChannelType: "channel",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Ensure that a field of the wrong type hides nothing but itself.
func TestDecodeMessageWithWrongTypes(t *testing.T) {
	for _, field := range []string{"user", "bot_id", "subtype", "channel_type", "thread_ts", "user_team", "files", "team"} {
		for _, wrong := range []string{"7", "null", "true", "[]", "{}", `[[["x"]]]`} {
			payload := `{"event":{"type":"message","text":"hi","channel":"C1","ts":"1.2","` + field + `":` + wrong + `}}`
			got, ok, err := decodeMessage([]byte(payload), acme)
			if err != nil || !ok || got.Text != "hi" || got.ID.Channel != "C1" {
				t.Errorf("%s of %s: got %+v, %v, %v", field, wrong, got, ok, err)
			}
		}
	}
}

func TestDecodeMessageOfOtherEvents(t *testing.T) {
	for _, payload := range []string{`{}`, `{"event":{"type":"reaction_added"}}`, `{"event":{"type":7}}`} {
		if _, ok, err := decodeMessage([]byte(payload), acme); ok || err != nil {
			t.Errorf("%s: got %v, %v", payload, ok, err)
		}
	}
}

// Ensure that no payload does harm, and that what is taken for readable can
// stand in a key and a log.
func FuzzDecodeMessage(f *testing.F) {
	f.Add([]byte(`{"event":{"type":"message","user":"U1","text":"hi","channel":"C1","ts":"1.2"}}`))
	f.Add([]byte(`{"event":[]}`))
	f.Add([]byte(strings.Repeat("[", 1000)))
	f.Fuzz(func(t *testing.T, payload []byte) {
		m, ok, err := decodeMessage(payload, acme)
		if err != nil || !ok {
			return
		}
		if !json.Valid(payload) {
			t.Errorf("read a message out of what is not JSON: %q", payload)
		}
		v := intake(m, knowledge{}, open(), noon)
		if v.action != actionIgnore && strings.ContainsAny(v.question.ID.String()+m.User, "\n\x00 ") {
			t.Errorf("took the identity %q", v.question.ID)
		}
	})
}

// Ensure that only another text counts as an edit, and that no payload does harm.
func FuzzDecodeChange(f *testing.F) {
	f.Add([]byte(`{"event":{"type":"message","subtype":"message_changed","channel":"C1","message":{"ts":"1.2","text":"b","user":"U1"},"previous_message":{"text":"a"}}}`))
	f.Add([]byte(`{"event":{"type":"message","subtype":"message_deleted","channel":"C1","deleted_ts":"1.2"}}`))
	f.Add([]byte(`{"event":{"type":"agent_session_stopped","channel":"C1","thread_ts":"1.2"}}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		c, ok, err := decodeChange(payload, acme)
		if err != nil || !ok {
			return
		}
		if c.kind == changeEdited && c.before == c.after {
			t.Errorf("%q is taken for an edit", payload)
		}
		if strings.ContainsAny(c.message.String()+c.thread.Channel, "\n\x00 ") {
			t.Errorf("took the identity %q", c.message)
		}
	})
}

func TestDecodeChange(t *testing.T) {
	for name, test := range map[string]struct {
		event string
		kind  changeKind
		ok    bool
	}{
		"an edit":    {`"subtype":"message_changed","message":{"ts":"1.2","text":"b","user":"U1"},"previous_message":{"text":"a"}`, changeEdited, true},
		"an unfurl":  {`"subtype":"message_changed","message":{"ts":"1.2","text":"a","user":"U1"},"previous_message":{"text":"a"}`, "", false},
		"our update": {`"subtype":"message_changed","message":{"ts":"1.2","text":"b","bot_id":"B1"},"previous_message":{"text":"a"}`, "", false},
		"a deletion": {`"subtype":"message_deleted","deleted_ts":"1.2"`, changeDeleted, true},
		"tombstone":  {`"subtype":"message_changed","message":{"ts":"1.2","subtype":"tombstone","text":"gone"},"previous_message":{"text":"a"}`, changeDeleted, true},
		"no ts":      {`"subtype":"message_deleted","deleted_ts":"x"`, changeDeleted, false},
	} {
		got, ok, err := decodeChange([]byte(`{"event":{"type":"message","channel":"C1",`+test.event+`}}`), acme)
		if err != nil || ok != test.ok || (ok && got.kind != test.kind) {
			t.Errorf("%s: got %+v, %v, %v", name, got, ok, err)
		}
	}
}
