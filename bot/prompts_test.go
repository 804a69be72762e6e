package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enjobridge/bot"
	"enjobridge/bot/interact"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that direct messages suggest questions when they are opened, once, to those who
// may ask.
func TestDirectMessagesSuggestQuestions(t *testing.T) {
	long := "How do I " + strings.Repeat("really ", 20) + "print?"
	for name, test := range map[string]struct {
		config func(*bot.Config)
		user   func(*house) string
		want   []string
	}{
		"by default":       {func(*bot.Config) {}, func(h *house) string { return h.alice }, interact.DefaultPrompts},
		"as set":           {func(c *bot.Config) { c.SuggestedPrompts = []string{"How do I print?", long} }, func(h *house) string { return h.alice }, []string{"How do I print?", long}},
		"not to outsiders": {func(c *bot.Config) { c.SuggestedPrompts = []string{"How do I print?"} }, func(h *house) string { return h.carol }, nil},
		"not without the Agents feature": {
			func(c *bot.Config) { c.AgentView, c.SuggestedPrompts = false, []string{"How do I print?"} }, func(h *house) string { return h.alice }, nil,
		},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{bot: test.config})
			dm := ""
			for range 3 {
				var err error
				if dm, err = h.slack.OpenDM(test.user(h)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute) // in the bubble's time
			}
			calls := 0
			for _, c := range h.slack.Calls() {
				if c.Method == "assistant.threads.setSuggestedPrompts" {
					calls++
				}
			}
			if want := min(len(test.want), 1); calls != want {
				t.Fatalf("the suggestions were set %d times", calls)
			}
			if test.want == nil {
				return
			}
			var messages []string
			for _, p := range h.slack.Prompts(dm) {
				messages = append(messages, p.Message)
				if len([]rune(p.Title)) > 60 {
					t.Errorf("the title %q is long", p.Title)
				}
			}
			if diff := cmp.Diff(test.want, messages); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Ensure that a failure to suggest questions does not matter, and is made up for the
// next time.
func TestSuggestionsThatFail(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.SuggestedPrompts = []string{"How do I print?"} }})
		fault := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "assistant.threads.setSuggestedPrompts", Times: 1}, slacksandbox.Fail("internal_error"))
		dm, err := h.slack.OpenDM(h.alice)
		if err != nil {
			t.Fatal(err)
		}
		h.await("the failure", func(slacksandbox.View) bool { return fault.Fired() == 1 })
		h.works()
		if _, err := h.slack.OpenDM(h.alice); err != nil {
			t.Fatal(err)
		}
		h.await("the suggestion", func(v slacksandbox.View) bool {
			shown := v.Prompts(dm)
			return len(shown) == 1 && shown[0].Message == "How do I print?"
		})
	})
}

// Ensure that a thread's agent session has the first question as its title.
func TestSessionsHaveTheFirstQuestionAsTitle(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{enjo: enjosandbox.Config{Latency: 5 * time.Second}})
		dm := h.slack.DM(h.alice)
		for text, want := range map[string]string{
			"How do I *print*\non the second floor?": "How do I print on the second floor?",
			strings.Repeat("Why? ", 40):              strings.TrimSpace(strings.Repeat("Why? ", 11)) + "…",
		} {
			root := h.say(dm, h.alice, text)
			h.awaitAnswers(dm, root, 1)
			h.say(dm, h.alice, "And in colour?", slacksandbox.InThread(root))
			h.awaitAnswers(dm, root, 2)
			if s, _ := h.slack.Session(dm, root); s.Title != want {
				t.Errorf("the title is %q, want %q", s.Title, want)
			}
		}
	})
}
