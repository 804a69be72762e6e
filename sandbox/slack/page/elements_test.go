package page_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"enjobridge/internal/browser"
	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/page"
)

// operation is a person's use of an element, and Slack's report of it to the
// app. All elements have the action_id "it"; only their blocks distinguish
// them.
type operation struct {
	kind, fields string // the element's type, and the rest of its JSON
	operate      func(tab *browser.Tab, at string)
	report       string // its JSON
	empty        string // the report's field, and its value without an input; empty if it has no state
	only         string // the only surface that accepts it; empty means both
}

const (
	choices = `"options": [{"text": {"type": "plain_text", "text": "A, B"}, "value": "a,b"}, {"text": {"type": "plain_text", "text": "C"}, "value": "c"}]`
	choiceA = `{"text": {"type": "plain_text", "text": "A, B"}, "value": "a,b"}`
	choiceC = `{"text": {"type": "plain_text", "text": "C"}, "value": "c"}`
)

// operations has every element that people can use, as documented:
// https://docs.slack.dev/reference/block-kit/block-elements.
var operations = []operation{
	{
		"button", `"text": {"type": "plain_text", "text": "Go"}, "value": "v"`, (*browser.Tab).Click,
		`"value": "v", "text": {"type": "plain_text", "text": "Go"}`, "", "message",
	},
	{
		"icon_button", `"icon": "trash", "text": {"type": "plain_text", "text": "Delete"}, "value": "v"`, (*browser.Tab).Click,
		`"value": "v", "text": {"type": "plain_text", "text": "Delete"}`, "", "message",
	},
	{
		"feedback_buttons", `"positive_button": {"text": {"type": "plain_text", "text": "Good"}, "value": "good"}, "negative_button": {"text": {"type": "plain_text", "text": "Bad"}, "value": "bad"}`,
		func(tab *browser.Tab, at string) { tab.Click(at + `[data-value="bad"]`) },
		`"value": "bad", "text": {"type": "plain_text", "text": "Bad"}`, "", "message",
	},
	{"overflow", choices, func(tab *browser.Tab, at string) {
		tab.Click(`.bk-overflow summary`)
		tab.Click(at + `[data-value="c"]`)
	}, `"selected_option": ` + choiceC, "", "message"},

	{"radio_buttons", choices, check("c"), `"selected_option": ` + choiceC, `"selected_option": null`, ""},
	{"checkboxes", choices, check("a,b"), `"selected_options": [` + choiceA + `]`, `"selected_options": []`, ""},
	{"static_select", choices, pick("c"), `"selected_option": ` + choiceC, `"selected_option": null`, ""},
	{"users_select", "", pick("UBOB"), `"selected_user": "UBOB"`, `"selected_user": null`, ""},
	{"channels_select", "", pick("CSUPPORT"), `"selected_channel": "CSUPPORT"`, `"selected_channel": null`, ""},
	{"conversations_select", "", pick("CGLOBEX"), `"selected_conversation": "CGLOBEX"`, `"selected_conversation": null`, ""},
	{"external_select", "", enter("found"), `"selected_option": {"text": {"type": "plain_text", "text": "found"}, "value": "found"}`, `"selected_option": null`, ""},
	{"multi_static_select", choices, pick("a,b", "c"), `"selected_options": [` + choiceA + `, ` + choiceC + `]`, `"selected_options": []`, ""},
	{"multi_users_select", "", pick("UALICE", "UBOB"), `"selected_users": ["UALICE", "UBOB"]`, `"selected_users": []`, ""},
	{"multi_channels_select", "", pick("CSUPPORT", "CGLOBEX"), `"selected_channels": ["CSUPPORT", "CGLOBEX"]`, `"selected_channels": []`, ""},
	{"multi_conversations_select", "", pick("CSUPPORT"), `"selected_conversations": ["CSUPPORT"]`, `"selected_conversations": []`, ""},
	{"datepicker", "", pick("2026-12-24"), `"selected_date": "2026-12-24"`, `"selected_date": null`, ""},
	{"timepicker", "", pick("18:30"), `"selected_time": "18:30"`, `"selected_time": null`, ""},
	{"datetimepicker", "", pick("2026-12-24T18:30"), `"selected_date_time": 1798133400`, `"selected_date_time": null`, ""}, // in Berlin

	{"plain_text_input", "", enter("one, two"), `"value": "one, two"`, `"value": null`, "modal"},
	{"number_input", `"is_decimal_allowed": true`, enter("4.5"), `"value": "4.5"`, `"value": null`, "modal"},
	{"email_text_input", "", enter("alice@example.com"), `"value": "alice@example.com"`, `"value": null`, "modal"},
	{"url_text_input", "", enter("https://example.com/?a=b"), `"value": "https://example.com/?a=b"`, `"value": null`, "modal"},
	{"rich_text_input", "", enter("See <@UBOB>"), `"rich_text_value": {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
		{"type": "text", "text": "See "}, {"type": "user", "user_id": "UBOB"}]}]}`, `"rich_text_value": null`, "modal"},
}

