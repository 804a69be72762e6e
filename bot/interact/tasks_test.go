package interact

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/deliver"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

func TestErrands(t *testing.T) {
	var log strings.Builder
	e := newTasks(context.Background(), zerolog.New(&log))
	let := make(chan struct{})
	for range maxTasks {
		e.start("waiting", func(context.Context) error { <-let; return nil })
	}
	e.start("one too many", func(context.Context) error { t.Error("it was run"); return nil })
	close(let)
	e.running.Wait()
	e.start("failing", func(context.Context) error { return errors.New("it does") })
	e.running.Wait()
	e.start("panicking", func(context.Context) error { panic("it does") })
	e.close()
	e.start("too late", func(context.Context) error { t.Error("it was run"); return nil })
	for _, want := range []string{"one too many", "errand failed", "a fault in an errand"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
}

// Ensure that every control that is shown does something.
func TestEveryButtonIsKnown(t *testing.T) {
	d := &Interact{}
	for _, name := range []string{
		blocks.ActionFeedback, blocks.ActionSources, blocks.ActionCreateTicket, blocks.ActionEscalate, blocks.ActionEscalationDone,
		blocks.ActionCheckStatus, blocks.ActionRetry, blocks.ActionAnswerNow, blocks.ActionSolved, blocks.ActionReopen,
		blocks.ActionComment, blocks.ActionTicketNews,
	} {
		if _, known := d.action(slackevent.Interaction{Kind: slackevent.BlockAction, Name: name}); !known {
			t.Errorf("%s does nothing", name)
		}
	}
	for _, name := range []string{blocks.CallbackFeedback, blocks.CallbackComment} {
		if _, known := d.action(slackevent.Interaction{Kind: slackevent.ViewSubmission, Name: name}); !known {
			t.Errorf("%s does nothing", name)
		}
	}
}

// Ensure that a failure offers to try again only what can be asked again.
func TestRetryIsOfferedWhereItCanBe(t *testing.T) {
	id := storage.MessageID{Team: "T1", Channel: "C1", TS: "1.2"}
	for name, test := range map[string]struct {
		q    storage.Question
		code storage.Failure
		want bool
	}{
		"a message":          {storage.Question{Origin: storage.Mention}, "outcome_unknown", true},
		"a ticket":           {storage.Question{Origin: storage.Button, MakesTicket: true}, "outcome_unknown", true},
		"a retry":            {storage.Question{Origin: storage.Button, Again: []storage.MessageID{id}}, "outcome_unknown", true},
		"a comment":          {storage.Question{Origin: storage.Button}, "outcome_unknown", false},
		"what does not help": {storage.Question{Origin: storage.Mention}, "bad_token", false},
	} {
		t.Run(name, func(t *testing.T) {
			test.q.Outcome = &storage.Outcome{Failure: test.code}
			if got := len(deliver.Explain(test.code).Notice(test.q).Buttons) > 0; got != test.want {
				t.Errorf("offered: %v", got)
			}
		})
	}
}
