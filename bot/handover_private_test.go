package bot_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

const wantsHuman = "I want to talk to a human"

// callToBob waits for a direct message that calls Bob, and returns it.
func (h *house) callToBob() (call slacksandbox.Message) {
	h.t.Helper()
	h.await("a call to Bob", func(v slacksandbox.View) bool {
		calls := h.direct(v, h.bob)
		if len(calls) > 0 {
			call = calls[len(calls)-1]
		}
		return len(calls) > 0
	})
	return call
}

// pressPrivate presses the button that calls people in the ephemeral message for Alice with
// a text, and waits until she learns that Bob was called.
func (h *house) pressPrivate(channel, text string) (ts string) {
	h.t.Helper()
	ts = h.awaitPrivate(channel, h.alice, text)
	h.press(h.alice, channel, ts, blocks.ActionEscalate)
	h.awaitEphemeral(channel, h.alice, "you can still ask me with /enjo")
	return ts
}

// Ensure that a person who asks for one by the slash command gets the offer privately, at no
// call of the agent's or of the day's; that it calls people once, who learn what the person
// wrote and how to reach the person; and that nobody else sees anything.
func TestAPersonIsOfferedPrivately(t *testing.T) {
	for name, direct := range map[string]bool{"in a channel": false, "in direct messages": true} {
		bubbles(t, name, func(t *testing.T) {
			h := withBob(t, plan{bot: func(c *bot.Config) { c.ChannelDailyLimit, c.MaxWaiting = 1, 1 }})
			h.enjo.Faults().Down()
			channel := h.support
			if direct {
				channel = h.slack.DM(h.alice)
			}
			h.command(h.alice, channel, "How do I print?")
			h.awaitEphemeral(channel, h.alice, blocks.SayKeptForLater.Text())
			h.command(h.alice, channel, wantsHuman+"!")
			h.awaitEnded(1)
			ts := h.pressPrivate(channel, blocks.SayOfferPersonPrivately.Text())
			call := h.callToBob()
			h.has(call, h.alice, wantsHuman+"!", "Please write to them directly")
			if !strings.Contains(call.Text, "Please write to them directly") {
				t.Errorf("the notification says %q", call.Text)
			}
			h.press(h.alice, channel, ts, blocks.ActionEscalate)
			h.awaitEphemeral(channel, h.alice, blocks.SayCalled.Text())
			if n := len(h.direct(h.slack.View, h.bob)); n != 1 {
				t.Errorf("Bob got %d messages", n)
			}
			h.wantPosted(channel, "", 0)

			h.press(h.bob, h.slack.DM(h.bob), call.TS, blocks.ActionEscalationDoneElsewhere)
			h.await("the end for Bob", func(v slacksandbox.View) bool {
				return strings.Contains(texts(h.direct(v, h.bob)), "has taken care of this")
			})
			done := h.direct(h.slack.View, h.bob)[0]
			h.has(done, wantsHuman+"!")
			if strings.Contains(string(done.Blocks), "quiet") {
				t.Errorf("nothing is muted: %s", done.Blocks)
			}
			if err := h.enjo.Faults().Up(); err != nil {
				t.Fatal(err)
			}
			h.awaitEnded(2)
			if asked := h.asked(); strings.Contains(strings.Join(asked, " "), wantsHuman) {
				t.Errorf("the agent got %q", asked)
			}
			h.wantPosted(channel, "", 0)
		})
	}
}

// Ensure that an offer that Slack has perhaps not shown arrives in the direct
// messages, and works there.
func TestAnUnsureOfferIsInTheDirectMessages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url"}, slacksandbox.LoseResponse())
		h.command(h.alice, h.support, wantsHuman)
		dm := h.slack.DM(h.alice)
		offer := h.awaitPosted(dm, blocks.SayOfferPersonPrivately.Text())
		h.awaitEnded(1)
		h.slack.Faults().Clear()
		h.press(h.alice, dm, offer, blocks.ActionEscalate)
		h.await("the confirmation", h.shows(dm, offer, "shown them your questions"))
		call := h.callToBob()
		h.has(call, wantsHuman)
		if strings.Contains(string(call.Blocks), "Click the button") {
			t.Errorf("the call quotes the offer: %s", call.Blocks)
		}
	})
}

