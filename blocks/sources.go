package blocks

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

// sourcesShown limits the sources below an answer; a button shows the rest.
const sourcesShown = 3

// source is a source that can be shown.
type source struct {
	kind, name string
	url        string  // http or https only; empty for none
	score      float64 // from 0 to 1; negative if unknown
}

// ranked returns the sources that have a name or a link, best first. It removes
// duplicates: sources with the same link, or without a link and with the same
// name.
func ranked(sources []enjo.Source) []source {
	shown := make([]source, 0, len(sources))
	for _, s := range sources {
		if one := newSource(s); one.name != "" {
			shown = append(shown, one)
		}
	}
	slices.SortStableFunc(shown, func(a, b source) int { return cmp.Compare(b.score, a.score) })
	seen := map[string]bool{}
	return slices.DeleteFunc(shown, func(s source) bool {
		key := s.url
		if key == "" {
			key = strings.ToLower(s.name)
		}
		double := seen[key]
		seen[key] = true
		return double
	})
}

func newSource(s enjo.Source) source {
	one := source{
		kind:  shorten(oneLine(s.Type), 60, runeCost),
		name:  shorten(shorten(oneLine(s.Name), 200, plainCost), 400, runeCost),
		score: s.Score,
	}
	if safe, ok := webURL(s.URL); ok {
		one.url = safe
	}
	if math.IsNaN(one.score) || one.score < 0 || one.score > 1 {
		one.score = -1
	}
	if blank(one.name) {
		one.name = target(one.url)
	}
	return one
}

// note returns the kind of a source and the agent's confidence.
func (s source) note() string {
	note := ""
	if !blank(s.kind) {
		note += " · " + s.kind
	}
	if s.url != "" && misleads(s.name, s.url) {
		note += " · " + target(s.url)
	}
	if s.score >= 0 {
		note += fmt.Sprintf(" · %.0f%%", s.score*100)
	}
	return note
}

func (s source) mrkdwn() string {
	if s.url == "" {
		return literal(s.name, ' ') + literal(s.note(), ' ')
	}
	return "<" + escape(s.url) + "|" + literal(s.name, ' ') + ">" + literal(s.note(), ' ')
}

func (s source) plain() string {
	if s.url == "" {
		return s.name + s.note()
	}
	return s.name + s.note() + " (" + s.url + ")"
}

// sourceBlocks shows the best sources of an answer, and the button for all of
// them.
func sourceBlocks(a AnswerView, as Rendering) []slack.Block {
	all := ranked(a.Reply.Sources)
	if len(all) == 0 {
		return nil
	}
	lines, object := []string{"*Sources*"}, mrkdwnObject
	if as > Mrkdwn {
		lines, object = []string{"Sources"}, plainObject
	}
	for _, s := range all[:min(len(all), sourcesShown)] {
		if as > Mrkdwn {
			lines = append(lines, "• "+s.plain())
		} else {
			lines = append(lines, "• "+s.mrkdwn())
		}
	}
	blocks := lineSections(lines, object)
	if len(all) > sourcesShown && hasQuestion(a) {
		show := Button{ActionID: ActionSources, Text: fmt.Sprintf("Show all %d", len(all)), Value: a.Question}
		blocks[0].Accessory = slack.NewAccessory(button(show))
	}
	return asBlocks(blocks)
}

// lineSections puts lines into as few sections as possible.
func lineSections(lines []string, object func(string) *slack.TextBlockObject) []*slack.SectionBlock {
	var sections []*slack.SectionBlock
	text := ""
	for _, l := range lines {
		if text != "" && length(text)+1+length(l) > sectionLimit {
			sections = append(sections, slack.NewSectionBlock(object(text), nil, nil))
			text = ""
		}
		text = strings.TrimPrefix(text+"\n"+l, "\n")
	}
	return append(sections, slack.NewSectionBlock(object(text), nil, nil))
}

func asBlocks(sections []*slack.SectionBlock) []slack.Block {
	blocks := make([]slack.Block, len(sections))
	for i, s := range sections {
		blocks[i] = s
	}
	return blocks
}
