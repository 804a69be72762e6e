package deliver

import (
	"context"

	"github.com/rs/zerolog"

	"enjobridge/storage"
)

const (
	// answeredWith marks a message that was asked together with another, and
	// failedWith one that was and had no answer.
	answeredWith = "white_check_mark"
	failedWith   = "warning"
	// reactAttempts is how often that is tried.
	reactAttempts = 8
)

// reactToMerged marks the messages that were asked together with another, so that
// each of them visibly has its end.
// https://docs.slack.dev/reference/methods/reactions.add
func (d *Deliverer) reactToMerged(ctx context.Context, with []storage.MessageID, end storage.State) {
	emoji := answeredWith
	if end == storage.Failed {
		emoji = failedWith
	}
	for _, id := range with {
		err := d.Slack.Retry(ctx, reactAttempts, func() error { return d.Slack.React(ctx, id.Channel, storage.MessageTS(id.TS), emoji) })
		if err != nil {
			zerolog.Ctx(ctx).Warn().Err(err).Str("along", id.String()).Msg("message that was asked along could not be marked")
		}
	}
}
