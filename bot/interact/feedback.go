package interact

import (
	"context"
	"strings"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

const (
	thanksGood = blocks.SayThanksGood
	thanksBad  = blocks.SayThanksBad
)

// maxComment bounds what is kept of what a person says about an answer, in
// bytes; the modal takes 1,000 characters.
const maxComment = 4_000

// rate remembers whether an answer was helpful, once for each person, who may
// think again. If it was not, a modal asks why.
func (d *Interact) rate(ctx context.Context, i slackevent.Interaction) (func(), error) {
	verdict, value, _ := strings.Cut(i.Value, " ")
	q, err := d.question(ctx, i, value)
	if err != nil {
		return nil, err
	}
	good := verdict == blocks.FeedbackGood
	if err := d.storeFeedback(ctx, storage.Feedback{Question: q.ID, User: i.User, Good: good}); err != nil {
		return nil, err
	}
	if good {
		return d.task("thanking for feedback", func(ctx context.Context) error { return d.tell(ctx, i, blocks.Say(thanksGood)) }), nil
	}
	return d.openModal(i, blocks.FeedbackReason(q.ID.String())), nil
}

// explainFeedback remembers why an answer was not helpful, in the person's words.
func (d *Interact) explainFeedback(ctx context.Context, i slackevent.Interaction) (func(), error) {
	q, err := d.question(ctx, i, i.Value)
	if err != nil {
		return nil, err
	}
	why := storage.Feedback{
		Question: q.ID, User: i.User, Reasons: i.Picked[blocks.FeedbackReasons],
		Comment: slackevent.Truncate(strings.TrimSpace(i.Typed[blocks.FeedbackComment]), maxComment),
	}
	if err := d.storeFeedback(ctx, why); err != nil {
		return nil, err
	}
	return d.task("thanking for feedback", func(ctx context.Context) error {
		return d.slack.PostEphemeral(ctx, q.ID.Channel, q.Thread.Root, i.User, blocks.Say(thanksBad))
	}), nil
}

// storeFeedback stores feedback. Saying "not helpful" again does not take back why.
func (d *Interact) storeFeedback(ctx context.Context, f storage.Feedback) error {
	f.At = time.Now()
	if !f.Good && len(f.Reasons) == 0 && f.Comment == "" {
		known, err := d.store.Feedback(ctx, f.Question)
		if err != nil {
			return err
		}
		for _, before := range known {
			if before.User == f.User && !before.Good {
				return nil
			}
		}
	}
	if err := d.store.SetFeedback(ctx, f); err != nil {
		return err
	}
	opinion := blocks.FeedbackBad
	if f.Good {
		opinion = blocks.FeedbackGood
	}
	d.metrics.feedback.WithLabelValues(opinion).Inc()
	d.log.Info().Str("question", f.Question.String()).Str("ref", storage.Reference(f.Question)).Bool("good", f.Good).
		Strs("reasons", f.Reasons).Msg("feedback on an answer")
	return nil
}

// showSources opens the list of all sources of an answer.
func (d *Interact) showSources(ctx context.Context, i slackevent.Interaction) (func(), error) {
	q, err := d.question(ctx, i, i.Value)
	if err != nil {
		return nil, err
	}
	if q.Outcome == nil || q.Outcome.Reply == nil {
		return nil, refusedOld
	}
	return d.openModal(i, blocks.Sources(q.Outcome.Reply.Sources)), nil
}
