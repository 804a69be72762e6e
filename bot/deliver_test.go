package bot_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that the bot does not repeat posts whose responses were lost: answers, cards,
// changes of tickets, and calls for a person.
func TestAPostWhoseAnswerIsLostIsNotRepeated(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.EscalateTo = []string{"U0HELPER"} }})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 4}, slacksandbox.LoseResponse())
		root, id := h.openTicket() // an answer and a card
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.update", Times: 1}, slacksandbox.LoseResponse())
		h.say(h.support, h.alice, "what is the status of "+id+"?", slacksandbox.InThread(root))
		h.awaitEnded(2) // an answer and a change
		answers := h.answers(h.slack.View, h.support, root)
		if len(answers) != 4 {
			t.Errorf("%d messages: %s", len(answers), texts(answers))
		}
		if _, cards := h.card(root, id); cards != 1 {
			t.Errorf("%d cards", cards)
		}
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1}, slacksandbox.LoseResponse())
		h.press(h.alice, h.support, answers[0].TS, blocks.ActionEscalate)
		h.awaitLine(root, "would like to talk to a person")
		h.press(h.alice, h.support, answers[0].TS, blocks.ActionEscalate)
		h.awaitEphemeral(h.support, h.alice, blocks.SayCalled.Text())
		if n := len(h.answers(h.slack.View, h.support, root)); n != 5 {
			t.Errorf("%d messages after the call", n)
		}
	})
}

// Ensure that a post that Slack gets when nobody waits for the response any more, and that was
// posted again, is deleted, and that the other one goes on to be used.
func TestAPostThatArrivesLateIsDeleted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1}, slacksandbox.Overdue(40*time.Second))
		root := h.mention(h.alice, "How do I reset my VPN password?")
		h.awaitEnded(1)
		posted := h.awaitAnswers(h.support, root, 1)
		time.Sleep(time.Minute)
		answers := h.answers(h.slack.View, h.support, root)
		if len(answers) != 1 || answers[0].TS != posted[0].TS {
			t.Errorf("the thread shows %s", texts(answers))
		}
		deleted := slices.ContainsFunc(h.slack.Calls(), func(c slacksandbox.Call) bool { return c.Method == "chat.delete" && c.Error == "" })
		if !deleted {
			t.Error("nothing was deleted")
		}
	})
}

// Ensure that the bot uploads an answer as a file, once, if Slack rejects every other
// form.
func TestAnAnswerThatSlackRefusesComesAsAFile(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		const others = 4 // rich, markdown, mrkdwn, plain
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: others}, slacksandbox.Fail("invalid_blocks"))
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "files.completeUploadExternal", Times: 1}, slacksandbox.LoseResponse())
		root := h.mention(h.alice, "How do I reset my VPN password?")
		h.awaitEnded(1)
		var files []slacksandbox.File
		for _, m := range h.slack.Thread(h.support, root) {
			files = append(files, m.Files...)
		}
		if len(files) != 1 {
			t.Fatalf("there are %d files", len(files))
		}
		file, _ := h.slack.File(files[0].ID)
		if content := string(file.Content); !strings.Contains(content, "expires every 180 days") || !strings.Contains(content, "## Sources") {
			t.Errorf("the file contains %s", content)
		}
		if shown := texts(h.answers(h.slack.View, h.support, root)); !strings.Contains(shown, blocks.SayInFile.Text()) {
			t.Errorf("the message shows %s", shown)
		}
		if log := h.log.String(); strings.Count(log, "slack refused a message") != others || !strings.Contains(log, "invalid_blocks") {
			t.Error("the steps are not in the log")
		}
	})
}

// Ensure that the bot posts only a short message with the log's reference if Slack
// rejects every form of an answer.
func TestAnAnswerThatSlackRejectsIsReported(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 4}, slacksandbox.Fail("invalid_blocks"))
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "files.getUploadURLExternal"}, slacksandbox.Fail("file_uploads_disabled"))
		root := h.mention(h.alice, "How do I reset my VPN password?")
		h.awaitEnded(1)
		answers := h.answers(h.slack.View, h.support, root)
		if len(answers) != 1 || !strings.Contains(answers[0].Text, blocks.SayUntaken.Text()) || !strings.Contains(string(answers[0].Blocks), "Try again") {
			t.Fatalf("the thread has %d posts: %s", len(answers), texts(answers))
		}
		log, shown := h.log.String(), texts(answers)
		if at := strings.Index(shown, "EB-"); at < 0 || !strings.Contains(log, shown[at:at+9]) || !strings.Contains(log, `"state":"failed"`) {
			t.Errorf("the reference in %s is not in the log", shown)
		}
	})
}

// Ensure that an intermediary between the bot and Slack, such as a proxy that rejects a
// call, loses no answer.
func TestAnAnswerOutlastsAProxy(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound, http.StatusProxyAuthRequired} {
		bubbles(t, http.StatusText(status), func(t *testing.T) {
			h := build(t, plan{})
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 2}, slacksandbox.Status(status))
			root := h.mention(h.alice, "How do I reset my VPN password?")
			if shown := texts(h.awaitAnswers(h.support, root, 1)); !strings.Contains(shown, "expires every 180 days") {
				t.Errorf("the thread shows %s", shown)
			}
			h.awaitEnded(1)
		})
	}
}

