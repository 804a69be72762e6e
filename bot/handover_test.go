package bot_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// withBob creates a house in which people can call Bob.
func withBob(t *testing.T, p plan) *house {
	t.Helper()
	var h *house
	more := p.bot
	p.bot = func(c *bot.Config) {
		c.EscalateTo = []string{h.bob}
		if more != nil {
			more(c)
		}
	}
	h = foundation(t, p)
	h.start()
	return h
}

// offers returns the bot's posts in a thread that offer a person and are no answer.
func (h *house) offers(v slacksandbox.View, channel, root string) (offers []slacksandbox.Message) {
	for _, m := range h.answers(v, channel, root) {
		if strings.Contains(string(m.Blocks), blocks.ActionEscalate) && strings.HasPrefix(m.Text, "Sure.") {
			offers = append(offers, m)
		}
	}
	return offers
}

// awaitOffer waits until a thread offers a person, and returns the offer.
func (h *house) awaitOffer(channel, root string) slacksandbox.Message {
	h.t.Helper()
	h.await("the offer of a person", func(v slacksandbox.View) bool { return len(h.offers(v, channel, root)) > 0 })
	return h.offers(h.slack.View, channel, root)[0]
}

// callIn waits until people are called into a thread, and returns the call.
func (h *house) callIn(root string) (found slacksandbox.Message) {
	h.t.Helper()
	h.await("a call", func(v slacksandbox.View) bool {
		for _, m := range h.answers(v, h.support, root) {
			if strings.Contains(string(m.Blocks), blocks.ActionEscalationDone) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// has checks that a message shows texts.
func (h *house) has(m slacksandbox.Message, wanted ...string) {
	h.t.Helper()
	for _, want := range wanted {
		if !strings.Contains(string(m.Blocks), want) {
			h.t.Errorf("the message lacks %q: %s", want, m.Blocks)
		}
	}
}

// Ensure that a call quotes the first question, the latest one with its answer, and names
// the ticket.
func TestCallHasTheLastExchangeAndTheTicket(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		root, id := h.openTicket()
		h.reply(root, h.alice, "How do I reset my VPN password?")
		h.awaitEnded(2)
		h.reply(root, h.alice, "How do I print?")
		h.awaitEnded(3)
		h.reply(root, h.bob, "I had that, too")
		answers := h.answers(h.slack.View, h.support, root)
		h.press(h.alice, h.support, answers[0].TS, blocks.ActionEscalate)
		call := h.callIn(root)
		reply, _, _ := strings.Cut(answers[len(answers)-1].Text, "\n")
		h.has(call, h.bob, h.alice, "my laptop is broken", "How do I print?", reply[:20], id, "archives")
		for _, not := range []string{"VPN", "I had that, too"} {
			if strings.Contains(string(call.Blocks), not) {
				t.Errorf("the call has %q: %s", not, call.Blocks)
			}
		}
		if !strings.Contains(call.Text, "Alice Abara") && !strings.Contains(call.Text, "alice") || !strings.Contains(call.Text, "How do I print?") || !strings.Contains(call.Text, id) {
			t.Errorf("the notification says %q", call.Text)
		}
		if strings.Contains(h.log.String(), "How do I print") {
			t.Error("the log contains a person's message")
		}
	})
}

// Ensure that a colleague who presses the button calls people for the asker.
func TestColleagueCallsForTheAsker(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		root := h.talk()
		h.press(h.bob, h.support, h.answers(h.slack.View, h.support, root)[0].TS, blocks.ActionEscalate)
		h.has(h.callIn(root), "asks you to help", h.alice)
	})
}

// Ensure that nothing that people or the agent wrote is active in a call.
func TestCallPingsNobodyElse(t *testing.T) {
	bubble(t, func(t *testing.T) {
		answer := `{"success":true,"data":{"conversationId":"c","answers":"<!channel> <@U0EVERY> @here <https://evil.example|bank>",` +
			`"ticketDetails":{"id":"<!here>","status":"<!everyone>","description":"<@U0EVERY>","url":"javascript:alert(1)"}}}`
		h := withBob(t, plan{agent: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) })})
		root := h.mention(h.alice, "Is <!channel> or <!here> or &lt;!everyone&gt; here?")
		h.awaitEnded(1)
		h.press(h.alice, h.support, h.answers(h.slack.View, h.support, root)[0].TS, blocks.ActionEscalate)
		call := h.callIn(root)
		for _, active := range []string{`"broadcast"`, `"user_id":"U0EVERY"`, `evil.example"`, "javascript:", `"mrkdwn"`} {
			if strings.Contains(string(call.Blocks), active) {
				t.Errorf("the call has %s: %s", active, call.Blocks)
			}
		}
		if strings.Contains(call.Text, "<!") || strings.Contains(call.Text, "<@") {
			t.Errorf("the notification has markup: %s", call.Text)
		}
	})
}

