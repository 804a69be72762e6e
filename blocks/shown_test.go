package blocks

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// shown returns the visible text of a message's blocks and the targets of its
// links, in reading order.
func shown(m Message) string {
	data, err := json.Marshal(m.Blocks)
	if err != nil {
		panic(err)
	}
	var all []map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		panic(err)
	}
	var out strings.Builder
	for _, b := range all {
		switch str(b["type"]) {
		case "markdown":
			out.WriteString(shownMarkdown(str(b["text"])))
		case "section":
			o, _ := b["text"].(map[string]any)
			out.WriteString(shownText(o))
		case "header":
			o, _ := b["text"].(map[string]any)
			out.WriteString(str(o["text"]))
		case "rich_text", "table":
			shownRich(&out, b)
		case "divider", "actions", "context", "context_actions", "container":
		}
		out.WriteString("\n")
	}
	if m.File != nil {
		out.WriteString(m.File.Content)
	}
	return out.String()
}

// labelled matches a link with a label in Slack's markup.
var labelled = regexp.MustCompile(`<([^<>|]+)\|([^<>]+)>`)

func shownText(o map[string]any) string {
	s := str(o["text"])
	if str(o["type"]) == "plain_text" {
		return s
	}
	s = labelled.ReplaceAllString(s, "$2 $1 ")
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", zeroWidth, "", hairSpace, "").Replace(s)
}

func shownRich(out *strings.Builder, v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			shownRich(out, e)
		}
	case map[string]any:
		if str(v["style"]) == "ordered" {
			shownNumbers(out, v)
			return
		}
		if str(v["type"]) != "rich_text_preformatted" {
			out.WriteString(str(v["language"]))
		}
		out.WriteString(str(v["text"]) + emojiName(v))
		shownRich(out, v["rows"])
		shownRich(out, v["elements"])
		if v["url"] != nil {
			out.WriteString(" " + str(v["url"]) + " ")
		}
		if kind := str(v["type"]); strings.HasPrefix(kind, "rich_text_") {
			out.WriteString("\n")
		}
	}
}

// emojiName returns the short name of an emoji as it is written in text.
func emojiName(element map[string]any) string {
	if str(element["type"]) != "emoji" {
		return ""
	}
	name := ":" + str(element["name"]) + ":"
	if tone, ok := element["skin_tone"].(float64); ok {
		name += fmt.Sprintf(":skin-tone-%v:", tone)
	}
	return name
}

// shownNumbers writes a numbered list as Slack counts its items.
func shownNumbers(out *strings.Builder, list map[string]any) {
	offset, _ := list["offset"].(float64)
	for i, e := range listed(list["elements"]) {
		fmt.Fprintf(out, "%d. ", int(offset)+1+i)
		shownRich(out, e)
	}
}

// shownMarkdown returns the text of Markdown as a reader of CommonMark parses
// it.
func shownMarkdown(s string) string {
	source := []byte(s)
	var out strings.Builder
	_ = ast.Walk(commonMark.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				value := string(n.Segment.Value(source))
				if _, isCode := n.Parent().(*ast.CodeSpan); !isCode {
					value = strings.NewReplacer("&lt;", "<", "&gt;", ">").Replace(value)
				}
				out.WriteString(value)
				if n.SoftLineBreak() || n.HardLineBreak() {
					out.WriteString("\n")
				}
			}
		case *ast.ListItem:
			if l := n.Parent().(*ast.List); entering && l.IsOrdered() {
				before := 0
				for p := n.PreviousSibling(); p != nil; p = p.PreviousSibling() {
					before++
				}
				fmt.Fprintf(&out, "%d. ", l.Start+before)
			}
		case *ast.AutoLink:
			if entering {
				out.Write(n.Label(source))
			}
		case *ast.Link:
			if !entering {
				out.WriteString(" " + string(n.Destination) + " ")
			}
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			if entering {
				out.Write(n.Lines().Value(source))
			}
		}
		if !entering && n.Type() == ast.TypeBlock {
			out.WriteString("\n")
		}
		return ast.WalkContinue, nil
	})
	return out.String()
}
