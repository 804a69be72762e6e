package bot_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that three tickets with cards that cannot be posted, and three with changes
// that cannot be posted, delay no ticket in another channel.
func TestStuckTicketsHoldUpNoOthers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const channels, stuck = 100, 3
		var tickets atomic.Int64
		h := build(t, plan{
			agent: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, withTicket(fmt.Sprintf(`{"Id":"IT-%d","Status":"Open"}`, tickets.Add(1))))
			}),
			bot: func(c *bot.Config) {
				c.TicketWebhookSecret, c.MaxWaiting, c.MaxWaitingPerUser = hookSecret, 1000, 1000
			},
		})
		var failing atomic.Bool
		failing.Store(true)
		channelIDs, roots := make([]string, channels), make([]string, channels)
		for n := range channels {
			channelIDs[n] = h.slack.AddChannel(slacksandbox.Channel{Name: fmt.Sprintf("help-%d", n), Members: []string{h.alice, h.slack.BotUserID()}})
			if n < 2*stuck {
				h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Channel: channelIDs[n], If: func(c slacksandbox.Call) bool {
					isCard, isChange := strings.Contains(c.Args["blocks"], blocks.ActionCheckStatus), strings.Contains(c.Args["text"], "→")
					return failing.Load() && (n < stuck && isCard || n >= stuck && isChange)
				}}, slacksandbox.Status(http.StatusServiceUnavailable))
			}
			roots[n] = h.say(channelIDs[n], h.alice, slacksandbox.Mention(h.slack.BotUserID())+" Open a ticket")
		}
		expect := func(from int, status string) {
			t.Helper()
			for n := from; n < channels; n++ {
				cards := 0
				for _, m := range h.answers(h.slack.View, channelIDs[n], roots[n]) {
					if strings.Contains(string(m.Blocks), blocks.ActionCheckStatus) && strings.Contains(string(m.Blocks), status) {
						cards++
					}
				}
				if cards != 1 {
					t.Errorf("channel %d has %d cards with status %s, want 1", n, cards, status)
				}
			}
		}
		h.awaitEnded(channels - stuck)
		expect(stuck, "Open")

		for n := range channels {
			h.news(fmt.Sprintf("IT-%d", n+1), hookSecret, `{"status":"Resolved"}`)
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(3 * time.Minute) // Slack allows 50 edits a minute
		expect(2*stuck, "Resolved")
		failing.Store(false)
		h.awaitEnded(channels)
		time.Sleep(5 * time.Minute)
		expect(0, "Resolved")
	})
}

// Ensure that the reconciler updates a card that a question could not update, and does
// not repeat a post whose response was lost.
func TestReconcilerTakesOverAChangeThatFailed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root, id := h.openTicket()
		card, _ := h.card(root, id)
		if err := h.enjo.MoveTicket(id, "In Progress"); err != nil {
			t.Fatal(err)
		}
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1}, slacksandbox.LoseResponse())
		// Slack works again after the question has given up and before the reconciler
		// begins.
		restored := time.Now().Add(2 * time.Minute)
		for _, method := range []string{"chat.*", "conversations.*"} {
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: method, Channel: h.support, If: func(slacksandbox.Call) bool { return time.Now().Before(restored) }},
				slacksandbox.Status(http.StatusServiceUnavailable))
		}
		h.press(h.bob, h.support, card.TS, blocks.ActionCheckStatus)
		h.awaitEnded(2)
		h.await("the card", func(slacksandbox.View) bool {
			card, cards := h.card(root, id)
			return cards == 1 && strings.Contains(string(card.Blocks), "In Progress")
		})
		if n := occurrences(h.answers(h.slack.View, h.support, root), "Status: Open → In Progress"); n != 1 {
			t.Errorf("the change was posted %d times", n)
		}
	})
}

// Ensure that an update that arrives while Slack is down is shown once Slack works
// again, however long that takes, and without a restart or another update.
func TestUpdateIsShownAfterAnOutageOfSlack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := hooked(t)
		root, id := h.openTicket()
		h.wantNews(h.alice)
		const outage = 20 * time.Minute
		restored := time.Now().Add(outage)
		h.slack.Faults().OnCall(slacksandbox.Calls{If: func(slacksandbox.Call) bool { return time.Now().Before(restored) }},
			slacksandbox.Status(http.StatusServiceUnavailable))
		if status := h.news(id, hookSecret, `{"status":"Resolved"}`); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
		time.Sleep(outage + 5*time.Minute)
		if card, cards := h.card(root, id); cards != 1 || !strings.Contains(string(card.Blocks), "Resolved") {
			t.Errorf("there are %d cards, the latest is %s", cards, card.Blocks)
		}
		for _, line := range []string{"Status: Open → Resolved", isItSolved} {
			if n := occurrences(h.answers(h.slack.View, h.support, root), line); n != 1 {
				t.Errorf("%q was posted %d times", line, n)
			}
		}
		if direct := h.slack.Messages(h.slack.DM(h.alice)); occurrences(direct, "Open → Resolved") != 1 {
			t.Errorf("alice got %s", texts(direct))
		}
	})
}
