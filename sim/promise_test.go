package sim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"enjobridge/blocks"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// The checks below are parts of stories. Most of them say what people are owed if
// the bot lives: one that dies may have lost an errand, or the agent's pause.

// alive reports whether no life has died so far.
func (w *world) neverCrashed() bool { return w.crashCount == 0 && len(w.crashes) == 0 }

// owed says that something is wrong unless it holds, if the bot has not died.
func (w *world) expect(holds bool, format string, values ...any) {
	if !holds && w.neverCrashed() {
		w.judge.report("%s", fmt.Sprintf(format, values...))
	}
}

// gaveUp reports whether the bot died, and then told the asker of a question that
// there is no answer, with Try again: nobody knows what became of the calls.
func (w *world) gaveUp(q *asked) bool {
	return w.crashCount > 0 && slices.ContainsFunc(w.slack.Thread(q.talk.channel, q.talk.root), func(m slacksandbox.Message) bool {
		return m.BotID == w.slack.BotID() && slices.Contains(actionsOf(m), blocks.ActionRetry)
	})
}

// well waits until a question is answered, with what its asker wants to know.
func (w *world) expectAnswer(q *asked, within time.Duration) {
	told := func() bool {
		return slices.ContainsFunc(w.slack.Thread(q.talk.channel, q.talk.root), func(m slacksandbox.Message) bool {
			id, part := markerOf(m)
			return id == w.judge.id(q) && part == 0 && strings.Contains(m.Text+string(m.Blocks), q.gadget)
		})
	}
	w.expect(w.until(within, told), "%s (%s) is not answered well within %v", w.judge.id(q), q.word, within)
}