// Ensure that Done says that the bot is still quiet and how to resume, but not if a mention
// has brought it back.
func TestDoneSaysHowToResume(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		for n, mentioned := range []bool{false, true} {
			root := h.mention(h.alice, "How do I reset my VPN password?")
			h.awaitAnswers(h.support, root, 1)
			h.awaitEnded(1 + n)
			h.press(h.alice, h.support, h.answers(h.slack.View, h.support, root)[0].TS, blocks.ActionEscalate)
			call := h.callIn(root)
			h.awaitLog("people called into the thread", 1+n)
			if mentioned {
				h.reply(root, h.alice, h.at("And on Linux?"))
				h.awaitEnded(3)
			}
			h.press(h.bob, h.support, call.TS, blocks.ActionEscalationDone)
			h.await("the end of the call", h.shows(h.support, root, "has taken care of this"))
			if says := h.shows(h.support, root, blocks.SayStillQuiet.Text())(h.slack.View); says == mentioned {
				t.Errorf("mentioned: %v; whether it says that it is quiet: %v", mentioned, says)
			}
		}
	})
}

// Ensure that people who are called from direct messages get a direct message with what
// they need to know, once, that the asker learns it and can go on asking, and that Done is
// shown to both.
func TestPeopleAreCalledFromDirectMessages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		dm := h.slack.DM(h.alice)
		root := h.say(dm, h.alice, "How do I reset my VPN password?")
		answer := h.awaitAnswers(dm, root, 1)[0].TS
		h.awaitEnded(1)
		h.press(h.alice, dm, answer, blocks.ActionEscalate)
		h.await("the confirmation", h.shows(dm, root, "shown them your questions"))
		calls := h.direct(h.slack.View, h.bob)
		if len(calls) != 1 {
			t.Fatalf("Bob got %d messages", len(calls))
		}
		h.has(calls[0], h.alice, "How do I reset my VPN password?", "Please write to them directly")
		h.press(h.alice, dm, answer, blocks.ActionEscalate)
		h.awaitEphemeral(dm, h.alice, blocks.SayCalled.Text())

		h.say(dm, h.alice, "How do I print?", slacksandbox.InThread(root))
		h.awaitEnded(2)
		h.press(h.bob, h.slack.DM(h.bob), calls[0].TS, blocks.ActionEscalationDoneElsewhere)
		h.await("the end for Alice", h.shows(dm, root, "You can keep asking me here."))
		h.await("the end for Bob", func(v slacksandbox.View) bool {
			return strings.Contains(texts(h.direct(v, h.bob)), "has taken care of this")
		})
		h.await("the reaction", func(v slacksandbox.View) bool {
			m, _ := v.Message(dm, root)
			return len(m.Reactions) == 1
		})
		if n := len(h.direct(h.slack.View, h.bob)); n != 1 {
			t.Errorf("Bob got %d messages", n)
		}
	})
}

// Ensure that a user group is called from direct messages in the channel that is
// configured for it, also if the bot serves other channels only.
func TestGroupIsCalledFromDirectMessagesInItsChannel(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var group, helpers string
		h := foundation(t, plan{bot: func(c *bot.Config) {
			c.EscalateTo, c.EscalateChannel, c.AllowedChannels = []string{group}, helpers, []string{"C0OTHER"}
		}})
		group = h.slack.AddUserGroup(slacksandbox.UserGroup{Handle: "helpdesk", Users: []string{h.bob}})
		helpers = h.slack.AddChannel(slacksandbox.Channel{Name: "helpers", Members: []string{h.bob, h.slack.BotUserID()}})
		h.start()
		dm := h.slack.DM(h.alice)
		root := h.say(dm, h.alice, "How do I reset my VPN password?")
		answer := h.awaitAnswers(dm, root, 1)[0].TS
		h.awaitEnded(1)
		h.press(h.alice, dm, answer, blocks.ActionEscalate)
		h.await("the confirmation", h.shows(dm, root, "shown them your questions"))
		call := h.slack.Messages(helpers)[0]
		h.has(call, group, h.alice, "How do I reset my VPN password?")
		h.press(h.bob, helpers, call.TS, blocks.ActionEscalationDoneElsewhere)
		h.await("the end for Alice", h.shows(dm, root, "You can keep asking me here."))
	})
}

