package sim_test

import (
	"net/http"
	"strings"
	"time"

	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// posting matches the posts of an answer.
func posting(times int) slacksandbox.Calls {
	return slacksandbox.Calls{Method: "chat.postMessage", Times: times, If: func(c slacksandbox.Call) bool {
		return strings.Contains(c.Args["metadata"], `"part":"0"`)
	}}
}

// asFile makes Slack reject all renderings of an answer except a file.
func (w *world) asFile() {
	w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", If: func(c slacksandbox.Call) bool {
		return strings.Contains(c.Args["metadata"], `"part":"0"`) && !strings.Contains(c.Args["metadata"], `"rendering":"file"`)
	}}, slacksandbox.Fail("invalid_blocks"))
}

// hostilePromises returns the stories with odd data and attacks.
func hostilePromises() []story {
	return []story{
		{name: "odd messages in a thread", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 20 * time.Second, Calls: 1})
			first := w.crowd.mention()
			w.pass(time.Second)
			for _, odd := range oddMessages() {
				w.crowd.postOdd(first.talk.channel, first.talk.root, odd)
			}
			// The bot has to find its post behind the odd messages.
			w.slack.Faults().OnCall(posting(1), slacksandbox.LoseResponse())
			w.expectAnswer(first, soon)
			lost := w.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
			follow, other := w.crowd.ask(first.talk, first.asker, ""), w.crowd.mention()
			for _, odd := range oddMessages() {
				w.crowd.postOdd(first.talk.channel, first.talk.root, odd)
				w.crowd.postOdd(other.talk.channel, "", odd)
			}
			w.slack.Faults().CutSockets()
			w.pass(time.Second)
			lost.Remove()
			w.expectReply(follow)
			w.expectAnswer(other, 5*time.Minute)
		}},
		{name: "odd questions", play: func(w *world) {
			for _, odd := range oddQuestions() {
				w.crowd.odd = []fields{odd, odd}
				q := w.crowd.mention()
				w.expectAnswer(q, soon)
				w.expectAnswer(w.crowd.ask(q.talk, q.asker, ""), soon)
			}
			lost := w.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
			var all []*asked
			for _, odd := range oddQuestions() {
				w.crowd.odd = []fields{odd, odd}
				all = append(all, w.crowd.mention(), w.crowd.direct())
			}
			w.slack.Faults().CutSockets()
			w.pass(time.Second)
			lost.Remove()
			for _, q := range all {
				w.waitForEnd(q)
			}
		}},
		{name: "odd pages", play: func(w *world) {
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "users.conversations"}, rewriteList("channels", oddNames(w.random)))
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "conversations.*"}, rewriteList("messages", nil))
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "users.info"}, slacksandbox.Rewrite(func(body map[string]any) {
				if user, ok := body["user"].(fields); ok { // it still says where the person belongs
					user["name"], user["real_name"], user["profile"] = 8, 9, nil
				}
			}))
			w.slack.Faults().OnCall(posting(1), slacksandbox.LoseResponse())
			w.expectAnswer(w.crowd.mention(), soon)
			lost := w.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
			asker := w.crowd.people[1] // of the bot's workspace, which history says
			q, direct := w.crowd.ask(w.crowd.somewhere(), asker, ""), w.crowd.ask(w.crowd.directTalk(asker), asker, "")
			w.slack.Faults().CutSockets()
			w.pass(time.Second)
			lost.Remove()
			w.expectAnswer(q, 5*time.Minute)
			w.expectAnswer(direct, 5*time.Minute)
		}},
		{name: "forged results", play: func(w *world) {
			w.expectAnswer(w.crowd.mention(), soon)
			w.crowd.forging = 2
			w.slack.Faults().OnCall(posting(1), slacksandbox.Status(http.StatusInternalServerError))
			w.expectAnswer(w.crowd.mention(), soon)
			w.asFile()
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "files.completeUploadExternal", Times: 1}, slacksandbox.Status(http.StatusInternalServerError))
			w.waitForEnd(w.crowd.mention())
		}},
		{name: "unknown errors for minutes", play: func(w *world) {
			for _, method := range []string{"chat.postMessage", "conversations.replies", "*"} {
				broken := w.slack.Faults().OnCall(slacksandbox.Calls{Method: method}, slacksandbox.Fail(newError))
				w.slack.Faults().OnCall(posting(1), slacksandbox.LoseResponse())
				q := w.crowd.mention()
				w.pass(3 * time.Minute)
				w.expect(broken.Fired() > 0 || method == "conversations.replies", "no call of %s failed", method)
				broken.Remove()
				w.expectAnswer(q, soon)
			}
		}},
		{name: "unknown error for long", play: func(w *world) {
			q := w.crowd.mention()
			broken := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Channel: q.talk.channel}, slacksandbox.Fail(newError))
			w.expect(w.until(20*time.Minute, func() bool { return w.judge.notified(q) }), "nobody notified the asker of %s that it cannot be answered", w.judge.id(q))
			broken.Remove()
		}},
		{name: "Retry-After of a day", play: func(w *world) {
			for _, method := range []string{"chat.postMessage", "conversations.replies", "apps.connections.open"} {
				w.slack.Faults().OnCall(slacksandbox.Calls{Method: method, Times: 1}, slacksandbox.RateLimit(24*time.Hour))
				w.slack.Faults().OnCall(posting(1), slacksandbox.LoseResponse())
				w.slack.Faults().CutSockets()
				w.expectAnswer(w.crowd.mention(), 10*time.Minute)
			}
		}},
		{name: "invalid_auth while reconnecting", play: func(w *world) {
			invalid := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "apps.connections.open"}, slacksandbox.Fail("invalid_auth"))
			w.slack.Faults().CutSockets()
			w.pass(4 * time.Second)
			w.expect(invalid.Fired() > 0, "no connection was refused")
			invalid.Remove()
			w.expectAnswer(w.crowd.mention(), soon)
			w.expect(w.instances == 1, "the bot exited because of a temporary invalid_auth")
		}},
		{name: "pages that do not end", play: func(w *world) {
			for _, method := range []string{"conversations.replies", "conversations.history", "users.conversations"} {
				w.slack.Faults().OnCall(posting(1), slacksandbox.LoseResponse())
				endless := w.slack.Faults().OnCall(slacksandbox.Calls{Method: method}, slacksandbox.RepeatPage())
				lost := w.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
				q := w.crowd.mention()
				w.slack.Faults().CutSockets()
				w.pass(time.Second)
				lost.Remove()
				w.pass(time.Minute)
				w.expect(endless.Fired() < 30 || method == "conversations.history", "an endless page of %s is read %d times", method, endless.Fired())
				endless.Remove()
				w.expectAnswer(q, 8*time.Minute)
			}
		}},
		{name: "redirects", play: func(w *world) {
			redirect := w.slack.Faults().OnCall(slacksandbox.Calls{}, w.redirect())
			q := w.crowd.mention()
			w.slack.Faults().CutSockets()
			w.pass(time.Minute)
			w.expect(redirect.Fired() > 0, "no call was redirected")
			redirect.Remove()
			w.expectAnswer(q, 5*time.Minute)
		}},
		{name: "hostile stops", play: func(w *world) {
			for _, alter := range incompleteStops {
				w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 20 * time.Second, Calls: 1})
				q := w.crowd.askShared()
				w.pass(10 * time.Second)
				w.expect(w.hostileStop(q, alter), "nobody can press Stop for %s", w.judge.id(q))
				w.expectAnswer(q, soon)
			}
		}},
		{name: "stop button", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 20 * time.Second, Calls: 1})
			q := w.crowd.mention()
			w.pass(10 * time.Second)
			q.talk.stopped = time.Now()
			w.noteError(nil, w.slack.Stop(q.talk.channel, q.asker, q.talk.root))
			w.pass(10 * time.Second)
			w.expect(len(w.postsOf(q, isAnswer)) == 0, "%s is answered, although it was stopped", w.judge.id(q))
			w.expect(len(w.postsOf(q, func(part int) bool { return part < 0 })) == 1, "no notice says that %s is stopped", w.judge.id(q))
		}},
		{name: "hostile presses", play: func(w *world) {
			q := w.crowd.askShared()
			w.expectAnswer(q, soon)
			for range 8 {
				w.hostilePress()
				w.pass(12 * time.Second)
			}
			w.expect(len(w.strangePresses) == 8, "a stranger pressed %d buttons", len(w.strangePresses))
			w.expectAnswer(w.crowd.ask(q.talk, q.asker, ""), soon)
		}},
	}
}
