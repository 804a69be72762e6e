package slackapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/slack-go/slack"

	"enjobridge/blocks"
)

// ephemeralAttempts is how often posting an ephemeral message is attempted.
const ephemeralAttempts = 5

// PostEphemeral shows a message to one person only, in a thread, or at the top if
// root is empty. If the outcome of an attempt is unknown it posts again: twice is
// better than never.
// https://docs.slack.dev/reference/methods/chat.postEphemeral
func (c *Client) PostEphemeral(ctx context.Context, channel, root, user string, m blocks.Message) error {
	options := append(content(m), slack.MsgOptionTS(root))
	err := c.Retry(ctx, ephemeralAttempts, func() error {
		_, err := c.api.PostEphemeralContext(ctx, channel, user, options...)
		return err
	})
	if err != nil {
		return fmt.Errorf("posting an ephemeral message to %s in %s: %w", user, channel, err)
	}
	return nil
}

// hooksHost is the host of Slack's response URLs.
const hooksHost = "hooks.slack.com"

// errForeignURL means that a response URL is not one of Slack's.
var errForeignURL = errors.New("answering a command: the response URL is not one of Slack's")

// Respond answers a slash command, also in channels that the bot is not in.
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
func (c *Client) Respond(ctx context.Context, responseURL string, m blocks.Message) error {
	to, err := url.Parse(responseURL)
	api, apiErr := url.Parse(c.cfg.URL)
	if err != nil || apiErr != nil || (to.Host != api.Host && (to.Host != hooksHost || to.Scheme != "https")) {
		return errForeignURL
	}
	options := append(content(m), slack.MsgOptionResponseURL(responseURL, slack.ResponseTypeEphemeral))
	if _, _, _, err := c.api.SendMessageContext(ctx, "", options...); err != nil {
		return fmt.Errorf("answering a command: %w", withoutURL(err))
	}
	return nil
}

// withoutURL returns the error of a call without the URL, which allows who has it
// to make the call: it must not get into the log.
func withoutURL(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}

// DirectMessage posts to a person's direct messages with the bot.
// https://docs.slack.dev/reference/methods/conversations.open
func (c *Client) DirectMessage(ctx context.Context, user string, m blocks.Message) error {
	channel, _, _, err := c.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
	if err != nil {
		return fmt.Errorf("opening the direct messages of %s: %w", user, err)
	}
	_, err = c.Post(ctx, channel.ID, "", m, Marker{})
	return err
}
