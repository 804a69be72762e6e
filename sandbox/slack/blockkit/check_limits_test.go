package blockkit

import (
	"fmt"
	"strings"
	"testing"
)

// limit is a limit of characters or items: blocks at the limit are accepted,
// and refused with one more.
type limit struct {
	name    string
	most    int
	pointer string // of the invalid part
	json    func(n int) string
}

// plain is a text object of n characters.
func plain(n int) string { return `{"type":"plain_text","text":` + quoted(n) + `}` }

func mrkdwn(n int) string { return `{"type":"mrkdwn","text":` + quoted(n) + `}` }

// chars is a limit of a string or text within a block. In the JSON, "@" stands
// for the string, "%" for a plain text and "$" for a mrkdwn text.
func chars(name string, most int, pointer, json string) limit {
	return limit{name, most, pointer, func(n int) string {
		return strings.NewReplacer("@", quoted(n), "%", plain(n), "$", mrkdwn(n)).Replace(json)
	}}
}

// items is a limit of a list's length; the piece is one item.
func items(name string, most int, pointer, json, piece string) limit {
	return limit{name, most, pointer, func(n int) string { return strings.Replace(json, "@", repeat(n, piece), 1) }}
}

const (
	anOption = `{"text":{"type":"plain_text","text":"o"},"value":"v#"}`
	aButton  = `{"type":"button","action_id":"a#","text":{"type":"plain_text","text":"b"}}`
	aText    = `{"type":"plain_text","text":"t"}`
	aCard    = `{"type":"card","title":{"type":"plain_text","text":"c"}}`
	anImage  = `"image_url":"https://example.com/i.png","alt_text":"i"`
)

// accessory is a section with an element.
func accessory(element string) string {
	return `"type":"section","text":` + aText + `,"accessory":` + element
}

func inAction(element string) string { return `"type":"actions","elements":[` + element + `]` }

func inLabel(element string) string {
	return `"type":"input","label":` + aText + `,"element":` + element
}

func limitsOfBlocks() []limit {
	return []limit{
		chars("block_id", 255, "/block_id", `"type":"divider","block_id":@`),
		chars("section text", 3000, "/text/text", `"type":"section","text":$`),
		chars("section plain text", 3000, "/text/text", `"type":"section","text":%`),
		chars("section field", 2000, "/fields/0/text", `"type":"section","fields":[$]`),
		items("section fields", 10, "/fields", `"type":"section","fields":[@]`, aText),
		chars("header", 150, "/text/text", `"type":"header","text":%`),
		items("context elements", 10, "/elements", `"type":"context","elements":[@]`, aText),
		chars("context text", 3000, "/elements/0/text", `"type":"context","elements":[$]`),
		items("actions elements", 25, "/elements", `"type":"actions","elements":[@]`, aButton),
		items("context_actions elements", 5, "/elements", `"type":"context_actions","elements":[@]`,
			`{"type":"icon_button","icon":"trash","action_id":"a#","text":`+aText+`}`),
		chars("image alt_text", 2000, "/alt_text", `"type":"image","image_url":"https://example.com","alt_text":@`),
		chars("image title", 2000, "/title/text", `"type":"image",`+anImage+`,"title":%`),
		chars("input label", 2000, "/label/text", `"type":"input","label":%,"element":{"type":"plain_text_input"}`),
		chars("input hint", 2000, "/hint/text", `"type":"input","label":`+aText+`,"hint":%,"element":{"type":"plain_text_input"}`),
		chars("markdown", 12000, "/text", `"type":"markdown","text":@`),
		chars("video title", 200, "/title/text", video(`"title":%`)),
		chars("video description", 200, "/description/text", video(`"title":`+aText+`,"description":%`)),
		chars("video author_name", 50, "/author_name", video(`"title":`+aText+`,"author_name":@`)),
		chars("video provider_name", 50, "/provider_name", video(`"title":`+aText+`,"provider_name":@`)),
		chars("file external_id", 255, "/external_id", `"type":"file","source":"remote","external_id":@`),
		chars("card title", 150, "/title/text", `"type":"card","title":$`),
		chars("card subtitle", 150, "/subtitle/text", `"type":"card","title":`+aText+`,"subtitle":$`),
		chars("card body", 200, "/body/text", `"type":"card","body":$`),
		chars("card subtext", 200, "/subtext/text", `"type":"card","title":`+aText+`,"subtext":$`),
		items("card actions", 3, "/actions", `"type":"card","actions":[@]`, aButton),
		items("carousel", 10, "/elements", `"type":"carousel","elements":[@]`, aCard),
		chars("container title", 150, "/title/text", `"type":"container","child_blocks":[{"type":"divider"}],"title":%`),
		chars("container subtitle", 150, "/subtitle/text", `"type":"container","child_blocks":[{"type":"divider"}],"title":`+aText+`,"subtitle":$`),
		items("container children", 10, "/child_blocks", `"type":"container","title":`+aText+`,"child_blocks":[@]`, `{"type":"divider"}`),
		items("plan tasks", 50, "/tasks", `"type":"plan","title":"p","tasks":[@]`, `{"type":"task_card","task_id":"#","title":"t"}`),
		items("table rows", 100, "/rows", `"type":"table","rows":[@]`, `[{"type":"raw_text","text":"c"}]`),
		items("table cells", 20, "/rows/0", `"type":"table","rows":[[@]]`, `{"type":"raw_text","text":"c"}`),
		items("column_settings", 20, "/column_settings", `"type":"table","rows":[[{"type":"raw_text","text":"c"}]],"column_settings":[@]`, `{"align":"left"}`),
		items("data_table rows", 201, "/rows", `"type":"data_table","caption":"c","rows":[@]`, `[{"type":"raw_text","text":"c"}]`),
		chars("data_visualization title", 50, "/title", `"type":"data_visualization","chart":{"type":"pie"},"title":@`),
	}
}

