package sim_test

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"enjobridge/blocks"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// privateStories returns the stories with questions by /enjo that are repeated with each
// crash.
func privateStories() []story {
	return []story{
		{name: "private question that is shared", play: func(w *world) {
			p := w.askByCommand(w.crowd.channels[0], w.crowd.people[1])
			w.shareTwice(p)
			if root, ok := w.rootOf(p); ok {
				w.waitForEnd(w.followPrivate(p, root))
			}
		}},
		{name: "private question and hand-over in direct messages", play: func(w *world) {
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url", If: hasFeedback, Times: 1}, slacksandbox.LoseResponse())
			p := w.askByCommand(w.crowd.channels[0], w.crowd.people[1])
			root, ok := w.waitForRoot(p)
			if !ok {
				return
			}
			w.pass(15 * time.Second)
			q := w.followPrivate(p, root)
			w.waitForEnd(q)
			w.pressToCall(q)
		}},
		{name: "private question and hand-over", play: func(w *world) {
			p := w.askByCommand(w.crowd.channels[0], w.crowd.people[1])
			w.callPrivately(p)
		}},
	}
}

// hasFeedback reports whether a call shows an answer.
func hasFeedback(c slacksandbox.Call) bool {
	return strings.Contains(c.Args["blocks"], blocks.ActionFeedback)
}

// askByCommand asks by /enjo, again with other words if Slack shows that this has failed.
func (w *world) askByCommand(channel, asker string) (p *private) {
	for range 4 {
		if p = w.askPrivately(channel, asker, wordsPrivate); w.acknowledged(p.receipt) {
			break
		}
		w.pass(5 * time.Second)
	}
	return p
}

// waitForRoot waits for a post from which a private question goes on.
func (w *world) waitForRoot(p *private) (root slacksandbox.Message, ok bool) {
	w.until(soon, func() bool {
		root, ok = w.rootOf(p)
		return ok
	})
	return root, ok
}

// waitForEphemeral waits for a message to the asker of a private question alone that has a
// button, and returns it.
func (w *world) waitForEphemeral(p *private, action string) (shown slacksandbox.Message, ok bool) {
	w.until(soon, func() bool {
		for _, m := range w.shownTo(p) {
			if slices.Contains(actionsOf(m), action) {
				shown, ok = m, true
			}
		}
		return ok
	})
	return shown, ok
}

// shareTwice presses Share twice, and again if the process with the task has ended.
func (w *world) shareTwice(p *private) {
	shown, ok := w.waitForEphemeral(p, blocks.ActionShare)
	if !ok {
		return
	}
	for range 4 {
		w.pressPrivate(p, shown, blocks.ActionShare)
		w.pressPrivate(p, shown, blocks.ActionShare)
		w.pass(20 * time.Second)
		if m, _ := w.slack.Message(shown.Channel, shown.TS); !slices.Contains(actionsOf(m), blocks.ActionShare) {
			return
		}
	}
}

// pressToCall presses the button that calls a person in direct messages, and the button that
// the person has then.
func (w *world) pressToCall(q *asked) {
	q.talk.called = true
	w.press(q.asker, q.talk, w.waitForButton(q.talk, blocks.ActionEscalate), blocks.ActionEscalate)
	w.pressDone()
}

// callPrivately presses the button that calls a person below the answer to a private question
// twice, and again if the process with the task has ended, and the button that the person has
// then.
func (w *world) callPrivately(p *private) {
	shown, ok := w.waitForEphemeral(p, blocks.ActionEscalate)
	if !ok {
		return
	}
	p.called = true
	for range 4 {
		w.pressPrivate(p, shown, blocks.ActionEscalate)
		w.pressPrivate(p, shown, blocks.ActionEscalate)
		w.pass(20 * time.Second)
		if len(w.callsOf(p)) > 0 {
			break
		}
	}
	w.pressDone()
	calls := w.callsOf(p)
	w.expect(len(calls) == 1 && len(actionsOf(calls[0])) == 0, "the asker of %s has %d calls, or one that cannot be closed", p.word, len(calls))
}

// callsOf returns the calls to the person who helps that quote a private question.
func (w *world) callsOf(p *private) []slacksandbox.Message {
	return slices.DeleteFunc(w.slack.Messages(w.slack.DM(w.crowd.people[0])), func(m slacksandbox.Message) bool {
		return !p.isIn(m)
	})
}

// pressDone presses the button below a call to the person who helps, and again if the call
// still has it.
func (w *world) pressDone() {
	helper := w.crowd.people[0]
	channel := w.slack.DM(helper)
	call := func() int {
		return slices.IndexFunc(w.slack.Messages(channel), func(m slacksandbox.Message) bool {
			return slices.Contains(actionsOf(m), blocks.ActionEscalationDoneElsewhere)
		})
	}
	w.until(soon, func() bool { return call() >= 0 })
	for n := 0; n < 4 && call() >= 0; n++ {
		w.noteError(w.slack.Click(helper, channel, w.slack.Messages(channel)[call()].TS, blocks.ActionEscalationDoneElsewhere))
		w.pass(20 * time.Second)
	}
}

