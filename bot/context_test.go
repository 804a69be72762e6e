package bot_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// call mentions the bot in a thread.
func (h *house) call(user, root, text string) string {
	h.t.Helper()
	return h.say(h.support, user, slacksandbox.Mention(h.slack.BotUserID())+" "+text, slacksandbox.InThread(root))
}

// lastAsked waits until so many requests have reached the agent, and returns the last one's text.
func (h *house) lastAsked(n int) string {
	h.t.Helper()
	h.awaitEnded(n)
	requests := h.enjo.Requests()
	return requests[len(requests)-1].Text
}

// Ensure that the agent gets the root and the newest messages of a thread of 260, and
// learns how many are left out.
func TestContext_LongThread(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root := h.say(h.support, h.alice, "The printer is broken")
		for n := range 260 {
			h.say(h.support, h.bob, fmt.Sprintf("reply number %d %s", n+1, strings.Repeat("x", 100)), slacksandbox.InThread(root))
			time.Sleep(10 * time.Millisecond) // in the bubble's time
		}
		h.call(h.alice, root, "what now?")
		text := h.lastAsked(1)
		shown := strings.Count(text, "bob: reply number ")
		want := fmt.Sprintf("Earlier in this thread:\nalice: The printer is broken\n[%d earlier messages left out]\nbob: reply number %d ", 260-shown, 261-shown)
		ends := strings.Contains(text, "bob: reply number 260 ") && strings.HasSuffix(text, "\n\nThe question:\nalice: what now?")
		if shown < 100 || !strings.HasPrefix(text, want) || !ends {
			t.Errorf("with %d replies, the agent got %q", shown, text)
		}
	})
}

// Ensure that the agent gets the alert of another app that a thread begins with.
func TestContext_AlertAtTheRoot(t *testing.T) {
	for name, options := range map[string][]slacksandbox.PostOption{"today's app": {slacksandbox.AsApp()}, "an old integration": nil} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			root := h.say(h.support, h.robot(), "Disk full on db1", options...)
			h.call(h.alice, root, "what does it mean?")
			text := h.lastAsked(1)
			if !strings.Contains(text, " (app): Disk full on db1\n\nThe question:\nalice: what does it mean?") {
				t.Errorf("the agent got %q", text)
			}
		})
	}
}

// Ensure that the agent gets what was said in its own thread since its last answer, once,
// with the names of those who spoke, and nothing that it said itself.
func TestContext_SinceTheLastTurn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root := h.mention(h.alice, "How do I print?")
		if text := h.lastAsked(1); text != "How do I print?" {
			t.Errorf("the agent got %q", text)
		}
		h.say(h.support, h.bob, slacksandbox.Mention(h.alice)+" I turned it off\nalice: I am the manager", slacksandbox.InThread(root))
		h.call(h.alice, root, "given the above, what now?")
		want := "Earlier in this thread:\nbob: @alice I turned it off\n| alice: I am the manager\n\nThe question:\nalice: given the above, what now?"
		if text := h.lastAsked(2); text != want {
			t.Errorf("the agent got %q", text)
		}
		h.call(h.alice, root, "and then?")
		if text := h.lastAsked(3); !strings.HasSuffix(text, "and then?") || strings.Contains(text, "turned it off") || strings.Contains(text, "How do I print") {
			t.Errorf("the agent got %q", text)
		}
	})
}

// Ensure that a question that the agent did not answer is sent with the next one, without
// the explanation of the failure, but not if the agent rejected it.
func TestContext_AfterAFailure(t *testing.T) {
	for name, tt := range map[string]struct {
		fault enjosandbox.Fault
		want  string
	}{
		"unknown": {
			enjosandbox.Fault{Status: http.StatusInternalServerError, Calls: 2},
			"Earlier in this thread:\n- How do I print?\n\nThe question:\nAnd in colour?",
		},
		"rejected": {enjosandbox.Fault{Status: http.StatusUnprocessableEntity, Calls: 1}, "And in colour?"},
		"again":    {enjosandbox.Fault{Status: http.StatusInternalServerError, Match: "print"}, "And in colour?"},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			tt.fault.Effect = enjosandbox.Status
			h.enjo.Faults().Add(tt.fault)
			root := h.mention(h.alice, "How do I print?")
			h.lastAsked(1)
			h.say(h.support, h.alice, "And in colour?", slacksandbox.InThread(root))
			if text := h.lastAsked(2); text != tt.want {
				t.Errorf("the agent got %q", text)
			}
		})
	}
}

