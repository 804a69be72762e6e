package bot

import (
	"context"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack"

	"enjobridge/storage"
)

const (
	// answeredWith marks a message that was asked together with another, and
	// failedWith one that was and had no answer.
	answeredWith = "white_check_mark"
	failedWith   = "warning"
	// markAttempts is how often that is tried.
	markAttempts = 8
)

// markAlong marks the messages that were asked together with another, so that
// each of them visibly has its end.
// https://docs.slack.dev/reference/methods/reactions.add
func (d *deliverer) markAlong(ctx context.Context, with []storage.MessageID, end storage.State) {
	emoji := answeredWith
	if end == storage.Failed {
		emoji = failedWith
	}
	for _, id := range with {
		if err := d.markOne(ctx, emoji, slack.NewRefToMessage(id.Channel, storage.MessageTS(id.TS))); err != nil {
			zerolog.Ctx(ctx).Warn().Err(err).Str("along", id.String()).Msg("message that was asked along could not be marked")
		}
	}
}

// markOne marks one message. A process before may have done so.
func (d *deliverer) markOne(ctx context.Context, emoji string, message slack.ItemRef) error {
	for attempt := 1; ; attempt++ {
		err := d.api.AddReactionContext(ctx, emoji, message)
		if err == nil || slackError(err) == "already_reacted" {
			return nil
		}
		if what, _, _ := troubleOf(err); (what != troubleWait && what != troubleUnknown) || attempt == markAttempts {
			return err
		}
		if err := d.post.rest(ctx, err, attempt); err != nil {
			return err
		}
	}
}