// privatePromises returns the stories that check promises about private questions.
func privatePromises() []story {
	return []story{
		{name: "private answers", play: privateAnswers},
		{name: "private answers that Slack may not show", play: privateUnsure},
		{name: "private failures", play: privateFailures},
		{name: "ticket cards that Slack refuses", play: func(w *world) {
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.*"}, slacksandbox.Unsupported("card"))
			q, ticket := w.ticketWithCard()
			if ticket != "" {
				w.moveTicket(ticket, "In Progress")
				w.expectCard(q.talk, "In Progress")
			}
		}},
		{name: "long private answer", setup: setup{enjo: enjosandbox.Config{Articles: longLibrary()}}, play: func(w *world) {
			w.crowd.widgetsUsed = longEvery - 1
			w.expectPrivately(w.askByCommand(w.crowd.channels[0], w.crowd.people[1]), 0, 1)
		}},
	}
}

// privateAnswers checks that answers are shown to their askers alone, also where the bot is
// not a member, are shared once, and that follow-ups continue the conversation.
func privateAnswers(w *world) {
	asker := w.crowd.people[1]
	for _, channel := range []string{w.crowd.channels[0], w.crowd.aside, w.slack.DM(asker)} {
		p := w.askByCommand(channel, asker)
		w.expectPrivately(p, 1, 0)
		if channel != w.crowd.channels[0] {
			continue
		}
		w.shareTwice(p)
		root, ok := w.rootOf(p)
		w.expect(ok && root.Channel == channel && strings.Contains(root.Text, p.word), "the answer to %s is not shared with its question: %q", p.word, root.Text)
		if ok {
			w.expect(w.confirmed(p, root), "the asker of %s does not learn that the answer is shared", p.word)
			q := w.followPrivate(p, root)
			w.expectAnswer(q, soon)
			for _, r := range w.requestsFor(q.word, time.Time{}) {
				w.expect(r.ConversationID != "", "%s starts a new conversation below a shared answer", q.word)
			}
		}
	}
	w.pass(2 * time.Hour)
}

// privateUnsure checks that an answer that Slack has perhaps not shown, or that is too late
// for that, is in the direct messages, where replies continue the conversation.
func privateUnsure(w *world) {
	asker, channel := w.crowd.people[1], w.crowd.channels[0]
	for _, effect := range []slacksandbox.CallEffect{slacksandbox.LoseResponse(), slacksandbox.Hang(), slacksandbox.Fail("internal_error")} {
		w.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url", If: hasFeedback, Times: 1}, effect)
		p := w.askByCommand(channel, asker)
		root, ok := w.waitForRoot(p)
		w.expect(ok && root.Channel == w.slack.DM(asker), "the answer to %s is not in the direct messages", p.word)
		if ok {
			w.pass(15 * time.Second)
			q := w.followPrivate(p, root)
			w.expectAnswer(q, soon)
			for _, r := range w.requestsFor(q.word, time.Time{}) {
				w.expect(r.ConversationID != "", "%s starts a new conversation in the direct messages", q.word)
			}
		}
	}
	w.enjo.Faults().Down()
	late := w.askByCommand(channel, asker)
	w.pass(26 * time.Minute)
	w.expect(w.enjo.Faults().Up() == nil, "the agent does not come back")
	w.pass(2 * time.Minute)
	w.expectPrivately(late, 0, 1)
}

// privateFailures checks that a failure offers another attempt, which is made once although
// the button is pressed twice.
func privateFailures(w *world) {
	w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity, Calls: 1})
	p := w.askByCommand(w.crowd.channels[0], w.crowd.people[1])
	failed, ok := w.waitForEphemeral(p, blocks.ActionRetry)
	w.expect(ok, "the asker of %s cannot try again", p.word)
	if ok {
		w.pressPrivate(p, failed, blocks.ActionRetry)
		w.pressPrivate(p, failed, blocks.ActionRetry)
		w.expectPrivately(p, 2, 0)
		w.expect(len(w.requestsPrivate(p)) == 2, "%s is sent to the agent %d times", p.word, len(w.requestsPrivate(p)))
	}
}

// requestsPrivate returns the agent's requests that ask a private question.
func (w *world) requestsPrivate(p *private) []enjosandbox.Request {
	return w.requestsFor(p.word, time.Time{})
}

// expectPrivately waits until a private question has its result, as so many messages for
// its asker alone, and as so many in the direct messages.
func (w *world) expectPrivately(p *private, shown, direct int) {
	count := func() (n, m int) {
		for _, message := range w.slack.Messages(w.slack.DM(p.asker)) {
			if id, part := markerOf(message); isPrivateID(id) && part == 0 && p.isIn(message) && message.EphemeralTo == "" {
				m++
			}
		}
		return len(w.judge.ephemeralsOf(p)), m
	}
	w.until(soon, func() bool {
		n, m := count()
		return n == shown && m == direct
	})
	w.pass(30 * time.Second)
	n, m := count()
	w.expect(n == shown && m == direct, "the result of %s is shown %d times and is in the direct messages %d times, want %d and %d", p.word, n, m, shown, direct)
}