// Ensure that people can be called while the agent is down, and that the question that was
// promised an answer gets it, although the thread is muted.
func TestPeopleAreCalledWhileTheAgentIsDown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable})
		root := h.mention(h.alice, "How do I reset my VPN password?")
		h.await("the notice", h.shows(h.support, root, "saved your question"))
		notice := h.answers(h.slack.View, h.support, root)[0]
		h.press(h.alice, h.support, notice.TS, blocks.ActionEscalate)
		h.has(h.callIn(root), "How do I reset my VPN password?", "saved your question", blocks.SayStillOwed.Text())
		asked := h.mention(h.bob, "I want to talk to a human")
		h.awaitOffer(h.support, asked)
		h.enjo.Faults().Clear()
		h.await("the answer", h.shows(h.support, root, "expires every 180 days"))
	})
}

// Ensure that the notice of a failure offers a person.
func TestFailureOffersAPerson(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity})
		root := h.mention(h.alice, "How do I reset my VPN password?")
		failed := h.awaitAnswers(h.support, root, 1)[0]
		h.awaitEnded(1)
		h.press(h.alice, h.support, failed.TS, blocks.ActionEscalate)
		h.has(h.callIn(root), "How do I reset my VPN password?", "couldn't take this question")
	})
}

// Ensure that a person who asks for one in words gets an offer, once, that no agent is
// asked, and that the offer works.
func TestAPersonIsOfferedInWords(t *testing.T) {
	for name, test := range map[string]struct {
		direct, follows bool
	}{
		"a mention": {false, false}, "a follow-up": {false, true}, "a direct message": {true, false}, "a reply in direct messages": {true, true},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := withBob(t, plan{bot: func(c *bot.Config) { c.ChannelDailyLimit = 1 }})
			h.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Twice())
			channel, root := h.support, ""
			if test.direct {
				channel = h.slack.DM(h.alice)
			}
			asked := 0
			if test.follows {
				asked = 1
				root = h.say(channel, h.alice, h.at("How do I reset my VPN password?"))
				h.awaitAnswers(channel, root, 1)
				h.awaitEnded(1)
				h.say(channel, h.alice, "I want to talk to a human!", slacksandbox.InThread(root))
			} else {
				root = h.say(channel, h.alice, h.at("Can I talk to a person, please?"))
			}
			offer := h.awaitOffer(channel, root)
			if err := h.stop(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Minute)
			h.start() // history has the message, too
			if n := len(h.offers(h.slack.View, channel, root)); n != 1 || len(h.enjo.Requests()) != asked {
				t.Errorf("%d offers, the agent got %q", n, h.asked())
			}
			h.press(h.alice, channel, offer.TS, blocks.ActionEscalate)
			if test.direct {
				h.await("the confirmation", h.shows(channel, root, "shown them your questions"))
				return
			}
			call := h.callIn(root)
			if want := map[bool]string{true: "VPN password", false: "talk to a person, please"}[test.follows]; !strings.Contains(string(call.Blocks), want) {
				t.Errorf("the call lacks %q: %s", want, call.Blocks)
			}
			h.awaitLog("people called into the thread", 1)
			h.say(channel, h.alice, "How do I print?", slacksandbox.InThread(root))
			h.say(channel, h.bob, "I want to talk to a human", slacksandbox.InThread(root))
			time.Sleep(time.Minute)
			if n := len(h.offers(h.slack.View, channel, root)); n != 1 || len(h.enjo.Requests()) != asked {
				t.Errorf("after the call: %d offers, the agent got %q", n, h.asked())
			}
		})
	}
}

