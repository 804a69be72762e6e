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

// contextPromises returns the stories about what the agent gets, and about messages that
// are more than a text or no questions. The judge checks what was sent.
func contextPromises() []story {
	return []story{
		{name: "questions with more than a text", play: func(w *world) {
			for n, ask := range w.crowd.inContext() {
				asker := w.crowd.people[n]
				w.expectReply(ask(w.crowd.directTalk(asker), asker))
				w.expectReply(ask(w.crowd.somewhere(), asker))
			}
		}},
		{name: "what was said in a thread", play: func(w *world) {
			t := w.crowd.somewhere()
			t.joined = true
			w.crowd.alert(t)
			asker := w.crowd.people[1]
			for _, p := range w.crowd.people[2:5] {
				w.crowd.remark(t, p, "Mine did the same yesterday.")
			}
			w.expectReply(w.crowd.ask(t, asker, ""))
			w.crowd.forgedRemark(t)
			w.expectReply(w.crowd.ask(t, asker, ""))

			// While the agent is asked, it does not get what is said.
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 20 * time.Second, Calls: 1})
			slow := w.crowd.ask(t, asker, "")
			w.pass(5 * time.Second)
			w.crowd.remark(t, w.crowd.people[6], "Mine did the same yesterday.")
			w.expectReply(slow)

			// The agent refuses a question, so that it does not know what was said before.
			w.crowd.remark(t, w.crowd.people[5], "Mine did the same yesterday.")
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity, Calls: 1})
			w.waitForEnd(w.crowd.ask(t, asker, ""))
			w.expectReply(w.crowd.ask(t, asker, ""))
		}},
		{name: "long thread", play: func(w *world) {
			t := w.crowd.somewhere()
			t.joined = true
			root := w.crowd.remark(t, w.crowd.people[1], "My thing is broken, does anybody know it?")
			var last *said
			for n := range 60 {
				last = w.crowd.remark(t, w.crowd.people[n%3], strings.Repeat("Mine did the same yesterday. ", 20))
			}
			q := w.crowd.ask(t, w.crowd.people[1], "")
			w.expectReply(q)
			for _, r := range w.requestsFor(q.word, time.Time{}) {
				w.expect(strings.Contains(r.Text, root.word), "the agent gets no root of a long thread")
				w.expect(strings.Contains(r.Text, last.word), "the agent does not get the latest message of a long thread")
			}
		}},
		{name: "messages that are no questions", play: noQuestions},
		{name: "stop with nothing to stop", play: func(w *world) {
			q := w.crowd.mention()
			w.expectReply(q)
			w.pass(20 * time.Second)
			w.crowd.sayStop(q.talk)
			w.pass(20 * time.Second)
			quiet := w.crowd.ask(q.talk, q.asker, "")
			w.pass(time.Minute)
			w.expect(len(w.requestsFor(quiet.word, time.Time{})) == 0, "%s is asked after a stop", w.judge.id(quiet))
			w.expectReply(w.crowd.ask(q.talk, q.asker, w.crowd.mentioning()))
			again := w.crowd.ask(q.talk, q.asker, "")
			w.waitForEnd(again)
			w.expect(len(w.requestsFor(again.word, time.Time{})) == 1, "%s is not asked, although a mention has ended the stop", w.judge.id(again))
		}},
		{name: "several direct messages", play: func(w *world) {
			for range 3 {
				all := w.crowd.severalDirect()
				last := all[len(all)-1]
				w.waitForEnd(last)
				w.expect(w.judge.ended(last), "several direct messages have no answer")
				asked := w.requestsFor(last.word, time.Time{})
				w.expect(len(asked) == 1, "several direct messages are asked %d times", len(asked))
				for _, q := range all {
					w.expect(len(asked) != 1 || strings.Contains(asked[0].Text, q.word), "%s is not asked with the next one", w.judge.id(q))
				}
				w.pass(10 * time.Second)
				follow := w.crowd.ask(all[0].talk, last.asker, "")
				w.waitForEnd(follow)
				w.expect(w.judge.ended(follow), "a follow-up below a direct message that was asked with the next one has no end")
			}
		}},
		{name: "edits that add a mention", play: func(w *world) {
			w.crowd.chat()
			w.pass(20 * time.Minute)
			w.expectReply(w.crowd.addMention())
			for _, lost := range []string{"app_mention", "message"} {
				w.crowd.chat()
				w.pass(20 * time.Second)
				fault := w.slack.Faults().OnEvent(slacksandbox.Events{Type: lost}, slacksandbox.Lose())
				q := w.crowd.addMention()
				w.pass(time.Second)
				fault.Remove()
				w.expectReply(q)
			}
		}},
		{name: "lost edit that adds a mention", play: func(w *world) {
			w.crowd.chat()
			w.pass(5 * time.Minute)
			w.stop() // the next instance reads the history up to now
			w.pass(time.Minute)
			fault := w.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
			q := w.crowd.addMention()
			w.pass(time.Second)
			fault.Remove()
			w.crowd.remark(q.talk, q.asker, "Nobody?") // changes the root, but not its text
			w.pass(time.Minute)
			w.expectAnswer(w.crowd.ask(q.talk, q.asker, w.crowd.mentioning()), soon)
			w.crowd.ask(q.talk, q.asker, "") // needs a mention, as the bot does not know that the root asks
		}},
		{name: "follow-up after an old mention", play: func(w *world) {
			q := w.crowd.mention()
			w.expectAnswer(q, soon)
			w.downtime = 20 * time.Minute
			w.stop()
			w.pass(10 * time.Second)
			other := w.crowd.people[slices.IndexFunc(w.crowd.people, func(p string) bool { return p != q.asker })]
			w.crowd.ask(q.talk, other, "")
			w.pass(time.Minute)
			follow := w.crowd.ask(q.talk, other, "")
			w.pass(20 * time.Minute)
			w.waitForEnd(follow)
			w.expect(w.judge.ended(follow), "a follow-up after a mention that is old by now has no end")
		}},
		{name: "members whom Slack does not name", play: membersUnknown},
		{name: "a member whom Slack does not name at first", play: memberUnknownAtFirst},
		{name: "channels that the bot may not post in", play: func(w *world) {
			for range 3 {
				q := w.crowd.loseChannel()
				w.until(soon, func() bool { return w.judge.notified(q) })
				w.expect(w.judge.notified(q), "nobody notified the asker of %s that it cannot be answered", w.judge.id(q))
				w.crowd.loseChannel()
				reply := w.crowd.replyToNotice(q.asker)
				w.expect(reply != nil, "no direct message has a link to %s", w.judge.id(q))
				if reply != nil {
					w.waitForEnd(reply)
					w.expect(w.judge.ended(reply), "a reply to a notice has no end")
				}
				w.pass(10 * time.Second)
			}
		}},
		{name: "bot added to channels", play: func(w *world) {
			for range 2 {
				q := w.crowd.addBot()
				w.expectReply(q)
				w.expect(slices.ContainsFunc(w.slack.Messages(q.talk.channel), w.judge.isWelcome), "the bot does not introduce itself")
				w.noteError(nil, w.slack.Kick(q.talk.channel, w.slack.BotUserID()))
				w.crowd.invite(q.talk.channel)
				w.pass(time.Minute)
			}
		}},
		{name: "events that Slack drops", play: func(w *world) {
			w.slack.Faults().LimitEvents(90 * time.Second)
			q, direct := w.crowd.mention(), w.crowd.direct()
			w.expectAnswer(q, 5*time.Minute)
			w.expectAnswer(direct, time.Minute)
		}},
	}
}