// marked returns the texts of a question's posts with a part.
func (w *world) postsOf(q *asked, holds func(part int) bool) []string {
	var texts []string
	for _, m := range w.slack.Thread(q.talk.channel, q.talk.root) {
		if id, part := markerOf(m); id == w.judge.id(q) && holds(part) && !m.Deleted {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

func isAnswer(part int) bool { return part >= 0 }

// asks returns the calls that asked the agent a question since a time.
func (w *world) requestsFor(word string, since time.Time) (found []enjosandbox.Request) {
	for _, r := range w.enjo.Requests() {
		if strings.Contains(r.Text, word) && r.Time.After(since) {
			found = append(found, r)
		}
	}
	return found
}

// shows says what is wrong unless one card, and one only, in a thread shows a ticket's state.
func (w *world) expectCard(t *talk, status string) {
	cards, right := 0, false
	holds := func() bool {
		cards, right = 0, false
		for _, m := range w.slack.Thread(t.channel, t.root) {
			if m.BotID == w.slack.BotID() && slices.Contains(actionsOf(m), blocks.ActionCheckStatus) {
				cards++
				right = strings.Contains(string(m.Blocks), status)
			}
		}
		return cards == 1 && right
	}
	if !w.until(soon, holds) {
		w.judge.report("%d cards of the ticket in %s/%s, and it is %v that the last shows %q", cards, t.channel, t.root, right, status)
	}
}

// lines returns how many lines in a thread tell a ticket's state, besides its card.
func (w *world) statusLines(t *talk, status string) (n int) {
	for _, m := range w.slack.Thread(t.channel, t.root) {
		if m.BotID == w.slack.BotID() && m.EphemeralTo == "" && strings.Contains(m.Text, status) && !slices.Contains(actionsOf(m), blocks.ActionCheckStatus) {
			n++
		}
	}
	return n
}

// promises are stories that say themselves what people are owed in them.
func promises() []story {
	return []story{
		{name: "a ticket's card", play: func(w *world) {
			q, ticket := w.ticketWithCard()
			if ticket == "" {
				return
			}
			w.moveTicket(ticket, "In Progress")
			w.pass(20 * time.Second)
			w.disk.set(func(d *disk) { d.full = true })
			w.later(20*time.Second, "room on the disk", func() { w.disk.set(func(d *disk) { d.full = false }) })
			w.moveTicket(ticket, "Waiting for you")
			w.expectCard(q.talk, "Waiting for you")
			w.expect(w.statusLines(q.talk, "Waiting for you") == 1, "what has changed is told %d times", w.statusLines(q.talk, "Waiting for you"))
		}},
		{name: "news that a process left", play: func(w *world) {
			q, ticket := w.ticketWithCard()
			if ticket == "" {
				return
			}
			w.pass(20 * time.Second) // the question has ended, and nothing of it is taken up again
			w.moveTicket(ticket, "In Progress")
			w.kill()
			w.pass(time.Minute)
			w.expectCard(q.talk, "In Progress")
		}},
		{name: "a card that cannot be edited", play: cannotEdit},
		{name: "killed when a card was posted, and news come", setup: setup{crashAt: []point{{"before", "store.SetCard", 1}}}, play: func(w *world) {
			q := w.crowd.ticket()
			w.until(soon, func() bool { return w.crashCount > 0 })
			w.waitForEnd(q)
			tickets := w.enjo.Tickets()
			if len(tickets) == 0 || w.gaveUp(q) {
				return // the bot died while it asked, and does not ask again
			}
			w.moveTicket(tickets[0].ID, "In Progress")
			w.expectCard(q.talk, "In Progress")
		}},
		{name: "killed when a card was posted again", setup: setup{crashAt: []point{{"before", "chat.delete", 1}}}, play: cannotEdit},
		{name: "asked next to what failed", play: func(w *world) {
			first := w.crowd.mention()
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.CutMidway, Match: first.word})
			w.pass(time.Second)
			w.expectAnswer(w.crowd.ask(first.talk, first.asker, ""), soon)
		}},
		{name: "a sign that comes after the answer", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 4 * time.Second, Calls: 1})
			end := w.faultyNet.inject(&networkFault{kind: netSlow, host: "slack", left: -1, slow: 3400 * time.Millisecond})
			w.later(9*time.Second, "slack is fast again", end)
			w.expectAnswer(w.crowd.mention(), soon)
		}},
		{name: "an acknowledgement that cannot be written", play: func(w *world) {
			w.disk.set(func(d *disk) { d.slow = 2 * time.Second })
			q := w.crowd.mention()
			w.pass(time.Second)
			w.slack.Faults().CutSockets()
			w.pass(2 * time.Second)
			w.disk.set(func(d *disk) { d.slow = 0 })
			w.expectAnswer(q, soon)
		}},
		{name: "slack takes no rendering", play: func(w *world) {
			q := w.crowd.mention()
			refused := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", If: func(c slacksandbox.Call) bool {
				return strings.Contains(c.Args["text"]+c.Args["blocks"]+c.Args["metadata"], `"part":"0"`)
			}}, slacksandbox.Fail("invalid_blocks"))
			w.waitForEnd(q)
			w.expect(len(w.postsOf(q, func(part int) bool { return part == partRefused })) == 1, "nobody is told that Slack takes no answer to %s", w.judge.id(q))
			refused.Remove()
		}},
		{name: "stop and delete", play: func(w *world) {
			slow := enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 40 * time.Second, Calls: 1}
			w.enjo.Faults().Add(slow)
			stopped := w.crowd.mention()
			w.pass(10 * time.Second)
			w.crowd.sayStop(stopped.talk)
			w.pass(10 * time.Second)
			w.expect(slices.Contains(w.postsOf(stopped, func(int) bool { return true }), blocks.SayStopped), "nobody is told that %s is stopped", w.judge.id(stopped))
			w.pass(time.Minute)
			w.expect(len(w.postsOf(stopped, isAnswer)) == 0, "%s is answered, although it was stopped", w.judge.id(stopped))
			// History must not stop what is asked after.
			w.expectAnswer(w.crowd.ask(stopped.talk, stopped.asker, ""), soon)

			w.enjo.Faults().Add(slow)
			first := w.crowd.mention()
			w.pass(5 * time.Second)
			taken := w.crowd.ask(first.talk, first.asker, "")
			w.pass(5 * time.Second)
			w.crowd.deleteQuestion(taken)
			w.pass(2 * time.Minute)
			w.expect(len(w.requestsFor(taken.word, time.Time{})) == 0, "%s is asked, although it was deleted", w.judge.id(taken))

			late := w.crowd.ask(first.talk, first.asker, "")
			w.expectAnswer(late, soon)
			w.crowd.deleteQuestion(late)
			w.pass(20 * time.Second)
			w.expect(len(w.postsOf(late, isAnswer)) == 0, "the answer to %s stays, although it was deleted", w.judge.id(late))
		}},
		{name: "the root of a thread is deleted", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 30 * time.Second, Calls: 1})
			first := w.crowd.mention()
			w.pass(10 * time.Second)
			// The bot is not told of it, and posts the answer all the same.
			lost := w.slack.Faults().OnEvent(slacksandbox.Events{Times: 2}, slacksandbox.Lose())
			w.crowd.deleteQuestion(first)
			w.pass(time.Minute)
			lost.Remove()
		}},
		{name: "edit", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 30 * time.Second, Calls: 1})
			first := w.crowd.mention()
			w.pass(5 * time.Second)
			second := w.crowd.ask(first.talk, first.asker, "")
			w.pass(5 * time.Second)
			w.crowd.editQuestion(second)
			w.expectAnswer(second, soon)
			for _, r := range w.requestsFor(second.word, time.Time{}) {
				w.expect(strings.Contains(r.Text, "Please."), "%s is not asked as it was edited", w.judge.id(second))
			}
			for range 2 {
				w.crowd.editQuestion(second)
				w.pass(10 * time.Second)
			}
			offers := 0
			for _, m := range w.slack.Messages(second.talk.channel) {
				if m.EphemeralTo == second.asker && slices.Contains(actionsOf(m), blocks.ActionRetry) {
					offers++
				}
			}
			w.expect(offers == 1, "to ask an edited question again is offered %d times", offers)
		}},
		{name: "people of one thread", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 30 * time.Second, Calls: 1})
			first := w.crowd.mention()
			w.pass(5 * time.Second)
			second := w.crowd.ask(first.talk, w.crowd.people[1], "")
			w.pass(time.Second)
			third := w.crowd.ask(first.talk, w.crowd.people[2], "")
			w.pass(time.Second)
			fourth := w.crowd.ask(first.talk, w.crowd.people[2], "")
			w.expectAnswer(second, soon)
			w.expectAnswer(third, soon)
			w.waitForEnd(fourth)
			for _, r := range w.requestsFor(second.word, time.Time{}) {
				w.expect(!strings.Contains(r.Text, third.word), "one call asks the questions of two people")
			}
		}},
		{name: "the order of a thread", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable, Calls: 1})
			first := w.crowd.mention()
			w.pass(time.Second) // the next one waits when this one is refused, and is to be asked again
			other := slices.IndexFunc(w.crowd.people, func(p string) bool { return p != first.asker })
			later := w.crowd.ask(first.talk, w.crowd.people[other], "")
			w.expectAnswer(first, soon)
			w.expectAnswer(later, soon)
			a, b := w.requestsFor(first.word, time.Time{}), w.requestsFor(later.word, time.Time{})
			w.expect(len(a) == 2 && len(b) > 0 && a[1].Time.Before(b[0].Time), "the questions of a thread are asked in another order")
		}},
		{name: "a refused call", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusTooManyRequests, RetryAfter: enjosandbox.RetryAfterSeconds, RetryIn: 90 * time.Second, Calls: 1})
			q := w.crowd.mention()
			w.until(time.Minute, func() bool { return len(w.requestsFor(q.word, time.Time{})) > 0 })
			w.pass(5 * time.Second)
			other := w.crowd.direct()
			w.expectAnswer(q, soon)
			w.expectAnswer(other, soon)
			if asked := w.requestsFor(q.word, time.Time{}); len(asked) > 0 {
				for _, r := range w.enjo.Requests() {
					after := r.Time.Sub(asked[0].Time)
					w.expect(after <= time.Second || after >= 89*time.Second, "%v after a refusal the agent is called, which asked for 90 s", after)
				}
			}
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable, Calls: 2})
			w.expectAnswer(w.crowd.mention(), soon)
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Cut, Processed: true, Calls: 1})
			w.expectAnswer(w.crowd.mention(), soon)
		}},
		{name: "an agent that is down for minutes", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable, Calls: 10_000})
			var waiting []*asked
			for range 4 {
				waiting = append(waiting, w.crowd.mention())
				w.pass(time.Second)
			}
			other := slices.IndexFunc(w.crowd.people, func(p string) bool { return p != waiting[0].asker })
			waiting = append(waiting, w.crowd.ask(waiting[0].talk, w.crowd.people[other], ""))
			w.pass(4 * time.Minute)
			before := len(w.enjo.Requests())
			w.pass(3 * time.Minute)
			w.expect(len(w.enjo.Requests())-before <= 8, "an agent that is down is called %d times in three minutes", len(w.enjo.Requests())-before)
			for _, q := range waiting {
				kept := w.postsOf(q, func(part int) bool { return part == -1 })
				w.expect(len(kept) == 1, "the asker of %s is told %d times that the agent is down", w.judge.id(q), len(kept))
			}
			w.enjo.Faults().Clear()
			for _, q := range waiting {
				w.expectAnswer(q, time.Minute)
			}
			w.pass(2 * time.Minute)
			back, since := []*asked{}, time.Now()
			for n := range 8 {
				back = append(back, w.crowd.ask(w.crowd.somewhere(), w.crowd.people[n], w.crowd.mentioning()))
			}
			for _, q := range back {
				w.expectAnswer(q, soon)
			}
			w.expect(time.Since(since) < 12*time.Second, "an agent that is back answers eight questions in %v", time.Since(since))
		}},
		{name: "a follow-up comes first", play: func(w *world) {
			late := w.slack.Faults().OnEvent(slacksandbox.Events{Times: 2}, slacksandbox.Late(2*time.Minute))
			first := w.crowd.mention()
			w.pass(time.Second)
			late.Remove()
			second := w.crowd.ask(first.talk, first.asker, "")
			w.pass(2 * time.Second)
			other := slices.IndexFunc(w.crowd.people, func(p string) bool { return p != first.asker })
			third := w.crowd.ask(first.talk, w.crowd.people[other], "")
			w.expectAnswer(first, 3*time.Minute)
			w.waitForEnd(second)
			w.expect(w.judge.ended(second), "a follow-up that came first has no end")
			w.expectAnswer(third, time.Minute)
		}},
		{name: "half open sockets", play: func(w *world) {
			w.pass(time.Minute) // only pings come then, over both sockets
			w.faultyNet.inject(&networkFault{kind: netHalfOpen, host: "slack", left: 2})
			w.pass(time.Minute)
			w.expectAnswer(w.crowd.mention(), soon)
		}},
		{name: "a socket that cannot be opened", play: func(w *world) {
			refused := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "apps.connections.open", Times: 1}, slacksandbox.Fail("internal_error"))
			w.slack.Faults().CutSockets()
			w.expect(w.until(soon, func() bool { return refused.Fired() > 0 && w.slack.Sockets() == 2 }), "%d sockets are open", w.slack.Sockets())
			w.expectAnswer(w.crowd.mention(), soon)
		}},
		{name: "errors of unknown outcome", play: func(w *world) {
			for _, f := range []enjosandbox.Fault{
				{Effect: enjosandbox.Status, Status: http.StatusInternalServerError, Processed: true, Calls: 3},
				{Effect: enjosandbox.Slow, Delay: time.Hour, Calls: 3},
			} {
				w.enjo.Faults().Add(f)
				q := w.crowd.mention()
				w.until(10*time.Minute, func() bool { return w.judge.ended(q) })
				w.pass(5 * time.Minute)
				asks := len(w.requestsFor(q.word, time.Time{}))
				w.expect(asks == 2, "%s is asked %d times, although nobody knows what came of it", w.judge.id(q), asks)
				w.enjo.Faults().Clear()
			}
		}},
		{name: "posts that fail", play: func(w *world) {
			lost := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 2}, slacksandbox.LoseResponse())
			w.expectAnswer(w.crowd.mention(), soon)
			lost.Remove()
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 3}, slacksandbox.Fail("internal_error"))
			w.expectAnswer(w.crowd.direct(), soon)
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 2}, slacksandbox.RateLimit(20*time.Second))
			w.expectAnswer(w.crowd.mention(), soon)
		}},
		{name: "signs that fail", play: func(w *world) {
			// Without a status there is a reaction.
			status := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "assistant.threads.setStatus", Times: 20}, slacksandbox.Fail("channel_not_found"))
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "reactions.remove", Times: 2}, slacksandbox.Fail("internal_error"))
			w.expectAnswer(w.crowd.mention(), soon)
			status.Remove()
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "agents.sessions.setStatus", Skip: 1, Times: 2}, slacksandbox.Fail("internal_error"))
			w.expectAnswer(w.crowd.mention(), soon)
			w.pass(time.Minute)
			for _, t := range w.crowd.threads {
				w.expect(!w.judge.working(t), "the thread %s/%s shows for a minute after the answer that it is worked on", t.channel, t.root)
			}
			// The status of a question that is taken back is cleared by no post.
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 50 * time.Second, Calls: 1})
			first := w.crowd.mention()
			w.expectAnswer(first, soon)
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 50 * time.Second, Calls: 1})
			taken := w.crowd.ask(first.talk, first.asker, "")
			w.pass(10 * time.Second)
			w.crowd.deleteQuestion(taken)
			w.pass(30 * time.Second)
			w.expect(!w.judge.working(first.talk), "the thread of a question that was taken back shows that it is worked on")
		}},
		{name: "the whole of a long answer", setup: setup{enjo: enjosandbox.Config{Articles: manual()}}, play: func(w *world) {
			w.crowd.gadgets = 1
			q := w.crowd.mention()
			w.waitForEnd(q)
			w.pass(time.Minute)
			told := false
			for _, m := range w.slack.Thread(q.talk.channel, q.talk.root) {
				told = told || strings.Contains(m.Text+string(m.Blocks), "screw number 700")
				for _, f := range m.Files {
					told = told || strings.Contains(string(f.Content), "screw number 700")
				}
			}
			if !told && !w.gaveUp(q) {
				w.judge.report("a long answer is not told to its end")
			}
		}},
		{name: "killed on a slow disk", play: func(w *world) {
			w.disk.set(func(d *disk) { d.slow = 2 * time.Second })
			q := w.crowd.mention()
			w.pass(time.Second)
			w.kill()
			w.disk.set(func(d *disk) { d.slow = 0 })
			w.waitForEnd(q)
			w.disk.set(func(d *disk) { d.full = true })
			other := w.crowd.mention()
			w.pass(time.Second)
			w.kill()
			w.disk.set(func(d *disk) { d.full = false })
			w.waitForEnd(other)
		}},
		{name: "an answer that a process left", play: func(w *world) {
			broken := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1000}, slacksandbox.Fail("internal_error"))
			first := w.crowd.mention()
			w.pass(8 * time.Second)
			other := slices.IndexFunc(w.crowd.people, func(p string) bool { return p != first.asker })
			second := w.crowd.ask(first.talk, w.crowd.people[other], "")
			w.pass(2 * time.Second)
			broken.Remove()
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "conversations.replies", Times: 6}, slacksandbox.Fail("internal_error"))
			w.kill()
			w.waitForEnd(first)
			w.waitForEnd(second)
		}},
		{name: "killed while signs are taken away", play: func(w *world) {
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "agents.sessions.setStatus", Skip: 1, Times: 4}, slacksandbox.Fail("internal_error"))
			status := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "assistant.threads.setStatus", Times: 20}, slacksandbox.Fail("channel_not_found"))
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "reactions.remove", Times: 3}, slacksandbox.Fail("internal_error"))
			q := w.crowd.mention()
			w.waitForEnd(q)
			w.pass(2 * time.Second)
			w.kill()
			w.pass(time.Minute)
			status.Remove()
		}},
		{name: "slack takes no blocks", play: func(w *world) {
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 3}, slacksandbox.Fail("invalid_blocks"))
			q := w.crowd.mention()
			w.waitForEnd(q)
			w.pass(time.Minute)
		}},
		{name: "a late follow-up", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 40 * time.Second, Calls: 1})
			first := w.crowd.mention()
			w.pass(5 * time.Second)
			late := w.slack.Faults().OnEvent(slacksandbox.Events{Times: 1}, slacksandbox.Late(15*time.Second))
			second := w.crowd.ask(first.talk, first.asker, "")
			w.pass(5 * time.Second)
			late.Remove()
			other := slices.IndexFunc(w.crowd.people, func(p string) bool { return p != first.asker })
			third := w.crowd.ask(first.talk, w.crowd.people[other], "")
			w.expectAnswer(second, soon)
			w.expectAnswer(third, soon)
			a, b := w.requestsFor(second.word, time.Time{}), w.requestsFor(third.word, time.Time{})
			w.expect(len(a) > 0 && len(b) > 0 && a[0].Time.Before(b[0].Time), "a late follow-up is asked after the next one")
		}},
		{name: "lost events", play: func(w *world) {
			lost := w.slack.Faults().OnEvent(slacksandbox.Events{Times: 2}, slacksandbox.Lose())
			q := w.crowd.mention()
			w.pass(3 * time.Minute)
			lost.Remove()
			broken := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "conversations.history", Times: 100}, slacksandbox.Fail("internal_error"))
			w.slack.Faults().CutSockets()
			w.pass(3 * time.Minute)
			broken.Remove()
			w.expectAnswer(q, 8*time.Minute)
			lost = w.slack.Faults().OnEvent(slacksandbox.Events{Times: 2}, slacksandbox.Lose())
			late := w.crowd.mention()
			w.pass(70 * time.Minute)
			lost.Remove()
			w.expect(w.waitForButton(late.talk, blocks.ActionAnswerNow) != "", "%s, whose events were lost, is not found in history", w.judge.id(late))
		}},
		{name: "a refusal", play: func(w *world) {
			channel, who := one(w.random, w.crowd.channels), one(w.random, w.crowd.people)
			told := func() (n int) {
				for _, m := range w.slack.Messages(channel) {
					if m.EphemeralTo == who {
						n++
					}
				}
				return n
			}
			lost := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postEphemeral", Times: 20}, slacksandbox.Fail("internal_error"))
			if _, err := w.slack.Post(channel, who, w.crowd.mentioning()); err != nil {
				w.t.Error(err)
			}
			w.pass(3 * time.Minute)
			lost.Remove()
			w.pass(2 * time.Hour)
			w.expect(told() == 1, "what is refused is told %d times", told())
			w.stop()
			w.pass(2 * time.Hour)
			w.expect(told() == 1, "what is refused is told %d times, with a restart", told())
		}},
		{name: "a person is called", play: func(w *world) {
			q := w.crowd.mention()
			w.expectAnswer(q, soon)
			answer := w.waitForButton(q.talk, blocks.ActionEscalate)
			w.press(q.asker, q.talk, answer, blocks.ActionEscalate)
			w.pass(10 * time.Second)
			w.press(one(w.random, q.talk.people), q.talk, answer, blocks.ActionEscalate)
			w.pass(10 * time.Second)
			q.talk.muted = time.Now()
			quiet := w.crowd.ask(q.talk, q.asker, "")
			w.pass(time.Minute)
			w.expect(len(w.requestsFor(quiet.word, time.Time{})) == 0, "%s is asked in a thread that is muted", w.judge.id(quiet))
			q.talk.muted = time.Time{}
			w.expectAnswer(w.crowd.ask(q.talk, q.asker, w.crowd.mentioning()), soon)
			w.pass(2 * time.Hour) // history must not bring back what was not for the bot
			told := w.postsOf(quiet, func(int) bool { return true })
			w.expect(len(told)+len(w.requestsFor(quiet.word, time.Time{})) == 0, "%s is not for the bot, as the thread was muted, and is answered: %q", w.judge.id(quiet), told)
		}},
		{name: "a button is pressed twice", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity, Calls: 1})
			q := w.crowd.mention()
			q.retried = true
			retry := w.waitForButton(q.talk, blocks.ActionRetry)
			w.disk.set(func(d *disk) { d.full = true })
			w.later(8*time.Second, "room on the disk", func() { w.disk.set(func(d *disk) { d.full = false }) })
			w.press(q.asker, q.talk, retry, blocks.ActionRetry)
			w.press(q.asker, q.talk, retry, blocks.ActionRetry)
			answer := w.waitForButton(q.talk, blocks.ActionCreateTicket)
			w.expect(answer != "", "what was asked again by a button has no answer")
			w.pass(20 * time.Second)
			w.expect(len(w.requestsFor(q.word, time.Time{})) == 2, "a button that is pressed twice asks %d times", len(w.requestsFor(q.word, time.Time{}))-1)
		}},
		{name: "still needed", play: func(w *world) {
			w.downtime = 20 * time.Minute
			w.stop()
			w.pass(10 * time.Second)
			old := w.crowd.mention()
			direct := w.crowd.direct()
			w.pass(time.Minute)
			w.crowd.ask(old.talk, old.asker, "")
			w.pass(20 * time.Minute)
			now := w.waitForButton(old.talk, blocks.ActionAnswerNow)
			w.expect(now != "", "nobody is asked whether %s is still needed", w.judge.id(old))
			w.expect(len(w.requestsFor(old.word, time.Time{})) == 0, "%s is old, and asked all the same", w.judge.id(old))
			w.waitForEnd(w.crowd.ask(direct.talk, direct.asker, ""))
			reply := w.crowd.ask(old.talk, old.asker, "")
			w.waitForEnd(reply)
			w.expect(len(w.requestsFor(reply.word, time.Time{})) == 1, "a reply to the question whether it is still needed is not asked")
			w.pass(2 * time.Hour)
			offers := w.postsOf(old, func(int) bool { return true })
			w.expect(len(offers) == 1, "%s is asked %d times whether it is still needed", w.judge.id(old), len(offers))
		}},
		{name: "a lost reply to the question whether it is still needed", play: func(w *world) {
			w.downtime = 20 * time.Minute
			w.stop()
			w.pass(10 * time.Second)
			old := w.crowd.direct()
			w.pass(21 * time.Minute)
			lost := w.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
			reply := w.crowd.ask(old.talk, old.asker, "")
			w.pass(70 * time.Minute)
			lost.Remove()
			w.expect(len(w.postsOf(reply, func(int) bool { return true })) == 1, "%s, whose event was lost, is not found in history", w.judge.id(reply))
		}},
		{name: "a disk that becomes fast", play: func(w *world) {
			var all []*asked
			w.disk.set(func(d *disk) { d.slow = 400 * time.Millisecond })
			for n := range 24 {
				all = append(all, w.crowd.ask(w.crowd.somewhere(), w.crowd.people[n%len(w.crowd.people)], w.crowd.mentioning()))
			}
			w.until(soon, func() bool { return len(w.enjo.Requests()) >= 9 })
			w.disk.set(func(d *disk) { d.slow = 0 })
			for _, q := range all {
				w.waitForEnd(q)
			}
		}},
		{name: "a rush", play: func(w *world) {
			w.disk.set(func(d *disk) { d.slow = 600 * time.Millisecond })
			var all []*asked
			for n := range 30 {
				all = append(all, w.crowd.ask(w.crowd.somewhere(), w.crowd.people[n%len(w.crowd.people)], w.crowd.mentioning()))
				w.pass(200 * time.Millisecond)
			}
			w.pass(5 * time.Second)
			w.kill()
			w.disk.set(func(d *disk) { d.slow = 0 })
			for _, q := range all {
				w.waitForEnd(q)
			}
		}},
	}
}

// card lets somebody ask for a ticket, and returns it once it has a card; empty if
// the bot died while it asked: then it does not ask again.
func (w *world) ticketWithCard() (q *asked, ticket string) {
	q = w.crowd.ticket()
	w.waitForEnd(q)
	card, tickets := w.waitForButton(q.talk, blocks.ActionCheckStatus), w.enjo.Tickets()
	w.expect(card != "", "a ticket has no card")
	if card == "" || len(tickets) == 0 {
		return q, ""
	}
	return q, tickets[0].ID
}

// cannotEdit is a story in which a ticket's card cannot be edited, once.
func cannotEdit(w *world) {
	q, ticket := w.ticketWithCard()
	if ticket == "" {
		return
	}
	w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.update", Times: 1}, slacksandbox.Fail("cant_update_message"))
	w.moveTicket(ticket, "In Progress")
	w.expectCard(q.talk, "In Progress")
}
