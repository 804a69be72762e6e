package blockkit

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Ensure that blocks that Slack accepts are accepted.
func TestCheckAccepts(t *testing.T) {
	for name, s := range map[string]Surface{"message": Message, "agent": Message, "menus": Message, "modal": Modal, "home": Home} {
		if problems := Check(example(t, name), s); problems != nil {
			t.Errorf("%s: %v", name, problems)
		}
	}
	if problems := Check(json.RawMessage(`[]`), Message); problems != nil {
		t.Errorf("no blocks: %v", problems)
	}
}

// Ensure that refusals read like Slack's. In messages "@" stands for
// "/blocks/0".
func TestCheckRefuses(t *testing.T) {
	for _, test := range []struct {
		name, json string
		want       []string
	}{
		{"no type", `"text":"x"`, []string{"missing required field: type [@]"}},
		{"type not a string", `"type":7`, []string{"must provide a string [@/type]"}},
		{"unknown block", `"type":"hologram"`, []string{"unsupported type: hologram [@/type]"}},
		{"alert in a message", `"type":"alert","text":` + aText, []string{"unsupported type: alert [@/type]"}},
		{"unknown property", `"type":"divider","color":"red"`, []string{"invalid additional property: color [@]"}},
		{"section without content", `"type":"section"`, []string{"must define either `text` or `fields` [@]"}},
		{"section without any field", `"type":"section","fields":[]`, []string{"no less than 1 items allowed [@/fields]"}},
		{
			"empty text", `"type":"section","text":{"type":"mrkdwn","text":""}`,
			[]string{"failed to match all allowed schemas [@/text]", "must be more than 0 characters [@/text/text]"},
		},
		{
			"text without text", `"type":"section","text":{"type":"mrkdwn"}`,
			[]string{"failed to match all allowed schemas [@/text]", "missing required field: text [@/text]"},
		},
		{
			"text as a string", `"type":"section","text":"hi"`,
			[]string{"failed to match all allowed schemas [@/text]", "must provide an object [@/text]"},
		},
		{
			"text null", `"type":"section","text":null`,
			[]string{"failed to match all allowed schemas [@/text]", "must provide an object [@/text]"},
		},
		{
			"text not a string", `"type":"section","text":{"type":"mrkdwn","text":1}`,
			[]string{"failed to match all allowed schemas [@/text]", "must provide a string [@/text/text]"},
		},
		{
			"mrkdwn with emoji", `"type":"section","text":{"type":"mrkdwn","text":"x","emoji":true}`,
			[]string{"failed to match all allowed schemas [@/text]", "invalid additional property: emoji [@/text]"},
		},
		{
			"header in mrkdwn", `"type":"header","text":{"type":"mrkdwn","text":"x"}`,
			[]string{"failed to match all allowed schemas [@/text]", "unsupported type: mrkdwn [@/text/type]"},
		},
		{"elements missing", `"type":"actions"`, []string{"missing required field: elements [@]"}},
		{"elements empty", `"type":"actions","elements":[]`, []string{"no less than 1 items allowed [@/elements]"}},
		{"elements an object", `"type":"actions","elements":{}`, []string{"must provide an array [@/elements]"}},
		{"an element a string", `"type":"actions","elements":["x"]`, []string{"must provide an object [@/elements/0]"}},
		{"input in actions", inAction(`{"type":"plain_text_input"}`), []string{"unsupported type: plain_text_input [@/elements/0/type]"}},
		{"button in an input", inLabel(aButton), []string{"unsupported type: button [@/element/type]"}},
		{"button in context_actions", `"type":"context_actions","elements":[` + aButton + `]`, []string{"unsupported type: button [@/elements/0/type]"}},
		{"equal action_ids", inAction(aButton + "," + aButton), []string{"`action_id` \"a#\" already exists [@/elements/1/action_id]"}},
		{"javascript url", inAction(`{"type":"button","text":` + aText + `,"url":"javascript:alert(1)"}`), []string{"invalid url [@/elements/0/url]"}},
		{"empty url", inAction(`{"type":"button","text":` + aText + `,"url":""}`), []string{"must be more than 0 characters [@/elements/0/url]"}},
		{"unknown style", inAction(`{"type":"button","text":` + aText + `,"style":"default"}`), []string{"must be a valid enum value [@/elements/0/style]"}},
		{"confirm incomplete", confirming(`"title":T`), []string{
			"missing required field: text [@/accessory/confirm]", "missing required field: confirm [@/accessory/confirm]", "missing required field: deny [@/accessory/confirm]",
		}},
		{
			"type on an option", accessory(`{"type":"overflow","options":[{"type":"option","text":` + aText + `,"value":"v"}]}`),
			[]string{"failed to match all allowed schemas [@/accessory/options/0]", "invalid additional property: type [@/accessory/options/0]"},
		},
		{
			"url on an option of a select", accessory(`{"type":"static_select","options":[{"text":` + aText + `,"value":"v","url":""}]}`),
			[]string{"failed to match all allowed schemas [@/accessory/options/0]", "invalid additional property: url [@/accessory/options/0]"},
		},
		{"options and groups", accessory(`{"type":"static_select"}`), []string{"must define either `options` or `option_groups` [@/accessory]"}},
		{
			"initial option not offered", accessory(`{"type":"static_select","options":[` + anOption + `],"initial_option":{"text":` + aText + `,"value":"other"}}`),
			[]string{"must exactly match one of the provided options [@/accessory/initial_option]"},
		},
		{"image without source", `"type":"image","alt_text":"a"`, []string{"must define either `image_url` or `slack_file` [@]"}},
		{"image without alt_text", `"type":"image","image_url":"https://example.com/i.png"`, []string{"missing required field: alt_text [@]"}},
		{"no such day", inAction(`{"type":"datepicker","initial_date":"2023-02-29"}`), []string{"invalid value [@/elements/0/initial_date]"}},
		{"no such time", inAction(`{"type":"timepicker","initial_time":"24:00"}`), []string{"invalid value [@/elements/0/initial_time]"}},
		{
			"milliseconds for a date", inAction(`{"type":"datetimepicker","initial_date_time":1700000000000}`),
			[]string{"must be less than or equal to 9999999999 [@/elements/0/initial_date_time]"},
		},
		{"number input without decimals", inLabel(`{"type":"number_input"}`), []string{"missing required field: is_decimal_allowed [@/element]"}},
		{
			"number input turned around", inLabel(`{"type":"number_input","is_decimal_allowed":false,"min_value":"3","max_value":"2"}`),
			[]string{"`min_value` must not be greater than `max_value` [@/element]"},
		},
		{"feedback without value", feedback(`"text":T`), []string{"missing required field: value [@/elements/0/positive_button]"}},
		{
			"other icon", `"type":"context_actions","elements":[{"type":"icon_button","icon":"star","text":` + aText + `}]`,
			[]string{"must be a valid enum value [@/elements/0/icon]"},
		},
		{"markdown empty", `"type":"markdown","text":""`, []string{"must be more than 0 characters [@/text]"}},
		{"markdown as a text object", `"type":"markdown","text":` + aText, []string{"must provide a string [@/text]"}},
		{"rich text empty", `"type":"rich_text","elements":[]`, []string{"no less than 1 items allowed [@/elements]"}},
		{"rich text piece empty", rich(`{"type":"text","text":""}`), []string{"must be more than 0 characters [@/elements/0/elements/0/text]"}},
		{"rich text piece unknown", rich(`{"type":"laser"}`), []string{"unsupported type: laser [@/elements/0/elements/0/type]"}},
		{"rich text range", rich(`{"type":"broadcast","range":"all"}`), []string{"must be a valid enum value [@/elements/0/elements/0/range]"}},
		{"rich text style", rich(`{"type":"text","text":"x","style":{"bold":1}}`), []string{"must provide a boolean [@/elements/0/elements/0/style/bold]"}},
		{
			"list in a list", `"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_list"}]}]`,
			[]string{"unsupported type: rich_text_list [@/elements/0/elements/0/type]"},
		},
		{
			"empty cell", `"type":"table","rows":[[{"type":"raw_text","text":""}]]`,
			[]string{"failed to match all allowed schemas [@/rows/0/0]", "must be more than 0 characters [@/rows/0/0/text]"},
		},
		{"null cell", `"type":"table","rows":[[null]]`, []string{"must provide an object [@/rows/0/0]"}},
		{"empty row", `"type":"table","rows":[[]]`, []string{"no less than 1 items allowed [@/rows/0]"}},
		{
			"uneven data_table", `"type":"data_table","caption":"c","rows":[[{"type":"raw_text","text":"a"}],[{"type":"raw_text","text":"a"},{"type":"raw_text","text":"b"}]]`,
			[]string{"must have as many cells as the first row [@/rows/1]"},
		},
		{"card of nothing", `"type":"card","subtitle":` + aText, []string{"must define at least one of `hero_image`, `title`, `actions` or `body` [@]"}},
		{
			"card with two icons", `"type":"card","title":` + aText + `,"icon":{"type":"image",` + anImage + `},"slack_icon":{"type":"icon","name":"tag"}`,
			[]string{"must define only one of `icon` or `slack_icon` [@]"},
		},
		{"unknown icon", `"type":"card","title":` + aText + `,"slack_icon":{"type":"icon","name":"tiket"}`, []string{"must be a valid enum value [@/slack_icon/name]"}},
		{
			"collapsed, not collapsible", `"type":"container","title":` + aText + `,"default_collapsed":true,"child_blocks":[{"type":"divider"}]`,
			[]string{"`default_collapsed` requires `is_collapsible` [@]"},
		},
		{
			"divider of a collapsible container",
			`"type":"container","title":` + aText + `,"is_collapsible":true,"has_header_divider":true,"child_blocks":[{"type":"divider"}]`,
			[]string{"`has_header_divider` must not be combined with `is_collapsible` [@]"},
		},
		{
			"card in a container", `"type":"container","title":` + aText + `,"child_blocks":[` + aCard + `]`,
			[]string{"unsupported type: card [@/child_blocks/0/type]"},
		},
		{"heading of level 5", `"type":"header","level":5,"text":` + aText, []string{"must be less than or equal to 4 [@/level]"}},
		{
			"citation of nothing", rich(`{"type":"citation"}`), []string{
				"missing required field: url [@/elements/0/elements/0]", "missing required field: text [@/elements/0/elements/0]",
				"missing required field: index [@/elements/0/elements/0]", "missing required field: details [@/elements/0/elements/0]",
			},
		},
		{
			"citation of the wrong kind", rich(`{"type":"citation","url":"https://x.example","text":"1","index":"1","details":{"citation_type":"web","file_id":"F1"}}`),
			[]string{
				"must provide a number [@/elements/0/elements/0/index]",
				"invalid additional property: file_id [@/elements/0/elements/0/details]",
				"missing required field: display_name [@/elements/0/elements/0/details]",
			},
		},
		{
			"citation in code",
			`"type":"rich_text","elements":[{"type":"rich_text_preformatted","elements":[{"type":"citation","url":"https://x.example","text":"1","index":1,"details":{"citation_type":"memory","memory_id":"M"}}]}]`,
			[]string{"unsupported type: citation [@/elements/0/elements/0/type]"},
		},
		{
			"container in a container", `"type":"container","title":` + aText + `,"child_blocks":[{"type":"container"}]`,
			[]string{"unsupported type: container [@/child_blocks/0/type]"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(said(test.want), messages(Check(block(test.json), Message))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func rich(piece string) string {
	return `"type":"rich_text","elements":[{"type":"rich_text_section","elements":[` + piece + `]}]`
}

// said expands messages: "x [@/text]" is "[ERROR] x
// [json-pointer:/blocks/0/text]".
func said(short []string) []string {
	all := make([]string, len(short))
	for i, s := range short {
		all[i] = "[ERROR] " + strings.Replace(s, " [@", " [json-pointer:/blocks/0", 1)
	}
	return all
}

func messages(problems []Problem) []string {
	var all []string
	for _, p := range problems {
		all = append(all, p.Message)
	}
	return all
}

// Ensure that a payload that is refused as a whole gets Slack's code.
func TestCheckCodes(t *testing.T) {
	section := `{"type":"section","text":` + mrkdwn(2600) + `}`
	for _, test := range []struct {
		name, json string
		surface    Surface
		code, at   string
	}{
		{"not JSON", `[`, Message, CodeInvalidFormat, "/blocks"},
		{"two values", `[] []`, Message, CodeInvalidFormat, "/blocks"},
		{"an object", `{}`, Message, CodeInvalidFormat, "/blocks"},
		{"a string with JSON", `"[]"`, Message, CodeInvalidFormat, "/blocks"},
		{"no objects", `[1]`, Message, CodeInvalidBlocks, "/blocks/0"},
		{"51 blocks", "[" + repeat(51, `{"type":"divider"}`) + "]", Message, CodeInvalidBlocks, "/blocks"},
		{"101 blocks in a view", "[" + repeat(101, `{"type":"divider"}`) + "]", Home, CodeInvalidArguments, "/view/blocks"},
		{"headings of Markdown", `[{"type":"markdown","text":"` + strings.Repeat(`# h\n`, 51) + `"}]`, Message, CodeInvalidBlocks, "/blocks"},
		{"two tables", "[" + repeat(2, `{"type":"table","rows":[[{"type":"raw_text","text":"x"}]]}`) + "]", Message, CodeInvalidAttachments, "/blocks/1"},
		{"equal block_ids", "[" + repeat(2, `{"type":"divider","block_id":"x"}`) + "]", Message, CodeInvalidBlocks, "/blocks/1/block_id"},
		{"too much text", "[" + repeat(5, section) + "," + section + "]", Message, CodeTooLong, "/blocks"},
		{"too much Markdown", "[" + repeat(2, `{"type":"markdown","text":`+quoted(6001)+`}`) + "]", Message, CodeTooLong, "/blocks"},
		{"markdown in a modal", `[{"type":"markdown","text":"x"}]`, Modal, CodeInvalidArguments, "/view/blocks/0/type"},
		{"nested deep", strings.Repeat("[", 100_000), Message, CodeInvalidFormat, "/blocks"},
		{"huge", `[{"type":"markdown","text":` + quoted(maxPayload) + `}]`, Message, CodeTooLong, "/blocks"},
	} {
		t.Run(test.name, func(t *testing.T) {
			problems := Check(json.RawMessage(test.json), test.surface)
			if len(problems) == 0 {
				t.Fatal("taken")
			}
			if problems[0].Code != test.code {
				t.Errorf("code %s, want %s", problems[0].Code, test.code)
			}
			refusedAt(t, problems, test.at)
		})
	}
}

// Ensure that the sum over all blocks is limited as users measured it: blocks
// of text cost something in addition to their text.
func TestBudget(t *testing.T) {
	sections := func(n, chars int) []Problem {
		return Check(json.RawMessage("["+repeat(n, `{"type":"section","text":`+mrkdwn(chars)+`}`)+"]"), Message)
	}
	if problems := sections(5, 2560); problems != nil { // 5 × 2560 + 4 × 100 = 13,200
		t.Errorf("at the limit: %v", problems)
	}
	refusedAt(t, sections(5, 2561), "/blocks")

	headers := func(n, prose int) []Problem { // slackapi/bolt-js 2509: 20 headers left room for 10,563 characters, 40 for 7,875
		text := strings.Repeat("# header of thirty-three letters..\n", n) + strings.Repeat("x", prose)
		raw, err := json.Marshal([]map[string]string{{"type": "markdown", "text": text}})
		if err != nil {
			t.Fatal(err)
		}
		return Check(raw, Message)
	}
	for n, room := range map[int]int{20: 10_563, 40: 7_875} {
		if problems := headers(n, room*97/100); problems != nil {
			t.Errorf("%d headers: %v", n, problems)
		}
		if problems := headers(n, room*106/100); problems == nil {
			t.Errorf("%d headers: accepted", n)
		}
	}
}

func TestTableText(t *testing.T) {
	table := func(chars int) []Problem {
		rows := `[{"type":"raw_text","text":` + quoted(5000) + `},{"type":"raw_text","text":` + quoted(chars-5000) + `}]`
		return Check(block(`"type":"table","rows":[`+rows+`]`), Message)
	}
	if problems := table(10_000); problems != nil {
		t.Errorf("at the limit: %v", problems)
	}
	refusedAt(t, table(10_001), "/blocks/0/rows")
}

func TestMarkdownCount(t *testing.T) {
	for text, want := range map[string]int{
		"":                                1,
		"one\n\ntwo":                      1,
		"# h":                             1,
		"# h\ntext\n## i\ntext":           4,
		"text\n---\ntext":                 3,
		"```\n# not a heading\n```":       1,
		"text\n```\ncode\n```\nmore text": 1,
		"#hashtag":                        1,
		"####### seven":                   1,
	} {
		if got := markdownCount(text); got != want {
			t.Errorf("%q: %d blocks, want %d", text, got, want)
		}
	}
}

// Ensure that a payload with many mistakes does not fill the memory with
// problems.
func TestProblemsAreBounded(t *testing.T) {
	fields := repeat(500, `"unknown#":1`)
	problems := Check(block(`"type":"divider",`+fields), Message)
	if len(problems) != maxProblems {
		t.Errorf("%d problems, want %d", len(problems), maxProblems)
	}
}

func TestCheckView(t *testing.T) {
	title := `"title":` + aText
	input := `"blocks":[{"type":"input","label":` + aText + `,"element":{"type":"plain_text_input"}}]`
	for _, test := range []struct {
		name, json string
		want       []string // without the first, which says that no schema matched
	}{
		{"modal", `{"type":"modal",` + title + `,"blocks":[]}`, nil},
		{"home", `{"type":"home","blocks":[{"type":"divider"}]}`, nil},
		{"input with submit", `{"type":"modal",` + title + `,"submit":` + aText + `,` + input + `}`, nil},
		{"input without submit", `{"type":"modal",` + title + `,` + input + `}`, []string{"missing required field: submit [json-pointer:/view]"}},
		{"no title", `{"type":"modal","blocks":[]}`, []string{"missing required field: title [json-pointer:/view]"}},
		{"no blocks", `{"type":"home"}`, []string{"missing required field: blocks [json-pointer:/view]"}},
		{"no type", `{"blocks":[]}`, []string{"missing required field: type [json-pointer:/view]"}},
		{"other type", `{"type":"drawer","blocks":[]}`, []string{"unsupported type: drawer [json-pointer:/view/type]"}},
		{"title of a home tab", `{"type":"home",` + title + `,"blocks":[]}`, []string{"invalid additional property: title [json-pointer:/view]"}},
		{"submit_disabled", `{"type":"modal",` + title + `,"blocks":[],"submit_disabled":true}`, []string{"invalid additional property: submit_disabled [json-pointer:/view]"}},
		{"blocks an object", `{"type":"home","blocks":{}}`, []string{"must provide an array [json-pointer:/view/blocks]"}},
		{"not an object", `[]`, []string{"must provide an object [json-pointer:/view]"}},
		{"not JSON", `{`, []string{"must be a JSON object [json-pointer:/view]"}},
		{
			"focus twice", `{"type":"home","blocks":[` + repeat(2, `{"type":"actions","elements":[{"type":"datepicker","focus_on_load":true}]}`) + `]}`,
			[]string{"only one element can have `focus_on_load` [json-pointer:/view/blocks/1/elements/0/focus_on_load]"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var want []string
			if test.want != nil {
				want = []string{"[ERROR] failed to match all allowed schemas [json-pointer:/view]", "[ERROR] " + test.want[0]}
			}
			if test.name == "not JSON" {
				want = want[1:]
			}
			if diff := cmp.Diff(want, messages(CheckView(json.RawMessage(test.json)))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestViewLimits(t *testing.T) {
	view := func(more string) string { return `{"type":"modal","blocks":[],` + more + `}` }
	for _, l := range []limit{
		chars("title", 24, "/title/text", view(`"title":%`)),
		chars("close", 24, "/close/text", view(`"title":`+aText+`,"close":%`)),
		chars("submit", 24, "/submit/text", view(`"title":`+aText+`,"submit":%`)),
		chars("private_metadata", 3000, "/private_metadata", view(`"title":`+aText+`,"private_metadata":@`)),
		chars("callback_id", 255, "/callback_id", view(`"title":`+aText+`,"callback_id":@`)),
		chars("external_id", 255, "/external_id", view(`"title":`+aText+`,"external_id":@`)),
		items("blocks", 100, "/blocks", `{"type":"home","blocks":[@]}`, `{"type":"divider"}`),
	} {
		t.Run(l.name, func(t *testing.T) {
			if problems := CheckView(json.RawMessage(l.json(l.most))); problems != nil {
				t.Errorf("at the limit of %d: %v", l.most, problems)
			}
			refusedAt(t, CheckView(json.RawMessage(l.json(l.most+1))), "/view"+l.pointer)
		})
	}
	problems := CheckView(json.RawMessage(fmt.Sprintf(`{"type":"home","blocks":[],"x":%s}`, quoted(maxView))))
	if len(problems) != 1 || problems[0].Code != CodeViewTooLarge {
		t.Errorf("large view: %v", problems)
	}
}
