package blockkit

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Pings returns whom a message would notify, in Slack's notation and in the
// order of the text, without duplicates: "<!channel>", "<!here>",
// "<!everyone>", "<!subteam^S1>", "<@U1>". The text counts only if there are no
// blocks; with blocks it is a fallback.
//
// References are active in mrkdwn and in the markdown block (there even where
// they look like code), and are separate elements in rich text. In plain text
// they are just text.
func Pings(blocks json.RawMessage, text string) []string {
	var p pings
	if len(blocks) == 0 || string(blocks) == "null" || string(blocks) == "[]" {
		p.scan(text)
		return p.found
	}
	for _, block := range parseBlocks(blocks) {
		p.object(block)
	}
	return p.found
}

type pings struct{ found []string }

// scan searches Slack's markup for references.
func (p *pings) scan(s string) {
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			return
		}
		s = s[i:]
		n, length := token(s)
		p.node(n)
		s = s[max(length, 1):]
	}
}

func (p *pings) node(n node) {
	var ping string
	switch {
	case n.id == "":
		return
	case n.kind == nodeBroadcast:
		ping = "<!" + n.id + ">"
	case n.kind == nodeUsergroup:
		ping = "<!subteam^" + n.id + ">"
	case n.kind == nodeUser:
		ping = "<@" + n.id + ">"
	default:
		return
	}
	if !slices.Contains(p.found, ping) {
		p.found = append(p.found, ping)
	}
}

// object searches a JSON object and everything in it.
func (p *pings) object(f fields) {
	switch f.kind() {
	case "mrkdwn", "markdown":
		p.scan(f.string("text"))
	case "user", "usergroup", "broadcast":
		p.node(richTextPiece(f))
	}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		p.value(f[name])
	}
}

func (p *pings) value(v any) {
	switch v := v.(type) {
	case map[string]any:
		p.object(v)
	case []any:
		for _, item := range v {
			p.value(item)
		}
	}
}
