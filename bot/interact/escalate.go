package interact

import (
	"cmp"
	"context"
	"errors"
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
	// callButton is the name of the button in the marker of a call.
	callButton = "person"
)

// escalate calls the configured people into a thread, where the bot is silent from
// then on until it is mentioned. Nobody else can read direct messages and private
// answers, so people are called elsewhere from there, and the bot goes on.
func (h *Handler) escalate(ctx context.Context, i slackevent.Interaction, q storage.Question) (func(), error) {
	if len(h.EscalateTo) == 0 {
		return nil, refusedUnknown
	}
	q = h.sharedIn(i, q)
	return h.lasting(ctx, i, "calling people", blocks.SayCalled, func(ctx context.Context) error { return h.callPeople(ctx, i, q) })
}

// sharedIn returns the question of a button. The shared answer to a private question, or the
// one in direct messages, is the root of a thread, which stands for the question. What only
// the asker sees has a response URL, unless the press is completed later, and texts after the
// question in the value of its button; in other direct messages, everything is a post.
func (h *Handler) sharedIn(i slackevent.Interaction, q storage.Question) storage.Question {
	if q.Origin == storage.Command {
		q.Origin = storage.Button
	}
	_, _, texts := strings.Cut(i.Value, " ")
	if q.Thread.IsPrivate() && i.ResponseURL == "" && (!texts || i.Channel != q.Thread.Channel) {
		q.Thread = i.Thread(h.Self.TeamID)
		q.Thread.Root = cmp.Or(q.Thread.Root, i.TS)
	}
	return q
}

// callPeople posts the call once for each button, even if it is pressed several times:
// it looks for the post in the thread.
func (h *Handler) callPeople(ctx context.Context, i slackevent.Interaction, q storage.Question) error {
	unlock, err := h.locks.Lock(ctx, "call/"+q.Thread.String())
	if err != nil {
		return err
	}
	defer unlock()
	post := h.callHere
	if q.Thread.IsPersonal() {
		post = h.callElsewhere
	}
	bounded, cancel := context.WithTimeout(ctx, escalateTimeout)
	defer cancel()
	posted, err := post(bounded, i, q)
	if err == nil && !q.Thread.IsPersonal() {
		// Afterwards, so that nobody waits in a muted thread for people who were not called.
		err = storage.Retry(ctx, h.BackOff, func() error { return h.mute(ctx, i, q.Thread) })
	}
	if err == nil {
		err = storage.Retry(ctx, h.BackOff, func() error { return h.recordCall(ctx, q.ID) })
	}
	switch {
	case err != nil:
		return fmt.Errorf("posting a call: %w", err)
	case !posted:
		return h.reply(ctx, i, blocks.Say(blocks.SayCalled.Text()))
	}
	from := fromThread
	if q.Thread.IsPersonal() {
		from = fromDirect
	}
	h.metrics.escalations.WithLabelValues(from).Inc()
	h.Log.Info().Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Str("user", i.User).Msg("interact: people called into the thread")
	return nil
}

// recordCall records for the report that somebody asked to talk to a person, once for each
// question, also if people were called before.
func (h *Handler) recordCall(ctx context.Context, question storage.MessageID) error {
	_, err := h.Store.FirstTime(ctx, storage.CalledKey(question), h.Slack.Now())
	return err
}

// callID identifies the call of a button, in the markers of its posts.
func (h *Handler) callID(i slackevent.Interaction) storage.MessageID {
	return storage.ButtonID(i.Message(h.Self.TeamID), callButton)
}

// mute mutes a thread once for each button: a mention can have unmuted it since. Questions
// that wait there are still answered.
func (h *Handler) mute(ctx context.Context, i slackevent.Interaction, thread storage.ThreadID) error {
	_, err := h.Store.MuteOnce(ctx, thread, storage.MuteKey(h.callID(i)), h.Slack.Now())
	return err
}

// callHere posts a call into the thread, and returns false if people were called already.
func (h *Handler) callHere(ctx context.Context, i slackevent.Interaction, q storage.Question) (posted bool, err error) {
	marker := slackapi.Marker{Question: h.callID(i)}
	to := slackapi.Target{Thread: q.Thread, Since: i.TS}
	before, _, err := h.Slack.Find(ctx, to, marker)
	if err != nil || before != "" {
		return false, err
	}
	if called, err := h.calledByAnother(ctx, q.Thread); err != nil || called {
		return false, err
	}
	call := h.describe(ctx, i, q)
	call.To, call.Question, call.Muted = h.EscalateTo, q.ID.String(), true
	_, _, err = h.Slack.PostOnce(ctx, slackapi.Post{To: to, Message: blocks.Escalation(call), Marker: marker})
	return err == nil, err
}

// calledByAnother reports whether another button has called people into a thread that is
// still muted. The word stop mutes a thread, too, and calls nobody.
func (h *Handler) calledByAnother(ctx context.Context, id storage.ThreadID) (called bool, err error) {
	thread, err := h.Store.Thread(ctx, id)
	if err != nil || !thread.Muted {
		return false, err
	}
	err = h.Slack.Retry(ctx, 0, func() error {
		for m, err := range h.Slack.Messages(ctx, id, slackapi.Range{Metadata: true}) {
			if err != nil {
				return err
			}
			marker, ok := h.Slack.MarkerOf(m)
			called = called || ok && strings.HasSuffix(marker.Question.TS, storage.ButtonID(storage.MessageID{}, callButton).TS)
		}
		return nil
	})
	return called, err
}

// escalationDone shows that a call is done: in its post, which says how to bring the bot
// back, and with a reaction to the thread's root.
func (h *Handler) escalationDone(_ context.Context, i slackevent.Interaction, q storage.Question) (func(), error) {
	q = h.sharedIn(i, q)
	return h.taskFor(i, "closing a call", func(ctx context.Context) error {
		done := h.describe(ctx, i, q)
		done.DoneBy = i.User
		thread, err := h.Store.Thread(ctx, q.Thread)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		done.Muted = thread.Muted
		if err := h.Slack.Update(ctx, i.Channel, i.TS, blocks.Escalation(done)); err != nil {
			return err
		}
		return h.reactDone(ctx, q.Thread)
	}), nil
}

// reactDone adds a reaction to the root of a thread whose call is done.
func (h *Handler) reactDone(ctx context.Context, thread storage.ThreadID) error {
	if thread.Root == "" {
		return nil
	}
	err := h.Slack.React(ctx, thread.Channel, thread.Root, "white_check_mark")
	if slackapi.ErrorCode(err) == "message_not_found" {
		return nil
	}
	return err
}