// Ensure that a private answer calls people after the asker has agreed to what they see: the
// question, the beginning of the answer and the ticket, also hours later.
func TestAPrivateAnswerCallsPeople(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		h.command(h.alice, h.support, vpnQuestion)
		ts := h.awaitPrivate(h.support, h.alice, vpnAnswer)
		h.awaitEnded(1)
		m, _ := h.slack.Message(h.support, ts)
		h.has(m, `"confirm":{`, "to the people I ask")
		reply, _, _ := strings.Cut(m.Text, "\n")
		h.press(h.alice, h.support, ts, blocks.ActionCreateTicket)
		h.awaitEphemeral(h.support, h.alice, "IT-1042")
		h.awaitEnded(2)
		time.Sleep(3 * time.Hour)
		h.pressPrivate(h.support, vpnAnswer)
		call := h.callToBob()
		h.has(call, h.alice, vpnQuestion, reply[:20], "IT-1042")
		h.press(h.bob, h.slack.DM(h.bob), call.TS, blocks.ActionEscalationDoneElsewhere)
		h.await("the end for Bob", func(v slacksandbox.View) bool {
			return strings.Contains(texts(h.direct(v, h.bob)), "has taken care of this")
		})
		h.has(h.direct(h.slack.View, h.bob)[0], vpnQuestion, reply[:20], "IT-1042")
		h.wantPosted(h.support, "", 0)
		if log := h.log.String(); strings.Contains(log, "reset my VPN") || strings.Contains(log, vpnAnswer) {
			t.Error("the log has a text")
		}
		h.forge(h.bob, ts, blocks.ActionEscalate, h.buttonValue(h.support, ts, blocks.ActionEscalate))
		h.awaitLog(`"refused":"`+blocks.SayTooOld.Text()+`"`, 1)
		if shown := texts(h.ephemerals(h.slack.View, h.support, h.alice)); strings.Contains(shown, "quiet") {
			t.Errorf("nothing is muted: %s", shown)
		}
	})
}

// Ensure that a private failure and the private notice of an outage call people, and that
// the promised answer still comes.
func TestPrivateNoticesCallPeople(t *testing.T) {
	bubbles(t, "a failure", func(t *testing.T) {
		h := withBob(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity})
		h.command(h.alice, h.support, vpnQuestion)
		h.pressPrivate(h.support, blocks.SayRejected.Text())
		h.has(h.callToBob(), vpnQuestion, "couldn't take this question")
	})
	bubbles(t, "an outage", func(t *testing.T) {
		h := withBob(t, plan{})
		h.enjo.Faults().Down()
		h.command(h.alice, h.support, vpnQuestion)
		h.pressPrivate(h.support, blocks.SayKeptForLater.Text())
		h.has(h.callToBob(), vpnQuestion, "saved your question")
		if err := h.enjo.Faults().Up(); err != nil {
			t.Fatal(err)
		}
		h.awaitEphemeral(h.support, h.alice, vpnAnswer)
	})
}

// Ensure that people are called from a private answer in the channel that is configured for
// it, and that a group that cannot be called elsewhere is not offered.
func TestWherePeopleAreCalledFromAPrivateAnswer(t *testing.T) {
	for name, configured := range map[string]bool{"a channel": true, "a group only": false} {
		bubbles(t, name, func(t *testing.T) {
			var group, helpers string
			h := foundation(t, plan{bot: func(c *bot.Config) { c.EscalateTo, c.EscalateChannel = []string{group}, helpers }})
			group = h.slack.AddUserGroup(slacksandbox.UserGroup{Handle: "helpdesk", Users: []string{h.bob}})
			if configured {
				helpers = h.slack.AddChannel(slacksandbox.Channel{Name: "helpers", Members: []string{h.bob, h.slack.BotUserID()}})
			}
			h.start()
			if !configured {
				h.command(h.alice, h.support, wantsHuman)
				h.awaitEnded(1)
				if asked := h.asked(); len(asked) != 1 || strings.Contains(texts(h.ephemerals(h.slack.View, h.support, h.alice)), blocks.ActionEscalate) {
					t.Errorf("the agent got %q, or a person is offered", asked)
				}
				return
			}
			h.command(h.alice, h.support, vpnQuestion)
			h.pressPrivate(h.support, vpnAnswer)
			call := h.slack.Messages(helpers)[0]
			h.has(call, group, h.alice, vpnQuestion, "Please write to them directly")
			h.press(h.bob, helpers, call.TS, blocks.ActionEscalationDoneElsewhere)
			h.await("the end", h.showsAtTop(helpers, "has taken care of this"))
		})
	}
}

