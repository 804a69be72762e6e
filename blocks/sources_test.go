package blocks

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

// Ensure that sources are in the order of their scores, weak ones last, without
// duplicates and without numbers.
func TestSourcesAreRankedAndMerged(t *testing.T) {
	sources := []enjo.Source{
		{Name: "Low", URL: "https://x.example/low", Score: 0.1},
		{Name: "Unknown", Score: -1},
		{Name: "High", Type: "Jira", URL: "https://x.example/high", Score: 0.925},
		{Name: "High again", URL: "https://x.example/high", Score: 0.5},
		{Name: "Medium", Score: 0.47},
		{Name: "unknown", Score: 0.2},
		{URL: "https://y.example/page", Score: 0.3},
		{Type: "Jira", Score: 0.9}, // neither name nor link
		{Name: "Script", URL: "javascript:alert(1)", Score: 0.4},
		{Name: "Mail", URL: "mailto:a@x.example", Score: 0.35},
		{Name: "bank.example", URL: "https://evil.example", Score: math.NaN()},
		{Name: "Odd\nscore", Type: " ", URL: "https://z.example", Score: 93},
	}
	var got []string
	for _, s := range ranked(sources) {
		line := s.plain()
		if s.weak {
			line = "weak: " + line
		}
		got = append(got, line)
	}
	want := []string{
		"High · Jira (https://x.example/high)",
		"Medium",
		"Unknown",
		"bank.example · evil.example (https://evil.example)",
		"Odd score (https://z.example)",
		"weak: Script",
		"weak: Mail",
		"weak: y.example (https://y.example/page)",
		"weak: Low (https://x.example/low)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Ensure that a source is weak only in comparison: of weak ones the best is shown.
func TestSomeSourceIsAlwaysShown(t *testing.T) {
	for name, test := range map[string]struct {
		scores []float64
		want   int
	}{
		"none known":  {[]float64{-1, -1}, 2},
		"all low":     {[]float64{0.1, 0.04, 0.06}, 2},
		"zero":        {[]float64{0, 0}, 2},
		"best only":   {[]float64{0.2, 0.9}, 1},
		"half":        {[]float64{1, 0.5, 0.49}, 2},
		"many strong": {[]float64{0.9, 0.9, 0.9, 0.9}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			var sources []enjo.Source
			for i, score := range test.scores {
				sources = append(sources, enjo.Source{Name: fmt.Sprint("Source ", i), Score: score})
			}
			if got := len(bestOf(ranked(sources))); got != test.want {
				t.Errorf("%d are shown, want %d", got, test.want)
			}
		})
	}
}

// kinds returns the types of a message's blocks.
func kinds(m Message) []slack.MessageBlockType {
	var out []slack.MessageBlockType
	for _, b := range m.Blocks {
		out = append(out, b.BlockType())
	}
	return out
}

func TestSwitches(t *testing.T) {
	reply := enjo.Reply{Text: "Hello", Sources: exampleSources(4)}
	withTicket := reply
	withTicket.Ticket = &enjo.Ticket{ID: "IT-1"}
	sources, actions, context, feedback := slack.MBTContainer, slack.MBTAction, slack.MBTContext, slack.MBTContextActions
	tests := []struct {
		name string
		view AnswerView
		want []slack.MessageBlockType
	}{
		{"all off", AnswerView{Reply: reply, Question: "q"}, []slack.MessageBlockType{slack.MBTMarkdown, sources, context}},
		{"no sources", AnswerView{Reply: enjo.Reply{Text: "Hello"}}, []slack.MessageBlockType{slack.MBTMarkdown, context}},
		{"feedback", AnswerView{Reply: reply, Question: "q", ShowFeedback: true}, []slack.MessageBlockType{slack.MBTMarkdown, sources, context, feedback}},
		{"ticket", AnswerView{Reply: reply, Question: "q", ShowCreateTicket: true}, []slack.MessageBlockType{slack.MBTMarkdown, sources, actions, context}},
		{"ticket exists", AnswerView{Reply: withTicket, Question: "q", ShowCreateTicket: true}, []slack.MessageBlockType{slack.MBTMarkdown, sources, context}},
		{"escalate", AnswerView{Reply: withTicket, Question: "q", ShowEscalate: true}, []slack.MessageBlockType{slack.MBTMarkdown, sources, actions, context}},
		{"no question", AnswerView{Reply: reply, ShowFeedback: true, ShowCreateTicket: true, ShowEscalate: true}, []slack.MessageBlockType{slack.MBTMarkdown, sources, context}},
		{"for a ticket", AnswerView{Reply: withTicket, Question: "q", ShowFeedback: true, ShowEscalate: true, ForTicket: true}, []slack.MessageBlockType{slack.MBTMarkdown, sources, actions}},
		{"empty", AnswerView{Question: "q", ShowFeedback: true, ShowRetry: true}, []slack.MessageBlockType{slack.MBTMarkdown, actions}},
		{"empty, not to be repeated", AnswerView{Question: "q", ShowFeedback: true}, []slack.MessageBlockType{slack.MBTMarkdown}},
		{"empty with a ticket", AnswerView{Reply: enjo.Reply{Ticket: &enjo.Ticket{ID: "IT-1"}}, Question: "q", ShowRetry: true}, []slack.MessageBlockType{slack.MBTMarkdown}},
		{"note", AnswerView{Reply: reply, Note: "Files are not read."}, []slack.MessageBlockType{context, slack.MBTMarkdown, sources, context}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			messages := Answer(tt.view, Rich)
			if len(messages) != 1 {
				t.Fatalf("%d messages", len(messages))
			}
			if diff := cmp.Diff(tt.want, kinds(messages[0])); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Ensure that there is a button for the sources that are not shown, and only for them.
func TestShowAll(t *testing.T) {
	strong := func(n int) []enjo.Source {
		sources := exampleSources(n)
		for i := range sources {
			sources[i].Score = 0.9
		}
		return sources
	}
	for name, test := range map[string]struct {
		sources []enjo.Source
		as      Rendering
		want    string
	}{
		"one":                          {strong(1), Markdown, ""},
		"one as Rich":                  {strong(1), Rich, ""},
		"three":                        {strong(3), Markdown, ""},
		"four":                         {strong(4), Markdown, "Show all 4"},
		"twelve in mrkdwn":             {strong(12), Mrkdwn, "Show all 12"},
		"two, one of them weak":        {[]enjo.Source{{Name: "A", Score: 0.9}, {Name: "B", Score: 0.1}}, Markdown, "Show all 2"},
		"twelve in a container":        {strong(12), Rich, ""},
		"weak ones in a container":     {exampleSources(12), Rich, ""},
		"more than a container can do": {strong(50), Rich, "Show all 50"},
	} {
		t.Run(name, func(t *testing.T) {
			m := Answer(AnswerView{Reply: enjo.Reply{Text: "Hello", Sources: test.sources}, Question: "q"}, test.as)[0]
			b := m.Blocks[1]
			if c, ok := b.(*slack.ContainerBlock); ok {
				b = c.ChildBlocks.BlockSet[0]
			}
			got := ""
			if s := b.(*slack.SectionBlock); s.Accessory != nil {
				got = s.Accessory.ButtonElement.Text.Text
			}
			if got != test.want {
				t.Errorf("button %q, want %q", got, test.want)
			}
		})
	}
}
