package blocks

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

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