// Ensure that a request for a person that is found late gets the offer, too.
func TestAPersonIsOfferedLate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		h.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
		root := h.mention(h.alice, "I want to talk to a human")
		h.gap()
		h.awaitOffer(h.support, root)
	})
}

// Ensure that a follow-up to an offer is asked, and that the agent gets what was said.
func TestAFollowUpToAnOfferIsAsked(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		root := h.mention(h.alice, "I want to talk to a human")
		h.awaitOffer(h.support, root)
		h.reply(root, h.alice, "Never mind. How do I print?")
		h.awaitEnded(2)
		if asked := h.asked(); len(asked) != 1 || !strings.Contains(asked[0], "talk to a human") || !strings.Contains(asked[0], "How do I print?") {
			t.Errorf("the agent got %q", asked)
		}
	})
}

// Ensure that nobody is offered a person who did not ask the bot, or where nobody can be
// called; there it is a question like any other.
func TestNoPersonIsOffered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		h.say(h.support, h.alice, "I want to talk to a human")
		root := h.say(h.support, h.bob, "The printer is broken")
		h.say(h.support, h.alice, "I want to talk to a human", slacksandbox.InThread(root))
		mine := h.talk()
		h.reply(mine, h.bob, "I want to talk to a human")
		h.reply(mine, h.alice, slacksandbox.Mention(h.bob)+" I want to talk to a human")
		h.say(h.shared, h.carol, h.at("I want to talk to a human"))
		h.awaitEphemeral(h.shared, h.carol, "organisation")
		time.Sleep(time.Minute)
		for _, m := range h.slack.Messages(h.support) {
			if m.BotID == h.slack.BotID() && strings.HasPrefix(m.Text, "Sure.") {
				t.Errorf("somebody got an offer: %s", m.Blocks)
			}
		}
		if n := len(h.enjo.Requests()); n != 1 {
			t.Errorf("the agent got %q", h.asked())
		}
	})
	bubbles(t, "nobody to call", func(t *testing.T) {
		h := build(t, plan{})
		h.mention(h.alice, "I want to talk to a human")
		h.awaitEnded(1)
		if asked := h.asked(); len(asked) != 1 {
			t.Errorf("the agent got %q", asked)
		}
	})
}

// Ensure that people of other organisations cannot call anyone.
func TestStrangersCallNobody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		root := h.say(h.shared, h.alice, h.at("How do I reset my VPN password?"))
		answer := h.awaitAnswers(h.shared, root, 1)[0].TS
		h.awaitEnded(1)
		h.press(h.carol, h.shared, answer, blocks.ActionEscalate)
		h.awaitEphemeral(h.shared, h.carol, "organisation")
		if n := len(h.answers(h.slack.View, h.shared, root)); n != 1 {
			t.Errorf("the thread has %d posts", n)
		}
	})
}

// cannotMute is a store that mutes no thread while it is broken.
type cannotMute struct {
	storage.Store
	broken *atomic.Bool
	tried  *atomic.Int32
}

func (s cannotMute) MuteOnce(ctx context.Context, id storage.ThreadID, key storage.Key, at time.Time) (bool, error) {
	if s.broken.Load() {
		s.tried.Add(1)
		return false, errors.New("the disk is full")
	}
	return s.Store.MuteOnce(ctx, id, key, at)
}

// Ensure that people who are called into the thread of a shared answer read the question,
// the answer and where it is.
func TestACallBelowASharedAnswerQuotesIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		root := h.shareAnswer()
		time.Sleep(time.Minute)
		h.press(h.alice, h.support, root, blocks.ActionEscalate)
		call := string(h.callIn(root).Blocks)
		for _, want := range []string{vpnQuestion, "/archives/" + h.support + "/p" + strings.ReplaceAll(root, ".", "")} {
			if !strings.Contains(call, want) {
				t.Errorf("the call lacks %q: %s", want, call)
			}
		}
	})
}

// Ensure that a thread that the word stop has muted can still get people.
func TestPeopleAreCalledIntoAStoppedThread(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		root := h.talk()
		h.reply(root, h.alice, "stop")
		h.awaitLine(root, "stay quiet")
		h.press(h.alice, h.support, h.answers(h.slack.View, h.support, root)[0].TS, blocks.ActionEscalate)
		h.callIn(root)
	})
}
