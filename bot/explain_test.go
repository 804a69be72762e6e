package bot_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot"
	"enjobridge/bot/explain"
	"enjobridge/enjo"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// explained returns the explanation of what a link leads to, as text.
func (h *house) explained(link string) string {
	h.t.Helper()
	w := httptest.NewRecorder()
	h.admin.ServeHTTP(w, httptest.NewRequestWithContext(h.t.Context(), http.MethodGet, "/explain?link="+url.QueryEscape(link), nil))
	if w.Code != http.StatusOK {
		h.t.Fatalf("%s: %d %s", link, w.Code, w.Body)
	}
	return w.Body.String()
}

// link returns what Copy link copies.
func (h *house) link(channel, ts string) string {
	return h.slack.URL() + "/archives/" + channel + "/p" + strings.ReplaceAll(ts, ".", "")
}

// wantExplained fails the test unless the explanation of a message says all of some texts.
func (h *house) wantExplained(channel, ts string, wants ...string) {
	h.t.Helper()
	got := h.explained(h.link(channel, ts))
	for _, want := range wants {
		if !strings.Contains(got, want) {
			h.t.Errorf("the explanation lacks %q:\n%s", want, got)
		}
	}
}

// Ensure that the explanation of an answered question has its copies, its waits and its
// posts, that the link of the answer leads to it, and that no texts are in it.
func TestExplain_Answered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, patient())
		retried := h.slack.Faults().OnEvent(slacksandbox.Events{Times: 1}, slacksandbox.AsRetry())
		ts := h.mention(h.alice, vpnQuestion)
		answer := h.awaitAnswers(h.support, ts, 1)[0].TS
		h.awaitEnded(1)
		time.Sleep(time.Second)
		wants := []string{
			"The bot answered", "Slack sent it as app_mention", "Slack sent it as message", "(retry 1)", "accepted it as a question (mentioned)",
			"The bot had decided about it before", ": asked, ", "the agent's answer is stored", "Posted: " + answer + " " + h.link(h.support, answer),
			"has a conversation with the agent \"default\"",
		}
		if retried.Fired() != 1 {
			t.Errorf("%d events look like retries", retried.Fired())
		}
		h.wantExplained(h.support, ts, wants...)
		of := h.link(h.support, answer) + "?thread_ts=" + ts + "&cid=" + h.support
		if got := h.explained(of); !strings.Contains(got, "The link leads to the bot's own message") || !strings.Contains(got, "Slack sent it as app_mention") {
			t.Errorf("of the answer: %s", got)
		}
		if got := h.explained(of); strings.Contains(got, "VPN") || strings.Contains(got, vpnAnswer) {
			t.Errorf("it contains a text: %s", got)
		}
	})
}

// Ensure that the explanation is in the store: a restart changes nothing.
func TestExplain_Restart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.say(h.shared, h.carol, slacksandbox.Mention(h.slack.BotUserID())+" hello")
		h.awaitLog("intake: message decided", 1)
		h.wantExplained(h.shared, ts, "refused it, and told the sender why", "Set ALLOW_EXTERNAL")
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.start()
		h.wantExplained(h.shared, ts, "refused it, and told the sender why", "Set ALLOW_EXTERNAL")
	})
}

// Ensure that the reference of an error message leads to its explanation, with the fix.
func TestExplain_Failed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Cut})
		ts := h.mention(h.alice, vpnQuestion)
		shown := texts(h.awaitAnswers(h.support, ts, 1))
		h.awaitEnded(1)
		at := strings.Index(shown, "EB-")
		if at < 0 {
			t.Fatalf("the asker sees no reference: %s", shown)
		}
		got := h.explained(shown[at : at+9])
		for _, want := range []string{"The bot could not answer: outcome_unknown", "check Enjo's status", "After 1 of 2 attempts it is unknown", h.support + "/" + ts} {
			if !strings.Contains(got, want) {
				t.Errorf("the explanation lacks %q:\n%s", want, got)
			}
		}
	})
}

// Ensure that nothing is stored about messages that are not for the bot, and that the
// explanation says so.
func TestExplain_Chatter(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.say(h.support, h.alice, "lunch?")
		asked := h.mention(h.alice, vpnQuestion)
		h.say(h.support, h.bob, "me, too", slacksandbox.InThread(asked))
		h.awaitEnded(1)
		h.wantExplained(h.support, ts, "not addressed to the bot", "Nothing is stored about messages that are not for the bot")
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		store, err := storage.OpenBolt(h.path, storage.BoltOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		for _, m := range h.slack.Messages(h.support) {
			_, err := store.History(t.Context(), storage.MessageID{Team: h.slack.TeamID(), Channel: h.support, TS: m.TS})
			if stored := err == nil; stored != (m.TS == asked) {
				t.Errorf("the store has the history of %q: %v", m.Text, stored)
			}
		}
	})
}

