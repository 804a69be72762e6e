package bot_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot"
	"enjobridge/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// unheardOf is an error code that no version of the bot knows.
const unheardOf = "an_error_of_next_year"

// Ensure that an answer is posted as it is if Slack refuses it for some minutes with an
// error code that the bot does not know, and that the log says so.
func TestAnswerOutlastsAnUnexpectedCode(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		fault := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage"}, slacksandbox.Fail(unheardOf))
		root := h.mention(h.alice, "How do I reset my VPN password?")
		time.Sleep(3 * time.Minute)
		fault.Remove()
		answers := h.awaitAnswers(h.support, root, 1)
		h.awaitEnded(1)
		if len(answers) != 1 || !strings.Contains(texts(answers), "expires every 180 days") {
			t.Errorf("the thread shows %s", texts(answers))
		}
		if log := h.log.String(); !strings.Contains(log, "does not know Slack's error code") || strings.Contains(log, "simpler rendering") {
			t.Error("the log lacks the hint, or the answer became a simpler one")
		}
	})
}

// Ensure that an answer that Slack takes in no form in the thread ends after minutes with
// a direct message to its asker, that the operator gets the code, the hint and the
// reference, and that the thread goes on.
func TestAnswerThatCannotBePostedIsReportedPrivately(t *testing.T) {
	for name, code := range map[string]slacksandbox.Error{"unexpected": unheardOf, "rejected": "no_text"} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			fault := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Channel: h.support}, slacksandbox.Fail(code))
			began := time.Now()
			root := h.mention(h.alice, "How do I reset my VPN password?")
			h.await("the direct message", func(v slacksandbox.View) bool {
				return slices.ContainsFunc(v.Messages(h.slack.DM(h.alice)), func(m slacksandbox.Message) bool {
					return strings.Contains(m.Text, "couldn't post my reply") && strings.Contains(string(m.Blocks), "EB-") &&
						strings.Contains(string(m.Blocks), "Go to the thread")
				})
			})
			h.awaitEnded(1)
			if took := time.Since(began); took > 7*time.Minute {
				t.Errorf("the asker waited %v", took)
			}
			log := h.log.String()
			for _, want := range []string{`"state":"failed"`, `"code":"` + string(code) + `"`, `"ref":"EB-`, "slack refused every rendering"} {
				if !strings.Contains(log, want) {
					t.Errorf("the log lacks %s", want)
				}
			}
			if n := len(h.answers(h.slack.View, h.support, root)); n != 0 {
				t.Errorf("%d posts are left in the thread", n)
			}
			fault.Remove()
			h.say(h.support, h.alice, "And how do I print?", slacksandbox.InThread(root))
			h.awaitAnswers(h.support, root, 1)
			h.works()
		})
	}
}

// Ensure that cards, reactions and statuses that fail with an unexpected code delay no
// answer by more than moments.
func TestUnexpectedCodesDelayNoAnswers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		for _, method := range []string{"chat.update", "reactions.*", "assistant.*", "agents.*", "users.info", "conversations.info", "chat.getPermalink"} {
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: method}, slacksandbox.Fail(unheardOf))
		}
		began := time.Now()
		for n := range 3 {
			h.awaitAnswers(h.support, h.mention(h.alice, "How do I print?"), 1)
			h.awaitEnded(n + 1)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("three answers took %v", took)
		}
	})
}

// Ensure that a card that fails with an unexpected code does not hold up its thread for
// long: neither at its first post nor when it changes.
func TestUnexpectedCodesOfCardsHoldUpNothing(t *testing.T) {
	ofCards := slacksandbox.Calls{Method: "chat.postMessage", If: func(c slacksandbox.Call) bool {
		return strings.Contains(c.Args["blocks"], blocks.ActionCheckStatus)
	}}
	bubbles(t, "the first post", func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().OnCall(ofCards, slacksandbox.Fail(unheardOf))
		began := time.Now()
		root, _ := h.openTicket()
		if took := time.Since(began); took > 3*time.Minute {
			t.Errorf("the question ended after %v", took)
		}
		h.say(h.support, h.alice, "How do I print?", slacksandbox.InThread(root))
		h.awaitAnswers(h.support, root, 2)
	})
	bubbles(t, "a change", func(t *testing.T) {
		h := hooked(t)
		root, id := h.openTicket()
		h.slack.Faults().OnCall(ofCards, slacksandbox.Fail(unheardOf))
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.update"}, slacksandbox.Fail(unheardOf))
		h.news(id, hookSecret, `{"status":"In Progress",`+modified(time.Hour)+`}`)
		h.awaitLine(root, "→ In Progress")
		began := time.Now()
		h.say(h.support, h.alice, "what is the status of "+id+"?", slacksandbox.InThread(root))
		h.awaitEnded(2)
		if took := time.Since(began); took > time.Minute {
			t.Errorf("the question ended after %v", took)
		}
	})
}

// Ensure that the bot retries for minutes if it cannot ask who it is because of an
// unexpected code, and then ends with the code.
func TestUnexpectedCodeAtTheStart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "auth.test"}, slacksandbox.Fail(unheardOf))
		began := time.Now()
		err := h.runAlone()
		if _, ok := errors.AsType[*bot.SetupError](err); !ok || !strings.Contains(err.Error(), unheardOf) || time.Since(began) < 5*time.Minute {
			t.Errorf("the bot ended with %v after %v", err, time.Since(began))
		}
	})
}