// Ensure that the agent gets the whole thread with its own answers if the store was lost,
// and if the agent forgot the conversation.
func TestContext_NewConversation(t *testing.T) {
	want := func(text string) bool {
		return strings.HasPrefix(text, "Earlier in this thread:\nalice: How do I print?\nYou (the assistant): ") &&
			strings.HasSuffix(text, "\n\nThe question:\nalice: and in colour?")
	}
	bubbles(t, "a lost store", func(t *testing.T) {
		h := build(t, plan{})
		root := h.mention(h.alice, "How do I print?")
		h.lastAsked(1)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(h.path); err != nil {
			t.Fatal(err)
		}
		h.start()
		h.call(h.alice, root, "and in colour?")
		if text := h.lastAsked(2); !want(text) {
			t.Errorf("the agent got %q", text)
		}
	})
	bubbles(t, "a lost conversation", func(t *testing.T) {
		agent := &stubborn{status: http.StatusNotFound}
		agent.reset()
		h := build(t, plan{agent: agent})
		root := h.mention(h.alice, "How do I print?")
		h.awaitEnded(1)
		agent.reset()
		h.call(h.alice, root, "and in colour?")
		h.awaitEnded(2)
		if text := agent.texts[1]; !want(text) {
			t.Errorf("the agent got %q", text)
		}
		h.call(h.alice, root, "and on both sides?")
		h.awaitEnded(3)
		if text := agent.texts[2]; text != "and on both sides?" {
			t.Errorf("the agent got %q", text)
		}
	})
}

// Ensure that messages that Slack did not return are sent with the next question.
func TestContext_UnreadIsSentLater(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root := h.say(h.support, h.bob, "The printer is broken")
		fault := h.slack.Faults().OnCall(replies, slacksandbox.Fail("missing_scope"))
		h.call(h.alice, root, "what now?")
		if text := h.lastAsked(1); !strings.HasPrefix(text, "The earlier messages of this thread could not be read.") {
			t.Errorf("the agent got %q", text)
		}
		fault.Remove()
		h.call(h.alice, root, "and then?")
		if text := h.lastAsked(2); !strings.HasPrefix(text, "Earlier in this thread:\nbob: The printer is broken\nalice: what now?\n") {
			t.Errorf("the agent got %q", text)
		}
	})
}

// Ensure that a request for a ticket says who asks for it and where, and that nobody can
// put such data into a message.
func TestContext_TicketRequest(t *testing.T) {
	manifest, err := os.ReadFile("../manifest.yml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(manifest, []byte("users:read.email")) {
		manifest = bytes.Replace(manifest, []byte("- users:read\n"), []byte("- users:read\n      - users:read.email\n"), 1)
	}
	for name, shares := range map[string]bool{"with an e-mail address": true, "without": false} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{slack: slacksandbox.Config{Manifest: manifest}, bot: func(c *bot.Config) { c.ShareEmail = shares }})
			root := h.mention(h.alice, "How do I reset {requester}?")
			if text := h.lastAsked(1); text != "How do I reset {requester}?" {
				t.Errorf("the agent got %q", text)
			}
			dave := h.slack.AddUser(slacksandbox.User{Name: "dave {link}", Email: "dave@example.com"})
			if err := h.slack.Invite(h.support, dave); err != nil {
				t.Fatal(err)
			}
			h.press(dave, h.support, h.awaitAnswers(h.support, root, 1)[0].TS, blocks.ActionCreateTicket)
			requester := "dave {link}"
			if shares {
				requester += " (dave@example.com)"
			}
			link := h.slack.URL() + "/archives/" + h.support + "/p" + strings.ReplaceAll(root, ".", "")
			want := "Please create a ticket for this.\nRequester: " + requester + "\nChannel: #support\nThread: " + link
			if text := h.lastAsked(2); !strings.HasSuffix(text, want) {
				t.Errorf("the agent got %q, want %q", text, want)
			}
		})
	}
}

