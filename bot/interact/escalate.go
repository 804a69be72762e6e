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

const (
	// escalateTimeout bounds the post that calls people: until then no other press can
	// call people into the thread.
	escalateTimeout = 2 * time.Minute
	// summaryTimeout bounds the composing of a summary, in which a read that fails is
	// repeated up to summaryAttempts times: people are called without it rather than late.
	summaryTimeout  = 10 * time.Second
	summaryAttempts = 4
	// summaryNames is how many people and channels are looked up for a summary.
	summaryNames = 20
)

// escalate calls the configured people into a thread, where the bot is silent from
// then on until it is mentioned.
func (h *Handler) escalate(_ context.Context, i slackevent.Interaction, q storage.Question) (func(), error) {
	if len(h.EscalateTo) == 0 {
		return nil, refusedUnknown
	}
	return h.taskFor(i, "calling people", func(ctx context.Context) error { return h.callPeople(ctx, i, q) }), nil
}

// callPeople posts the call once for each button, even if it is pressed several times:
// it looks for the post in the thread. It mutes the thread afterwards, so that nobody
// waits in a muted thread for people who were not called.
func (h *Handler) callPeople(ctx context.Context, i slackevent.Interaction, q storage.Question) error {
	unlock, err := h.locks.Lock(ctx, "call/"+q.Thread.String())
	if err != nil {
		return err
	}
	defer unlock()
	posted, err := h.postCall(ctx, i, q)
	switch {
	case err != nil:
		return fmt.Errorf("posting a call: %w", err)
	case !posted:
		return h.reply(ctx, i, blocks.Say(blocks.SayCalled.Text()))
	}
	h.Log.Info().Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Str("user", i.User).Msg("interact: people called into the thread")
	return storage.Retry(ctx, h.BackOff, func() error { return h.Store.SetMuted(ctx, q.Thread, true) })
}

// postCall posts a call, and returns false if people were called already.
func (h *Handler) postCall(ctx context.Context, i slackevent.Interaction, q storage.Question) (posted bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, escalateTimeout)
	defer cancel()
	thread, err := h.Store.Thread(ctx, q.Thread)
	if err != nil {
		return false, err
	}
	marker := slackapi.Marker{Question: storage.ButtonID(i.Message(h.Self.TeamID), "person")}
	to := slackapi.Target{Thread: q.Thread, Since: i.TS}
	before, _, err := h.Slack.Find(ctx, to, marker)
	if err != nil || before != "" || thread.Muted {
		return false, err
	}
	call := blocks.EscalationView{To: h.EscalateTo, By: i.User, Question: q.ID.String()}
	call.Summary, call.Link = h.summary(ctx, q)
	_, _, err = h.Slack.PostOnce(ctx, slackapi.Post{To: to, Message: blocks.Escalation(call), Marker: marker})
	return true, err
}

// summary returns the words of a question on one line, and a link to it; empty if
// Slack does not provide them.
func (h *Handler) summary(ctx context.Context, q storage.Question) (words, link string) {
	ctx, cancel := context.WithTimeout(ctx, summaryTimeout)
	defer cancel()
	id := q.ID
	switch {
	case len(q.Again) > 0:
		id = q.Again[0]
	case q.Origin == storage.Command: // the root is the answer that was shared
		id.TS = q.Thread.Root
	case q.Origin == storage.Button && q.Thread.Root != "":
		id.TS = q.Thread.Root
	}
	ts := storage.MessageTS(id.TS)
	var m slackevent.Posted
	err := h.Slack.Retry(ctx, summaryAttempts, func() (err error) {
		m, _, err = h.Slack.Message(ctx, q.Thread, ts)
		return err
	})
	if err != nil {
		h.Log.Warn().Err(err).Str("question", q.ID.String()).Str("hint", slackapi.Classify(err).Hint).
			Msg("interact: reading a question for a call failed, calling people without its text")
	}
	text := slackevent.PlainText(m.Content, h.Self.UserID, h.Slack.Names(ctx, q.Thread.Channel).Limited(summaryNames))
	return strings.Join(strings.Fields(text), " "), h.Slack.Permalink(ctx, q.ID.Channel, ts)
}

// escalationDone shows that a call is done: in its post, and with a reaction to the
// thread's root.
func (h *Handler) escalationDone(_ context.Context, i slackevent.Interaction, q storage.Question) (func(), error) {
	return h.taskFor(i, "closing a call", func(ctx context.Context) error {
		done := blocks.EscalationView{DoneBy: i.User}
		done.Summary, done.Link = h.summary(ctx, q)
		err := h.Slack.Update(ctx, i.Channel, i.TS, blocks.Escalation(done))
		if err != nil || q.Thread.Root == "" {
			return err
		}
		err = h.Slack.React(ctx, i.Channel, q.Thread.Root, "white_check_mark")
		if slackapi.ErrorCode(err) == "message_not_found" {
			return nil
		}
		return err
	}), nil
}