// Ensure that the bot finishes an answer after a restart in the simpler form in which it
// began it.
func TestASimplerRenderingIsFinishedByTheNextProcess(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		refused := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 4}, slacksandbox.Fail("invalid_blocks"))
		hangs := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "files.getUploadURLExternal"}, slacksandbox.Hang())
		root := h.mention(h.alice, "How do I reset my VPN password?")
		h.await("the upload to hang", func(slacksandbox.View) bool { return refused.Fired() == 4 && hangs.Fired() > 0 })
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		hangs.Remove()
		h.start()
		h.awaitEnded(1)
		files := 0
		for _, m := range h.slack.Thread(h.support, root) {
			files += len(m.Files)
		}
		if answers := h.answers(h.slack.View, h.support, root); files != 1 || !strings.Contains(texts(answers), blocks.SayInFile.Text()) {
			t.Errorf("the thread has %d files and shows %s", files, texts(answers))
		}
	})
}

func TestButtonsAreOffered(t *testing.T) {
	people := func(c *bot.Config) { c.EscalateTo = []string{"U0HELPER"} }
	for name, test := range map[string]struct {
		bot            func(*bot.Config)
		direct         bool
		ticket, person bool
	}{
		"tickets by default":            {nil, false, true, false},
		"people if some are configured": {people, false, true, true},
		"people in a direct message":    {people, true, true, true},
		"no group in a direct message":  {func(c *bot.Config) { c.EscalateTo = []string{"S0HELPERS"} }, true, true, false},
		"a group in a separate channel": {
			func(c *bot.Config) { c.EscalateTo, c.EscalateChannel = []string{"S0HELPERS"}, "C0HELPERS" }, true, true, true,
		},
		"no tickets if they are turned off": {func(c *bot.Config) { c.NoTicketButton = true }, false, false, false},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{bot: test.bot})
			channel, text := h.support, slacksandbox.Mention(h.slack.BotUserID())+" How do I reset my VPN password?"
			if test.direct {
				channel = h.slack.DM(h.alice)
			}
			shown := texts(h.awaitAnswers(channel, h.say(channel, h.alice, text), 1))
			if got := strings.Contains(shown, blocks.ActionCreateTicket); got != test.ticket {
				t.Errorf("whether a ticket is offered: %v", got)
			}
			if got := strings.Contains(shown, blocks.ActionEscalate); got != test.person {
				t.Errorf("whether a person is offered: %v", got)
			}
		})
	}
}

func TestOnlyThoseWhoAreServedPressButtons(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.AllowedUsers = []string{"U0NOBODY"} }})
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.config = nil
		h.start()
		root := h.mention(h.alice, "How do I reset my VPN password?")
		answer := h.awaitAnswers(h.support, root, 1)[0].TS
		h.awaitEnded(1)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.config = func(c *bot.Config) { c.AllowedUsers = []string{h.bob} }
		h.start()
		h.press(h.alice, h.support, answer, blocks.ActionCreateTicket)
		h.awaitEphemeral(h.support, h.alice, blocks.SayUserNotAllowed.Text())
		receipt, err := h.slack.Command(h.alice, h.support, "/enjo", "tickets")
		h.acknowledged(receipt, err)
		h.await("a second refusal", func(v slacksandbox.View) bool { return len(h.ephemerals(v, h.support, h.alice)) == 2 })
		if n := len(h.enjo.Requests()); n != 1 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}

// Ensure that a person who presses a button always gets a response, even if Slack
// rejects calls.
func TestWhatDidNotWorkIsSaid(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.EscalateTo = []string{"U0HELPER"} }})
		root := h.mention(h.alice, "How do I reset my VPN password?")
		answer := h.awaitAnswers(h.support, root, 1)[0].TS
		h.awaitEnded(1)
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "views.open"}, slacksandbox.Fail("expired_trigger_id"))
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage"}, slacksandbox.Fail("restricted_action"))
		h.press(h.bob, h.support, answer, blocks.ActionFeedback, blocks.FeedbackBad+" "+h.id(root).String())
		h.awaitEphemeral(h.support, h.bob, blocks.SayDidNotWork.Text())
		h.press(h.alice, h.support, answer, blocks.ActionEscalate)
		h.awaitEphemeral(h.support, h.alice, blocks.SayDidNotWork.Text())

		// Nobody was called, so the thread is not muted, and the button still works.
		h.slack.Faults().Clear()
		h.press(h.alice, h.support, answer, blocks.ActionEscalate)
		h.awaitLine(root, "would like to talk to a person")
	})
}

// Ensure that buttons do not bypass the limits on messages.
func TestButtonsKeepToTheBounds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.ChannelDailyLimit = 2 }})
		var answers []string
		for range 2 {
			root := h.mention(h.alice, "How do I reset my VPN password?")
			answers = append(answers, h.awaitAnswers(h.support, root, 1)[0].TS)
		}
		h.awaitEnded(2)
		h.press(h.alice, h.support, answers[1], blocks.ActionCreateTicket)
		h.awaitEphemeral(h.support, h.alice, "used up its questions for today")
		if n := len(h.enjo.Requests()); n != 2 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}

// Ensure that Slack does not fetch the links of what the bot posts.
func TestLinksAreNotUnfurled(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		h.awaitAnswers(h.support, ts, 1)
		h.mention(h.alice, "")
		h.awaitEphemeral(h.support, h.alice, "question")
		posts := 0
		for _, call := range h.slack.Calls() {
			if !strings.HasPrefix(call.Method, "chat.post") {
				continue
			}
			posts++
			if call.Args["unfurl_links"] != "false" || call.Args["unfurl_media"] != "false" {
				t.Errorf("%s was called with %v", call.Method, call.Args)
			}
		}
		if posts < 2 {
			t.Errorf("the bot posted %d times", posts)
		}
	})
}
