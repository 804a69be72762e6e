package dispatch

import (
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"enjobridge/storage"
)

// Ensure that a panic in preparing a question is logged, and the question asked all the same.
func TestDispatcher_PreparingPanics(t *testing.T) {
	var log strings.Builder
	d := &Dispatcher{log: zerolog.New(&log)} // without prompts, which panics
	q := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "C1", TS: "1.2"}, Text: "How do I print?"}
	if text := d.write(t.Context(), q); text != q.Text {
		t.Errorf("the agent is asked %q", text)
	}
	if !strings.Contains(log.String(), storage.Reference(q.ID)) || strings.Contains(log.String(), q.Text) {
		t.Errorf("the log says %s", log.String())
	}
}
