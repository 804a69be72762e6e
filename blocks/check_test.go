package blocks

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"enjobridge/sandbox/slack/blockkit"
)

// A checker checks the JSON of a payload against Slack's rules, as its
// reference states them. It shares no code with the package.
type checker struct {
	problems []string
	markdown int // characters in markdown blocks
	total    int // characters in all blocks
	tables   int
	pings    map[string]bool // who may be pinged, and the channels that may be linked
}

// checkMessage returns the violations of Slack's rules and the active content
// in a message. It may ping the given IDs, or link to them as channels.
func checkMessage(m Message, pings ...string) []string {
	c := &checker{pings: make(map[string]bool)}
	for _, id := range pings {
		c.pings[id] = true
	}
	c.size("text", m.Text, 1, 4000)
	if !utf8.ValidString(m.Text) {
		c.fail("text is not UTF-8")
	}
	c.mrkdwn("text", m.Text)
	if strings.Contains(m.Text, "<") {
		c.fail("text holds markup: %q", m.Text)
	}
	c.total = 0 // the fallback is not in the blocks
	c.payload(m.Blocks, 50)
	if c.total > 13200 {
		c.fail("all blocks: %d characters", c.total)
	}
	if c.markdown > 12000 {
		c.fail("markdown blocks: %d characters", c.markdown)
	}
	if c.tables > 1 {
		c.fail("%d tables", c.tables)
	}
	c.judge(m.Blocks, blockkit.Message)
	if m.File != nil && (m.File.Name == "" || m.File.Title == "" || m.File.Content == "") {
		c.fail("file without name, title or content")
	}
	return c.problems
}

// checkView returns the violations of Slack's rules in a modal or home tab.
func checkView(view any) []string {
	c := &checker{}
	data, err := json.Marshal(view)
	if err != nil {
		return []string{err.Error()}
	}
	if len(data) > 250_000 {
		c.fail("view of %d bytes", len(data))
	}
	var v map[string]any
	if err := json.Unmarshal(data, &v); err != nil {
		return []string{err.Error()}
	}
	if v["type"] == "modal" {
		c.textObject("title", v["title"], 24, "plain_text")
		for _, key := range []string{"submit", "close"} {
			if v[key] != nil {
				c.textObject(key, v[key], 24, "plain_text")
			}
		}
	}
	c.size("private_metadata", str(v["private_metadata"]), 0, 3000)
	c.size("callback_id", str(v["callback_id"]), 0, 255)
	c.payload(v["blocks"], 100)
	surface := blockkit.Home
	if v["type"] == "modal" {
		surface = blockkit.Modal
	}
	c.judge(v["blocks"], surface)
	return c.problems
}

// judge also asks the local Slack, whose rules were written independently of
// this package, so that both checkers agree.
func (c *checker) judge(blocks any, surface blockkit.Surface) {
	data, err := json.Marshal(blocks)
	if err != nil {
		c.fail("marshal: %v", err)
		return
	}
	for _, problem := range blockkit.Check(data, surface) {
		c.fail("the local Slack: %v", problem)
	}
}

func (c *checker) fail(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func str(v any) string { s, _ := v.(string); return s }

func listed(v any) []any { l, _ := v.([]any); return l }

func utf16Length(s string) int { return len(utf16.Encode([]rune(s))) }

func (c *checker) size(what, s string, least, most int) {
	if n := utf16Length(s); n < least || n > most {
		c.fail("%s has %d characters, not %d to %d", what, n, least, most)
	}
	if least > 0 && strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) == "" {
		c.fail("%s is blank: %q", what, s)
	}
	c.total += utf16Length(s)
}

func (c *checker) payload(blocks any, most int) {
	data, err := json.Marshal(blocks)
	if err != nil {
		c.fail("marshal: %v", err)
		return
	}
	var all []map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		c.fail("unmarshal: %v", err)
		return
	}
	if len(all) < 1 || len(all) > most {
		c.fail("%d blocks", len(all))
	}
	for _, b := range all {
		c.block(b)
	}
}