// expectReply waits until a question has a reply of the agent. With many other messages,
// the agent may not find an article.
func (w *world) expectReply(q *asked) {
	replied := w.until(soon, func() bool {
		return w.judge.processed(q.word) && slices.ContainsFunc(w.slack.Thread(q.talk.channel, q.talk.root), func(m slacksandbox.Message) bool {
			id, part := markerOf(m)
			return m.BotID == w.slack.BotID() && id == w.judge.id(q) && part == 0 && !slices.Contains(actionsOf(m), blocks.ActionRetry)
		})
	})
	w.expect(replied, "%s (%s) has no reply", w.judge.id(q), q.word)
}

// noQuestions is a story with messages in the bot's thread that are no questions.
func noQuestions(w *world) {
	q := w.crowd.mention()
	w.expectReply(q)
	for _, words := range []string{"<!here>", "<!channel>", "<!everyone>", "<!subteam^" + w.crowd.group + ">", slacksandbox.Mention(w.crowd.people[3])} {
		w.crowd.remark(q.talk, q.asker, words+" can you look at this?")
	}
	for _, p := range w.crowd.people {
		if p != q.asker {
			w.crowd.remark(q.talk, p, "Mine did the same yesterday.")
		}
	}
	w.pass(20 * time.Second)
	before := len(w.enjo.Requests())
	var thanks []string
	for _, words := range idleWords {
		if isCommand(words) {
			words = w.crowd.mentioning() + words
		}
		ts, err := w.slack.Post(q.talk.channel, q.asker, words, slacksandbox.InThread(q.talk.root))
		if err == nil && !strings.Contains(words, w.crowd.mentioning()) {
			thanks = append(thanks, ts)
		}
		w.pass(15 * time.Second)
	}
	w.expect(len(w.enjo.Requests()) == before, "messages that are no questions make %d calls", len(w.enjo.Requests())-before)
	for _, ts := range thanks {
		m, _ := w.slack.Message(q.talk.channel, ts)
		w.expect(len(m.Reactions) == 1, "the thanks %q have %d reactions", m.Text, len(m.Reactions))
	}
	w.expectOffer(q)
	w.crowd.remark(q.talk, w.crowd.bystander(q.talk), "Mine did the same yesterday.")
	w.expectReply(w.crowd.ask(q.talk, q.asker, "Thanks! And "))
	w.expectReply(w.crowd.askFor(q.talk, q.asker, "Thanks! Now the %s does not start, %s"))
	// History must not make questions of messages whose authors ask later.
	w.pass(2 * time.Hour)
	w.expectReply(w.crowd.ask(q.talk, w.crowd.people[5], ""))
	w.slack.Faults().CutSockets()
	w.pass(2 * time.Hour)
}