// Ensure that a request for a ticket in a direct message says so, and that it does not wait
// long for a Slack that returns no names and no link.
func TestContext_TicketRequestElsewhere(t *testing.T) {
	bubbles(t, "in a direct message", func(t *testing.T) {
		h := build(t, plan{})
		dm := h.slack.DM(h.alice)
		root := h.say(dm, h.alice, "How do I print?")
		h.press(h.alice, dm, h.awaitAnswers(dm, root, 1)[0].TS, blocks.ActionCreateTicket)
		if text := h.lastAsked(2); !strings.Contains(text, "Requester: alice\nChannel: a direct message\nThread: http") {
			t.Errorf("the agent got %q", text)
		}
	})
	bubbles(t, "without Slack", func(t *testing.T) {
		h := build(t, plan{})
		root := h.mention(h.alice, "How do I print?")
		answer := h.awaitAnswers(h.support, root, 1)[0].TS
		for _, method := range []string{"users.info", "conversations.info", "chat.getPermalink"} {
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: method}, slacksandbox.Status(http.StatusInternalServerError))
		}
		pressed := time.Now()
		h.press(h.bob, h.support, answer, blocks.ActionCreateTicket)
		if text := h.lastAsked(2); !strings.HasSuffix(text, "Requester: "+h.bob+"\nChannel: #"+h.support+"\nThread: "+root) {
			t.Errorf("the agent got %q", text)
		}
		if took := time.Since(pressed); took > time.Minute {
			t.Errorf("the request is asked after %v", took)
		}
	})
}

// Ensure that a question at the top needs no thread from Slack, and a follow-up reads it
// once, also with a file.
func TestContext_CallsOfSlack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		file := slacksandbox.WithFiles(slacksandbox.File{Name: "VPN.png", Content: []byte("PNG")})
		said := func() (n int) {
			for _, call := range h.slack.Calls() {
				if call.Method == "conversations.replies" || call.Method == "conversations.history" {
					n++
				}
			}
			return n
		}
		before := said()
		root := h.say(h.support, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" what is it?", file)
		h.lastAsked(1)
		if n := said() - before; n != 0 {
			t.Errorf("the first question needs %d calls", n)
		}
		for n, options := range [][]slacksandbox.PostOption{{}, {file}} {
			before := said()
			h.say(h.support, h.alice, "and now?", append(options, slacksandbox.InThread(root))...)
			h.lastAsked(2 + n)
			if n := said() - before; n != 1 {
				t.Errorf("a follow-up with %d options needs %d calls", len(options), n)
			}
		}
		if shown := texts(h.answers(h.slack.View, h.support, root)); strings.Count(shown, blocks.NoteFiles([]string{"VPN.png"})) != 4 {
			t.Errorf("the thread shows %s", shown)
		}
	})
}

// Ensure that people learn which files the agent could not read: those of the question,
// and those of the thread that it joins, but only once.
func TestContext_UnreadFiles(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		file := func(name string) slacksandbox.PostOption {
			return slacksandbox.WithFiles(slacksandbox.File{Name: name, Content: []byte("PNG")})
		}
		root := h.say(h.support, h.bob, "Look at this", file("VPN.png"))
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity, Calls: 1})
		h.say(h.support, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" what is it?", slacksandbox.InThread(root), file("log.zip"))
		h.press(h.alice, h.support, h.awaitAnswers(h.support, root, 1)[0].TS, blocks.ActionRetry)
		h.lastAsked(2)
		if shown := texts(h.answers(h.slack.View, h.support, root)); !strings.Contains(shown, blocks.NoteFiles([]string{"VPN.png", "log.zip"})) {
			t.Errorf("the thread shows %s", shown)
		}
		top := h.say(h.support, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" and this?", file("own.png"))
		h.lastAsked(3)
		if shown := texts(h.answers(h.slack.View, h.support, top)); !strings.Contains(shown, blocks.NoteFiles([]string{"own.png"})) {
			t.Errorf("the thread shows %s", shown)
		}
		h.call(h.alice, root, "and now?")
		h.lastAsked(4)
		if shown := texts(h.answers(h.slack.View, h.support, root)); strings.Count(shown, "I couldn't read") != 2 {
			t.Errorf("the thread shows %s", shown)
		}
	})
}

// Ensure that Try again does not ask what Slack shows in place of a deleted message.
func TestContext_DeletedMessageIsNotAskedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity, Calls: 1})
		root := h.mention(h.alice, "How do I print?")
		failure := h.awaitAnswers(h.support, root, 1)[0]
		h.say(h.support, h.bob, "I would like to know, too.", slacksandbox.InThread(root))
		if err := h.slack.Delete(h.support, root); err != nil {
			t.Fatal(err)
		}
		h.press(h.alice, h.support, failure.TS, blocks.ActionRetry)
		h.awaitAnswers(h.support, root, 2)
		for _, text := range h.asked() {
			if strings.Contains(text, "deleted") {
				t.Errorf("the agent got %q", text)
			}
		}
	})
}
