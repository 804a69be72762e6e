package bot_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// bounded checks that the memory in use grows by less than a number of MiB.
func bounded(t *testing.T, most uint64, something func()) {
	t.Helper()
	inUse := func() uint64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc >> 20
	}
	before := inUse()
	something()
	after := inUse()
	t.Logf("%d MiB in use before, %d after", before, after)
	if after > before+most {
		t.Errorf("the memory in use grew from %d to %d MiB", before, after)
	}
}

// works checks that the bot still answers, and that nothing has panicked.
func (h *house) works() {
	h.t.Helper()
	dm := h.slack.DM(h.bob)
	ts := h.say(dm, h.bob, "How do I print?")
	h.awaitAnswers(dm, ts, 1)
	for _, sign := range []string{"panic", "a fault in"} {
		if log := h.log.String(); strings.Contains(log, sign) {
			h.t.Errorf("the log contains a fault: %s", log)
		}
	}
}

// Ensure that the bot accepts a thousand events a second, as many as Slack sends in
// minutes, answers the few questions among them, and accumulates nothing.
func TestAFloodOfEvents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		events, questions := 2_000, 20
		if os.Getenv("ENJOBRIDGE_CI") == "1" {
			events, questions = 10_000, 50
		}
		h := build(t, plan{slack: slacksandbox.Config{History: 2_000}})
		pace := rate.NewLimiter(1_000, 10)
		var dms, asked []string
		begin := time.Now()
		bounded(t, 64, func() {
			for n := range events {
				if err := pace.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				if n%(events/questions) > 0 {
					h.say(h.support, h.alice, "Lunch, anyone?")
					continue
				}
				person := h.slack.AddUser(slacksandbox.User{Name: fmt.Sprint("person", n)})
				dms = append(dms, h.slack.DM(person))
				asked = append(asked, h.say(dms[len(dms)-1], person, "How do I print?"))
			}
			t.Logf("%d events within %v", events, time.Since(begin))
			for i, ts := range asked {
				h.awaitAnswers(dms[i], ts, 1)
			}
			h.awaitEnded(questions)
		})
		if n := len(h.enjo.Requests()); n != questions {
			t.Errorf("the agent got %d requests", n)
		}
		h.works()
	})
}

// robot is another bot in #support.
func (h *house) robot() string {
	h.t.Helper()
	robot := h.slack.AddUser(slacksandbox.User{Name: "robot", Bot: true})
	if err := h.slack.Invite(h.support, robot); err != nil {
		h.t.Fatal(err)
	}
	return robot
}

// Ensure that a bot that replies to every answer gets three answers, that the bridge
// logs this once, and that a person's question lets that bot ask again.
func TestBotsDoNotTalkForEver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		robot := h.robot()
		h.config = func(c *bot.Config) { c.AllowedBots = []string{robot} }
		h.start()
		ask := func(root string) string {
			return h.say(h.support, robot, slacksandbox.Mention(h.slack.BotUserID())+" How do I print?", slacksandbox.InThread(root), slacksandbox.AsApp())
		}
		root := ask("")
		for n := 1; n <= 3; n++ {
			h.awaitAnswers(h.support, root, n)
			ask(root)
		}
		h.awaitLog("bots talk to each other; ", 1)
		ask(root)
		h.say(h.support, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" And in colour?", slacksandbox.InThread(root))
		h.awaitAnswers(h.support, root, 4)
		ask(root)
		h.awaitAnswers(h.support, root, 5)
		h.awaitEnded(5)
		if n := strings.Count(h.log.String(), "bots talk to each other; "); n != 1 {
			t.Errorf("the limit is logged %d times", n)
		}
		if n := len(h.enjo.Requests()); n != 5 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}

// Ensure that a bot cannot continue forever at a channel's top level either.
func TestBotsDoNotTalkForEverAtTheTop(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		robot := h.robot()
		h.config = func(c *bot.Config) { c.AllowedBots = []string{robot} }
		h.start()
		ask := func() string {
			return h.say(h.support, robot, slacksandbox.Mention(h.slack.BotUserID())+" How do I print?", slacksandbox.AsApp())
		}
		for range 3 {
			h.awaitAnswers(h.support, ask(), 1)
		}
		ask()
		h.awaitLog("bots talk to each other; ", 1)
		h.awaitAnswers(h.support, h.mention(h.alice, "And in colour?"), 1)
		h.awaitAnswers(h.support, ask(), 1)
		if n := len(h.enjo.Requests()); n != 5 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}