// membersUnknown is a story with questions of members, and of others, whose events do not
// say where they belong.
func membersUnknown(w *world) {
	shared := func(asker string) *asked {
		t := w.crowd.somewhere()
		t.channel = w.crowd.channels[sharedChannel]
		return w.crowd.snippet(t, asker)
	}
	for _, asker := range w.crowd.people[:6] {
		w.crowd.askAsStranger()
		w.expectReply(shared(asker))
	}
	slow := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "users.info"}, slacksandbox.Delay(5*time.Second))
	w.expectReply(shared(w.crowd.people[6]))
	w.expectReply(w.crowd.ask(w.crowd.directTalk(w.crowd.people[7]), w.crowd.people[7], ""))
	slow.Remove()

	// The event that does not say it comes first, and Slack refuses to say.
	w.slack.Faults().OnCall(slacksandbox.Calls{Method: "users.info"}, slacksandbox.Fail("user_not_visible"))
	w.slack.Faults().OnEvent(slacksandbox.Events{Type: "app_mention"}, slacksandbox.Altered(func(p map[string]any) {
		for _, team := range []string{"team", "user_team", "source_team"} {
			delete(p["event"].(fields), team)
		}
	}))
	w.slack.Faults().OnEvent(slacksandbox.Events{Type: "message"}, slacksandbox.Late(6*time.Second))
	t := w.crowd.somewhere()
	t.channel = w.crowd.channels[sharedChannel]
	q := w.crowd.ask(t, w.crowd.people[8], w.crowd.mentioning())
	w.expectReply(q)
	for _, m := range w.slack.Messages(q.talk.channel) {
		w.expect(m.EphemeralTo != q.asker || !strings.Contains(m.Text, blocks.SayUnverified.Text()), "the asker of %s is refused before both events have arrived", w.judge.id(q))
	}
}

// memberUnknownAtFirst is a story with a question whose asker Slack does not identify, and a
// later one of the same person in the same thread, whose asker it does.
func memberUnknownAtFirst(w *world) {
	w.slack.Faults().OnCall(slacksandbox.Calls{Method: "users.info", Times: 1}, slacksandbox.Fail("user_not_visible"))
	t := w.crowd.directTalk(w.crowd.people[9])
	first := w.crowd.snippet(t, w.crowd.people[9])
	w.pass(2 * time.Second)
	later := w.crowd.ask(t, w.crowd.people[9], "")
	for _, q := range []*asked{first, later} {
		w.expect(w.until(soon, func() bool { return w.judge.processed(q.word) && w.judge.ended(q) }), "%s has no end", w.judge.id(q))
	}
	turn := func(q *asked) int {
		return slices.IndexFunc(w.enjo.Requests(), func(r enjosandbox.Request) bool { return strings.Contains(question(r.Text), q.word) })
	}
	w.expect(turn(first) <= turn(later), "%s was asked after %s, which is later", w.judge.id(first), w.judge.id(later))
}

// expectOffer expects that a person who asks for one in words gets the button that calls one
// instead of an answer.
func (w *world) expectOffer(q *asked) {
	before := len(w.enjo.Requests())
	_, err := w.slack.Post(q.talk.channel, q.asker, personRequest, slacksandbox.InThread(q.talk.root))
	w.pass(15 * time.Second)
	offers := 0
	for _, m := range w.slack.Thread(q.talk.channel, q.talk.root) {
		if m.BotID == w.slack.BotID() && m.Text == blocks.SayOfferPerson.Text() {
			offers++
		}
	}
	w.expect(err == nil && offers == 1, "a request for a person has %d offers", offers)
	w.expect(len(w.enjo.Requests()) == before, "a request for a person makes %d calls", len(w.enjo.Requests())-before)
}