func video(more string) string {
	return `"type":"video","alt_text":"a","thumbnail_url":"https://example.com/t","video_url":"https://example.com/v",` + more
}

func limitsOfElements() []limit {
	return []limit{
		chars("action_id", 255, "/accessory/action_id", accessory(`{"type":"button","text":`+aText+`,"action_id":@}`)),
		chars("button text", 75, "/accessory/text/text", accessory(`{"type":"button","text":%}`)),
		chars("button value", 2000, "/accessory/value", accessory(`{"type":"button","text":`+aText+`,"value":@}`)),
		chars("button label", 75, "/accessory/accessibility_label", accessory(`{"type":"button","text":`+aText+`,"accessibility_label":@}`)),
		chars("confirm title", 100, "/accessory/confirm/title/text", confirming(`"title":%,"text":T,"confirm":T,"deny":T`)),
		chars("confirm text", 300, "/accessory/confirm/text/text", confirming(`"title":T,"text":$,"confirm":T,"deny":T`)),
		chars("confirm confirm", 30, "/accessory/confirm/confirm/text", confirming(`"title":T,"text":T,"confirm":%,"deny":T`)),
		chars("confirm deny", 30, "/accessory/confirm/deny/text", confirming(`"title":T,"text":T,"confirm":T,"deny":%`)),
		chars("option text", 75, "/accessory/options/0/text/text", accessory(`{"type":"overflow","options":[{"text":%,"value":"v"}]}`)),
		chars("option value", 75, "/accessory/options/0/value", accessory(`{"type":"overflow","options":[{"text":`+aText+`,"value":@}]}`)),
		chars("option description", 75, "/accessory/options/0/description/text",
			accessory(`{"type":"static_select","options":[{"text":`+aText+`,"value":"v","description":%}]}`)),
		items("overflow", 5, "/accessory/options", accessory(`{"type":"overflow","options":[@]}`), anOption),
		items("checkboxes", 10, "/accessory/options", accessory(`{"type":"checkboxes","options":[@]}`), anOption),
		items("radio_buttons", 10, "/accessory/options", accessory(`{"type":"radio_buttons","options":[@]}`), anOption),
		items("static_select", 100, "/accessory/options", accessory(`{"type":"static_select","options":[@]}`), anOption),
		items("option_groups", 100, "/accessory/option_groups", accessory(`{"type":"static_select","option_groups":[@]}`),
			`{"label":`+aText+`,"options":[`+anOption+`]}`),
		items("options of a group", 100, "/accessory/option_groups/0/options",
			accessory(`{"type":"static_select","option_groups":[{"label":`+aText+`,"options":[@]}]}`), anOption),
		chars("option group label", 75, "/accessory/option_groups/0/label/text",
			accessory(`{"type":"static_select","option_groups":[{"label":%,"options":[`+anOption+`]}]}`)),
		chars("select placeholder", 150, "/accessory/placeholder/text", accessory(`{"type":"users_select","placeholder":%}`)),
		chars("datepicker placeholder", 150, "/elements/0/placeholder/text", inAction(`{"type":"datepicker","placeholder":%}`)),
		chars("input placeholder", 150, "/element/placeholder/text", inLabel(`{"type":"plain_text_input","placeholder":%}`)),
		chars("input initial_value", 3000, "/element/initial_value", inLabel(`{"type":"plain_text_input","initial_value":@}`)),
		chars("feedback text", 75, "/elements/0/positive_button/text/text", feedback(`"text":%,"value":"v"`)),
		chars("feedback value", 2000, "/elements/0/positive_button/value", feedback(`"text":T,"value":@`)),
		chars("feedback label", 75, "/elements/0/positive_button/accessibility_label", feedback(`"text":T,"value":"v","accessibility_label":@`)),
		chars("icon_button value", 2000, "/elements/0/value",
			`"type":"context_actions","elements":[{"type":"icon_button","icon":"trash","text":`+aText+`,"value":@}]`),
		items("icon_button users", 10, "/elements/0/visible_to_user_ids",
			`"type":"context_actions","elements":[{"type":"icon_button","icon":"trash","text":`+aText+`,"visible_to_user_ids":[@]}]`, `"U#"`),
		{"button url", 3000, "/accessory/url", func(n int) string {
			return accessory(`{"type":"button","text":` + aText + `,"url":"https://example.com/` + strings.Repeat("x", n-len("https://example.com/")) + `"}`)
		}},
		{"max_length", 3000, "/element/max_length", func(n int) string {
			return inLabel(fmt.Sprintf(`{"type":"plain_text_input","max_length":%d}`, n))
		}},
		{"max_files", 10, "/element/max_files", func(n int) string {
			return inLabel(fmt.Sprintf(`{"type":"file_input","max_files":%d}`, n))
		}},
		{"rich text indent", 8, "/elements/0/indent", func(n int) string {
			return fmt.Sprintf(`"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","indent":%d,"elements":[{"type":"rich_text_section","elements":[]}]}]`, n)
		}},
	}
}

