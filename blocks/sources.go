package blocks

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

// sourcesShown limits the sources below an answer; a button shows the rest.
const sourcesShown = 3

// A source is weak if its score is below weakScore, and below half of the best.
// A button shows weak sources.
const weakScore = 0.5

// source is a source that can be shown.
type source struct {
	kind, name string
	url        string  // http or https only; empty for none
	score      float64 // from 0 to 1; negative if unknown
	weak       bool
	number     int // its place in the reply, from 1
}

// ranked returns the sources that have a name or a link: first by their score,
// then those without a score, then weak ones. It removes duplicates: sources with
// the same link, or without a link and with the same name.
func ranked(sources []enjo.Source) []source {
	shown, best := make([]source, 0, len(sources)), 0.0
	for i, s := range sources {
		if one := newSource(s, i+1); one.name != "" {
			shown = append(shown, one)
			best = max(best, one.score)
		}
	}
	for i, s := range shown {
		shown[i].weak = s.score >= 0 && s.score < min(weakScore, best/2)
	}
	slices.SortStableFunc(shown, func(a, b source) int {
		switch {
		case a.weak && !b.weak:
			return 1
		case b.weak && !a.weak:
			return -1
		}
		return cmp.Compare(b.score, a.score)
	})
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

func newSource(s enjo.Source, number int) source {
	one := source{
		number: number,
		kind:   shorten(oneLine(s.Type), 60, runeCost),
		name:   shorten(shorten(oneLine(s.Name), 200, plainCost), 400, runeCost),
		score:  s.Score,
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

// note returns the kind of a source, and the host of a misleading link.
func (s source) note() string {
	note := ""
	if !blank(s.kind) {
		note += " · " + s.kind
	}
	if s.url != "" && misleads(s.name, s.url) {
		note += " · " + target(s.url)
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

// sourceBlocks shows the sources of an answer: as [Rich] all of them, collapsed
// unless there is only one, else the best. A button shows those that are left.
func sourceBlocks(a AnswerView, as Rendering) []slack.Block {
	all := ranked(a.Reply.Sources)
	if len(all) == 0 {
		return nil
	}
	if as == Rich && len(all) > 1 {
		return []slack.Block{sourceContainer(a, all)}
	}
	best := bestOf(all)
	var lines []string
	for _, s := range best {
		if as > Mrkdwn {
			lines = append(lines, s.plain())
		} else {
			lines = append(lines, s.mrkdwn())
		}
	}
	label, object := sourcesLabel(len(best)), plainObject
	if as <= Mrkdwn {
		label, object = "*"+label+"*", mrkdwnObject
	}
	lines[0] = label + " " + lines[0]
	sections := lineSections(lines, object)
	sections[0].Accessory = showAll(a, len(best), len(all))
	return asBlocks(sections)
}

// bestOf returns the sources that are shown below an answer; at least one.
func bestOf(all []source) []source {
	n := 0
	for n < min(len(all), sourcesShown) && !all[n].weak {
		n++
	}
	return all[:n]
}

// sourceContainer shows sources in a collapsed container, as many as one section
// can hold. See https://docs.slack.dev/reference/block-kit/blocks/container-block.
func sourceContainer(a AnswerView, all []source) slack.Block {
	text, shown := "", 0
	for _, s := range all {
		more := strings.TrimPrefix(text+"\n• "+s.mrkdwn(), "\n")
		if length(more) > sectionLimit {
			break
		}
		text = more
		shown++
	}
	section := slack.NewSectionBlock(mrkdwnObject(text), nil, nil)
	section.Accessory = showAll(a, shown, len(all))
	return slack.NewContainerBlock(section).WithTitle(plainObject(titleManySources.Text("n", strconv.Itoa(len(all))))).WithCollapsible(true, true)
}

// showAll returns the button for all sources; nil if all are shown.
func showAll(a AnswerView, shown, all int) *slack.Accessory {
	if shown == all || !hasQuestion(a) {
		return nil
	}
	return slack.NewAccessory(button(Button{ActionID: ActionSources, Text: buttonShowAll.Text("n", strconv.Itoa(all)), Value: a.Question}))
}

func sourcesLabel(n int) string {
	if n == 1 {
		return labelSource.Text()
	}
	return labelSourcesOf.Text()
}

// spokenLimit limits the sources in the text for screen readers.
const spokenLimit = 2000

// sourcesSentence returns the best sources as a sentence; empty if there are
// none.
func sourcesSentence(sources []enjo.Source) string {
	all := ranked(sources)
	if len(all) == 0 {
		return ""
	}
	best, sentence := bestOf(all), ""
	for i, s := range best {
		name, link := shorten(s.name, 100, plainCost), " ("+s.url+")"
		if i == 0 {
			sentence = sourcesLabel(len(best)) + " " + name
		} else {
			sentence += ", " + name
		}
		if s.url != "" && length(escape(sentence+link)) < spokenLimit {
			sentence += link
		}
	}
	return sentence + "."
}

// withMore adds a line that says how many are left out, if any.
func withMore(lines []string, more int) []string {
	if more > 0 {
		lines = append(lines, labelMore.Text("n", strconv.Itoa(more)))
	}
	return lines
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
