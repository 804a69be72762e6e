package blocks

import (
	"encoding/json"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"enjobridge/enjo"
	"enjobridge/sandbox/slack/blockkit"
)

// Ensure that the local Slack, whose rules were written independently of this
// package, accepts everything.
func TestLocalSlackTakesEverything(t *testing.T) {
	for _, e := range Gallery() {
		switch {
		case e.Modal != nil:
			askLocalSlack(t, e.Name, e.Modal.Blocks, "", blockkit.Modal)
		case e.Home != nil:
			askLocalSlack(t, e.Name, e.Home.Blocks, "", blockkit.Home)
		}
		for _, m := range e.Messages {
			askLocalSlack(t, e.Name, m.Blocks, m.Text, blockkit.Message, e.Calls...)
		}
	}
	for name, text := range hostile(1_000) {
		for _, as := range renderings {
			for _, m := range Answer(AnswerView{Reply: enjo.Reply{Text: text}, Question: "q"}, as) {
				askLocalSlack(t, name+" as "+as.String(), m.Blocks, m.Text, blockkit.Message)
			}
		}
	}
}

func askLocalSlack(t *testing.T, name string, blocks any, text string, surface blockkit.Surface, calls ...string) {
	t.Helper()
	data, err := json.Marshal(blocks)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range blockkit.Check(data, surface) {
		t.Errorf("%s: %v", name, problem)
	}
	for _, ping := range blockkit.Pings(data, text) {
		if id := strings.TrimRight(strings.TrimPrefix(strings.TrimPrefix(ping, "<!subteam^"), "<@"), ">"); !slices.Contains(calls, id) {
			t.Errorf("%s: pings %q", name, ping)
		}
	}
}

// Ensure that the local Slack reads no style into text in mrkdwn, and only the styles that
// are meant.
func TestLocalSlackReadsNoStyle(t *testing.T) {
	shown := func(text string) string {
		data, err := json.Marshal([]any{slack.NewSectionBlock(mrkdwnObject(text), nil, nil)})
		if err != nil {
			t.Fatal(err)
		}
		page := strings.NewReplacer(zeroWidth, "", hairSpace, "", "\n", "").Replace(string(blockkit.HTML(data, nil)))
		return html.UnescapeString(regexp.MustCompile(`</?(?:div|p|span)\b[^>]*>`).ReplaceAllString(page, ""))
	}
	for _, text := range []string{
		`C:\Users\bob\_tmp and DOMAIN\_svc`, "*not bold*", "~/Documents or ~/Desktop", "_a_ *b* ~c~ `d`", "rm *.log *.tmp", "__init__.py", "**bold**",
		"a ``` b ```", "(*) and (*)", "_ x_", "~5 to ~7 %", "a_b_c *", "-*-*-", "*_~*_~", "``", "'_x_'", "_(_(_(",
	} {
		if got := shown(literal(text, ' ')); got != text {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
	for _, text := range []string{"2 * 3", "a_b", "5*3*2", "snake_case_name", "a - _ b", "__init__"} {
		if got := literal(text, ' '); got != text {
			t.Errorf("%q is written as %q", text, got)
		}
	}
	for _, spans := range [][]span{
		{{text: "see init_ and _x", style: italic}}, {{text: "2*, 3*", style: bold}}, {{text: "_a "}, {text: "b", style: italic}, {text: " c_"}},
	} {
		got := regexp.MustCompile(`</?[a-z]+>`).ReplaceAllString(shown(mrkdwnSpans(spans)), "")
		if want := plainText(spans); got != want {
			t.Errorf("%q is shown as %q", want, got)
		}
	}
}
