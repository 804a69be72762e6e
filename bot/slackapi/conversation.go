package slackapi

import (
	"context"
	"net/url"

	"enjobridge/bot/slackevent"
)

// Conversation returns a conversation.
// https://docs.slack.dev/reference/methods/conversations.info
func (r *Reader) Conversation(ctx context.Context, id string) (slackevent.Conversation, error) {
	found, err := r.call(ctx, "conversations.info", url.Values{"channel": {id}})
	if err != nil {
		return slackevent.Conversation{}, err
	}
	return slackevent.DecodeConversation(found["channel"])
}