// Ensure that an answer to a private question in the direct messages calls people from its
// thread, with the question and what followed.
func TestPeopleAreCalledFromAPrivateAnswerInDirectMessages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url"}, slacksandbox.LoseResponse())
		h.command(h.alice, h.support, vpnQuestion)
		dm := h.slack.DM(h.alice)
		root := h.awaitPosted(dm, vpnAnswer)
		h.awaitEnded(1)
		h.slack.Faults().Clear()
		h.say(dm, h.alice, "How do I print?", slacksandbox.InThread(root))
		h.awaitEnded(2)
		h.press(h.alice, dm, root, blocks.ActionEscalate)
		h.await("the confirmation", h.shows(dm, root, "shown them your questions"))
		call := h.callToBob()
		h.has(call, h.alice, vpnQuestion, "How do I print?", "My latest reply")
		if shown, _, _ := strings.Cut(string(call.Blocks), `"action_id"`); strings.Contains(shown, vpnAnswer) {
			t.Errorf("the call quotes the first answer: %s", call.Blocks)
		}
		h.press(h.bob, h.slack.DM(h.bob), call.TS, blocks.ActionEscalationDoneElsewhere)
		h.await("the end for Alice", h.shows(dm, root, "You can keep asking me here."))
	})
}

// Ensure that Done with a forged value changes nothing.
func TestForgedEndsOfPrivateCalls(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		h.command(h.alice, h.support, vpnQuestion)
		h.pressPrivate(h.support, vpnAnswer)
		value := h.buttonValue(h.slack.DM(h.bob), h.callToBob().TS, blocks.ActionEscalationDoneElsewhere)
		button, question, _ := strings.Cut(value, " ")
		id, _, _ := strings.Cut(question, " ")
		other := storage.MessageID{Team: h.slack.TeamID(), Channel: h.shared, TS: "1700000000.000100#person"}
		for _, forged := range []string{"", button, button + " " + button, other.String() + " " + id} {
			h.forge(h.bob, "1700000000.000100", blocks.ActionEscalationDoneElsewhere, forged)
		}
		h.awaitLog(`"refused":"`, 4)
		h.wantPosted(h.support, "", 0)
		h.wantPosted(h.shared, "", 0)
	})
}

// Ensure that a press below a private answer is not lost with the process that was to call
// people, and shows nothing to others.
func TestAPrivateCallIsCompletedAfterARestart(t *testing.T) {
	for name, direct := range map[string]bool{"in a channel": false, "in direct messages": true} {
		bubbles(t, name, func(t *testing.T) {
			h := withBob(t, plan{bot: func(c *bot.Config) { c.Grace = time.Second }})
			channel := h.support
			if direct {
				channel = h.slack.DM(h.alice)
			}
			h.command(h.alice, channel, vpnQuestion)
			ts := h.awaitPrivate(channel, h.alice, vpnAnswer)
			h.awaitEnded(1)
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage"}, slacksandbox.Hang())
			h.press(h.alice, channel, ts, blocks.ActionEscalate)
			time.Sleep(time.Second)
			if err := h.stop(); err != nil {
				t.Fatal(err)
			}
			h.slack.Faults().Clear()
			h.start()
			h.has(h.callToBob(), h.alice, vpnQuestion)
			h.awaitEphemeral(channel, h.alice, "you can still ask me with /enjo")
			h.wantNoPresses()
			h.wantPosted(channel, "", 0)
			if n := len(h.direct(h.slack.View, h.bob)); n != 1 {
				t.Errorf("Bob got %d messages", n)
			}
		})
	}
}
