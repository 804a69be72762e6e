package slack_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"enjobridge/sandbox/slack"
)

// rows is a message whose blocks share an action_id, one of them in an
// attachment.
const (
	rows = `[
		{"type":"section","block_id":"row1","text":{"type":"mrkdwn","text":"one"},"accessory":{"type":"button","action_id":"approve","value":"1","text":{"type":"plain_text","text":"OK"}}},
		{"type":"section","block_id":"row2","text":{"type":"mrkdwn","text":"two"},"accessory":{"type":"button","action_id":"approve","value":"2","text":{"type":"plain_text","text":"OK"}}},
		{"type":"card","block_id":"row3","body":{"type":"mrkdwn","text":"three"},"actions":[{"type":"button","action_id":"open","value":"3","text":{"type":"plain_text","text":"Open"}}]},
		{"type":"actions","block_id":"picks","elements":[
			{"type":"multi_static_select","action_id":"several","options":[{"text":{"type":"plain_text","text":"A, B"},"value":"a,b"},{"text":{"type":"plain_text","text":"C"},"value":"c"}]},
			{"type":"overflow","action_id":"more","options":[{"text":{"type":"plain_text","text":"One"},"value":"1"}]},
			{"type":"timepicker","action_id":"at","initial_time":"09:30","timezone":"Europe/Berlin"}]}]`
	attached = `[{"color":"#ff0000","blocks":[{"type":"actions","block_id":"row4","elements":[{"type":"button","action_id":"approve","value":"4","text":{"type":"plain_text","text":"OK"}}]}]}]`
)

// payload has the fields of an interaction's payload that the tests check.
type payload struct {
	Type      string
	Container map[string]any
	Actions   []map[string]any
	State     struct{ Values states }
	Message   struct{ Blocks, Attachments json.RawMessage }
	View      struct {
		State struct{ Values states }
	}
}

// states are the values of elements, by block_id and action_id.
type states map[string]map[string]any

// payload returns the next interactive payload.
func (l *listener) payload(f *fixture) payload {
	f.t.Helper()
	for {
		r := l.next(f)
		if r.Type != "interactive" {
			continue
		}
		var p payload
		if err := json.Unmarshal(r.Payload, &p); err != nil {
			f.t.Fatal(err)
		}
		return p
	}
}

// rows posts the message with the shared action_ids and returns its ts.
func (f *fixture) rows() string {
	f.t.Helper()
	a := f.call("chat.postMessage", "channel", f.general, "text", "Rows", "blocks", rows, "attachments", attached)
	if !a.OK {
		f.t.Fatal(pretty(a))
	}
	return a.TS
}

// must ends the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Ensure that a click reaches the right element if several have the same
// action_id, also in an attachment, and that none is guessed.
func TestClickInBlock(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		ts := f.rows()
		if _, err := f.Click(f.ada, f.general, ts, "approve"); !errors.Is(err, slack.ErrAmbiguousAction) || !strings.Contains(err.Error(), `"row1/approve"`) {
			t.Errorf("an action_id of three blocks: %v", err)
		}
		for _, test := range []struct{ element, block, value, container string }{
			{"row1/approve", "row1", "1", "message"},
			{"row2/approve", "row2", "2", "message"},
			{"open", "row3", "3", "message"},
			{"row4/approve", "row4", "4", "message_attachment"},
		} {
			_, err := f.Click(f.ada, f.general, ts, test.element)
			must(t, err)
			p := l.payload(f)
			if a := p.Actions[0]; a["block_id"] != test.block || a["value"] != test.value || p.Container["type"] != test.container {
				t.Errorf("%s: %s", test.element, pretty(p))
			}
			if attachment := p.Container["attachment_id"]; (attachment == 1.0) != (test.block == "row4") {
				t.Errorf("%s is in attachment %v", test.element, attachment)
			}
		}
	})
}

