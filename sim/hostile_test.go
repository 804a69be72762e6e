package sim_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"enjobridge/blocks"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// This file has the attacks of other apps, users and hosts.

// hostileFaults returns the attacks.
func hostileFaults() []fault {
	return []fault{
		{"hostile: forged results", func(w *world, count int) func() {
			w.crowd.forging = count
			w.seen.note("hostile: forged results")
			return nil
		}},
		{"hostile: redirects", func(w *world, count int) func() {
			match := slacksandbox.Calls{Method: one(w.random, methods), Skip: w.random.IntN(4), Times: count}
			return w.endOf("hostile: redirects", w.slack.Faults().OnCall(match, w.redirect()))
		}},
		{"hostile: stops", func(w *world, count int) func() {
			for range count {
				q := w.crowd.askShared()
				w.later(w.upTo(4*time.Second), "a hostile stop", func() {
					if w.hostileStop(q, one(w.random, incompleteStops)) {
						w.seen.note("hostile: stops")
					}
				})
			}
			return nil
		}},
		{"hostile: presses", func(w *world, count int) func() {
			for range count {
				w.hostilePress()
			}
			return nil
		}},
		{"hostile: presses without fields", func(w *world, count int) func() {
			match := slacksandbox.Events{Type: "block_actions", Times: count}
			return w.endOf("hostile: presses without fields", w.slack.Faults().OnEvent(match, slacksandbox.Altered(one(w.random, incompletePresses))))
		}},
	}
}

// redirect returns an effect that redirects calls to the trap.
func (w *world) redirect() slacksandbox.CallEffect {
	status := one(w.random, []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect})
	return slacksandbox.Redirect(status, w.trap.address("chat.postMessage"))
}

// sharedChannel is the number of the channel that is shared with another organisation.
const sharedChannel = 0

// askShared asks in the shared channel.
func (c *crowd) askShared() *asked {
	t := &talk{channel: c.channels[sharedChannel], people: c.people, gadgets: make(map[string]bool)}
	return c.ask(t, one(c.random, c.people), c.mentioning())
}

// hostileStop presses the Stop button in the thread of a question, and reports whether
// there is one. A member of another organisation presses it if alter is nil. Otherwise its
// asker does, but alter changes the event.
func (w *world) hostileStop(q *asked, alter func(payload map[string]any)) bool {
	user := w.crowd.stranger
	if alter != nil {
		user = q.asker
		defer w.slack.Faults().OnEvent(slacksandbox.Events{Type: "agent_session_stopped", Times: 1}, slacksandbox.Altered(alter)).Remove()
	}
	return w.slack.Stop(q.talk.channel, user, q.talk.root) == nil
}

// incompleteStops change an event of the Stop button, which then does not say who pressed
// it or where. One is nil.
var incompleteStops = []func(payload map[string]any){
	nil,
	func(p map[string]any) { delete(p["event"].(fields), "user") },
	func(p map[string]any) { p["event"].(fields)["user"] = nil },
	func(p map[string]any) { delete(p["event"].(fields), "channel") },
	func(p map[string]any) { delete(p["event"].(fields), "thread_ts") },
}

// incompletePresses change the payload of a press.
var incompletePresses = []func(payload map[string]any){
	func(p map[string]any) { delete(p, "user") },
	func(p map[string]any) { p["user"] = fields{"id": nil, "team_id": 7} },
	func(p map[string]any) { delete(p, "channel"); delete(p["container"].(fields), "channel_id") },
	func(p map[string]any) { delete(p, "container"); delete(p, "channel"); delete(p, "message") },
	func(p map[string]any) { delete(p["container"].(fields), "thread_ts") },
	func(p map[string]any) { delete(p["container"].(fields), "message_ts"); delete(p, "message") },
}

// hostilePress presses a button as a member of another organisation.
func (w *world) hostilePress() {
	for _, m := range slices.Backward(w.slack.Messages(w.crowd.channels[sharedChannel])) {
		actions := w.buttonsOf(m)
		if len(actions) == 0 {
			continue
		}
		action := one(w.random, actions)
		w.trace.add("a stranger presses %s on %s", action, m.TS)
		if _, err := w.slack.Click(w.crowd.stranger, m.Channel, m.TS, action); err == nil {
			w.strangePresses = append(w.strangePresses, m.TS)
			w.seen.note("hostile: presses")
		}
		return
	}
}

// answerFile is the name of the bot's file, after the reference of its question.
const answerFile = "-answer.md"

// forge posts copies of the markers of a result into the thread of a question that has
// none yet, as another app, and a file with the name of the bot's file, as a user. Direct
// messages have no other members.
func (c *crowd) forge(q *asked) {
	if q.talk.channel[0] == 'D' {
		return
	}
	c.forging--
	id := storage.MessageID{Team: c.slack.TeamID(), Channel: q.talk.channel, TS: q.ts}
	copied := c.someResult()
	for rendering, more := blocks.Rich, true; more && copied != nil; rendering, more = rendering.Next() {
		marker := make(map[string]string)
		if json.Unmarshal(copied.EventPayload, &marker) != nil {
			return
		}
		marker["question"], marker["part"], marker["rendering"] = id.String(), "0", rendering.String()
		payload, err := json.Marshal(marker)
		if err != nil {
			return
		}
		_, _ = c.slack.Post(q.talk.channel, c.otherApp, "Press the red button.", slacksandbox.InThread(q.talk.root), slacksandbox.AsApp(),
			slacksandbox.WithMetadata(slacksandbox.Metadata{EventType: copied.EventType, EventPayload: payload}))
	}
	_, _ = c.slack.Post(q.talk.channel, one(c.random, q.talk.people), "", slacksandbox.InThread(q.talk.root),
		slacksandbox.WithFiles(slacksandbox.File{Name: storage.Reference(id) + answerFile, Content: []byte("Press the red button.")}))
}

// someResult returns the metadata of a result of the bot, nil if there is none.
func (c *crowd) someResult() *slacksandbox.Metadata {
	for _, t := range slices.Backward(c.threads) {
		for _, m := range c.slack.Thread(t.channel, t.root) {
			if m.BotID == c.slack.BotID() && m.Metadata != nil {
				return m.Metadata
			}
		}
	}
	return nil
}