func confirming(dialog string) string {
	return accessory(`{"type":"button","text":` + aText + `,"confirm":{` + strings.ReplaceAll(dialog, "T", aText) + `}}`)
}

func feedback(button string) string {
	return `"type":"context_actions","elements":[{"type":"feedback_buttons","positive_button":{` + strings.ReplaceAll(button, "T", aText) +
		`},"negative_button":{"text":` + aText + `,"value":"n"}}]`
}

func TestLimits(t *testing.T) {
	for _, l := range append(limitsOfBlocks(), limitsOfElements()...) {
		t.Run(l.name, func(t *testing.T) {
			if problems := Check(block(l.json(l.most)), Message); problems != nil {
				t.Errorf("at the limit of %d: %v", l.most, problems)
			}
			refusedAt(t, Check(block(l.json(l.most+1)), Message), "/blocks/0"+l.pointer)
		})
	}
}

// refusedAt checks that one of the problems is at the pointer, and that all
// others are around it.
func refusedAt(t *testing.T, problems []Problem, pointer string) {
	t.Helper()
	if len(problems) == 0 {
		t.Fatalf("accepted; want a problem at %s", pointer)
	}
	found := false
	for _, p := range problems {
		found = found || p.Pointer == pointer
		if !strings.HasPrefix(pointer, p.Pointer) {
			t.Errorf("unexpected problem %v; want only %s", p, pointer)
		}
		if !strings.HasPrefix(p.Message, "[ERROR] ") || !strings.HasSuffix(p.Message, " [json-pointer:"+p.Pointer+"]") {
			t.Errorf("message does not read like Slack's: %q", p.Message)
		}
	}
	if !found {
		t.Errorf("no problem at %s: %v", pointer, problems)
	}
}

func TestAlertLimits(t *testing.T) {
	alert := func(n int) []Problem { return Check(block(`"type":"alert","text":`+mrkdwn(n)), Modal) }
	if problems := alert(200); problems != nil {
		t.Error(problems)
	}
	refusedAt(t, alert(201), "/view/blocks/0/text/text")
}