// Ensure that a click reports the values of all elements, initial or entered,
// and that values may contain commas.
func TestClickState(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		ts := f.rows()
		at := func(time string) map[string]any {
			return map[string]any{"type": "timepicker", "selected_time": time, "timezone": "Europe/Berlin"}
		}
		several := func(options ...any) map[string]any {
			return map[string]any{"type": "multi_static_select", "selected_options": append([]any{}, options...)}
		}
		ab := map[string]any{"text": map[string]any{"type": "plain_text", "text": "A, B"}, "value": "a,b"}
		c := map[string]any{"text": map[string]any{"type": "plain_text", "text": "C"}, "value": "c"}

		for _, test := range []struct {
			input  slack.Input
			others []slack.Input
			want   map[string]any
		}{
			{slack.Input{Element: "open"}, nil, map[string]any{"several": several(), "at": at("09:30")}},
			{
				slack.Input{Element: "open"},
				[]slack.Input{{Element: "at", Values: []string{"10:00"}}, {Element: "picks/several", Values: []string{"a,b", "c"}}},
				map[string]any{"several": several(ab, c), "at": at("10:00")},
			},
			{slack.Input{Element: "several", Values: []string{"a,b"}}, nil, map[string]any{"several": several(ab), "at": at("09:30")}},
		} {
			_, err := f.Use(f.ada, f.general, ts, test.input, test.others...)
			must(t, err)
			if got := l.payload(f).State.Values; !reflect.DeepEqual(got, states{"picks": test.want}) {
				t.Errorf("using %s, the state is %s", test.input.Element, pretty(got))
			}
		}
		if _, err := f.Click(f.ada, f.general, ts, "more"); !errors.Is(err, slack.ErrActionNotFound) {
			t.Errorf("no choice of a menu: %v", err)
		}
	})
}

// everything is a modal with every stateful element, once empty and once with
// an initial value where possible.
const everything = `{"type":"modal","title":{"type":"plain_text","text":"T"},"submit":{"type":"plain_text","text":"Go"},"blocks":[
	{"type":"input","block_id":"text","optional":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"plain_text_input","action_id":"it"}},
	{"type":"input","block_id":"rich","optional":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"rich_text_input","action_id":"it"}},
	{"type":"input","block_id":"rich+","optional":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"rich_text_input","action_id":"it","initial_value":
		{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"bold","style":{"bold":true}}]}]}}},
	{"type":"input","block_id":"files","optional":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"file_input","action_id":"it","max_files":2}},
	{"type":"input","block_id":"one","optional":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"static_select","action_id":"it","options":[{"text":{"type":"plain_text","text":"A"},"value":"a"}]}},
	{"type":"input","block_id":"radio","optional":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"radio_buttons","action_id":"it","options":[{"text":{"type":"plain_text","text":"A"},"value":"a"}]}},
	{"type":"input","block_id":"boxes","optional":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"checkboxes","action_id":"it","options":[{"text":{"type":"plain_text","text":"A"},"value":"a"}]}},
	{"type":"section","block_id":"users","text":{"type":"mrkdwn","text":"T"},"accessory":{"type":"multi_users_select","action_id":"it"}},
	{"type":"section","block_id":"users+","text":{"type":"mrkdwn","text":"T"},"accessory":{"type":"multi_users_select","action_id":"it","initial_users":["U1","U2"]}},
	{"type":"input","block_id":"channels+","optional":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"multi_channels_select","action_id":"it","initial_channels":["C1"]}},
	{"type":"input","block_id":"talks+","optional":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"multi_conversations_select","action_id":"it","initial_conversations":["C1"]}},
	{"type":"input","block_id":"user","optional":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"users_select","action_id":"it"}},
	{"type":"input","block_id":"date","optional":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"datepicker","action_id":"it"}},
	{"type":"input","block_id":"moment","optional":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"datetimepicker","action_id":"it"}},
	{"type":"input","block_id":"moment+","optional":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"datetimepicker","action_id":"it","initial_date_time":1798133400}},
	{"type":"actions","block_id":"act","elements":[{"type":"button","action_id":"go","text":{"type":"plain_text","text":"Go"}}]}]}`

// untouched is the state of everything without a user's input.
const untouched = `{
	"text": {"it": {"type": "plain_text_input", "value": null}},
	"rich": {"it": {"type": "rich_text_input", "rich_text_value": null}},
	"rich+": {"it": {"type": "rich_text_input", "rich_text_value": {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "bold", "style": {"bold": true}}]}]}}},
	"files": {"it": {"type": "file_input", "files": []}},
	"one": {"it": {"type": "static_select", "selected_option": null}},
	"radio": {"it": {"type": "radio_buttons", "selected_option": null}},
	"boxes": {"it": {"type": "checkboxes", "selected_options": []}},
	"users": {"it": {"type": "multi_users_select", "selected_users": []}},
	"users+": {"it": {"type": "multi_users_select", "selected_users": ["U1", "U2"]}},
	"channels+": {"it": {"type": "multi_channels_select", "selected_channels": ["C1"]}},
	"talks+": {"it": {"type": "multi_conversations_select", "selected_conversations": ["C1"]}},
	"user": {"it": {"type": "users_select", "selected_user": null}},
	"date": {"it": {"type": "datepicker", "selected_date": null}},
	"moment": {"it": {"type": "datetimepicker", "selected_date_time": null}},
	"moment+": {"it": {"type": "datetimepicker", "selected_date_time": 1798133400}}}`

