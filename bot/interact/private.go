package interact

import (
	"context"
	"errors"

	"enjobridge/blocks"
	"enjobridge/bot/deliver"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// askPrivately accepts a question whose answer only the person sees. It begins a
// conversation, in a thread that Slack does not have.
func (h *Handler) askPrivately(ctx context.Context, i slackevent.Interaction, id storage.MessageID, text string) (func(), error) {
	now := h.Slack.Now()
	thread := storage.Thread{ID: storage.PrivateThread(id), Agent: h.Policy.AgentOf(i.Channel), LastActive: now}
	q := storage.Question{
		ID: id, Thread: thread.ID, Asker: i.User, Agent: thread.Agent, Origin: storage.Command,
		Text: text, ResponseURL: i.ResponseURL, AcceptedAt: now,
	}
	q.WantsPerson = h.Policy.WantsPerson(text)
	var refused string
	var fresh bool
	err := h.decide(ctx, i, thread.ID, func(d *decider) (err error) {
		if q.WantsPerson { // it asks no agent, and does not wait
			fresh, err = d.Store.Accept(ctx, q, thread)
			return err
		}
		if refused, err = d.room(ctx, q); err != nil || refused != "" {
			return err
		}
		fresh, err = d.DailyLimit.Accept(ctx, d.Store, q, thread)
		return err
	})
	if err == nil && refused != "" {
		return h.refusingQuestion(i, q, refused), nil
	}
	return h.accepted(q, fresh, err)
}

// refusingQuestion returns a function that shows why a question cannot wait, with a button
// that asks it later.
func (h *Handler) refusingQuestion(i slackevent.Interaction, q storage.Question, why string) func() {
	notice := blocks.NoticeView{Text: why}
	if value, ok := deliver.WithText(q.ID, q.Text); ok {
		notice.Buttons = []blocks.Button{blocks.TryAgain(value)}
	}
	return h.task(i, "refusing a private question", func(ctx context.Context) error { return h.reply(ctx, i, blocks.Notice(notice)) })
}

// retryPrivately asks a private question again, whose text the button has. Its identity is
// that of the earlier one, so that pressing twice asks once. The earlier one may never
// have been accepted, or be forgotten; if it is known, it is the person's own.
func (h *Handler) retryPrivately(ctx context.Context, i slackevent.Interaction, id storage.MessageID, text string) (func(), error) {
	switch earlier, err := h.Store.Question(ctx, id); {
	case errors.Is(err, storage.ErrNotFound):
	case err != nil:
		return nil, err
	case earlier.Asker != i.User:
		return nil, refusedUnknown
	}
	if text == "" {
		return nil, refusedOld
	}
	return h.askPrivately(ctx, i, storage.CommandID(h.Self.TeamID, i.Channel, "again/"+id.TS), text)
}

// privateElsewhere returns a private question of the person that asked it in another channel:
// its answer can be in their direct messages.
func (h *Handler) privateElsewhere(ctx context.Context, i slackevent.Interaction, id storage.MessageID) (storage.Question, error) {
	if id.Channel == i.Channel {
		return storage.Question{}, refusedOld
	}
	q, err := h.Store.Question(ctx, id)
	switch {
	case errors.Is(err, storage.ErrNotFound), err == nil && !q.Thread.IsPrivate():
		return storage.Question{}, refusedOld
	case err != nil:
		return storage.Question{}, err
	}
	return h.published(ctx, i, q)
}

// published returns a private question in the thread where it goes on: that of its
// answer, once everyone can see it in its channel, or the person in their direct messages.
// Before that it is for its asker alone.
func (h *Handler) published(ctx context.Context, i slackevent.Interaction, q storage.Question) (storage.Question, error) {
	thread, err := h.Store.Thread(ctx, q.Thread)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return storage.Question{}, err
	}
	in := thread.Continues
	if i.User != q.Asker && (in == storage.ThreadID{} || in.Channel != i.Channel) {
		return storage.Question{}, refusedOld
	}
	if in != (storage.ThreadID{}) {
		q.Thread = in
	}
	return q, nil
}

