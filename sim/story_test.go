package sim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"enjobridge/blocks"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// story is a scenario that is short enough to be repeated with a crash at each of its
// points.
type story struct {
	name  string
	setup setup
	play  func(w *world)
}

// soon is how long a story waits for a result before it continues anyway, because the bot
// may have crashed.
const soon = 3 * time.Minute

// stories returns the stories that are repeated with each crash.
func stories() []story {
	return append([]story{
		{name: "answer", play: func(w *world) {
			w.waitForEnd(w.crowd.mention())
		}},
		{name: "follow-up", play: func(w *world) {
			first := w.crowd.mention()
			w.pass(w.upTo(5 * time.Second))
			w.crowd.ask(first.talk, first.asker, "")
			w.crowd.ask(first.talk, first.asker, "")
			w.waitForEnd(first)
			w.waitForEnd(w.crowd.reply(first.talk, one(w.random, first.talk.people)))
		}},
		{name: "ticket with card and webhook", play: func(w *world) {
			q := w.crowd.ticket()
			w.waitForEnd(q)
			card := w.waitForButton(q.talk, blocks.ActionCheckStatus)
			if tickets := w.enjo.Tickets(); len(tickets) > 0 {
				w.moveTicket(tickets[0].ID, "In Progress")
				w.pass(20 * time.Second)
				w.press(q.asker, q.talk, card, blocks.ActionCheckStatus)
				w.pass(20 * time.Second)
				w.moveTicket(tickets[0].ID, "Resolved")
				w.pass(20 * time.Second)
			}
			w.waitForEnd(w.crowd.ask(q.talk, q.asker, ""))
		}},
		{name: "button and retry", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity, Calls: 1})
			q := w.crowd.mention()
			q.retried = true
			w.press(q.asker, q.talk, w.waitForButton(q.talk, blocks.ActionRetry), blocks.ActionRetry)
			answer := w.waitForButton(q.talk, blocks.ActionCreateTicket)
			w.press(q.asker, q.talk, answer, blocks.ActionCreateTicket)
			w.waitForButton(q.talk, blocks.ActionCheckStatus)
			w.press(one(w.random, q.talk.people), q.talk, answer, blocks.ActionEscalate)
			q.talk.muted = time.Now()
			w.pass(20 * time.Second)
		}},
		{name: "outage and recovery", play: func(w *world) {
			w.enjo.Faults().Down()
			for range 3 {
				w.crowd.mention()
				w.pass(w.upTo(10 * time.Second))
			}
			w.pass(time.Minute)
			if err := w.enjo.Faults().Up(); err != nil {
				w.t.Error(err)
			}
			w.waitForEnd(w.crowd.direct())
		}},
		{name: "unknown outcome", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Cut, Processed: true, Calls: 3})
			q := w.crowd.mention()
			w.waitForEnd(q)
			w.waitForEnd(w.crowd.mention())
		}},
		{name: "ticket with unknown outcome", play: func(w *world) {
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Cut, Processed: true, Calls: 1})
			q := w.crowd.ticket()
			w.waitForEnd(q)
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.CutMidway, Calls: 1})
			other := w.crowd.ticket()
			w.waitForEnd(other)
			other.retried = true
			w.press(other.asker, other.talk, w.waitForButton(other.talk, blocks.ActionRetry), blocks.ActionRetry)
			w.waitForButton(other.talk, blocks.ActionCheckStatus)
			w.waitForEnd(w.crowd.ask(other.talk, other.asker, ""))
		}},
		{name: "ticket where Slack refuses cards", play: func(w *world) {
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.*"}, slacksandbox.Unsupported("card"))
			q := w.crowd.ticket()
			w.waitForEnd(q)
			w.waitForButton(q.talk, blocks.ActionCheckStatus)
			if tickets := w.enjo.Tickets(); len(tickets) > 0 {
				w.moveTicket(tickets[0].ID, "In Progress")
				w.pass(20 * time.Second)
			}
			w.waitForEnd(w.crowd.ask(q.talk, q.asker, ""))
		}},
		{name: "long answer in parts", setup: setup{enjo: enjosandbox.Config{Articles: manual()}}, play: func(w *world) {
			w.crowd.gadgets = 1
			w.waitForEnd(w.crowd.mention())
		}},
		{name: "answer as a file, next to forged results", play: func(w *world) {
			w.waitForEnd(w.crowd.mention()) // the other app copies the marker of its answer
			w.points.forget()
			w.crowd.forging = 1
			w.asFile()
			w.waitForEnd(w.crowd.mention())
		}},
		{name: "edit, delete, stop", play: func(w *world) {
			edited := w.crowd.mention()
			w.crowd.editQuestion(edited)
			w.pass(w.upTo(3 * time.Second))
			deleted := w.crowd.direct()
			w.pass(w.upTo(3 * time.Second))
			w.crowd.deleteQuestion(deleted)
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 40 * time.Second, Calls: 1})
			stopped := w.crowd.mention()
			w.pass(5 * time.Second)
			w.crowd.sayStop(stopped.talk)
			w.waitForEnd(edited)
			w.crowd.editQuestion(edited)
			w.pass(30 * time.Second)
			late := w.crowd.mention()
			w.waitForEnd(late)
			w.crowd.deleteQuestion(late)
			w.pass(20 * time.Second)
		}},
		{name: "asked during a long outage of the bot", play: func(w *world) {
			w.downtime = 20 * time.Minute
			w.kill()
			old := w.crowd.mention()
			direct := w.crowd.direct()
			w.pass(time.Minute)
			w.crowd.ask(old.talk, old.asker, "")
			w.pass(20 * time.Minute)
			w.waitForEnd(direct)
			w.press(old.asker, old.talk, w.waitForButton(old.talk, blocks.ActionAnswerNow), blocks.ActionAnswerNow)
			w.waitForEnd(w.crowd.ask(direct.talk, direct.asker, ""))
		}},
		{name: "direct messages", play: func(w *world) {
			first := w.crowd.direct()
			w.waitForEnd(first)
			w.waitForEnd(w.crowd.ask(first.talk, first.asker, ""))
			w.command(first.asker, first.talk.channel, "status")
			w.command(first.asker, first.talk.channel, "tickets")
			if err := w.slack.OpenHome(first.asker); err != nil {
				w.t.Error(err)
			}
			w.pass(10 * time.Second)
		}},
		{name: "consecutive direct messages", play: func(w *world) {
			first := w.crowd.direct()
			w.waitForEnd(first)
			var last *asked
			for n := range 3 {
				next := w.crowd.shortDirect(first.asker)
				if n == 0 {
					first = next
				}
				last = next
				w.pass(time.Second)
			}
			w.waitForEnd(last)
			w.waitForEnd(first)
			w.waitForEnd(w.crowd.ask(first.talk, first.asker, ""))
		}},
	}, privateStories()...)
}

