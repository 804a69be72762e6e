package deliver

import (
	"context"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// Retract deletes the answer to a question whose message was deleted, unless
// people talked about it already.
func (d *Deliverer) Retract(ctx context.Context, q storage.Question) {
	log := zerolog.Ctx(ctx)
	if q.Thread.Root == "" || len(q.Posts) == 0 {
		return
	}
	for m, err := range d.Slack.Replies(ctx, q.Thread, slackapi.Range{Oldest: q.ID.TS}) {
		if err != nil {
			log.Warn().Err(err).Msg("the thread of a deleted question could not be read")
			return
		}
		if m.FromPerson() && slackevent.CompareTS(m.TS, q.ID.TS) > 0 {
			return
		}
	}
	d.takeDown(ctx, q.ID.Channel, q.Posts)
	log.Info().Int("posts", len(q.Posts)).Msg("answer to a deleted question taken down")
}