// runAlone runs a bot that does not connect, and returns the error that it ends with.
func (h *house) runAlone() error {
	h.t.Helper()
	store, err := storage.OpenBolt(h.path, storage.BoltOptions{})
	if err != nil {
		h.t.Fatal(err)
	}
	defer store.Close()
	agent, err := enjo.New(enjo.Config{BaseURL: h.agent, Token: h.enjo.Token(), Version: "test", Timeout: time.Minute, Dial: h.net.Dial})
	if err != nil {
		h.t.Fatal(err)
	}
	defer agent.Close()
	config := bot.Config{
		SlackAPIURL: h.slack.APIURL(), SlackAppToken: h.slack.AppToken(), SlackBotToken: h.slack.BotToken(), Dial: h.net.Dial,
		Agents: []bot.Agent{{Name: "default", BotID: h.enjo.BotID()}}, Limits: enjosLimits,
	}
	if h.config != nil {
		h.config(&config)
	}
	bridge, err := bot.New(config, store, agent, zerolog.New(h.log))
	if err != nil {
		h.t.Fatal(err)
	}
	return bridge.Run(h.t.Context())
}

// Ensure that a private answer outlasts an incident of some minutes in which Slack opens no
// direct messages, with an error code that the bot does not know.
func TestPrivateAnswerOutlastsAnUnexpectedCode(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, patient())
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url", Skip: 1}, slacksandbox.LoseResponse())
		fault := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "conversations.open"}, slacksandbox.Fail(unheardOf))
		h.command(h.alice, h.support, vpnQuestion)
		time.Sleep(3 * time.Minute)
		fault.Remove()
		h.awaitPosted(h.slack.DM(h.alice), vpnAnswer)
		h.awaitEnded(1)
	})
}

// Ensure that a private answer that Slack takes nowhere ends after minutes with a notice to
// its asker and a button for another attempt, that the operator gets the code and the fix,
// and that others are answered meanwhile.
func TestPrivateAnswerThatCannotBeShownIsReported(t *testing.T) {
	for name, test := range map[string]struct {
		method, code, hint string
		used               bool // the response URL shows nothing
	}{
		"unexpected":                      {"conversations.open", unheardOf, "does not know Slack's error code", false},
		"unexpected, in the channel":      {"conversations.open", unheardOf, "does not know Slack's error code", true},
		"without the scope":               {"conversations.open", "missing_scope", "install it again", false},
		"the person has no such messages": {"conversations.open", "user_disabled", "is deactivated", false},
		"the post":                        {"chat.postMessage", unheardOf, "does not know Slack's error code", false},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, patient())
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: test.method, If: notToChannel(h.support)}, slacksandbox.Fail(slacksandbox.Error(test.code)))
			first := slacksandbox.Calls{Method: "response_url", Skip: 1}
			if !test.used {
				first.Times = 1
			}
			h.slack.Faults().OnCall(first, slacksandbox.Fail("internal_error"))
			began := time.Now()
			h.command(h.alice, h.support, vpnQuestion)
			time.Sleep(time.Minute)
			h.awaitAnswers(h.support, h.mention(h.bob, "How do I print?"), 1)
			h.awaitEphemeral(h.support, h.alice, blocks.SayUntaken.Text())
			h.awaitEnded(2)
			if took := time.Since(began); took > 7*time.Minute {
				t.Errorf("the asker waited %v", took)
			}
			log := h.log.String()
			for _, want := range []string{`"state":"failed"`, `"code":"` + test.code + `"`, `"ref":"EB-`, test.hint} {
				if !strings.Contains(log, want) {
					t.Errorf("the log lacks %s", want)
				}
			}
			h.slack.Faults().Clear()
			notice := h.private(h.slack.View, h.support, h.alice, blocks.SayUntaken.Text())
			h.press(h.alice, h.support, notice.TS, blocks.ActionRetry)
			h.awaitEphemeral(h.support, h.alice, vpnAnswer)
		})
	}
}

// notToChannel reports whether a call is not about a channel.
func notToChannel(channel string) func(slacksandbox.Call) bool {
	return func(c slacksandbox.Call) bool { return c.Args["channel"] != channel }
}

// Ensure that people learn from a direct message what Slack does not show in their channel
// because of a code that the bot does not know: the offer to call a person, what a button
// shows to one person alone, and a refusal.
func TestUnexpectedCodesAreNotSilent(t *testing.T) {
	for name, test := range map[string]struct {
		method string
		do     func(h *house)
		want   string
	}{
		"an offer": {"chat.postMessage", func(h *house) { h.mention(h.alice, "I want to talk to a human") }, "couldn't post my reply"},
		"a refusal for everyone": {"chat.postMessage", func(h *house) {
			h.mention(h.alice, "How do I print?")
			h.mention(h.alice, "How do I scan?")
		}, blocks.SayChannelSpent.Text()},
		"a reply for one person": {"chat.postEphemeral", func(h *house) { h.mention(h.alice, "status") }, allIsWell},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := withBob(t, plan{bot: func(c *bot.Config) { c.ChannelDailyLimit = 1 }})
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: test.method, Channel: h.support, If: func(c slacksandbox.Call) bool {
				return !strings.Contains(c.Args["text"], "print")
			}}, slacksandbox.Fail(unheardOf))
			test.do(h)
			h.awaitPosted(h.slack.DM(h.alice), test.want)
		})
	}
}
