package slackapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
)

// privateAttempts is how often posting a message to one person is attempted.
const privateAttempts = 5

// PostEphemeral shows a message to one person only, in a thread, or at the top if
// root is empty. If the outcome of an attempt is unknown it posts again: twice is
// better than never.
// https://docs.slack.dev/reference/methods/chat.postEphemeral
func (c *Client) PostEphemeral(ctx context.Context, channel, root, user string, m blocks.Message) error {
	values, err := content(m)
	if err != nil {
		return err
	}
	values.Set("channel", channel)
	values.Set("user", user)
	if root != "" {
		values.Set("thread_ts", root)
	}
	err = c.Retry(ctx, privateAttempts, func() error {
		_, err := c.call(ctx, "chat.postEphemeral", values)
		return err
	})
	if err != nil {
		return fmt.Errorf("posting an ephemeral message to %s in %s: %w", user, channel, err)
	}
	return nil
}

// PostPrivately shows a message to one person only, like [Client.PostEphemeral]. If the
// bot cannot post there, it posts the message to the person's direct messages, without
// buttons: they work only where they belong.
func (c *Client) PostPrivately(ctx context.Context, channel, root, user string, m blocks.Message) error {
	err := c.PostEphemeral(ctx, channel, root, user, m)
	if Classify(err).Class != Inaccessible {
		return err
	}
	_, _, err = c.DirectMessage(ctx, user, blocks.WithoutButtons(m))
	return err
}

// Respond answers a slash command, also in channels that the bot is not in.
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
func (c *Client) Respond(ctx context.Context, responseURL string, m blocks.Message) error {
	if err := c.respond(ctx, responseURL, m); err != nil {
		return fmt.Errorf("answering a command: %w", err)
	}
	return nil
}

func (c *Client) respond(ctx context.Context, responseURL string, m blocks.Message) error {
	if err := c.trusted(responseURL); err != nil {
		return err
	}
	message, err := json.Marshal(map[string]any{"response_type": "ephemeral", "text": m.Text, "blocks": m.Blocks})
	if err != nil {
		return err
	}
	_, body, err := c.send(ctx, responseURL, "", "application/json", string(message))
	if err != nil {
		return err
	}
	// If it succeeds, the response is an object or a word.
	if found, err := slackevent.DecodeObject(body); err == nil && found.Text("error") != "" {
		return codeError(found)
	}
	return nil
}

// DirectMessage posts to a person's direct messages with the bot, and returns their
// channel and the timestamp of the post. If the outcome of an attempt is unknown it posts
// again, like [Client.PostEphemeral].
// https://docs.slack.dev/reference/methods/conversations.open
func (c *Client) DirectMessage(ctx context.Context, user string, m blocks.Message) (channel, ts string, err error) {
	err = c.Retry(ctx, privateAttempts, func() error {
		found, err := c.call(ctx, "conversations.open", url.Values{"users": {user}})
		if err != nil {
			return fmt.Errorf("opening the direct messages of %s: %w", user, err)
		}
		channel = found.Object("channel").Text("id")
		ts, err = c.Post(ctx, channel, "", m, Marker{})
		return err
	})
	return channel, ts, err
}
