package interact

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
)

// Ensure that tasks are bounded, and that one that fails or panics harms no other.
func TestTasks(t *testing.T) {
	var log strings.Builder
	tasks := newTasks(context.Background(), zerolog.New(&log))
	let := make(chan struct{})
	for range maxTasks {
		tasks.start("waiting", func(context.Context) error { <-let; return nil })
	}
	tasks.start("one too many", func(context.Context) error { t.Error("it was run"); return nil })
	close(let)
	tasks.running.Wait()
	tasks.start("failing", func(context.Context) error { return errors.New("it does") })
	tasks.running.Wait()
	tasks.start("panicking", func(context.Context) error { panic("it does") })
	tasks.close()
	tasks.start("too late", func(context.Context) error { t.Error("it was run"); return nil })
	for _, want := range []string{"one too many", "a task failed", "a task panicked"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
}

// Ensure that every control in the bot's messages has an action.
func TestNew_ActionsOfAllControls(t *testing.T) {
	h := New(t.Context(), Config{Metrics: telemetry.NewRegistry()})
	for _, name := range []string{
		blocks.ActionFeedback, blocks.ActionSources, blocks.ActionCreateTicket, blocks.ActionEscalate, blocks.ActionEscalationDone,
		blocks.ActionCheckStatus, blocks.ActionRetry, blocks.ActionAnswerNow, blocks.ActionSolved, blocks.ActionReopen,
		blocks.ActionComment, blocks.ActionTicketNews,
	} {
		if h.actions[control{slackevent.BlockAction, name}] == nil {
			t.Errorf("%s has no action", name)
		}
	}
	for _, name := range []string{blocks.CallbackFeedback, blocks.CallbackComment} {
		if h.actions[control{slackevent.ViewSubmission, name}] == nil {
			t.Errorf("%s has no action", name)
		}
	}
}