func (c *checker) block(b map[string]any) {
	switch kind := str(b["type"]); kind {
	case "markdown":
		c.markdown += utf16Length(str(b["text"]))
		c.size("markdown", str(b["text"]), 1, 12000)
		c.markdownText(str(b["text"]))
	case "section":
		c.section(b)
	case "header":
		c.textObject("header", b["text"], 150, "plain_text")
	case "card":
		c.card(b)
	case "container":
		c.container(b)
	case "divider":
	case "context":
		c.count("context", b["elements"], 10)
		for _, e := range listed(b["elements"]) {
			c.textObject("context", e, 2000, "plain_text", "mrkdwn")
		}
	case "actions":
		c.count("actions", b["elements"], 25)
		c.elements(listed(b["elements"]))
	case "context_actions":
		c.count("context_actions", b["elements"], 5)
		c.elements(listed(b["elements"]))
	case "table":
		c.table(b)
	case "rich_text":
		c.richText(b)
	case "input":
		c.textObject("label", b["label"], 2000, "plain_text")
		c.elements([]any{b["element"]})
	default:
		c.fail("block of type %q", kind)
	}
}

func (c *checker) count(what string, v any, most int) {
	if n := len(listed(v)); n < 1 || n > most {
		c.fail("%s has %d elements, not 1 to %d", what, n, most)
	}
}

func (c *checker) section(b map[string]any) {
	if b["text"] == nil && b["fields"] == nil {
		c.fail("section without text and fields")
	}
	if b["text"] != nil {
		c.textObject("section", b["text"], 3000, "plain_text", "mrkdwn")
	}
	if b["fields"] != nil {
		c.count("fields", b["fields"], 10)
		for _, f := range listed(b["fields"]) {
			c.textObject("field", f, 2000, "plain_text", "mrkdwn")
		}
	}
	if b["accessory"] != nil {
		c.elements([]any{b["accessory"]})
	}
}

func (c *checker) card(b map[string]any) {
	for name, most := range map[string]int{"title": 150, "subtitle": 150, "body": 200} {
		if b[name] != nil {
			c.textObject("card "+name, b[name], most, "plain_text", "mrkdwn")
		}
	}
	if b["title"] == nil && b["body"] == nil && b["actions"] == nil {
		c.fail("card without title, body and actions")
	}
	if b["actions"] != nil {
		c.count("card actions", b["actions"], 3)
		c.elements(listed(b["actions"]))
	}
}

func (c *checker) container(b map[string]any) {
	c.textObject("container title", b["title"], 150, "plain_text")
	if b["subtitle"] != nil {
		c.textObject("container subtitle", b["subtitle"], 150, "plain_text", "mrkdwn")
	}
	if b["default_collapsed"] == true && b["is_collapsible"] != true {
		c.fail("collapsed, but not collapsible")
	}
	c.count("container", b["child_blocks"], 10)
	for _, v := range listed(b["child_blocks"]) {
		child, _ := v.(map[string]any)
		switch kind := str(child["type"]); kind {
		case "actions", "context", "divider", "header", "image", "rich_text", "section", "table":
			c.block(child)
		default:
			c.fail("%s in a container", kind)
		}
	}
}

func (c *checker) textObject(what string, v any, most int, kinds ...string) {
	o, _ := v.(map[string]any)
	kind := str(o["type"])
	if !strings.Contains(strings.Join(kinds, " "), kind) || kind == "" {
		c.fail("%s is of type %q", what, kind)
	}
	c.size(what, str(o["text"]), 1, most)
	if kind == "mrkdwn" {
		c.mrkdwn(what, str(o["text"]))
	}
}

func (c *checker) elements(elements []any) {
	seen := map[string]bool{}
	for _, v := range elements {
		e, _ := v.(map[string]any)
		id := str(e["action_id"])
		c.size("action_id", id, 1, 255)
		if seen[id] {
			c.fail("action_id %q twice", id)
		}
		seen[id] = true
		switch kind := str(e["type"]); kind {
		case "button":
			c.textObject("button", e["text"], 75, "plain_text")
			c.size("value", str(e["value"]), 0, 2000)
			if e["url"] != nil {
				c.link(str(e["url"]))
			}
		case "feedback_buttons":
			for _, key := range []string{"positive_button", "negative_button"} {
				b, _ := e[key].(map[string]any)
				c.textObject(key, b["text"], 75, "plain_text")
				c.size("value", str(b["value"]), 1, 2000)
				c.size("accessibility_label", str(b["accessibility_label"]), 1, 75)
			}
		case "checkboxes":
			c.count("options", e["options"], 10)
			for _, o := range listed(e["options"]) {
				o, _ := o.(map[string]any)
				c.textObject("option", o["text"], 75, "plain_text")
				c.size("option value", str(o["value"]), 1, 150)
			}
		case "plain_text_input":
			c.textObject("placeholder", e["placeholder"], 150, "plain_text")
		default:
			c.fail("element of type %q", kind)
		}
	}
}

