package blockkit

import (
	"strings"
	"unicode/utf8"
)

// Limits for the sums of a message.
const (
	// maxMarkdown limits one markdown block and all of them in a message together
	// (https://docs.slack.dev/reference/block-kit/blocks/markdown-block).
	maxMarkdown = 12_000
	// maxMessageText is not documented. Users report failures at 13,297 characters
	// of markdown (slackapi/bolt-js 2509), and at 11,341 characters in many blocks
	// (slackapi/bolt-js 2867): blocks cost something in addition to their text.
	maxMessageText = 13_200
	// blockCost is the cost of a block in addition to its text, as measured for
	// headers: with 20 of them 10,563 characters of prose were accepted, with 40
	// of them 7,875.
	blockCost = 100
)

// budget adds up what Slack limits over all blocks of a message.
type budget struct {
	chars    int // text of all kinds
	mdChars  int // text of markdown blocks
	costs    int // blocks, including those that a markdown block turns into
	tables   int
	hasFirst bool
}

func (b *budget) text(s string) { b.chars += utf8.RuneCountInString(s) }

// block counts a block. The first one is free: a message of one block is
// measured by its text alone.
func (b *budget) block() {
	if b.hasFirst {
		b.costs += blockCost
	}
	b.hasFirst = true
}

func (b *budget) markdown(text string) {
	n := utf8.RuneCountInString(text)
	b.chars += n
	b.mdChars += n
	b.costs += (markdownCount(text) - 1) * blockCost
}

// checkBudget refuses messages that are too long as a whole.
func (c *checker) checkBudget(at string) {
	if c.surface != Message || len(c.problems) > 0 {
		return
	}
	switch b := c.budget; {
	case b.mdChars > maxMarkdown:
		c.failAs(CodeTooLong, at, "markdown must be less than %d characters in total", maxMarkdown+1)
	case b.chars+b.costs > maxMessageText:
		c.failAs(CodeTooLong, at, "must be less than %d characters in total", maxMessageText+1)
	}
}

// expandedCount is the number of blocks after Slack has expanded each markdown
// block; the limit of 50 applies to these.
func expandedCount(blocks []any) int {
	n := 0
	for _, v := range blocks {
		block, _ := v.(map[string]any)
		text, _ := block["text"].(string)
		if block["type"] == "markdown" {
			n += markdownCount(text)
		} else {
			n++
		}
	}
	return n
}

// markdownCount is the number of blocks from a markdown block: a header for
// each heading, a divider for each rule, and one rich_text for each run of
// anything else. It is at least 1.
func markdownCount(text string) int {
	n, inFence, inRun := 0, false, false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "```"):
			inFence = !inFence
		case inFence || line == "":
			continue
		case isHeading(line) || isRule(line):
			n, inRun = n+1, false
			continue
		}
		if !inRun {
			n, inRun = n+1, true
		}
	}
	return max(n, 1)
}

func isHeading(line string) bool {
	markers := len(line) - len(strings.TrimLeft(line, "#"))
	return markers >= 1 && markers <= 6 && (len(line) == markers || line[markers] == ' ' || line[markers] == '\t')
}

func isRule(line string) bool {
	return len(line) >= 3 && (strings.Trim(line, "-") == "" || strings.Trim(line, "*") == "" || strings.Trim(line, "_") == "")
}
