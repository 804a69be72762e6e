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

// The checks below are parts of stories. Most of them apply only if the bot did not crash,
// because a crash can lose background work and the pause after a 429.

// neverCrashed reports whether no instance has crashed so far.
func (w *world) neverCrashed() bool { return w.crashCount == 0 && len(w.crashes) == 0 }

// expect reports a finding unless ok is true or the bot has crashed.
func (w *world) expect(ok bool, format string, values ...any) {
	if !ok && w.neverCrashed() {
		w.judge.report("%s", fmt.Sprintf(format, values...))
	}
}

// gaveUp reports whether the bot crashed and then posted a failure with Try again, because
// the outcome of the call is unknown.
func (w *world) gaveUp(q *asked) bool {
	return w.crashCount > 0 && slices.ContainsFunc(w.slack.Thread(q.talk.channel, q.talk.root), func(m slacksandbox.Message) bool {
		return m.BotID == w.slack.BotID() && slices.Contains(actionsOf(m), blocks.ActionRetry)
	})
}

// expectAnswer waits until a question has the right answer.
func (w *world) expectAnswer(q *asked, within time.Duration) {
	answered := func() bool {
		return slices.ContainsFunc(w.slack.Thread(q.talk.channel, q.talk.root), func(m slacksandbox.Message) bool {
			id, part := markerOf(m)
			return m.BotID == w.slack.BotID() && id == w.judge.id(q) && part == 0 && strings.Contains(m.Text+string(m.Blocks), q.gadget)
		})
	}
	w.expect(w.until(within, answered), "%s (%s) is not answered within %v", w.judge.id(q), q.word, within)
}

