package blocks

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

// layout writes the elements of a rich_text block, one a line: its kind, the
// level and the first number of a list, and its text.
func layout(b slack.Block) string {
	data, err := json.Marshal(b)
	if err != nil {
		panic(err)
	}
	var block map[string]any
	if err := json.Unmarshal(data, &block); err != nil {
		panic(err)
	}
	var lines []string
	for _, v := range listed(block["elements"]) {
		e, _ := v.(map[string]any)
		switch kind := strings.TrimPrefix(str(e["type"]), "rich_text_"); kind {
		case "list":
			offset, _ := e["offset"].(float64)
			for i, item := range listed(e["elements"]) {
				lines = append(lines, fmt.Sprintf("%s %v %d: %s", str(e["style"]), e["indent"], int(offset)+1+i, inlineTexts(item)))
			}
		default:
			lines = append(lines, kind+": "+inlineTexts(v))
		}
	}
	return strings.Join(lines, "\n")
}

func inlineTexts(v any) string {
	e, _ := v.(map[string]any)
	text := ""
	for _, v := range listed(e["elements"]) {
		part, _ := v.(map[string]any)
		text += str(part["text"])
	}
	return text
}

// Ensure that an item that starts with another block than a paragraph has its
// marker, and then the block.
func TestItemsThatStartWithABlock(t *testing.T) {
	for _, tt := range []struct{ markdown, rich, mrkdwn, plain string }{
		{
			"1. # Install\n   Run it.\n2. b",
			"ordered 0 1: Install\nRun it.\nordered 0 2: b",
			"1. *Install*\n    Run it.\n2. b", "1. Install\n    Run it.\n2. b",
		},
		{
			"- ### a\n- ### b\n\n  c",
			"bullet 0 1: a\nbullet 0 2: b\nc",
			"• *a*\n• *b*\n    c", "• a\n• b\n    c",
		},
		{
			"1. ```\n   ls\n   ```\n2. b",
			"section: 1.\npreformatted: ls\nordered 0 2: b",
			"1.\n```\nls\n```\n2. b", "1.\nls\n2. b",
		},
		{
			"- a\n  - ```\n    ls\n    ```\n  - b",
			"bullet 0 1: a\nsection:     ◦\npreformatted: ls\nbullet 1 1: b",
			"• a\n    ◦\n```\nls\n```\n    ◦ b", "• a\n    ◦\nls\n    ◦ b",
		},
		{
			"3. > said\n   > twice\n4. b",
			"section: 3.\nquote: said\ntwice\nordered 0 4: b",
			"3.\n>    said\n>    twice\n4. b", "3. > said\n    > twice\n4. b",
		},
		{
			"- |a|b|\n  |-|-|\n  |1|2|",
			"section: •\npreformatted: a | b\n-----\n1 | 2",
			"•\n```\na | b\n-----\n1 | 2\n```", "•\na | b\n-----\n1 | 2",
		},
		{
			"- - a\n  - b",
			"section: •\nbullet 1 1: a\nbullet 1 2: b",
			"• ◦ a\n    ◦ b", "• ◦ a\n    ◦ b",
		},
		{
			"- a\n\n  > said",
			"bullet 0 1: a\nquote: said",
			"• a\n>    said", "• a\n    > said",
		},
		{
			"- [x] a\n\n  # b",
			"bullet 0 1: ☑ a\nb",
			"• ☑ a\n    *b*", "• ☑ a\n    b",
		},
		{
			"0. # a\n1. b",
			"bullet 0 1: 0. a\nbullet 0 2: 1. b",
			"0. *a*\n1. b", "0. a\n1. b",
		},
	} {
		blocks := (sections{}).prepare(parse(tt.markdown))
		if len(blocks) != 1 {
			t.Errorf("%q: %d blocks", tt.markdown, len(blocks))
			continue
		}
		if got := layout(richBlock(blocks[0])); got != tt.rich {
			t.Errorf("%q\n got %q\nwant %q", tt.markdown, got, tt.rich)
		}
		if got := asMrkdwn.write(blocks[0]); got != tt.mrkdwn {
			t.Errorf("%q in mrkdwn\n got %q\nwant %q", tt.markdown, got, tt.mrkdwn)
		}
		if got := asPlain.write(blocks[0]); got != tt.plain {
			t.Errorf("%q as plain text\n got %q\nwant %q", tt.markdown, got, tt.plain)
		}
	}
}
