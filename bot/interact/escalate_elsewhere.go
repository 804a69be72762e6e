package interact

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/deliver"
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

// callElsewhere calls people from direct messages and private answers, which they cannot
// read: in the channel that is configured for it, or else in a direct message to each of
// them. Then it says so where the button is. It returns false if that was said already. No
// thread is muted, because nobody but the bot can answer there.
func (h *Handler) callElsewhere(ctx context.Context, i slackevent.Interaction, q storage.Question) (posted bool, err error) {
	called := slackapi.Marker{Question: h.callID(i), Part: partCalled}
	to := slackapi.Target{Thread: q.Thread, Since: i.TS}
	if !q.Thread.IsPrivate() {
		if before, _, err := h.Slack.Find(ctx, to, called); err != nil || before != "" {
			return false, err
		}
	}
	reached, fresh, err := h.callPlaces(ctx, i, q)
	switch {
	case len(reached) == 0:
		return false, err
	case err != nil:
		h.Log.Warn().Err(err).Str("question", q.ID.String()).Str("hint", slackapi.Classify(err).Hint).Msg("interact: calling some of the people failed")
	}
	if q.Thread.IsPrivate() {
		if !fresh {
			return false, nil
		}
		return true, h.reply(ctx, i, blocks.CalledPrivately(reached))
	}
	_, _, err = h.Slack.PostOnce(ctx, slackapi.Post{To: to, Message: blocks.Called(reached, ""), Marker: called, Brief: true})
	return true, err
}

// callPlaces posts a call in all places, each once. It returns who reads the posts, and
// whether one is new.
func (h *Handler) callPlaces(ctx context.Context, i slackevent.Interaction, q storage.Question) (reached []string, fresh bool, err error) {
	_, exchange, _ := strings.Cut(i.Value, " ")
	call := h.describe(ctx, i, q)
	call.Elsewhere, call.Link = true, ""
	call.Question = strings.TrimSpace(h.callID(i).String() + " " + q.ID.String() + " " + exchange)
	for place := range h.elsewhere(q.Thread.Team) {
		posted, failed := h.callAt(ctx, place, call, h.callID(i))
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		reached, fresh = append(reached, place.to...), fresh || posted
	}
	return reached, fresh, err
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
		if p.channel, err = h.Slack.OpenDirect(ctx, p.to[0], 0); err != nil {
			return to, err
		}
	}
	return slackapi.Target{Thread: storage.ThreadID{Team: p.team, Channel: p.channel}, Since: since}, nil
}

// callAt posts a call in a place, and returns false if it was posted there before.
func (h *Handler) callAt(ctx context.Context, p place, call blocks.EscalationView, button storage.MessageID) (posted bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	to, err := h.target(ctx, p, storage.MessageTS(button.TS))
	if err != nil {
		return false, err
	}
	if p.pings {
		call.To = p.to
	}
	marker := slackapi.Marker{Question: button, Part: p.part}
	_, posted, err = h.Slack.PostOnce(ctx, slackapi.Post{To: to, Message: blocks.Escalation(call), Marker: marker, Check: true, Brief: true})
	if err != nil {
		return false, fmt.Errorf("calling %s from a private conversation: %w", strings.Join(p.to, " "), err)
	}
	return posted, nil
}

// doneElsewhere shows that a call from direct messages or a private answer is done: in its
// posts, and in the asker's thread, if Slack has one.
func (h *Handler) doneElsewhere(ctx context.Context, i slackevent.Interaction) (func(), error) {
	var first string
	first, i.Value, _ = strings.Cut(i.Value, " ")
	second, _, _ := deliver.CutExchange(i.Value)
	button, valid := storage.ParseMessageID(first)
	id, ok := storage.ParseMessageID(second)
	if !valid || !ok {
		return nil, refusedUnknown
	}
	q, err := h.calledFor(ctx, id, button)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return nil, refusedOld
	case err != nil:
		return nil, err
	case !q.Thread.IsPersonal() || button.Channel != q.Thread.Channel:
		return nil, refusedUnknown
	}
	return h.taskFor(i, "closing a call", func(ctx context.Context) error { return h.closeElsewhere(ctx, i, q, button) }), nil
}

// calledFor returns the question of a button that has called people. If that is below the
// answer to a private question in direct messages, the question goes on there.
func (h *Handler) calledFor(ctx context.Context, id, button storage.MessageID) (storage.Question, error) {
	q, err := h.Store.Question(ctx, id)
	if err != nil || !q.Thread.IsPrivate() {
		return q, err
	}
	thread, err := h.Store.Thread(ctx, q.Thread)
	switch {
	case err != nil:
	case thread.Continues.Channel == button.Channel:
		q.Thread = thread.Continues
	case q.Thread.Channel != button.Channel: // a post that is not recorded
		q.Thread = storage.ThreadID{Team: id.Team, Channel: button.Channel, Root: storage.MessageTS(button.TS)}
	}
	return q, err
}

// closeElsewhere updates all posts of a call from a conversation that others cannot read.
func (h *Handler) closeElsewhere(ctx context.Context, i slackevent.Interaction, q storage.Question, button storage.MessageID) error {
	done := h.describe(ctx, i, q)
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
	if q.Thread.IsPrivate() {
		return nil
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
