package blocks

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enjobridge/enjo"
)

// textsOf returns the texts that screen readers read of an answer.
func textsOf(messages []Message) []string {
	var texts []string
	for _, m := range messages {
		texts = append(texts, m.Text)
	}
	return texts
}

// Ensure that the texts for screen readers say what the blocks say.
func TestFallbackOfAnswers(t *testing.T) {
	sources := []enjo.Source{{Name: "VPN & you", URL: "https://kb.example/1", Score: 0.9}, {Name: "Tokens", Score: 0.8}, {Name: "Weak", Score: 0.1}}
	long := strings.Repeat("word ", 2000)
	fit := (3976 - len(sayLong.Text())) / len("word ") // beside what follows
	for name, test := range map[string]struct {
		view AnswerView
		want []string
	}{
		"text":       {AnswerView{Reply: enjo.Reply{Text: "Open **it**."}}, []string{"Open it."}},
		"sources":    {AnswerView{Reply: enjo.Reply{Text: "Open it.", Sources: sources}}, []string{"Open it.\nSources: VPN &amp; you (https://kb.example/1), Tokens."}},
		"one source": {AnswerView{Reply: enjo.Reply{Text: "Open it.", Sources: sources[:1]}}, []string{"Open it.\nSource: VPN &amp; you (https://kb.example/1)."}},
		"note":       {AnswerView{Reply: enjo.Reply{Text: "Open it."}, Note: "I can't read this file: a.png."}, []string{"I can't read this file: a.png.\nOpen it."}},
		"empty":      {AnswerView{Reply: enjo.Reply{Text: " "}, ShowRetry: true}, []string{sayEmptyAnswer.Text()}},
		"long": {AnswerView{Reply: enjo.Reply{Text: long, Sources: sources[1:2]}}, []string{
			strings.Repeat("word ", 795) + "word…\nSource: Tokens.",
		}},
		"much too long": {AnswerView{Reply: enjo.Reply{Text: strings.Repeat(long, 10), Sources: sources[1:2]}}, []string{
			strings.Repeat("word ", fit) + "word…\n" + sayLong.Text() + " Source: Tokens.",
		}},
		"two messages, with the tail in the second": {AnswerView{Reply: enjo.Reply{Text: "one\n\n```\n" + strings.Repeat("x\n", 4000) + "```\n\ntwo", Sources: sources[1:2]}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := textsOf(Answer(test.view, Rich))
			if test.want == nil { // the parts are what matters
				if len(got) != 2 || !strings.HasPrefix(got[0], "one\n") || !strings.HasSuffix(got[1], "two\nSource: Tokens.") {
					t.Errorf("%d texts: %.100q", len(got), got)
				}
				return
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Ensure that sources with the longest names and links leave room for the answer.
func TestFallbackKeepsTheSources(t *testing.T) {
	var sources []enjo.Source
	for _, c := range []string{"a", "b", "c"} {
		sources = append(sources, enjo.Source{Name: strings.Repeat(c+"&", 400), URL: "https://x.example/" + strings.Repeat(c, 1400), Score: 0.9})
	}
	view := AnswerView{Reply: enjo.Reply{Text: strings.Repeat("<&> ", 3000), Sources: sources}, Note: strings.Repeat("note ", 300)}
	for _, as := range renderings {
		messages := Answer(view, as)
		for _, m := range messages {
			for _, problem := range checkMessage(m) {
				t.Errorf("%s: %s", as, problem)
			}
		}
		last := messages[len(messages)-1].Text
		if as < AsFile && (!strings.Contains(last, "b&amp;") || !strings.Contains(last, "c&amp;") || !strings.HasSuffix(last, ".")) {
			t.Errorf("%s: the text ends with %q", as, last[max(0, len(last)-300):])
		}
	}
}

// Ensure that the text of a call for a person says who needs help, with which ticket, and
// what the bot does after Done.
func TestFallbackOfCalls(t *testing.T) {
	ticket := exampleTicket()
	ticket.Status = ""
	for name, test := range map[string]struct {
		view EscalationView
		want string
	}{
		"asker":              {EscalationView{Name: "Alice"}, "Alice would like to talk to a person."},
		"unknown asker":      {EscalationView{}, "Somebody would like to talk to a person."},
		"colleague":          {EscalationView{Name: "Carol", For: "U3"}, "A colleague asks you to help Carol."},
		"unknown colleague":  {EscalationView{For: "U3"}, "A colleague asks you to help somebody."},
		"with a ticket":      {EscalationView{Name: "Alice", Ticket: &ticket}, "Alice would like to talk to a person.\nTicket IT-4711: The screen stays black after the update. Open in Jira: " + ticket.URL},
		"done, while silent": {EscalationView{DoneBy: "U1", Muted: true}, sayCallDoneFallback.Text() + "\n" + SayStillQuiet.Text()},
		"silent":             {EscalationView{Name: "Alice", Muted: true}, "Alice would like to talk to a person.\n" + sayQuiet.Text()},
		"done":               {EscalationView{DoneBy: "U1"}, sayCallDoneFallback.Text()},
	} {
		if got := escalationText(test.view); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// Ensure that a list of people reads like a sentence, with its names and without.
func TestCalledInWords(t *testing.T) {
	m := Called([]string{"U1", "S2", "U3"}, "")
	if want := "I've asked somebody to help you, and"; !strings.HasPrefix(m.Text, want) {
		t.Errorf("got %q", m.Text)
	}
	want := `{"type":"user","user_id":"U1"},{"type":"text","text":", "},{"type":"usergroup","usergroup_id":"S2"},{"type":"text","text":" and "},{"type":"user","user_id":"U3"}`
	if got := compact(t, m.Blocks); !strings.Contains(got, want) {
		t.Errorf("got %s", got)
	}
}
