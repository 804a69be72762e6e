package bot

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"enjobridge/blocks"
	"enjobridge/storage"
)

// Ensure that a value of a button is read as what it was written from.
func TestParseMessageID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := storage.MessageID{
			Team:    rapid.StringMatching(`T[A-Z0-9]{1,10}`).Draw(t, "team"),
			Channel: rapid.StringMatching(`[CDG][A-Z0-9]{1,10}`).Draw(t, "channel"),
			TS:      rapid.StringMatching(`[0-9]{10}\.[0-9]{6}(#[a-z]+(/[0-9]+)?)?`).Draw(t, "ts"),
		}
		if got, ok := parseMessageID(id.String()); !ok || got != id {
			t.Fatalf("%v, %v", got, ok)
		}
	})
	for _, text := range []string{"", "T1/C1", "T1/C1/now", "T1/../1.2", "T1/C1/#ticket"} {
		if got, ok := parseMessageID(text); ok {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

// Ensure that what Slack is said to have sent as an address leads to Slack.
func TestRespondGoesToSlackAlone(t *testing.T) {
	d := &desk{cfg: Config{SlackAPIURL: "https://slack.com/api/"}}
	for _, address := range []string{
		"https://evil.example/hook", "http://hooks.slack.com/commands/1", "https://hooks.slack.com.evil.example/", "file:///etc/passwd", "::", "",
	} {
		if err := d.respond(t.Context(), address, notice("hello")); err == nil || !strings.Contains(err.Error(), "not Slack's") {
			t.Errorf("%q: error %v", address, err)
		}
	}
}

func TestErrands(t *testing.T) {
	var log strings.Builder
	e := newErrands(context.Background(), zerolog.New(&log))
	let := make(chan struct{})
	for range maxErrands {
		e.run("waiting", func(context.Context) error { <-let; return nil })
	}
	e.run("one too many", func(context.Context) error { t.Error("it was run"); return nil })
	close(let)
	e.running.Wait()
	e.run("failing", func(context.Context) error { return errors.New("it does") })
	e.running.Wait()
	e.run("panicking", func(context.Context) error { panic("it does") })
	e.close()
	e.run("too late", func(context.Context) error { t.Error("it was run"); return nil })
	for _, want := range []string{"one too many", "errand failed", "a fault in an errand"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
}

// Ensure that every control that is shown does something.
func TestEveryButtonIsKnown(t *testing.T) {
	d := &desk{}
	for _, name := range []string{
		blocks.ActionFeedback, blocks.ActionSources, blocks.ActionCreateTicket, blocks.ActionEscalate, blocks.ActionEscalationDone,
		blocks.ActionCheckStatus, blocks.ActionRetry, blocks.ActionAnswerNow, blocks.ActionSolved, blocks.ActionReopen,
		blocks.ActionComment, blocks.ActionTicketNews,
	} {
		if _, known := d.acts(interaction{Kind: pressed, Name: name}); !known {
			t.Errorf("%s does nothing", name)
		}
	}
	for _, name := range []string{blocks.CallbackFeedback, blocks.CallbackComment} {
		if _, known := d.acts(interaction{Kind: submitted, Name: name}); !known {
			t.Errorf("%s does nothing", name)
		}
	}
}

// Ensure that a failure offers to try again only what can be asked again.
func TestRetryIsOfferedWhereItCanBe(t *testing.T) {
	id := storage.MessageID{Team: "T1", Channel: "C1", TS: "1.2"}
	for name, test := range map[string]struct {
		q    storage.Question
		code string
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
			if got := len(failureOf(test.code).notice(test.q).Buttons) > 0; got != test.want {
				t.Errorf("offered: %v", got)
			}
		})
	}
}