func check(value string) func(*browser.Tab, string) {
	return func(tab *browser.Tab, at string) { tab.Click(at + ` input[value="` + value + `"]`) }
}

func enter(text string) func(*browser.Tab, string) {
	return func(tab *browser.Tab, at string) {
		tab.Type(at, text)
		tab.Press("Tab")
	}
}

// pick selects a value as the browser does, or several as one change of a menu.
func pick(values ...string) func(*browser.Tab, string) {
	if len(values) == 1 {
		return func(tab *browser.Tab, at string) { tab.Pick(at, values[0]) }
	}
	return func(tab *browser.Tab, at string) {
		wanted, _ := json.Marshal(values) // of strings, which cannot fail
		tab.Await(fmt.Sprintf(`%s.every(v => [...document.querySelector(%q).options].some(o => o.value === v))`, wanted, at))
		browser.Eval[any](tab, fmt.Sprintf(`(e => { for (const o of e.options) o.selected = %s.includes(o.value); e.dispatchEvent(new Event("change", {bubbles: true})); return null })(document.querySelector(%q))`, wanted, at))
	}
}

// on returns the operations that a surface accepts.
func on(surface string) []operation {
	var taken []operation
	for _, o := range operations {
		if o.only == "" || o.only == surface {
			taken = append(taken, o)
		}
	}
	return taken
}

// at returns the position of the element on the page.
func (o operation) at(surface string) string { return surface + ` [data-block-id="` + o.kind + `"]` }

// blocks returns a block for each element; wrap puts an element into a block.
func blocks(all []operation, wrap func(kind, element string) string) string {
	var b strings.Builder
	for _, o := range all {
		fields := ""
		if o.fields != "" {
			fields = ", " + o.fields
		}
		b.WriteString(wrap(o.kind, fmt.Sprintf(`{"type": %q, "action_id": "it"%s}`, o.kind, fields)) + ",\n")
	}
	return b.String()
}

// reports are the reports of elements, by block and action.
type reports map[string]map[string]any

// put adds the report of an element.
func (r reports) put(t *testing.T, kind, fields string) map[string]any {
	t.Helper()
	var report map[string]any
	if err := json.Unmarshal([]byte(`{"type": "`+kind+`", `+fields+`}`), &report); err != nil {
		t.Fatal(err)
	}
	r[kind] = map[string]any{"it": report}
	return report
}

// clicked is the payload of a click or a submission.
type clicked struct {
	Container struct{ Type string }
	Actions   []map[string]any
	State     struct{ Values reports }
	View      struct {
		State struct{ Values reports }
	}
}

// clicked waits until the app has acknowledged that an element of the block was
// used, or, if the block is empty, that a view was submitted. It returns the
// last such payload.
func (s *scene) clicked(inner, block string) clicked {
	s.t.Helper()
	var last clicked
	s.await(inner+" of "+block, func(v slack.View) bool {
		found := false
		for _, e := range v.Traffic() {
			var p clicked
			if e.Inner != inner || e.Outcome != slack.Acked || json.Unmarshal(e.Payload, &p) != nil {
				continue
			}
			if block == "" || p.Actions[0]["block_id"] == block {
				last, found = p, true
			}
		}
		return found
	})
	return last
}

