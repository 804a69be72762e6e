package slackevent

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// richText returns a rich_text block, or a part of it, as text.
// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
func (r *reader) richText(b node) string {
	elements := r.objects(b["elements"])
	switch b.text("type") {
	case "rich_text":
		return r.blocks(elements)
	case "rich_text_list":
		return r.list(b, elements)
	case "rich_text_quote":
		return quote(r.inline(elements))
	case "rich_text_preformatted":
		return "```\n" + strings.Trim(r.inline(elements), "\n") + "\n```"
	}
	return r.inline(elements)
}

// list returns a list, one item a line. A list within a list is a separate element with an
// indent, after which the outer list goes on at an offset.
func (r *reader) list(b node, items []node) string {
	indent := strings.Repeat("    ", min(max(b.number("indent"), 0), maxDepth))
	var texts []string
	for n, item := range items {
		mark := "•"
		if b.text("style") == "ordered" {
			mark = fmt.Sprintf("%d.", max(b.number("offset"), 0)+n+1)
		}
		text := strings.ReplaceAll(strings.TrimSpace(r.block(item)), "\n", "\n"+indent+"  ")
		texts = append(texts, indent+mark+" "+text)
	}
	return strings.Join(texts, "\n")
}

// inline returns the elements of a section as one text.
func (r *reader) inline(elements []node) string {
	var out strings.Builder
	for _, e := range elements {
		out.WriteString(r.element(e))
	}
	return out.String()
}

// element returns an element of a section. IDs that are not Slack's stay plain text.
func (r *reader) element(e node) string {
	switch kind := e.text("type"); kind {
	case "text":
		if text := escape(e.text("text")); e.object("style")["code"] != true {
			return text
		} else {
			return "`" + text + "`"
		}
	case "link":
		return link(e.text("url"), e.text("text"))
	case "user":
		return reference("<@", e.text("user_id"))
	case "channel":
		return reference("<#", e.text("channel_id"))
	case "usergroup":
		return reference("<!subteam^", e.text("usergroup_id"))
	case "broadcast":
		if slices.Contains([]string{"here", "channel", "everyone"}, e.text("range")) {
			return "<!" + e.text("range") + ">"
		}
		return escape(e.text("range"))
	case "emoji":
		return emoji(e)
	case "date":
		return escape(cmp.Or(e.text("fallback"), unixTime(e.number("timestamp"))))
	case "color":
		return escape(e.text("value"))
	case "team":
		return escape(e.text("team_id"))
	default:
		if strings.HasPrefix(kind, "rich_text") {
			return r.block(e)
		}
		return escape(e.first("text", "fallback", "name", "url"))
	}
}

// reference returns the entity of an ID.
func reference(start, id string) string {
	if !slackID.MatchString(id) {
		return escape(id)
	}
	return start + id + ">"
}

// linkable matches the addresses that can be the target of an entity. Others could be
// taken for a mention, or end the entity.
var linkable = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>|]*$`)

// link returns a link to an address, with a label if it has one.
func link(address, text string) string {
	switch text = oneLine(text); {
	case !linkable.MatchString(address):
		return escape(joined(" ", []string{text, oneLine(address)}))
	case text == "":
		return "<" + escape(address) + ">"
	}
	return "<" + escape(address) + "|" + escape(text) + ">"
}

// emoji returns an emoji by its name, as Slack's text has it.
func emoji(e node) string {
	name := label(e.text("name"))
	if tone := e.number("skin_tone"); tone > 0 {
		name = fmt.Sprintf("%s::skin-tone-%d", name, tone)
	}
	return escape(":" + name + ":")
}

// unixTime returns a time as people read it; empty for none.
func unixTime(seconds int) string {
	if seconds == 0 {
		return ""
	}
	return time.Unix(int64(seconds), 0).UTC().Format("2006-01-02 15:04 UTC")
}
