package slackevent

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"enjobridge/storage"
)

func decodeInteraction(kind, payload string) (Interaction, bool) {
	event, err := Decode(kind, []byte(payload), acme)
	i, ok := event.(Interaction)
	return i, ok && err == nil
}

// Ensure that a press of the Stop button says who pressed it, and that one that does
// not is an error.
func TestDecode_Stop(t *testing.T) {
	event, err := Decode(EventsAPI, []byte(`{"is_ext_shared_channel":true,"event":{"type":"agent_session_stopped","channel":"C1","thread_ts":"1.1","user":"U1","streaming_message_ts":[]}}`), acme)
	want := SessionStopped{Thread: storage.ThreadID{Team: acme.TeamID, Channel: "C1", Root: "1.1"}, User: "U1"}
	if diff := cmp.Diff(Event(want), event); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, body := range []string{
		`"channel":"C1","thread_ts":"1.1"`, `"channel":"C1","thread_ts":"1.1","user":"../U1"`, `"channel":"C1","thread_ts":"1.1","user":7`,
		`"thread_ts":"1.1","user":"U1"`, `"channel":"C1","user":"U1"`,
	} {
		if event, err := Decode(EventsAPI, []byte(`{"event":{"type":"agent_session_stopped",`+body+`}}`), acme); err == nil {
			t.Errorf("%s is read as %+v", body, event)
		}
	}
}

func FuzzDecode_Interaction(f *testing.F) {
	f.Add("interactive", []byte(`{"type":"block_actions","user":{"id":"U1","team_id":"T1"},"container":{"channel_id":"C1","message_ts":"1.2"},"actions":[{"action_id":"a","value":"v"}]}`))
	f.Add("interactive", []byte(`{"type":"view_submission","user":{"id":"U1"},"view":{"state":{"values":{"a":{"b":{"value":1}}}}}}`))
	f.Add("slash_commands", []byte(`{"user_id":"U1","text":" tickets  now"}`))
	f.Add("events_api", []byte(`{"event":{"type":"app_home_opened","user":"U1","tab":"home"}}`))
	f.Fuzz(func(t *testing.T, kind string, payload []byte) {
		i, ok := decodeInteraction(kind, string(payload))
		if ok && (i.Kind == "" || !slackID.MatchString(i.User)) {
			t.Errorf("took %+v", i)
		}
	})
}

func TestDecode_Interaction(t *testing.T) {
	for name, test := range map[string]struct {
		payload string
		want    Interaction
	}{
		"fields of other types": {
			`{"type":"block_actions","user":{"id":"U1","team_id":"T1","name":5},"team":7,"message":[],"container":{"channel_id":"C1","message_ts":"1.2","thread_ts":null},"actions":[{"action_id":"a","value":"v","block_id":{}}],"trigger_id":"t"}`,
			Interaction{Kind: BlockAction, User: "U1", Membership: Member, Channel: "C1", TS: "1.2", Name: "a", Value: "v", Trigger: "t"},
		},
		"no container": {
			`{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"a"}]}`,
			Interaction{Kind: BlockAction, User: "U1", Name: "a"},
		},
		"a container without the thread": {
			`{"type":"block_actions","user":{"id":"U1"},"container":{"message_ts":"1.2"},"channel":{"id":"C1"},"message":{"ts":"1.2","thread_ts":"1.1"},"actions":[{"action_id":"a"}]}`,
			Interaction{Kind: BlockAction, User: "U1", Channel: "C1", TS: "1.2", ThreadTS: "1.1", Name: "a"},
		},
		"the root of a thread": {
			`{"type":"block_actions","user":{"id":"U1"},"channel":{"id":"C1"},"message":{"ts":"1.2","thread_ts":"1.2"},"actions":[{"action_id":"a"}]}`,
			Interaction{Kind: BlockAction, User: "U1", Channel: "C1", TS: "1.2", Name: "a"},
		},
		"a modal": {
			`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","callback_id":"c","private_metadata":"m","state":{"values":{"x":{"text":{"value":"words"}},"y":{"boxes":{"selected_options":[{"value":"1"},{"value":"2"}]}},"z":{"odd":{"value":null}}}}}}`,
			Interaction{
				Kind: ViewSubmission, User: "U1", Name: "c", Value: "m", View: "V1",
				Typed: map[string]string{"text": "words", "boxes": "", "odd": ""}, Picked: map[string][]string{"boxes": {"1", "2"}},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := decodeInteraction(Interactive, test.payload)
			if diff := cmp.Diff(test.want, got); !ok || diff != "" {
				t.Errorf("%v (-want +got):\n%s", ok, diff)
			}
		})
	}
	for _, payload := range []string{`{}`, `[]`, `{"type":"block_actions","user":{"id":"U1"},"actions":{}}`, `{"type":"block_actions","user":{"id":"../U1"},"actions":[{}]}`, `{"type":"other","user":{"id":"U1"}}`} {
		if got, ok := decodeInteraction(Interactive, payload); ok {
			t.Errorf("%s is read as %+v", payload, got)
		}
	}
}