func (c *checker) table(b map[string]any) {
	c.tables++
	c.count("rows", b["rows"], 100)
	before := c.total
	for _, row := range listed(b["rows"]) {
		c.count("cells", row, 20)
		for _, v := range listed(row) {
			cell, _ := v.(map[string]any)
			switch kind := str(cell["type"]); kind {
			case "raw_text":
				c.size("cell", str(cell["text"]), 1, 2000)
			case "rich_text":
				c.richText(cell)
			default:
				c.fail("cell of type %q", kind)
			}
		}
	}
	if n := c.total - before; n > 10000 {
		c.fail("table of %d characters", n)
	}
}

func (c *checker) richText(b map[string]any) {
	c.count("rich_text", b["elements"], 10000)
	for _, v := range listed(b["elements"]) {
		c.richElement(v)
	}
}

func (c *checker) richElement(v any) {
	e, _ := v.(map[string]any)
	kind := str(e["type"])
	c.count(kind, e["elements"], 10000)
	switch kind {
	case "rich_text_list":
		if n, _ := e["indent"].(float64); n < 0 || n > 8 {
			c.fail("list at level %v", n)
		}
		if n, _ := e["offset"].(float64); n < 0 {
			c.fail("list from %v", n)
		}
		if style := str(e["style"]); style != "ordered" && style != "bullet" {
			c.fail("list of style %q", style)
		}
		for _, s := range listed(e["elements"]) {
			if kind := str(s.(map[string]any)["type"]); kind != "rich_text_section" {
				c.fail("%s in a list", kind)
			}
			c.richElement(s)
		}
	case "rich_text_section", "rich_text_preformatted", "rich_text_quote":
		all := ""
		for _, v := range listed(e["elements"]) {
			all += c.richInline(v)
		}
		c.size(kind, all, 1, 13200)
		c.total -= utf16Length(all)
	default:
		c.fail("element of type %q", kind)
	}
}

func (c *checker) richInline(v any) string {
	e, _ := v.(map[string]any)
	if c.pings[str(e["user_id"])] || c.pings[str(e["usergroup_id"])] {
		return str(e["user_id"]) + str(e["usergroup_id"])
	}
	s := str(e["text"]) + emojiName(e)
	if s == "" {
		c.fail("%s without text", e["type"])
	}
	c.total += utf16Length(s)
	switch str(e["type"]) {
	case "text":
	case "emoji":
		c.size("emoji", str(e["name"]), 1, 100)
	case "link", "citation":
		c.total += utf16Length(str(e["url"]))
		c.link(str(e["url"]))
	default:
		c.fail("inline element of type %q", e["type"])
	}
	return s
}

func (c *checker) link(raw string) {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "mailto") {
		c.fail("link to %q", raw)
	}
	c.size("link", raw, 1, 3000)
	c.total -= utf16Length(raw)
}

var (
	mrkdwnLink    = regexp.MustCompile(`^<([^<>|]+)\|[^<>]+>`)
	mrkdwnChannel = regexp.MustCompile(`^<#([A-Z0-9]+)>`)
	mrkdwnDate    = regexp.MustCompile(`^<!date\^\d+\^[^<>|^]+\|[^<>|]+>`)
)

// mrkdwn checks that every "<" in mrkdwn belongs to a link, a date or an expected channel.
func (c *checker) mrkdwn(what, s string) {
	for i := range len(s) {
		if s[i] != '<' {
			continue
		}
		if m := mrkdwnLink.FindStringSubmatch(s[i:]); m != nil && !strings.HasPrefix(m[1], "!") {
			c.link(m[1])
		} else if m := mrkdwnChannel.FindStringSubmatch(s[i:]); m != nil && c.pings[m[1]] {
			continue
		} else if !mrkdwnDate.MatchString(s[i:]) {
			c.fail("%s is live: %q", what, s[i:min(len(s), i+60)])
		}
	}
}

// commonMark is an independent reader of Markdown.
var commonMark = goldmark.New(goldmark.WithExtensions(extension.GFM))

// markdownText checks that only links are active in Markdown.
func (c *checker) markdownText(s string) {
	if strings.Contains(s, "<") {
		c.fail("markdown holds <: %q", s)
	}
	source := []byte(s)
	_ = ast.Walk(commonMark.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Link:
			if entering {
				c.link(string(n.Destination))
			}
		case *ast.AutoLink:
			if dest := string(n.URL(source)); entering && n.AutoLinkType == ast.AutoLinkURL && !strings.HasPrefix(dest, "ftp:") {
				c.link(dest)
			}
		case *ast.Image, *ast.RawHTML, *ast.HTMLBlock:
			c.fail("markdown holds %s", n.Kind())
		}
		return ast.WalkContinue, nil
	})
}
