package interact

import (
	"context"
	"fmt"
	"strings"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// escalate calls the people whom the operator has named into a thread, and is
// quiet there from then on, until it is mentioned again.
func (d *Interact) escalate(ctx context.Context, i slackevent.Interaction) (func(), error) {
	q, err := d.question(ctx, i, i.Value)
	if err != nil {
		return nil, err
	}
	if len(d.escalateTo) == 0 {
		return nil, refusedUnknown
	}
	return d.taskFor(i, "calling people", func(ctx context.Context) error { return d.call(ctx, i, q) }), nil
}

// call posts the call once for each press of a button, however often it is
// pressed: the thread itself is read for it. Muting comes after it, so that
// nobody waits in a quiet thread for people who were never called.
func (d *Interact) call(ctx context.Context, i slackevent.Interaction, q storage.Question) error {
	done, err := d.locks.Lock(ctx, "call/"+q.Thread.String())
	if err != nil {
		return err
	}
	defer done()
	thread, err := d.store.Thread(ctx, q.Thread)
	if err != nil {
		return err
	}
	as := slackapi.Marker{Question: storage.ButtonID(i.Message(d.self.TeamID), "person")}
	to := slackapi.Target{Thread: q.Thread, Since: i.TS}
	before, _, err := d.slack.Find(ctx, to, as)
	switch {
	case err != nil:
		return fmt.Errorf("looking for a call: %w", err)
	case before != "" || thread.Muted:
		return d.tell(ctx, i, blocks.Say(blocks.SayCalled))
	}
	call := blocks.EscalationView{To: d.escalateTo, By: i.User, Question: q.ID.String()}
	call.Summary, call.Link = d.summary(ctx, q)
	if _, _, err := d.slack.PostOnce(ctx, slackapi.Post{To: to, Message: blocks.Escalation(call), Marker: as}); err != nil {
		return fmt.Errorf("posting a call: %w", err)
	}
	d.log.Info().Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Str("user", i.User).Msg("people called into the thread")
	return storage.Retry(ctx, d.backOff, func() error { return d.store.SetMuted(ctx, q.Thread, true) })
}

const (
	// summaryTimeout bounds the composing of a summary.
	summaryTimeout = 5 * time.Second
	// summaryNames bounds how many people and channels are looked up for one.
	summaryNames = 20
)

// summary returns what a question asked in a line, and a link to it; empty where
// Slack does not tell.
func (d *Interact) summary(ctx context.Context, q storage.Question) (line, link string) {
	ctx, cancel := context.WithTimeout(ctx, summaryTimeout)
	defer cancel()
	id := q.ID
	switch {
	case len(q.Again) > 0:
		id = q.Again[0]
	case q.Origin == storage.Button && q.Thread.Root != "":
		id.TS = q.Thread.Root
	}
	names := d.slack.Names(ctx).Limited(summaryNames)
	// What Slack does not say is left out.
	m, _, _ := d.slack.Message(ctx, q.Thread, storage.MessageTS(id.TS))
	text := slackevent.PlainText(m.Text, d.self.UserID, names)
	return strings.Join(strings.Fields(text), " "), d.slack.Permalink(ctx, q.ID.Channel, storage.MessageTS(id.TS))
}

// escalationDone marks a call as done with, in its place and at the thread's root.
func (d *Interact) escalationDone(ctx context.Context, i slackevent.Interaction) (func(), error) {
	q, err := d.question(ctx, i, i.Value)
	if err != nil {
		return nil, err
	}
	return d.taskFor(i, "marking a call as done", func(ctx context.Context) error {
		done := blocks.EscalationView{DoneBy: i.User}
		done.Summary, done.Link = d.summary(ctx, q)
		if err := d.slack.Update(ctx, i.Channel, i.TS, blocks.Escalation(done)); err != nil {
			return err
		}
		if q.Thread.Root == "" {
			return nil
		}
		err := d.slack.React(ctx, i.Channel, q.Thread.Root, "white_check_mark")
		if slackapi.ErrorCode(err) == "message_not_found" {
			return nil
		}
		return err
	}), nil
}