// mentionEvent is an envelope with a mention, changed by an attacker.
func (h *house) mentionEvent(change func(event map[string]any)) []byte {
	event := map[string]any{
		"type": "app_mention", "user": h.alice, "text": slacksandbox.Mention(h.slack.BotUserID()) + " How do I print?",
		"ts": "1700000000.000100", "channel": h.support, "team": h.slack.TeamID(),
	}
	change(event)
	return envelope(h.t, event)
}

// envelope returns the envelope of an event.
func envelope(t testing.TB, event map[string]any) []byte {
	t.Helper()
	message, err := json.Marshal(map[string]any{
		"type": "events_api", "envelope_id": "e1", "retry_attempt": 0,
		"payload": map[string]any{"type": "event_callback", "team_id": event["team"], "event": event},
	})
	if err != nil {
		t.Fatal(err)
	}
	return message
}

// Ensure that invalid messages over a socket neither stop the bot nor reach the agent.
func TestMaliciousEnvelopes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		set := func(field string, value any) []byte {
			return h.mentionEvent(func(event map[string]any) { event[field] = value })
		}
		bounded(t, 64, func() {
			for _, message := range [][]byte{
				nil,
				[]byte("{"),
				[]byte(`"hello"`),
				[]byte(`{"type":"events_api","envelope_id":"x"}`),
				[]byte(`{"type":"from_the_future","envelope_id":"x","payload":{}}`),
				[]byte(`{"envelope_id":"x","payload":` + strings.Repeat("[", 10_000_000)),
				[]byte(`{"envelope_id":"x","payload":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}"),
				set("user", strings.Repeat("U", 10<<10)),
				set("channel", strings.Repeat("C", 10<<10)),
				set("channel", "C1/../../etc"),
				set("ts", strings.Repeat("1", 10<<10)),
				set("thread_ts", "yesterday"),
				set("type", "from_the_future"),
				set("bot_id", strings.Repeat("B", 1<<20)),
			} {
				h.slack.Faults().Inject(message)
			}
			h.works()
		})
		if n := len(h.enjo.Requests()); n != 1 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}

// Ensure that the bot truncates a question in an envelope of 1 MiB to a sensible length.
func TestAnEnvelopeOfOneMebibyte(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.mention(h.alice, "How do I print?")
		h.awaitAnswers(h.support, ts, 1)
		h.slack.Faults().Inject(h.mentionEvent(func(event map[string]any) {
			event["text"], event["thread_ts"] = slacksandbox.Mention(h.slack.BotUserID())+strings.Repeat(" print", 1<<20/6), ts
		}))
		h.awaitAnswers(h.support, ts, 2)
		for _, r := range h.enjo.Requests() {
			if r.Fault == "" && r.Status != http.StatusOK {
				t.Errorf("the agent answered with %d", r.Status)
			}
		}
		h.works()
	})
}

// Ensure that no field of an event stops the bot, regardless of its type.
func TestEveryFieldOfEveryType(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		message := map[string]any{"ts": "1700000000.000100", "user": h.alice, "text": "x", "subtype": "tombstone", "bot_id": "B1"}
		var tree any
		if err := json.Unmarshal(h.mentionEvent(func(event map[string]any) {
			event["subtype"], event["bot_id"], event["channel_type"], event["deleted_ts"] = "message_changed", "B1", "channel", "1700000000.000100"
			event["thread_ts"], event["user_team"], event["source_team"] = "1700000000.000100", "T1", "T1"
			event["files"], event["message"], event["previous_message"] = []any{map[string]any{"id": "F1"}}, message, map[string]any{"text": "y"}
		}), &tree); err != nil {
			t.Fatal(err)
		}
		n := 0
		spoil(tree, func() {
			spoilt, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			h.slack.Faults().Inject(spoilt)
			if n++; n%100 == 0 {
				h.works() // so the bot has accepted all earlier ones
			}
		})
		if n < 200 {
			t.Errorf("only %d envelopes were made", n)
		}
		h.works()
	})
}

// spoil replaces each value of a tree, one at a time, by a value of every other type,
// and calls f each time.
func spoil(tree any, f func()) {
	object, ok := tree.(map[string]any)
	if !ok {
		return
	}
	for name, value := range object {
		for _, other := range []any{nil, true, 1e300, -1, "", "\x00", []any{}, []any{[]any{1}}, map[string]any{"a": 1}} {
			object[name] = other
			f()
		}
		object[name] = value
		spoil(value, f)
	}
}

// Ensure that a message with thousands of mentions causes few calls, and gets an answer.
func TestAMessageOfFourThousandMentions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		var all strings.Builder
		for n := range 4_000 {
			fmt.Fprintf(&all, "<@U%06d>", n)
		}
		dm := h.slack.DM(h.alice)
		ts := h.say(dm, h.alice, "How do I print? "+all.String())
		h.awaitAnswers(dm, ts, 1)
		looked := 0
		for _, call := range h.slack.Calls() {
			if call.Method == "users.info" {
				looked++
			}
		}
		if looked > 30 {
			t.Errorf("%d people were looked up", looked)
		}
	})
}

// Ensure that two bots cannot talk with each other: a message of a bot, classic or app,
// is a question only if it mentions the bridge.
func TestTwoBotsDoNotTalk(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		robot := h.robot()
		mention := slacksandbox.Mention(h.slack.BotUserID()) + " "
		ts := h.mention(h.alice, "How do I print?")
		h.awaitAnswers(h.support, ts, 1)
		for range 5 {
			h.say(h.support, robot, mention+"how do I print?")
			h.say(h.support, robot, mention+"how do I print?", slacksandbox.AsApp())
			h.say(h.support, robot, "and in colour?", slacksandbox.InThread(ts), slacksandbox.AsApp())
			h.say(h.support, robot, mention+"and in colour?", slacksandbox.InThread(ts))
		}
		h.works()
		if n := len(h.enjo.Requests()); n != 2 {
			t.Errorf("the agent got %d requests", n)
		}
		if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 {
			t.Errorf("the thread has %d answers", n)
		}
	})
}

// Ensure that the bot cuts off an endless response, and uses little memory.
func TestAnEndlessAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{agent: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"success":true,"data":{"answers":"`)
			for block := []byte(strings.Repeat("more ", 10_000)); ; {
				if _, err := w.Write(block); err != nil {
					return // the bot has closed the connection
				}
				// The in-memory network buffers all unread data. Time advances once the
				// bot has read this.
				time.Sleep(time.Microsecond)
			}
		})})
		bounded(t, 64, func() {
			ts := h.mention(h.alice, "How do I print?")
			h.await("a failure", h.shows(h.support, ts, blocks.SayUnreadable.Text()))
			h.awaitEnded(1)
		})
	})
}

