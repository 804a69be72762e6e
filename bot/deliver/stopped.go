package deliver

import (
	"context"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

// partStopped marks the post that says so; an outcome's parts count from 0.
const partStopped = -2

// postStopped says in a thread that what it waited for is stopped.
func (d *Deliverer) postStopped(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	ts, _, err := d.Slack.PostOnce(ctx, slackapi.Post{
		To: TargetOf(q), Message: blocks.Say(blocks.SayStopped), Marker: slackapi.Marker{Question: q.ID, Part: partStopped}, Check: check,
	})
	if err != nil {
		return nil, err
	}
	return []string{ts}, nil
}