// manual returns an article whose answer needs several messages.
func manual() fstest.MapFS {
	name := gadget(0) + ".md"
	text := library()[name].Data
	for n := range 700 {
		text = fmt.Appendf(text, "\n%d. Turn screw number %d to the left, then to the right.", n+1, n+1)
	}
	return fstest.MapFS{name: &fstest.MapFile{Data: text}}
}

// waitForEnd waits until a question has its end.
func (w *world) waitForEnd(q *asked) {
	w.until(soon, func() bool { return w.judge.ended(q) })
}

// waitForButton waits for a message of the bot with a button in a thread, and returns its
// ts; empty if there was none.
func (w *world) waitForButton(t *talk, action string) (ts string) {
	w.until(soon, func() bool {
		for _, m := range w.slack.Thread(t.channel, t.root) {
			if m.BotID == w.slack.BotID() && m.EphemeralTo == "" && slices.Contains(actionsOf(m), action) {
				ts = m.TS
				return true
			}
		}
		return false
	})
	return ts
}

// press presses a button, and again if Slack shows that the press has failed.
func (w *world) press(user string, t *talk, ts, action string) {
	if ts == "" {
		return
	}
	for attempt := range 4 {
		if m, _ := w.slack.Message(t.channel, ts); attempt > 0 && !slices.Contains(actionsOf(m), action) {
			return // the press was handled, but its acknowledgement was lost
		}
		receipt, err := w.slack.Click(user, t.channel, ts, action)
		if err != nil {
			w.t.Errorf("pressing %s: %v", action, err)
			return
		}
		if w.acknowledged(receipt) {
			w.trace.add("the press of %s on %s is acknowledged", action, ts)
			return
		}
		w.pass(5 * time.Second)
	}
}

// acknowledged waits until Slack knows whether an interaction was acknowledged.
func (w *world) acknowledged(receipt *slacksandbox.Receipt) bool {
	failed := make(chan error, 1)
	ctx := w.t.Context()
	go func() {
		_, err := receipt.Wait(ctx)
		failed <- err
	}()
	w.until(10*time.Second, func() bool { return len(failed) > 0 })
	return len(failed) > 0 && <-failed == nil
}

// command enters /enjo with a text.
func (w *world) command(user, channel, text string) {
	receipt, err := w.slack.Command(user, channel, "/enjo", text)
	if err != nil {
		w.t.Errorf("entering a command: %v", err)
		return
	}
	w.acknowledged(receipt)
}

// moveTicket changes the status of a ticket, and notifies the bot until it accepts the
// webhook request.
func (w *world) moveTicket(ticket, status string) {
	if err := w.enjo.MoveTicket(ticket, status); err != nil {
		w.t.Error(err)
		return
	}
	w.until(soon, func() bool {
		l := w.instance.Load()
		return l != nil && l.sendWebhook(ticket, status)
	})
}

// sendWebhook notifies the bot of the status of a ticket, and reports whether the bot
// accepted the request.
func (l *instance) sendWebhook(ticket, status string) bool {
	body := fmt.Sprintf(`{"status":%q,"lastModified":%q}`, status, time.Now().UTC().Format(time.RFC3339))
	request := httptest.NewRequest(http.MethodPost, "/tickets/"+ticket, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+webhookSecret)
	response := httptest.NewRecorder()
	l.bot.Webhook().ServeHTTP(response, request)
	l.world.trace.add("the webhook reports that %s is %s: %d", ticket, status, response.Code)
	return response.Code == http.StatusOK
}