// Ensure that every use of an element in a message is reported to the app as in
// Slack, with the state of all other elements, although all have the same
// action_id.
func TestEveryElement(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	all := on("message")
	s.mustCall("chat.postMessage", map[string]string{"channel": s.support, "text": "Elements", "blocks": "[" + blocks(all, func(kind, element string) string {
		block := "actions"
		if kind == "icon_button" || kind == "feedback_buttons" {
			block = "context_actions"
		}
		return fmt.Sprintf(`{"type": %q, "block_id": %q, "elements": [%s]}`, block, kind, element)
	}) + `{"type": "input", "block_id": "why", "label": {"type": "plain_text", "text": "Why"}, "element": {"type": "plain_text_input", "action_id": "it"}}]`})
	state := reports{}
	for _, o := range all {
		if o.empty != "" {
			state.put(t, o.kind, o.empty)
		}
	}
	state["why"] = map[string]any{"it": map[string]any{"type": "plain_text_input", "value": "because"}}

	tab := chromium.Open(t, s.at(s.alice, s.support))
	tab.Type(`#messages [data-block-id="why"]`, "because")
	for _, o := range all {
		o.operate(tab, o.at("#messages"))
		got := s.clicked("block_actions", o.kind)
		action := reports{}.put(t, o.kind, o.report)
		if o.empty != "" {
			state.put(t, o.kind, o.report)
		}
		action["block_id"], action["action_id"], action["action_ts"] = o.kind, "it", got.Actions[0]["action_ts"]
		if !reflect.DeepEqual(got.Actions, []map[string]any{action}) {
			t.Errorf("%s: the app got %v, want %v", o.kind, got.Actions[0], action)
		}
		differ(t, o.kind, got.State.Values, state)
	}
}

// differ reports each block whose element has a different report than expected.
func differ(t *testing.T, when string, got, want reports) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d blocks have a state, want %d", when, len(got), len(want))
	}
	for block, report := range want {
		if !reflect.DeepEqual(got[block], report) {
			t.Errorf("%s: %s contains %v, want %v", when, block, got[block], report)
		}
	}
}

// Ensure that every input in a modal is reported to the app as in Slack, with
// each click and on submission, including empty ones.
func TestEveryInput(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	tab := chromium.Open(t, s.at(s.alice, s.support))
	all := on("modal")
	s.showModal(tab, blocks(all, func(kind, element string) string {
		return fmt.Sprintf(`{"type": "input", "block_id": %q, "optional": true, "label": {"type": "plain_text", "text": %[1]q}, "element": %s}`, kind, element)
	})+`{"type": "actions", "block_id": "first", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Look"}}]},
		{"type": "actions", "block_id": "second", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Look again"}}]}`)

	state := reports{}
	for _, o := range all {
		state.put(t, o.kind, o.empty)
	}
	tab.Click(`#modal [data-block-id="first"]`)
	differ(t, "untouched", s.clicked("block_actions", "first").View.State.Values, state)
	for _, o := range all {
		o.operate(tab, o.at("#modal"))
		state.put(t, o.kind, o.report)
	}
	tab.Click(`#modal [data-block-id="second"]`)
	differ(t, "filled in", s.clicked("block_actions", "second").View.State.Values, state)
	tab.Click("[data-modal-submit]")
	tab.Gone("#modal")
	differ(t, "submitted", s.clicked("view_submission", "").View.State.Values, state)
}

