package blocks

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

func TestSourcesAreRankedAndMerged(t *testing.T) {
	sources := []enjo.Source{
		{Name: "Low", URL: "https://x.example/low", Score: 0.1},
		{Name: "Unknown", Score: -1},
		{Name: "High", Type: "Jira", URL: "https://x.example/high", Score: 0.925},
		{Name: "High again", URL: "https://x.example/high", Score: 0.5},
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
		got = append(got, s.plain())
	}
	want := []string{
		"High · Jira · 92% (https://x.example/high)",
		"Script · 40%",
		"Mail · 35%",
		"y.example · 30% (https://y.example/page)",
		"unknown · 20%",
		"Low · 10% (https://x.example/low)",
		"bank.example · evil.example (https://evil.example)",
		"Odd score (https://z.example)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
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
	section, actions, context, feedback := slack.MBTSection, slack.MBTAction, slack.MBTContext, slack.MBTContextActions
	tests := []struct {
		name string
		view AnswerView
		want []slack.MessageBlockType
	}{
		{"all off", AnswerView{Reply: reply, Question: "q"}, []slack.MessageBlockType{slack.MBTMarkdown, section, context}},
		{"no sources", AnswerView{Reply: enjo.Reply{Text: "Hello"}}, []slack.MessageBlockType{slack.MBTMarkdown, context}},
		{"feedback", AnswerView{Reply: reply, Question: "q", ShowFeedback: true}, []slack.MessageBlockType{slack.MBTMarkdown, section, context, feedback}},
		{"ticket", AnswerView{Reply: reply, Question: "q", ShowCreateTicket: true}, []slack.MessageBlockType{slack.MBTMarkdown, section, actions, context}},
		{"ticket exists", AnswerView{Reply: withTicket, Question: "q", ShowCreateTicket: true}, []slack.MessageBlockType{slack.MBTMarkdown, section, context}},
		{"escalate", AnswerView{Reply: withTicket, Question: "q", ShowEscalate: true}, []slack.MessageBlockType{slack.MBTMarkdown, section, actions, context}},
		{"no question", AnswerView{Reply: reply, ShowFeedback: true, ShowCreateTicket: true, ShowEscalate: true}, []slack.MessageBlockType{slack.MBTMarkdown, section, context}},
		{"note", AnswerView{Reply: reply, Note: "Files are not read."}, []slack.MessageBlockType{context, slack.MBTMarkdown, section, context}},
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

func TestShowAllComesWithMoreThanThree(t *testing.T) {
	for n, want := range map[int]string{1: "", 3: "", 4: "Show all 4", 12: "Show all 12"} {
		m := Answer(AnswerView{Reply: enjo.Reply{Text: "Hello", Sources: exampleSources(n)}, Question: "q"}, Rich)[0]
		s := m.Blocks[1].(*slack.SectionBlock)
		got := ""
		if s.Accessory != nil {
			got = s.Accessory.ButtonElement.Text.Text
		}
		if got != want {
			t.Errorf("%d sources: button %q, want %q", n, got, want)
		}
	}
}