// share shares a private answer in its channel. If the process ends before, the next one
// does.
func (h *Handler) share(ctx context.Context, i slackevent.Interaction) (func(), error) {
	id, asked, ok := deliver.CutText(i.Value)
	if !ok {
		return nil, refusedUnknown
	}
	id.Channel = i.Channel
	q, err := h.Store.Question(ctx, id)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return nil, refusal(blocks.SayAnswerGone.Text())
	case err != nil:
		return nil, err
	}
	if err := shareable(i, q); err != nil {
		return nil, err
	}
	return h.lasting(ctx, i, "sharing an answer", blocks.SayUsed, func(ctx context.Context) error { return h.shareOnce(ctx, i, q.ID, asked) })
}

// linkShared makes the thread of a shared answer known that an earlier process has posted,
// although the answer is not kept any more.
func (h *Handler) linkShared(ctx context.Context, p storage.Press) error {
	id, _, _ := deliver.CutText(p.Value)
	id.Channel = p.Message.Channel
	q, err := h.Store.Question(ctx, id)
	if err == nil && len(q.Posts) == 0 && q.Outcome != nil {
		var in storage.ThreadID
		if in, err = h.Deliver.LinkShared(ctx, q); err == nil && in.Root != "" {
			h.Published(ctx, in)
		}
	}
	if ctx.Err() != nil {
		return err
	}
	return errors.Join(err, h.endPress(ctx, p))
}

// shareable returns a [refusal] unless a person can share the answer to a question.
func shareable(i slackevent.Interaction, q storage.Question) error {
	switch {
	case i.User != q.Asker || !q.Thread.IsPrivate() || storage.IsDirect(i.Channel):
		return refusedUnknown
	case len(q.Posts) > 0:
		return refusal(blocks.SayAlreadyShared.Text())
	case q.Kept == "" && q.State.Ended():
		return refusal(blocks.SayAnswerGone.Text())
	}
	return nil
}

// shareOnce posts a private answer, unless another press has done that.
func (h *Handler) shareOnce(ctx context.Context, i slackevent.Interaction, id storage.MessageID, asked string) error {
	unlock, err := h.locks.Lock(ctx, "share/"+id.String())
	if err != nil {
		return err
	}
	defer unlock()
	// The press can be faster than the end of the question, which keeps the answer.
	if err := h.Deliver.Shown(ctx, id); err != nil {
		return err
	}
	q, err := h.Store.Question(ctx, id)
	if err != nil {
		return err
	}
	if q.Kept == "" && len(q.Posts) == 0 {
		return h.reply(ctx, i, blocks.Say(blocks.SayAnswerGone.Text()))
	}
	if refused := shareable(i, q); refused != nil {
		return h.reply(ctx, i, blocks.Say(refused.Error()))
	}
	user, _ := h.Slack.User(ctx, i.User)
	by := user.Name
	if by == "" {
		by = blocks.LabelSomebody.Text()
	}
	asked = slackevent.PlainText(asked, h.Self.UserID, h.Slack.Names(ctx, i.Channel).Limited(0))
	in, err := h.Deliver.Share(ctx, q, by, asked)
	if slackapi.Classify(err).Class == slackapi.Inaccessible {
		h.Log.Info().Err(err).Str("question", id.String()).Msg("interact: sharing an answer is not possible here")
		return h.reply(ctx, i, blocks.Say(blocks.SayCannotShare.Text()))
	}
	if err != nil {
		return err
	}
	h.Published(ctx, in)
	h.Log.Info().Str("question", id.String()).Str("ref", storage.Reference(id)).Msg("interact: private answer shared")
	if i.ResponseURL == lostURL {
		return h.reply(ctx, i, blocks.Say(blocks.SayShared.Text()))
	}
	if err := h.Slack.RespondInPlace(ctx, i.ResponseURL, blocks.Say(blocks.SayShared.Text())); err != nil {
		h.Log.Warn().Err(err).Msg("interact: replacing a private answer that was shared failed") // everyone sees that it was
	}
	return nil
}
