package blocks

import (
	"regexp"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

var slackLink = regexp.MustCompile(`^<((?i:https?://|mailto:)[^<>|\s]+(?: +[^<>|\s]+)*)\|([^<>|\n]+)>`)

// slackLinks parses links in Slack's own markup, <https://…|label>.
type slackLinks struct{}

func (slackLinks) Trigger() []byte { return []byte{'<'} }

func (slackLinks) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, at := block.PeekLine()
	m := slackLink.FindSubmatchIndex(line)
	if m == nil {
		return nil
	}
	link := ast.NewLink()
	link.Destination = line[m[2]:m[3]]
	link.AppendChild(link, ast.NewTextSegment(text.NewSegment(at.Start+m[4], at.Start+m[5])))
	block.Advance(m[1])
	return link
}
