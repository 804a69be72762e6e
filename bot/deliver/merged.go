package deliver

import (
	"context"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

const (
	answeredEmoji = "white_check_mark"
	failedEmoji   = "warning"
	// reactAttempts is how often one reaction is attempted.
	reactAttempts = 8
)

// endMerged reacts to the messages that were merged into a question, so that each of
// them visibly has an end. Where Slack lets the bot post but not react, for whatever
// reason, a notice says so.
// https://docs.slack.dev/reference/methods/reactions.add
func (d *Deliverer) endMerged(ctx context.Context, q storage.Question, end storage.State) {
	emoji := answeredEmoji
	if end == storage.Failed {
		emoji = failedEmoji
	}
	for _, id := range q.With {
		err := d.Slack.Retry(ctx, reactAttempts, func() error { return d.Slack.React(ctx, id.Channel, storage.MessageTS(id.TS), emoji) })
		if err == nil {
			continue
		}
		failure := slackapi.Classify(err)
		zerolog.Ctx(ctx).Warn().Err(err).Str("message", id.String()).Str("hint", failure.Hint).Msg("deliver: reacting to a merged message failed")
		if failure.Class != slackapi.Setup && failure.Class != slackapi.Unexpected {
			continue
		}
		merged, text := storage.Question{ID: id, Thread: q.ThreadOf(id)}, blocks.SayAskedTogether.Text()
		if merged.Thread != q.Thread {
			text = blocks.SayAskedWithNext.Text()
		}
		if _, err := d.postNotice(ctx, merged, blocks.Say(text), partMerged, true); err != nil {
			zerolog.Ctx(ctx).Warn().Err(err).Str("message", id.String()).Msg("deliver: posting that a message was merged failed")
		}
	}
}