// showModal lets the app show alice a modal with the blocks.
func (s *scene) showModal(tab *browser.Tab, blocks string) {
	s.t.Helper()
	tab.Click(`#compose summary[aria-label="Shortcuts"]`)
	tab.Click(`[data-callback="new_request"]`)
	tab.See("#modal[open]", "New request")
	view, _ := s.Modal(s.alice)
	s.mustCall("views.update", map[string]string{"view_id": view.ID, "view": `{"type": "modal", "title": {"type": "plain_text", "text": "Fill me in"},
		"submit": {"type": "plain_text", "text": "Send"}, "blocks": [` + blocks + `]}`})
	tab.See("#modal[open]", "Fill me in")
}

// Ensure that a modal that requires a file can be submitted with one, which the
// app can download, and that an earlier click reports the same file.
func TestFileInput(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	tab := chromium.Open(t, s.at(s.alice, s.support))
	s.showModal(tab, `{"type": "input", "block_id": "log", "label": {"type": "plain_text", "text": "Log"}, "element": {"type": "file_input", "action_id": "it"}},
		{"type": "actions", "block_id": "look", "elements": [{"type": "button", "action_id": "it", "text": {"type": "plain_text", "text": "Look"}}]}`)
	var paths []string
	for name, content := range map[string]string{"log.txt": "all green", "more.log": "all red"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	tab.Upload(`#modal input[type="file"]`, paths...)
	tab.Click(`#modal [data-block-id="look"]`)
	before := s.clicked("block_actions", "look").View.State.Values["log"]["it"]
	tab.Click("[data-modal-submit]")
	tab.Gone("#modal")
	report := s.clicked("view_submission", "").View.State.Values["log"]["it"]
	if !reflect.DeepEqual(before, report) {
		t.Errorf("the app got %v, and then %v", before, report)
	}
	fields, _ := report.(map[string]any)
	files, _ := fields["files"].([]any)
	if fields["type"] != "file_input" || len(files) != 2 {
		t.Fatalf("the app got %v", report)
	}
	for _, file := range files {
		f, _ := file.(map[string]any)
		want := map[any]string{"log.txt": "all green", "more.log": "all red"}[f["name"]]
		if got := s.download(f["url_private"]); got != want || f["user"] != s.alice {
			t.Errorf("%v holds %q, want %q", f, got, want)
		}
	}
}

// download gets a file as the app does.
func (s *scene) download(address any) string {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, fmt.Sprint(address), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.BotToken())
	_, content := s.send(request)
	return content
}

// Ensure that inputs with the same action_id are kept apart, and that unchanged
// rich text stays as the app sent it.
func TestSharedActionID(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	tab := chromium.Open(t, s.at(s.alice, s.support))
	const bold = `{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "bold", "style": {"bold": true}}]}]}`
	s.showModal(tab, `{"type": "input", "block_id": "from", "label": {"type": "plain_text", "text": "From"}, "element": {"type": "plain_text_input", "action_id": "it"}},
		{"type": "input", "block_id": "to", "label": {"type": "plain_text", "text": "To"}, "element": {"type": "plain_text_input", "action_id": "it"}},
		{"type": "input", "block_id": "rich_text_input", "label": {"type": "plain_text", "text": "Why"}, "element": {"type": "rich_text_input", "action_id": "it", "initial_value": `+bold+`}}`)
	tab.Type(`#modal [data-block-id="from"]`, "first")
	tab.Type(`#modal [data-block-id="to"]`, "second")
	tab.Click("[data-modal-submit]")
	tab.Gone("#modal")
	want := reports{
		"from": {"it": map[string]any{"type": "plain_text_input", "value": "first"}},
		"to":   {"it": map[string]any{"type": "plain_text_input", "value": "second"}},
	}
	want.put(t, "rich_text_input", `"rich_text_value": `+bold)
	differ(t, "submitted", s.clicked("view_submission", "").View.State.Values, want)
}

