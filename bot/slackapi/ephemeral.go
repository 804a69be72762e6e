package slackapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

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

// PostPrivately shows a message to one person only, like [Client.PostEphemeral]. If Slack
// does not take it there, it posts the message to the person's direct messages, without
// buttons: they work only where they belong.
func (c *Client) PostPrivately(ctx context.Context, channel, root, user string, m blocks.Message) error {
	err := c.PostEphemeral(ctx, channel, root, user, m)
	if !Classify(err).Elsewhere() {
		return err
	}
	_, _, err = c.DirectMessage(ctx, user, blocks.WithoutButtons(m))
	return err
}

// The limits of a response URL.
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
const (
	// ResponseUses is how often it can be used.
	ResponseUses = 5
	// ResponseLife is how long it is used: five minutes less than Slack allows.
	ResponseLife = 25 * time.Minute
)

// Respond answers a slash command, or a press of a button, visible to the person alone,
// also in channels that the bot is not in. The URL is a secret, which errors do not have.
func (c *Client) Respond(ctx context.Context, responseURL string, m blocks.Message) error {
	return c.respond(ctx, responseURL, m, false)
}

// RespondInPlace is [Client.Respond] to a press of a button, and replaces the message with
// the button.
func (c *Client) RespondInPlace(ctx context.Context, responseURL string, m blocks.Message) error {
	return c.respond(ctx, responseURL, m, true)
}

func (c *Client) respond(ctx context.Context, responseURL string, m blocks.Message, replace bool) error {
	if err := c.sendResponse(ctx, responseURL, m, replace); err != nil {
		return fmt.Errorf("responding to an interaction: %w", err)
	}
	return nil
}

func (c *Client) sendResponse(ctx context.Context, responseURL string, m blocks.Message, replace bool) error {
	if err := c.trusted(responseURL); err != nil {
		return err
	}
	response := map[string]any{"response_type": "ephemeral", "text": m.Text, "blocks": m.Blocks}
	if replace {
		response["replace_original"] = true
	}
	message, err := json.Marshal(response)
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
func (c *Client) DirectMessage(ctx context.Context, user string, m blocks.Message) (channel, ts string, err error) {
	err = c.Retry(ctx, privateAttempts, func() error {
		if channel, err = c.openDirect(ctx, user); err != nil {
			return err
		}
		ts, err = c.Post(ctx, channel, "", m, Marker{})
		return err
	})
	return channel, ts, err
}

// OpenDirect returns the channel of a person's direct messages with the bot. It retries
// like [Client.Retry] without a limit, for as long as patience allows after an unexpected
// error code. Without the scope there are no direct messages, although everything else can
// work.
// https://docs.slack.dev/reference/methods/conversations.open
func (c *Client) OpenDirect(ctx context.Context, user string, patience time.Duration) (channel string, err error) {
	var lacksScope error
	err = c.retry(ctx, 0, patience, func() error {
		channel, err = c.openDirect(ctx, user)
		if ErrorCode(err) == "missing_scope" {
			lacksScope = err
			return nil
		}
		return err
	})
	return channel, cmp.Or(err, lacksScope)
}

func (c *Client) openDirect(ctx context.Context, user string) (channel string, err error) {
	found, err := c.call(ctx, "conversations.open", url.Values{"users": {user}})
	if err == nil {
		if channel = found.Object("channel").Text("id"); channel == "" {
			err = errors.New("the response has no channel")
		}
	}
	if err != nil {
		return "", fmt.Errorf("opening the direct messages of %s: %w", user, err)
	}
	return channel, nil
}
