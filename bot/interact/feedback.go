package interact

import (
	"context"
	"slices"
	"strings"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// maxComment is how much of a comment is stored, in characters; the modals accept 1,000
// of them.
const maxComment = 4_000

// rate stores whether a person finds an answer helpful; a later opinion replaces the
// earlier one. If the answer was not helpful, a modal asks why.
func (h *Handler) rate(ctx context.Context, i slackevent.Interaction) (func(), error) {
	var opinion string
	opinion, i.Value, _ = strings.Cut(i.Value, " ")
	q, err := h.question(ctx, i)
	if err != nil {
		return nil, err
	}
	good := opinion == blocks.FeedbackGood
	if err := h.storeFeedback(ctx, storage.Feedback{Question: q.ID, User: i.User, Good: good}); err != nil {
		return nil, err
	}
	if good {
		return h.thank(i, blocks.SayThanksGood.Text()), nil
	}
	return h.openModal(i, blocks.FeedbackReason(q.ID.String())), nil
}

// explainFeedback stores why an answer was not helpful, in the person's words.
func (h *Handler) explainFeedback(ctx context.Context, i slackevent.Interaction, q storage.Question) (func(), error) {
	err := h.storeFeedback(ctx, storage.Feedback{
		Question: q.ID, User: i.User, Reasons: i.Picked[blocks.FeedbackReasons],
		Comment: slackevent.Truncate(strings.TrimSpace(i.Typed[blocks.FeedbackComment]), maxComment),
	})
	if err != nil {
		return nil, err
	}
	if !q.Thread.IsPrivate() {
		i.Channel, i.ThreadTS = q.Thread.Channel, q.Thread.Root
	}
	return h.thank(i, blocks.SayThanksBad.Text()), nil
}

// thank returns a function that thanks for feedback.
func (h *Handler) thank(i slackevent.Interaction, words string) func() {
	return h.task(i, "thanking for feedback", func(ctx context.Context) error { return h.reply(ctx, i, blocks.Say(words)) })
}

// storeFeedback stores feedback. A repeated "not helpful" leaves the stored reasons.
func (h *Handler) storeFeedback(ctx context.Context, f storage.Feedback) error {
	f.At = h.Slack.Now()
	var known bool
	scope := storage.Scope{Team: f.Question.Team, Channel: f.Question.Channel, Person: f.User}
	err := h.Store.Decide(ctx, scope, func(s storage.Store) (err error) {
		if known, err = isKnown(ctx, s, f); err != nil || known {
			return err
		}
		return s.SetFeedback(ctx, f)
	})
	if err != nil || known {
		return err
	}
	opinion := blocks.FeedbackBad
	if f.Good {
		opinion = blocks.FeedbackGood
	}
	h.metrics.feedback.WithLabelValues(opinion).Inc()
	h.Log.Info().Str("question", f.Question.String()).Str("ref", storage.Reference(f.Question)).Bool("good", f.Good).
		Strs("reasons", f.Reasons).Msg("interact: feedback stored")
	return nil
}

// isKnown reports whether feedback says nothing that a user has not said before.
func isKnown(ctx context.Context, s storage.Store, f storage.Feedback) (bool, error) {
	if f.Good || len(f.Reasons) > 0 || f.Comment != "" {
		return false, nil
	}
	known, err := s.Feedback(ctx, f.Question)
	return slices.ContainsFunc(known, func(before storage.Feedback) bool { return before.User == f.User && !before.Good }), err
}

// showSources opens the list of all sources of an answer.
func (h *Handler) showSources(_ context.Context, i slackevent.Interaction, q storage.Question) (func(), error) {
	if q.Outcome == nil || q.Outcome.Reply == nil {
		return nil, refusedOld
	}
	return h.openModal(i, blocks.Sources(q.Outcome.Reply.Sources)), nil
}
