package deliver

import (
	"context"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// Retract deletes the answer to a question whose message was deleted, unless people
// have replied in the thread since.
func (d *Deliverer) Retract(ctx context.Context, q storage.Question) {
	log := zerolog.Ctx(ctx)
	if q.Thread.Root == "" || q.Thread.IsPrivate() || len(q.Posts) == 0 {
		return
	}
	for m, err := range d.Slack.Replies(ctx, q.Thread, slackapi.Range{Oldest: q.ID.TS}) {
		if err != nil {
			log.Warn().Err(err).Msg("deliver: reading the thread of a deleted question failed, its answer stays")
			return
		}
		if m.FromPerson() && !d.Slack.Own(m) && slackevent.CompareTS(m.TS, q.ID.TS) > 0 {
			return
		}
	}
	d.deletePosts(ctx, q.ID.Channel, q.Posts)
	log.Info().Int("posts", len(q.Posts)).Msg("deliver: answer to a deleted question deleted")
}