// postsOf returns the texts of a question's posts whose part satisfies a condition.
func (w *world) postsOf(q *asked, condition func(part int) bool) []string {
	var texts []string
	for _, m := range w.slack.Thread(q.talk.channel, q.talk.root) {
		if id, part := markerOf(m); m.BotID == w.slack.BotID() && id == w.judge.id(q) && condition(part) && !m.Deleted {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

func isAnswer(part int) bool { return part >= 0 }

// requestsFor returns the agent's requests that ask the question with a word since a time.
func (w *world) requestsFor(word string, since time.Time) (found []enjosandbox.Request) {
	for _, r := range w.enjo.Requests() {
		if strings.Contains(question(r.Text), word) && r.Time.After(since) {
			found = append(found, r)
		}
	}
	return found
}

// expectCard waits until a thread has exactly one card and the card shows a status.
func (w *world) expectCard(t *talk, status string) {
	cards, right := 0, false
	condition := func() bool {
		cards, right = 0, false
		for _, m := range w.slack.Thread(t.channel, t.root) {
			if m.BotID == w.slack.BotID() && slices.Contains(actionsOf(m), blocks.ActionCheckStatus) {
				cards++
				right = strings.Contains(string(m.Blocks), status)
			}
		}
		return cards == 1 && right
	}
	if !w.until(soon, condition) {
		w.judge.report("%d ticket cards in %s/%s; the last shows the status: %v, want one that shows %q", cards, t.channel, t.root, right, status)
	}
}

// statusLines returns the number of posts in a thread, except cards, that contain a ticket's
// status.
func (w *world) statusLines(t *talk, status string) (n int) {
	for _, m := range w.slack.Thread(t.channel, t.root) {
		if m.BotID == w.slack.BotID() && m.EphemeralTo == "" && strings.Contains(m.Text, status) && !slices.Contains(actionsOf(m), blocks.ActionCheckStatus) {
			n++
		}
	}
	return n
}

// promises returns the stories that check specific promises.
func promises() []story {
	return append(slices.Concat(hostilePromises(), contextPromises(), longPromises(), privatePromises()), []story{
		{name: "ticket card", play: func(w *world) {
			q, ticket := w.ticketWithCard()
			if ticket == "" {
				return
			}
			w.moveTicket(ticket, "In Progress")
			w.pass(20 * time.Second)
			w.disk.set(func(d *disk) { d.full = true })
			w.later(20*time.Second, "space on the disk", func() { w.disk.set(func(d *disk) { d.full = false }) })
			w.moveTicket(ticket, "Waiting for you")
			w.expectCard(q.talk, "Waiting for you")
			w.expect(w.statusLines(q.talk, "Waiting for you") == 1, "the status change is posted %d times", w.statusLines(q.talk, "Waiting for you"))
		}},
		{name: "ticket update before a crash", play: func(w *world) {
			q, ticket := w.ticketWithCard()
			if ticket == "" {
				return
			}
			w.pass(20 * time.Second) // the question ends, so that no reconcile resumes it
			w.moveTicket(ticket, "In Progress")
			w.kill()
			w.pass(time.Minute)
			w.expectCard(q.talk, "In Progress")
		}},
		{name: "card that cannot be edited", play: cannotEdit},
		{name: "ticket update after a crash during a post of the card", setup: setup{crashAt: []point{{"before", "store.SetCard", 1}}}, play: func(w *world) {
			q := w.crowd.ticket()
			w.until(soon, func() bool { return w.crashCount > 0 })
			w.waitForEnd(q)
			tickets := w.enjo.Tickets()
			if len(tickets) == 0 || w.gaveUp(q) {
				return // the bot crashed during the call, and does not ask again
			}
			w.moveTicket(tickets[0].ID, "In Progress")
			w.expectCard(q.talk, "In Progress")
		}},
		{name: "crash after a card was posted again", setup: setup{crashAt: []point{{"before", "chat.delete", 1}}}, play: cannotEdit},
		{name: "question next to a failed one", play: func(w *world) {
			first := w.crowd.mention()
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.CutMidway, Match: first.word, Calls: 2})
			w.pass(time.Second)
			w.expectReply(w.crowd.ask(first.talk, first.asker, ""))
		}},
		{name: "status that arrives after the answer", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 4 * time.Second, Calls: 1})
			end := w.faultyNet.inject(&networkFault{kind: netSlow, host: "slack", left: -1, slow: 3400 * time.Millisecond})
			w.later(9*time.Second, "slack is fast again", end)
			w.expectAnswer(w.crowd.mention(), soon)
		}},
		{name: "acknowledgement that cannot be written", play: func(w *world) {
			w.disk.set(func(d *disk) { d.slow = 2 * time.Second })
			q := w.crowd.mention()
			w.pass(time.Second)
			w.slack.Faults().CutSockets()
			w.pass(2 * time.Second)
			w.disk.set(func(d *disk) { d.slow = 0 })
			w.expectAnswer(q, soon)
		}},
		{name: "slack rejects every rendering", play: func(w *world) {
			q := w.crowd.mention()
			refused := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", If: func(c slacksandbox.Call) bool {
				return strings.Contains(c.Args["text"]+c.Args["blocks"]+c.Args["metadata"], `"part":"0"`)
			}}, slacksandbox.Fail("invalid_blocks"))
			w.waitForEnd(q)
			w.expect(len(w.postsOf(q, func(part int) bool { return part == partRefused })) == 1, "no notice says that Slack rejects the answer to %s", w.judge.id(q))
			refused.Remove()
		}},
		{name: "stop and delete", play: func(w *world) {
			slow := enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 40 * time.Second, Calls: 1}
			w.enjo.Faults().Add(slow)
			stopped := w.crowd.mention()
			w.pass(10 * time.Second)
			w.crowd.sayStop(stopped.talk)
			w.pass(10 * time.Second)
			w.expect(slices.Contains(w.postsOf(stopped, func(int) bool { return true }), blocks.SayStopped.Text()), "no notice says that %s is stopped", w.judge.id(stopped))
			w.pass(time.Minute)
			w.expect(len(w.postsOf(stopped, isAnswer)) == 0, "%s is answered, although it was stopped", w.judge.id(stopped))
			// Backfill must not stop later questions.
			w.expectAnswer(w.crowd.ask(stopped.talk, stopped.asker, ""), soon)

			w.enjo.Faults().Add(slow)
			first := w.crowd.mention()
			w.pass(5 * time.Second)
			deleted := w.crowd.ask(first.talk, first.asker, "")
			w.pass(5 * time.Second)
			w.crowd.deleteQuestion(deleted)
			w.pass(2 * time.Minute)
			w.expect(len(w.requestsFor(deleted.word, time.Time{})) == 0, "%s is asked, although it was deleted", w.judge.id(deleted))

			late := w.crowd.ask(first.talk, first.asker, "")
			w.expectAnswer(late, soon)
			w.crowd.deleteQuestion(late)
			w.pass(20 * time.Second)
			w.expect(len(w.postsOf(late, isAnswer)) == 0, "the answer to %s remains, although the question was deleted", w.judge.id(late))
		}},
		{name: "deleted root of a thread", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 30 * time.Second, Calls: 1})
			first := w.crowd.mention()
			w.pass(10 * time.Second)
			// The bot does not learn of the deletion, and posts the answer.
			lost := w.slack.Faults().OnEvent(slacksandbox.Events{Times: 2}, slacksandbox.Lose())
			w.crowd.deleteQuestion(first)
			w.pass(time.Minute)
			lost.Remove()
		}},
		{name: "deleted direct messages with replies", play: deletedDirectMessages},
		{name: "edit", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 30 * time.Second, Calls: 1})
			first := w.crowd.mention()
			w.pass(5 * time.Second)
			second := w.crowd.ask(first.talk, first.asker, "")
			w.pass(5 * time.Second)
			w.crowd.editQuestion(second)
			w.expectAnswer(second, soon)
			for _, r := range w.requestsFor(second.word, time.Time{}) {
				w.expect(strings.Contains(r.Text, "Please."), "%s is not asked with its edited text", w.judge.id(second))
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
			w.expect(offers == 1, "the offer to ask an edited question again is posted %d times", offers)
		}},
		{name: "several users in one thread", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 30 * time.Second, Calls: 1})
			first := w.crowd.mention()
			w.pass(5 * time.Second)
			second := w.crowd.reply(first.talk, w.crowd.people[1])
			w.pass(time.Second)
			third := w.crowd.reply(first.talk, w.crowd.people[2])
			w.pass(time.Second)
			fourth := w.crowd.reply(first.talk, w.crowd.people[2])
			w.expectAnswer(second, soon)
			w.expectAnswer(third, soon)
			w.waitForEnd(fourth)
			for _, r := range w.requestsFor(second.word, time.Time{}) {
				w.expect(!strings.Contains(r.Text, third.word), "one call asks the questions of two users")
			}
		}},
		{name: "order in a thread", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable, Calls: 1})
			first := w.crowd.mention()
			w.pass(time.Second) // the next question waits when this one is refused and asked again
			other := slices.IndexFunc(w.crowd.people, func(p string) bool { return p != first.asker })
			later := w.crowd.reply(first.talk, w.crowd.people[other])
			w.expectAnswer(first, soon)
			w.expectAnswer(later, soon)
			a, b := w.requestsFor(first.word, time.Time{}), w.requestsFor(later.word, time.Time{})
			w.expect(len(a) == 2 && len(b) > 0 && a[1].Time.Before(b[0].Time), "the questions of a thread are asked in the wrong order")
		}},
		{name: "calls that catch up with earlier ones", play: func(w *world) {
			end := w.faultyNet.inject(&networkFault{kind: netSlow, host: "enjo", left: -1, slow: 4 * time.Second})
			var asked []*asked
			for _, p := range w.crowd.people {
				asked = append(asked, w.crowd.ask(w.crowd.directTalk(p), p, ""))
			}
			w.until(soon, func() bool { return len(w.enjo.Requests()) >= published[0].Calls })
			end()
			for _, q := range asked {
				w.expectAnswer(q, soon)
			}
			refused := slices.ContainsFunc(w.enjo.Requests(), func(r enjosandbox.Request) bool { return r.Status == http.StatusTooManyRequests })
			w.expect(refused, "no call caught up, so that the story shows nothing")
		}},
		{name: "rate limited call", play: func(w *world) {
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
					w.expect(after <= time.Second || after >= 89*time.Second, "the agent is called %v after a 429 with a Retry-After of 90 s", after)
				}
			}
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable, Calls: 2})
			w.expectAnswer(w.crowd.mention(), soon)
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Cut, Processed: true, Calls: 1})
			w.expectAnswer(w.crowd.mention(), soon)
		}},
		{name: "agent that is down for minutes", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable, Calls: 10_000})
			var waiting []*asked
			for range 4 {
				waiting = append(waiting, w.crowd.mention())
				w.pass(time.Second)
			}
			other := slices.IndexFunc(w.crowd.people, func(p string) bool { return p != waiting[0].asker })
			waiting = append(waiting, w.crowd.reply(waiting[0].talk, w.crowd.people[other]))
			w.pass(4 * time.Minute)
			before := len(w.enjo.Requests())
			w.pass(3 * time.Minute)
			w.expect(len(w.enjo.Requests())-before <= 8, "an agent that is down is called %d times in three minutes", len(w.enjo.Requests())-before)
			for _, q := range waiting {
				notices := w.postsOf(q, func(part int) bool { return part == -1 })
				w.expect(len(notices) == 1, "the asker of %s gets %d notices that the agent is down", w.judge.id(q), len(notices))
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
			w.expect(time.Since(since) < 12*time.Second, "after the outage the agent answers eight questions only in %v", time.Since(since))
		}},
		{name: "follow-up before its root", play: func(w *world) {
			late := w.slack.Faults().OnEvent(slacksandbox.Events{Times: 2}, slacksandbox.Late(2*time.Minute))
			first := w.crowd.mention()
			w.pass(time.Second)
			late.Remove()
			second := w.crowd.ask(first.talk, first.asker, "")
			w.pass(2 * time.Second)
			other := slices.IndexFunc(w.crowd.people, func(p string) bool { return p != first.asker })
			third := w.crowd.reply(first.talk, w.crowd.people[other])
			w.expectAnswer(first, 3*time.Minute)
			w.waitForEnd(second)
			w.waitForEnd(third)
			w.expect(w.judge.ended(second), "a follow-up that arrived before its root has no end")
			// It is asked with what was said before, about several gadgets.
			w.expect(w.judge.ended(third), "a mention that arrived before its root has no end")
		}},
		{name: "half-open sockets", play: func(w *world) {
			w.pass(time.Minute) // until both sockets only receive pings
			w.faultyNet.inject(&networkFault{kind: netHalfOpen, host: "slack", left: 2})
			w.pass(time.Minute)
			w.expectAnswer(w.crowd.mention(), soon)
		}},
		{name: "socket that cannot be opened", play: func(w *world) {
			refused := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "apps.connections.open", Times: 1}, slacksandbox.Fail("internal_error"))
			w.slack.Faults().CutSockets()
			w.expect(w.until(soon, func() bool { return refused.Fired() > 0 && w.slack.Sockets() == 2 }), "%d sockets are open", w.slack.Sockets())
			w.expectAnswer(w.crowd.mention(), soon)
		}},
		{name: "errors with unknown outcome", play: func(w *world) {
			for _, f := range []enjosandbox.Fault{
				{Effect: enjosandbox.Status, Status: http.StatusInternalServerError, Processed: true, Calls: 3},
				{Effect: enjosandbox.Slow, Delay: time.Hour, Calls: 3},
			} {
				w.enjo.Faults().Add(f)
				q := w.crowd.mention()
				w.until(10*time.Minute, func() bool { return w.judge.ended(q) })
				w.pass(5 * time.Minute)
				asks := len(w.requestsFor(q.word, time.Time{}))
				w.expect(asks == 2, "%s is asked %d times, although its outcome is unknown", w.judge.id(q), asks)
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
		{name: "status calls that fail", play: func(w *world) {
			// If the status fails, the bot adds a reaction.
			status := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "assistant.threads.setStatus", Times: 20}, slacksandbox.Fail("channel_not_found"))
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "reactions.remove", Times: 2}, slacksandbox.Fail("internal_error"))
			w.expectAnswer(w.crowd.mention(), soon)
			status.Remove()
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "agents.sessions.setStatus", Skip: 1, Times: 2}, slacksandbox.Fail("internal_error"))
			w.expectAnswer(w.crowd.mention(), soon)
			w.pass(time.Minute)
			for _, t := range w.crowd.threads {
				w.expect(!w.judge.working(t), "the thread %s/%s still shows a status a minute after the answer", t.channel, t.root)
			}
			// No post clears the status of a deleted question.
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 50 * time.Second, Calls: 1})
			first := w.crowd.mention()
			w.expectAnswer(first, soon)
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 50 * time.Second, Calls: 1})
			deleted := w.crowd.ask(first.talk, first.asker, "")
			w.pass(10 * time.Second)
			w.crowd.deleteQuestion(deleted)
			w.pass(30 * time.Second)
			w.expect(!w.judge.working(first.talk), "the thread of a deleted question still shows a status")
		}},
		{name: "complete long answer", setup: setup{enjo: enjosandbox.Config{Articles: manual()}}, play: func(w *world) {
			w.crowd.gadgets = 1
			q := w.crowd.mention()
			w.waitForEnd(q)
			w.pass(time.Minute)
			complete := false
			for _, m := range w.slack.Thread(q.talk.channel, q.talk.root) {
				complete = complete || strings.Contains(m.Text+string(m.Blocks), "screw number 700")
				for _, f := range m.Files {
					complete = complete || strings.Contains(string(f.Content), "screw number 700")
				}
			}
			if !complete && !w.gaveUp(q) {
				w.judge.report("a long answer is not complete")
			}
		}},
		{name: "crash on a slow disk", play: func(w *world) {
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
		{name: "answer that was not posted before a crash", play: func(w *world) {
			broken := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1000}, slacksandbox.Fail("internal_error"))
			first := w.crowd.mention()
			w.pass(8 * time.Second)
			other := slices.IndexFunc(w.crowd.people, func(p string) bool { return p != first.asker })
			second := w.crowd.reply(first.talk, w.crowd.people[other])
			w.pass(2 * time.Second)
			broken.Remove()
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "conversations.replies", Times: 6}, slacksandbox.Fail("internal_error"))
			w.kill()
			w.waitForEnd(first)
			w.waitForEnd(second)
		}},
		{name: "crash while a status is cleared", play: func(w *world) {
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
		{name: "slack rejects blocks", play: func(w *world) {
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 3}, slacksandbox.Fail("invalid_blocks"))
			q := w.crowd.mention()
			w.waitForEnd(q)
			w.pass(time.Minute)
		}},
		{name: "late follow-up", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 40 * time.Second, Calls: 1})
			first := w.crowd.mention()
			w.pass(5 * time.Second)
			late := w.slack.Faults().OnEvent(slacksandbox.Events{Times: 1}, slacksandbox.Late(15*time.Second))
			second := w.crowd.ask(first.talk, first.asker, "")
			w.pass(5 * time.Second)
			late.Remove()
			other := slices.IndexFunc(w.crowd.people, func(p string) bool { return p != first.asker })
			third := w.crowd.reply(first.talk, w.crowd.people[other])
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
			w.expect(w.waitForButton(late.talk, blocks.ActionAnswerNow) != "", "backfill does not find %s, whose events were lost", w.judge.id(late))
		}},
		{name: "refusal", play: func(w *world) {
			channel, who := one(w.random, w.crowd.channels), one(w.random, w.crowd.people)
			notices := func() (n int) {
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
			w.expect(notices() == 1, "the refusal is posted %d times", notices())
			w.stop()
			w.pass(2 * time.Hour)
			w.expect(notices() == 1, "after a restart, the refusal is posted %d times", notices())
		}},
		{name: "talk to a person", play: func(w *world) {
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
			w.expect(len(w.requestsFor(quiet.word, time.Time{})) == 0, "%s is asked in a muted thread", w.judge.id(quiet))
			q.talk.muted = time.Time{}
			w.expectAnswer(w.crowd.ask(q.talk, q.asker, w.crowd.mentioning()), soon)
			w.pass(2 * time.Hour) // backfill must ignore messages in a muted thread
			posts := w.postsOf(quiet, func(int) bool { return true })
			w.expect(len(posts)+len(w.requestsFor(quiet.word, time.Time{})) == 0, "%s was asked in a muted thread, but is answered: %q", w.judge.id(quiet), posts)
		}},
		{name: "button pressed twice", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity, Calls: 1})
			q := w.crowd.mention()
			q.retried = true
			retry := w.waitForButton(q.talk, blocks.ActionRetry)
			w.disk.set(func(d *disk) { d.full = true })
			w.later(8*time.Second, "space on the disk", func() { w.disk.set(func(d *disk) { d.full = false }) })
			w.press(q.asker, q.talk, retry, blocks.ActionRetry)
			w.press(q.asker, q.talk, retry, blocks.ActionRetry)
			answer := w.waitForButton(q.talk, blocks.ActionCreateTicket)
			w.expect(answer != "", "a question that was asked again by a button has no answer")
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
			w.expect(now != "", "no notice asks whether %s is still needed", w.judge.id(old))
			w.expect(len(w.requestsFor(old.word, time.Time{})) == 0, "%s is asked, although it is old", w.judge.id(old))
			w.waitForEnd(w.crowd.ask(direct.talk, direct.asker, ""))
			reply := w.crowd.ask(old.talk, old.asker, "")
			w.waitForEnd(reply)
			w.expect(len(w.requestsFor(reply.word, time.Time{})) == 1, "a reply to the notice that asks whether a question is still needed is not asked")
			w.pass(2 * time.Hour)
			offers := w.postsOf(old, func(int) bool { return true })
			w.expect(len(offers) == 1, "%d notices ask whether %s is still needed", len(offers), w.judge.id(old))
		}},
		{name: "lost reply to still needed", play: func(w *world) {
			w.downtime = 20 * time.Minute
			w.stop()
			w.pass(10 * time.Second)
			old := w.crowd.direct()
			w.pass(21 * time.Minute)
			lost := w.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
			reply := w.crowd.ask(old.talk, old.asker, "")
			w.pass(70 * time.Minute)
			lost.Remove()
			w.expect(len(w.postsOf(reply, func(int) bool { return true })) == 1, "backfill does not find %s, whose event was lost", w.judge.id(reply))
		}},
		{name: "disk that becomes fast", play: func(w *world) {
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
		{name: "many questions at once", play: func(w *world) {
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
	}...)
}

// ticketWithCard asks for a ticket and returns its ID after it has a card. The ID is empty
// if the bot crashed during the call, because it does not ask again then.
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

// deletedDirectMessages is a story with direct messages that are asked together, and deleted
// while the agent is down, below whose notices Slack keeps their threads.
func deletedDirectMessages(w *world) {
	w.enjo.Faults().Down()
	for range 5 {
		w.crowd.mention()
	}
	w.pass(20 * time.Second)
	var firsts []*asked
	for n, who := range w.crowd.people[:2] {
		first := w.crowd.ask(w.crowd.directTalk(who), who, "")
		w.pass(5 * time.Second)
		last := w.crowd.ask(w.crowd.directTalk(who), who, "")
		w.pass(5 * time.Second)
		w.crowd.deleteQuestion(last)
		if n > 0 {
			w.crowd.deleteQuestion(first)
		}
		firsts = append(firsts, first)
	}
	w.pass(10 * time.Second)
	if err := w.enjo.Faults().Up(); err != nil {
		w.t.Error(err)
	}
	w.waitForEnd(firsts[0])
	w.pass(time.Minute)
	w.expect(len(w.requestsFor(firsts[1].word, time.Time{})) == 0, "%s is asked, although all messages are deleted", w.judge.id(firsts[1]))
}

// cannotEdit is a story in which one edit of a ticket's card fails.
func cannotEdit(w *world) {
	q, ticket := w.ticketWithCard()
	if ticket == "" {
		return
	}
	w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.update", Times: 1}, slacksandbox.Fail("cant_update_message"))
	w.moveTicket(ticket, "In Progress")
	w.expectCard(q.talk, "In Progress")
}
