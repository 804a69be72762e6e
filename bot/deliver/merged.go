package deliver

import (
	"context"

	"github.com/rs/zerolog"

	"enjobridge/storage"
)

const (
	answeredEmoji = "white_check_mark"
	failedEmoji   = "warning"
	// reactAttempts is how often one reaction is attempted.
	reactAttempts = 8
)

// reactToMerged reacts to the messages that were merged into a question, so that each
// of them visibly has an end.
// https://docs.slack.dev/reference/methods/reactions.add
func (d *Deliverer) reactToMerged(ctx context.Context, merged []storage.MessageID, end storage.State) {
	emoji := answeredEmoji
	if end == storage.Failed {
		emoji = failedEmoji
	}
	for _, id := range merged {
		err := d.Slack.Retry(ctx, reactAttempts, func() error { return d.Slack.React(ctx, id.Channel, storage.MessageTS(id.TS), emoji) })
		if err != nil {
			zerolog.Ctx(ctx).Warn().Err(err).Str("message", id.String()).Msg("deliver: reacting to a merged message failed")
		}
	}
}