func parse(t *testing.T, state string) states {
	t.Helper()
	var parsed states
	if err := json.Unmarshal([]byte(state), &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

// Ensure that both a click in a modal and its submission report every element,
// including empty ones, as Slack does.
func TestViewState(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		v := f.modal(l)
		if a := f.call("views.update", "view_id", v.ID, "view", everything); !a.OK {
			t.Fatal(pretty(a))
		}
		_, err := f.ClickView(f.ada, v.ID, "go")
		must(t, err)
		if p := l.payload(f); !reflect.DeepEqual(p.View.State.Values, parse(t, untouched)) {
			t.Errorf("clicking, the state is %s", pretty(p.View.State))
		}

		// An input replaces the initial value; no value empties it.
		_, err = f.SubmitView(f.ada, v.ID, map[string]string{"rich/it": "See <@" + f.ada + ">", "users/it": "U3,U4", "moment/it": "1798133460"},
			slack.Input{Element: "users+/it"})
		must(t, err)
		want := parse(t, untouched)
		want["rich"]["it"] = map[string]any{"type": "rich_text_input", "rich_text_value": map[string]any{"type": "rich_text", "elements": []any{
			map[string]any{"type": "rich_text_section", "elements": []any{
				map[string]any{"type": "text", "text": "See "}, map[string]any{"type": "user", "user_id": f.ada},
			}},
		}}}
		want["users"]["it"] = map[string]any{"type": "multi_users_select", "selected_users": []any{"U3", "U4"}}
		want["users+"]["it"] = map[string]any{"type": "multi_users_select", "selected_users": []any{}}
		want["moment"]["it"] = map[string]any{"type": "datetimepicker", "selected_date_time": 1798133460.0}
		if p := l.payload(f); !reflect.DeepEqual(p.View.State.Values, want) {
			t.Errorf("submitted, the state is %s", pretty(p.View.State))
		}
	})
}

// Ensure that a modal can be submitted with files, that the app is informed
// once of each file as usual, and that a required file must not be missing.
func TestSubmitFiles(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		v := f.modal(l)
		needed := strings.ReplaceAll(everything, `"block_id":"files","optional":true`, `"block_id":"files"`)
		if a := f.call("views.update", "view_id", v.ID, "view", needed); !a.OK {
			t.Fatal(pretty(a))
		}
		log := slack.File{ID: "FLOG", Name: "log.txt", Content: []byte("all green")}
		of := func(files ...slack.File) slack.Input { return slack.Input{Element: "files/it", Files: files} }
		for _, test := range []struct {
			files slack.Input
			want  slack.Error
		}{{of(), slack.ErrMissingInput}, {of(log, slack.File{Name: "b"}, slack.File{Name: "c"}), slack.ErrTooManyFiles}} {
			if _, err := f.SubmitView(f.ada, v.ID, nil, test.files); !errors.Is(err, test.want) {
				t.Errorf("with %d files: %v", len(test.files.Files), err)
			}
		}
		_, err := f.UseView(f.ada, v.ID, slack.Input{Element: "go"}, of(log))
		must(t, err)
		_, err = f.SubmitView(f.ada, v.ID, nil, of(log, slack.File{Name: "second.txt"}))
		must(t, err)
		clicked, submitted := fileIDs(l.payload(f)), fileIDs(l.payload(f))
		if len(clicked) != 1 || len(submitted) != 2 || clicked[0] != submitted[0] {
			t.Errorf("the app got %v, and then %v", clicked, submitted)
		}
		if kept, known := f.File("FLOG"); !known || string(kept.Content) != "all green" || kept.User != f.ada {
			t.Errorf("stored is %+v", kept)
		}
	})
}

// fileIDs returns the files in the payload.
func fileIDs(p payload) []any {
	report, _ := p.View.State.Values["files"]["it"].(map[string]any)
	files, _ := report["files"].([]any)
	var ids []any
	for _, file := range files {
		ids = append(ids, file.(map[string]any)["id"])
	}
	return ids
}