// Ensure that the bot does not follow a redirect of the agent, which would leak the
// token.
func TestARedirectIsNotFollowed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		strayed := make(chan string, 10)
		h := build(t, plan{})
		elsewhere := h.serve(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { strayed <- r.Header.Get("Authorization") }))
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Redirect, Location: elsewhere})
		ts := h.mention(h.alice, "How do I print?")
		h.await("the notice of the outage", h.shows(h.support, ts, "saved your question"))
		if len(strayed) > 0 {
			t.Errorf("another server got a request with %q", <-strayed)
		}
	})
}

// Ensure that a thread keeps its conversation when the agent's response names another
// conversation, or one with an implausibly long ID.
func TestAThreadKeepsItsConversation(t *testing.T) {
	for _, effect := range []enjosandbox.Effect{enjosandbox.OtherConversation, enjosandbox.HugeConversation} {
		bubbles(t, string(effect), func(t *testing.T) {
			h := build(t, plan{})
			other := h.mention(h.bob, "How do I print?")
			h.awaitAnswers(h.support, other, 1)
			ts := h.mention(h.alice, "How do I reset my VPN password?")
			h.awaitAnswers(h.support, ts, 1)
			h.enjo.Faults().Add(enjosandbox.Fault{Effect: effect, Calls: 1})
			h.say(h.support, h.alice, "and on Linux?", slacksandbox.InThread(ts))
			h.awaitAnswers(h.support, ts, 2)
			h.say(h.support, h.alice, "and on a phone?", slacksandbox.InThread(ts))
			h.awaitAnswers(h.support, ts, 3)
			requests := h.enjo.Requests()
			if first, last := requests[2].ConversationID, requests[3].ConversationID; first == "" || first != last {
				t.Errorf("the thread went from the conversation %q to %q", first, last)
			}
			posted := strings.Contains(h.log.String(), "dispatch: Enjo answered in another conversation")
			if differs := effect == enjosandbox.OtherConversation; posted != differs {
				t.Errorf("whether the log has the hint: %v", posted)
			}
		})
	}
}

// Ensure that the bot gives up on an agent that responds too slowly.
func TestADrippingAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Drip, Interval: time.Second})
		ts := h.mention(h.alice, "How do I print?")
		h.await("a failure", h.shows(h.support, ts, blocks.SayNoAnswer.Text()))
	})
}
