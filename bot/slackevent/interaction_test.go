package slackevent

import (
	"encoding/json"
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

// Ensure that the text after a slash command is one value, as Slack escapes messages.
func TestDecode_Command(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "",
		"  status ":                     "status",
		"How do I reset my\tpassword? ": "How do I reset my\tpassword?",
		"a < b && <@U1>":                "a &lt; b &amp;&amp; &lt;@U1&gt;",
		"already a &lt; b &amp; c":      "already a &lt; b &amp; c",
	} {
		payload, err := json.Marshal(map[string]string{
			"user_id": "U1", "team_id": "T1", "channel_id": "C1", "text": text, "trigger_id": "1.2.3", "response_url": "https://hooks.slack.com/commands/1",
		})
		if err != nil {
			t.Fatal(err)
		}
		got, ok := decodeInteraction(SlashCommands, string(payload))
		wanted := Interaction{
			Kind: SlashCommand, User: "U1", Membership: Member, Channel: "C1", Value: want, Trigger: "1.2.3", ResponseURL: "https://hooks.slack.com/commands/1",
		}
		if diff := cmp.Diff(wanted, got); !ok || diff != "" {
			t.Errorf("%q: %v (-want +got):\n%s", text, ok, diff)
		}
	}
}

// Ensure that only a press in an ephemeral message at the top has a response URL: elsewhere
// a response would be in another place than the button.
func TestDecode_ResponseURL(t *testing.T) {
	for container, want := range map[string]string{
		`{"channel_id":"C1","message_ts":"1.2","is_ephemeral":true}`:                   "https://hooks.slack.com/actions/1",
		`{"channel_id":"C1","message_ts":"1.2","is_ephemeral":true,"thread_ts":"1.1"}`: "",
		`{"channel_id":"C1","message_ts":"1.2","is_ephemeral":false}`:                  "",
		`{"channel_id":"C1","message_ts":"1.2"}`:                                       "",
	} {
		payload := `{"type":"block_actions","user":{"id":"U1"},"container":` + container + `,"actions":[{"action_id":"a"}],"response_url":"https://hooks.slack.com/actions/1"}`
		if got, ok := decodeInteraction(Interactive, payload); !ok || got.ResponseURL != want {
			t.Errorf("%s: %q, want %q", container, got.ResponseURL, want)
		}
	}
}
