package interact

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

const (
	// postTimeout bounds the call in one place: the people of the others must not wait.
	postTimeout = 30 * time.Second
	// partCalled is the part that says in the asker's thread who was called. The calls
	// elsewhere count from 1.
	partCalled = 0
)

// Users returns the users among the people to call: a user group has no direct messages.
func Users(to []string) []string {
	return slices.DeleteFunc(slices.Clone(to), func(id string) bool { return strings.HasPrefix(id, "S") })
}

// callElsewhere calls people from direct messages, which they cannot read: in the channel
// that is configured for it, or else in a direct message to each of them. Then it says so
// in the thread. It returns false if the thread says it already. The thread is not muted,
// because nobody but the bot can answer there.
func (h *Handler) callElsewhere(ctx context.Context, i slackevent.Interaction, q storage.Question) (posted bool, err error) {
	called := slackapi.Marker{Question: h.callID(i), Part: partCalled}
	to := slackapi.Target{Thread: q.Thread, Since: i.TS}
	if before, _, err := h.Slack.Find(ctx, to, called); err != nil || before != "" {
		return false, err
	}
	call := h.describe(ctx, i.User, q)
	call.Elsewhere, call.Link, call.Question = true, "", called.Question.String()+" "+q.ID.String()
	var reached []string
	for place := range h.elsewhere(q.Thread.Team) {
		ts, failed := h.callAt(ctx, place, call, called.Question)
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		if ts != "" {
			reached = append(reached, place.to...)
		}
	}
	if len(reached) == 0 {
		return false, err
	}
	if err != nil {
		h.Log.Warn().Err(err).Str("question", q.ID.String()).Str("hint", slackapi.Classify(err).Hint).Msg("interact: calling some of the people failed")
	}
	_, _, err = h.Slack.PostOnce(ctx, slackapi.Post{To: to, Message: blocks.Called(reached, ""), Marker: called, Brief: true})
	return true, err
}

// place is where people are called from direct messages.
type place struct {
	part    int      // of its post
	to      []string // who reads it
	team    string
	channel string // empty for the direct messages of a user
	pings   bool   // whether the post has to mention them
}

// elsewhere yields the places in which people are called from direct messages.
func (h *Handler) elsewhere(team string) func(yield func(place) bool) {
	return func(yield func(place) bool) {
		if h.EscalateChannel != "" {
			yield(place{part: 1, to: h.EscalateTo, team: team, channel: h.EscalateChannel, pings: true})
			return
		}
		for n, user := range Users(h.EscalateTo) {
			if !yield(place{part: 1 + n, to: []string{user}, team: team}) {
				return
			}
		}
	}
}

// target returns where the posts of a place are, after a message.
func (h *Handler) target(ctx context.Context, p place, since string) (to slackapi.Target, err error) {
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	if p.channel == "" {
		if p.channel, err = h.Slack.OpenDirect(ctx, p.to[0]); err != nil {
			return to, err
		}
	}
	return slackapi.Target{Thread: storage.ThreadID{Team: p.team, Channel: p.channel}, Since: since}, nil
}

// callAt posts a call in a place, unless it was posted there before.
func (h *Handler) callAt(ctx context.Context, p place, call blocks.EscalationView, button storage.MessageID) (ts string, err error) {
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	to, err := h.target(ctx, p, storage.MessageTS(button.TS))
	if err != nil {
		return "", err
	}
	if p.pings {
		call.To = p.to
	}
	marker := slackapi.Marker{Question: button, Part: p.part}
	ts, _, err = h.Slack.PostOnce(ctx, slackapi.Post{To: to, Message: blocks.Escalation(call), Marker: marker, Check: true, Brief: true})
	if err != nil {
		return "", fmt.Errorf("calling %s from direct messages: %w", strings.Join(p.to, " "), err)
	}
	return ts, nil
}

// doneElsewhere shows that a call from direct messages is done: in its posts, and in the
// asker's thread.
func (h *Handler) doneElsewhere(ctx context.Context, i slackevent.Interaction) (func(), error) {
	first, second, _ := strings.Cut(i.Value, " ")
	button, valid := storage.ParseMessageID(first)
	id, ok := storage.ParseMessageID(second)
	if !valid || !ok || !isDirect(storage.Question{ID: id}) || button.Channel != id.Channel {
		return nil, refusedUnknown
	}
	q, err := h.Store.Question(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, refusedOld
	} else if err != nil {
		return nil, err
	}
	return h.taskFor(i, "closing a call", func(ctx context.Context) error { return h.closeElsewhere(ctx, i, q, button) }), nil
}

// closeElsewhere updates all posts of a call from direct messages.
func (h *Handler) closeElsewhere(ctx context.Context, i slackevent.Interaction, q storage.Question, button storage.MessageID) error {
	done := h.describe(ctx, i.User, q)
	done.DoneBy, done.Elsewhere, done.Link = i.User, true, ""
	if err := h.Slack.Update(ctx, i.Channel, i.TS, blocks.Escalation(done)); err != nil {
		return err
	}
	since := storage.MessageTS(button.TS)
	for place := range h.elsewhere(q.Thread.Team) {
		to, err := h.target(ctx, place, since)
		if err == nil && to.Thread.Channel != i.Channel {
			err = h.updatePost(ctx, to, slackapi.Marker{Question: button, Part: place.part}, blocks.Escalation(done))
		}
		if err != nil {
			h.Log.Warn().Err(err).Str("question", q.ID.String()).Str("hint", slackapi.Classify(err).Hint).Msg("interact: closing a call in another place failed")
		}
	}
	inThread := slackapi.Target{Thread: q.Thread, Since: since}
	err := h.updatePost(ctx, inThread, slackapi.Marker{Question: button, Part: partCalled}, blocks.Called(nil, i.User))
	return errors.Join(err, h.reactDone(ctx, q.Thread))
}

// updatePost changes the post with a marker, if it is there.
func (h *Handler) updatePost(ctx context.Context, to slackapi.Target, marker slackapi.Marker, m blocks.Message) error {
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	ts, _, err := h.Slack.Find(ctx, to, marker)
	if err != nil || ts == "" {
		return err
	}
	return h.Slack.Update(ctx, to.Thread.Channel, ts, m)
}
