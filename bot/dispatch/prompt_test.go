package dispatch

import (
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackevent"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// Ensure that a panic in preparing a question is logged, and the question asked all the same.
func TestDispatcher_PreparingPanics(t *testing.T) {
	var log strings.Builder
	logger := zerolog.New(&log)
	d := &Dispatcher{panics: supervise.New(telemetry.NewRegistry(), logger), log: logger} // without prompts, which panics
	q := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "C1", TS: "1.2"}, Text: "How do I print?"}
	if text := d.write(t.Context(), q, false, time.Second).question; text != q.Text {
		t.Errorf("the agent is asked %q", text)
	}
	if !strings.Contains(log.String(), storage.Reference(q.ID)) || strings.Contains(log.String(), q.Text) {
		t.Errorf("the log says %s", log.String())
	}
}

// Ensure that a question is prepared without Slack only if Slack could add nothing to it.
func TestPromptWriter_WithoutSlack(t *testing.T) {
	p := &promptWriter{self: slackevent.Identity{UserID: "UBOT"}}
	root, direct := storage.ThreadID{Channel: "C1", Root: "1.1"}, storage.ThreadID{Channel: "D1"}
	prompt := storage.Question{Thread: direct, Origin: storage.Button, MakesTicket: true}
	with := func(q storage.Question, text string) storage.Question { q.Text = text; return q }
	for name, tt := range map[string]struct {
		q    storage.Question
		want string // empty if Slack has to be asked
	}{
		"plain":                  {storage.Question{Thread: root, Text: "<@UBOT> How do I &lt;print&gt;?"}, "How do I <print>?"},
		"a link":                 {storage.Question{Thread: root, Text: "<https://example.com|this> fails"}, "this (https://example.com) fails"},
		"a person":               {storage.Question{Thread: root, Text: "ask <@U1>"}, ""},
		"a channel":              {storage.Question{Thread: root, Text: "in <#C1>"}, ""},
		"in a thread":            {storage.Question{Thread: storage.ThreadID{Channel: "C1", Root: "1.0"}, Text: "help"}, ""},
		"merged with a reply":    {storage.Question{Thread: root, Text: "help", With: []storage.MessageID{{TS: "1.2"}}}, ""},
		"asked again":            {storage.Question{Thread: root, Text: "help", Again: []storage.MessageID{{TS: "1.1"}}}, ""},
		"with files":             {storage.Question{Thread: root, Text: "help", HasFiles: true, UnreadFiles: []string{"a.png"}}, "help"},
		"direct":                 {storage.Question{Thread: direct, Text: "help"}, "help"},
		"a button in a thread":   {storage.Question{Thread: root, Text: "help", Origin: storage.Button}, ""},
		"the status of a ticket": {storage.Question{Thread: root, Text: "How is IT-1?", Origin: storage.Button, Ticket: "IT-1"}, "How is IT-1?"},
		"a ticket":               {with(prompt, "Make a ticket."), "Make a ticket."},
		"a ticket for someone":   {with(prompt, "Make a ticket for {requester}."), ""},
		"a person's braces":      {storage.Question{Thread: root, Text: "for {requester}", MakesTicket: true}, "for {requester}"},
	} {
		tt.q.ID = storage.MessageID{Channel: tt.q.Thread.Channel, TS: "1.1"}
		if got, ok := p.withoutSlack(tt.q); ok != (tt.want != "") || ok && got.question != tt.want {
			t.Errorf("%s: %q, %v, want %q", name, got.question, ok, tt.want)
		}
	}
}