// Ensure that an app that asks for it is informed of typing, after Enter and
// after each character, in order.
func TestTypingIsReported(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	tab := chromium.Open(t, s.at(s.alice, s.support))
	input := func(block, config string) string {
		return `{"type": "input", "dispatch_action": true, "block_id": "` + block + `", "label": {"type": "plain_text", "text": "` + block + `"},
			"element": {"type": "plain_text_input", "action_id": "it"` + config + `}}`
	}
	s.showModal(tab, input("search", `, "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}`)+","+input("order", ""))
	tab.Type(`#modal [data-block-id="search"]`, "vpn")
	s.awaitDelivery("block_actions", `"value":"vpn"`)
	tab.Type(`#modal [data-block-id="order"]`, "two")
	tab.Press("Enter")
	s.awaitDelivery("block_actions", `"value":"two"`)
	var got []any
	for _, e := range s.Traffic() {
		if e.Inner != "block_actions" {
			continue
		}
		var typed clicked
		if err := json.Unmarshal(e.Payload, &typed); err != nil {
			t.Fatal(err)
		}
		got = append(got, typed.Actions[0]["value"])
	}
	if want := []any{"v", "vp", "vpn", "two"}; !reflect.DeepEqual(got, want) {
		t.Errorf("the app got %v, want %v", got, want)
	}
	tab.See("#modal[open]", "Fill me in")
}

// Ensure that elements without an id, in rows that look alike and in an
// attachment, work and are not confused.
func TestNamelessElements(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	row := func(value string) string {
		return `{"type": "section", "text": {"type": "mrkdwn", "text": "` + value + `"}, "accessory": {"type": "button", "value": "` + value + `", "text": {"type": "plain_text", "text": "Use ` + value + `"}}}`
	}
	s.mustCall("chat.postMessage", map[string]string{
		"channel": s.support, "text": "Rows", "blocks": "[" + row("one") + "," + row("two") + "]", "attachments": `[{"color": "good", "blocks": [` + row("three") + `]}]`,
	})
	tab := chromium.Open(t, s.at(s.alice, s.support))
	for value, container := range map[string]string{"two": "message", "one": "message", "three": "message_attachment"} {
		tab.ClickNamed("button", "Use "+value)
		s.awaitDelivery("block_actions", `"value":"`+value+`"`)
		if got := s.lastClick(); got.Actions[0]["value"] != value || got.Container.Type != container {
			t.Errorf("for %s the app got %v", value, got)
		}
	}
}

// lastClick returns the payload of the last click.
func (s *scene) lastClick() clicked {
	s.t.Helper()
	var last clicked
	for _, e := range s.Traffic() {
		if e.Inner != "block_actions" {
			continue
		}
		last = clicked{}
		if err := json.Unmarshal(e.Payload, &last); err != nil {
			s.t.Fatal(err)
		}
	}
	return last
}

// Ensure that the buttons of a card and of a collapsed container work, also
// with the keyboard, and that the container then stays open.
func TestCardAndContainer(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	button := func(id string) string {
		return `{"type": "button", "action_id": "` + id + `", "value": "` + id + `", "text": {"type": "plain_text", "text": "Use ` + id + `"}}`
	}
	s.mustCall("chat.postMessage", map[string]string{
		"channel": s.support, "text": "Blocks", "blocks": `[
			{"type": "card", "block_id": "card", "title": {"type": "plain_text", "text": "IT-1"}, "actions": [` + button("card") + `]},
			{"type": "container", "title": {"type": "plain_text", "text": "2 sources"}, "is_collapsible": true, "default_collapsed": true, "child_blocks": [
				{"type": "actions", "block_id": "child", "elements": [` + button("child") + `]}]}]`,
	})
	tab := chromium.Open(t, s.at(s.alice, s.support))
	tab.CheckAccess("card and container")
	tab.ClickNamed("button", "Use card")
	s.awaitDelivery("block_actions", `"value":"card"`)

	tab.Focus(".bk-container > summary")
	tab.Press("Enter")
	tab.Await(`document.querySelector(".bk-container").open`)
	tab.Press("Tab", "Enter")
	s.awaitDelivery("block_actions", `"value":"child"`)
	if got := s.lastClick(); got.Actions[0]["block_id"] != "child" {
		t.Errorf("the app got %v", got)
	}
	tab.Await(`document.querySelector(".bk-container").open`)
}