// Ensure that the explanation of a message whose events never arrived says what would be
// decided, and why they may be missing.
func TestExplain_Lost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.StaleAfter = 24 * time.Hour }})
		h.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
		ts := h.mention(h.alice, vpnQuestion)
		time.Sleep(time.Minute)
		h.wantExplained(h.support, ts, "its event has probably not arrived", "the bot would have accepted it as a question (mentioned)",
			"before the message was sent. If its event was lost, the next reading finds it")
		h.slack.Faults().CutSockets()
		h.awaitEnded(1)
		h.wantExplained(h.support, ts, "The message was found in the history. The bot accepted it as a question")

		if err := h.slack.Kick(h.support, h.slack.BotUserID()); err != nil {
			t.Fatal(err)
		}
		lost := h.mention(h.alice, vpnQuestion)
		h.wantExplained(h.support, lost, "the bot cannot read it in Slack: not_in_channel", "The bot is not in the channel", "invite it")
	})
}

// Ensure that edits, deletions and a muted thread are explained.
func TestExplain_Changes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{enjo: enjosandbox.Config{Latency: 3 * time.Second}})
		mention := slacksandbox.Mention(h.slack.BotUserID()) + " "
		ts := h.mention(h.alice, vpnQuestion)
		h.await("the agent to be asked", func(slacksandbox.View) bool { return len(h.enjo.Requests()) == 1 })
		if err := h.slack.Edit(h.support, h.alice, ts, mention+"How do I print?"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		h.wantExplained(h.support, ts, "The agent has had the question for", "Slack sent an edit. The bot offered the sender to ask again")
		if err := h.slack.Delete(h.support, ts); err != nil {
			t.Fatal(err)
		}
		h.awaitEnded(1)
		h.wantExplained(h.support, ts, "The message was deleted, so its question was not answered", "Slack sent its deletion")

		ts = h.mention(h.alice, vpnQuestion)
		h.awaitAnswers(h.support, ts, 1)
		h.awaitEnded(2)
		time.Sleep(time.Minute)
		h.say(h.support, h.alice, "stop", slacksandbox.InThread(ts))
		time.Sleep(time.Minute)
		silent := h.say(h.support, h.alice, "and on Linux?", slacksandbox.InThread(ts))
		time.Sleep(time.Second)
		h.wantExplained(h.support, silent, "ignored it: the thread is muted", "A mention of the bot ends the silence")
	})
}

// Ensure that a question after /enjo is found by its reference, without its text, and says
// where its answer was shared.
func TestExplain_Private(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.command(h.alice, h.support, vpnQuestion)
		answer := h.awaitPrivate(h.support, h.alice, vpnAnswer)
		h.awaitEnded(1)
		ids := privateIDs(h)
		if len(ids) != 1 {
			t.Fatalf("the buttons name %v", ids)
		}
		h.press(h.alice, h.support, answer, blocks.ActionShare)
		root := h.awaitPosted(h.support, "alice asked: "+vpnQuestion)
		time.Sleep(time.Second)
		for _, link := range []string{ids[0].String(), storage.Reference(ids[0])} {
			got := h.explained(link)
			for _, want := range []string{"A person used /enjo", "It is private", "was shared as the thread", root} {
				if !strings.Contains(got, want) {
					t.Errorf("the explanation lacks %q:\n%s", want, got)
				}
			}
			if strings.Contains(got, "VPN") || strings.Contains(got, vpnAnswer) {
				t.Errorf("it contains a text: %s", got)
			}
		}
	})
}

// Ensure that a question of a button has a history, too.
func TestExplain_Button(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity, Calls: 1})
		ts := h.mention(h.alice, vpnQuestion)
		failed := h.awaitAnswers(h.support, ts, 1)[0].TS
		h.awaitEnded(1)
		if _, err := h.slack.Click(h.alice, h.support, failed, blocks.ActionRetry); err != nil {
			t.Fatal(err)
		}
		h.awaitEnded(2)
		got := h.explained(h.support + "/" + failed + "#retry")
		for _, want := range []string{"A person pressed a button. The bot accepted it as a question", "The bot answered"} {
			if !strings.Contains(got, want) {
				t.Errorf("the explanation lacks %q:\n%s", want, got)
			}
		}
	})
}

// Ensure that JSON has the same facts.
func TestExplain_JSON(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.mention(h.alice, vpnQuestion)
		h.awaitAnswers(h.support, ts, 1)
		h.awaitEnded(1)
		w := httptest.NewRecorder()
		h.admin.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/explain?format=json&link="+h.support+"/"+ts, nil))
		var x explain.Explanation
		if err := json.Unmarshal(w.Body.Bytes(), &x); err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
		asked := slices.ContainsFunc(x.Copies, func(c explain.Copy) bool { return c.Decision == "ask" })
		if x.Question == nil || x.Question.State != storage.Delivered || len(x.Question.Posts) != 1 || !asked || x.Reference == "" {
			t.Errorf("%s", w.Body)
		}
	})
}

// Ensure that a bot that is not connected says so.
func TestExplain_NotConnected(t *testing.T) {
	store, err := storage.OpenBolt(t.TempDir()+"/bot.db", storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	agent, err := enjo.New(enjo.Config{BaseURL: "http://127.0.0.1:1", Token: "token"})
	if err != nil {
		t.Fatal(err)
	}
	defer agent.Close()
	b, err := bot.New(bot.Config{Agents: []bot.Agent{{Name: "default", BotID: "b"}}}, store, agent, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	b.Admin().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/explain?link=C1/1.1", nil))
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "not connected") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
