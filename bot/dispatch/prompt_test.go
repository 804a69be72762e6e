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
	if text := d.write(t.Context(), q, time.Second).text; text != q.Text {
		t.Errorf("the agent is asked %q", text)
	}
	if !strings.Contains(log.String(), storage.Reference(q.ID)) || strings.Contains(log.String(), q.Text) {
		t.Errorf("the log says %s", log.String())
	}
}

// Ensure that a text is written without Slack only if Slack could add nothing to it.
func TestPromptWriter_WithoutSlack(t *testing.T) {
	p := &promptWriter{self: slackevent.Identity{UserID: "UBOT"}}
	for name, tt := range map[string]struct {
		q    storage.Question
		want string // empty if Slack has to be asked
	}{
		"plain":            {storage.Question{Text: "<@UBOT> How do I &lt;print&gt;?"}, "How do I <print>?"},
		"a link":           {storage.Question{Text: "<https://example.com|this> fails"}, "this (https://example.com) fails"},
		"a person":         {storage.Question{Text: "ask <@U1>"}, ""},
		"a channel":        {storage.Question{Text: "in <#C1>"}, ""},
		"with its history": {storage.Question{Text: "help", WithHistory: true}, ""},
		"asked again":      {storage.Question{Text: "help", Again: []storage.MessageID{{TS: "1.1"}}}, ""},
	} {
		if got, ok := p.withoutSlack(tt.q); ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%s: %q, %v, want %q", name, got, ok, tt.want)
		}
	}
}
