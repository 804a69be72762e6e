package bot_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"enjobridge/blocks"
	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that an empty answer can be asked again with a button, as a whole, and offers no
// feedback.
func TestAnEmptyAnswerCanBeAskedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var calls atomic.Int32
		h := build(t, plan{agent: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := " \n"
			if calls.Add(1) > 1 {
				answer = "Press the button."
			}
			answering(`{"success":true,"data":{"answers":"`+strings.ReplaceAll(answer, "\n", `\n`)+`"}}`).ServeHTTP(w, r)
		})})
		root := h.mention(h.alice, "How do I print?")
		empty := h.awaitAnswers(h.support, root, 1)[0]
		h.awaitEnded(1)
		if shown := texts([]slacksandbox.Message{empty}); !strings.Contains(shown, blocks.ActionRetry) || strings.Contains(shown, "AI-generated") ||
			strings.Contains(shown, blocks.ActionFeedback) {
			t.Errorf("the empty answer shows %s", shown)
		}
		h.press(h.bob, h.support, empty.TS, blocks.ActionRetry)
		answers := h.awaitAnswers(h.support, root, 2)
		h.awaitEnded(2)
		if shown := texts(answers[1:]); !strings.Contains(shown, "Press the button.") || !strings.Contains(shown, blocks.ActionFeedback) {
			t.Errorf("the second answer shows %s", shown)
		}
	})
}

// Ensure that the answer to Create ticket has neither a disclaimer nor feedback buttons.
func TestTheAnswerToCreateTicketIsShort(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root := h.mention(h.alice, "How do I reset my VPN password?")
		first := h.awaitAnswers(h.support, root, 1)[0]
		h.awaitEnded(1)
		h.press(h.alice, h.support, first.TS, blocks.ActionCreateTicket)
		h.awaitEnded(2)
		posts := h.answers(h.slack.View, h.support, root)
		if len(posts) != 3 {
			t.Fatalf("the thread has %d posts: %s", len(posts), texts(posts))
		}
		if shown := texts(posts[1:2]); strings.Contains(shown, "AI-generated") || strings.Contains(shown, blocks.ActionFeedback) {
			t.Errorf("the answer shows %s", shown)
		}
	})
}

// Ensure that people see the sources of an answer collapsed, or in lines if Slack does not
// support containers, which then costs one refused call an hour.
func TestUnsupportedContainersAreRemembered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		sources := `"sources":[{"name":"One","url":"https://kb.example.com/1","score":0.9},{"name":"Two","url":"https://kb.example.com/2","score":0.8}]`
		h := build(t, plan{agent: answering(`{"success":true,"data":{"answers":"Read this.",` + sources + `}}`)})
		hasContainer := func(n int, want bool) {
			t.Helper()
			root := h.mention(h.alice, "What should I read?")
			answer := h.awaitAnswers(h.support, root, 1)[0]
			h.awaitEnded(n)
			var all []struct{ Type string }
			if err := json.Unmarshal(answer.Blocks, &all); err != nil {
				t.Fatal(err)
			}
			if got := all[1].Type == "container"; got != want || !strings.Contains(string(answer.Blocks), "https://kb.example.com/2") {
				t.Errorf("answer %d is %s", n, answer.Blocks)
			}
		}
		hasContainer(1, true)
		unsupported := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", If: func(c slacksandbox.Call) bool {
			return strings.Contains(c.Args["blocks"], `"container"`)
		}}, slacksandbox.Unsupported("container"))
		hasContainer(2, false)
		hasContainer(3, false)
		if unsupported.Fired() != 1 || !strings.Contains(h.log.String(), "/blocks/1/type") {
			t.Errorf("Slack refused %d messages", unsupported.Fired())
		}
		time.Sleep(time.Hour) // in simulated time
		hasContainer(4, false)
		unsupported.Remove()
		hasContainer(5, false)
		time.Sleep(time.Hour)
		hasContainer(6, true)
	})
}

// Ensure that an answer with citations arrives once, also if Slack does not support them.
func TestUnsupportedCitations(t *testing.T) {
	bubble(t, func(t *testing.T) {
		sources := `"sources":[{"name":"One","url":"https://kb.example.com/1","score":0.9},{"name":"Two","url":"https://kb.example.com/2","score":0.8}]`
		h := build(t, plan{agent: answering(`{"success":true,"data":{"answers":"Read this [1].",` + sources + `}}`)})
		ask := func(n int) string {
			t.Helper()
			root := h.mention(h.alice, "What should I read?")
			h.awaitEnded(n)
			posts := h.answers(h.slack.View, h.support, root)
			if len(posts) != 1 {
				t.Fatalf("answer %d has %d posts", n, len(posts))
			}
			return string(posts[0].Blocks)
		}
		if first := ask(1); !strings.Contains(first, `"type":"citation"`) {
			t.Fatalf("no citation: %s", first)
		}
		unsupported := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage"}, slacksandbox.Unsupported("citation"))
		second := ask(2)
		if strings.Contains(second, `"type":"citation"`) || !strings.Contains(second, "Read this") || !strings.Contains(second, "https://kb.example.com/1") {
			t.Errorf("the answer is %s", second)
		}
		if ask(3); unsupported.Fired() < 1 {
			t.Error("Slack refused nothing")
		}
	})
}
