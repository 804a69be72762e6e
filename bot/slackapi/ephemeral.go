package slackapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/slack-go/slack"

	"enjobridge/blocks"
)

// ephemeralAttempts is how often an ephemeral message is attempted.
const ephemeralAttempts = 5

// PostEphemeral shows a message to one person alone, in a thread, or at the top if
// root is empty. It is shown again if Slack does not say whether it was: twice is
// better than never.
// https://docs.slack.dev/reference/methods/chat.postEphemeral
func (c *Client) PostEphemeral(ctx context.Context, channel, root, user string, m blocks.Message) error {
	options := append(content(m), slack.MsgOptionTS(root))
	err := c.Retry(ctx, ephemeralAttempts, func() error {
		_, err := c.api.PostEphemeralContext(ctx, channel, user, options...)
		return err
	})
	if err != nil {
		return fmt.Errorf("showing an ephemeral message to %s in %s: %w", user, channel, err)
	}
	return nil
}

// hooksHost is the host of Slack's response URLs.
const hooksHost = "hooks.slack.com"

// errForeignURL says that a response URL does not lead to Slack.
var errForeignURL = errors.New("a response URL that is not Slack's")

// Respond answers a slash command, which also works where the bot is no member.
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
func (c *Client) Respond(ctx context.Context, responseURL string, m blocks.Message) error {
	to, err := url.Parse(responseURL)
	api, apiErr := url.Parse(c.cfg.URL)
	if err != nil || apiErr != nil || (to.Host != api.Host && (to.Host != hooksHost || to.Scheme != "https")) {
		return errForeignURL
	}
	options := append(content(m), slack.MsgOptionResponseURL(responseURL, slack.ResponseTypeEphemeral))
	if _, _, _, err := c.api.SendMessageContext(ctx, "", options...); err != nil {
		return fmt.Errorf("answering a command: %w", err)
	}
	return nil
}

// DirectMessage writes to a person in their direct messages with the bot.
// https://docs.slack.dev/reference/methods/conversations.open
func (c *Client) DirectMessage(ctx context.Context, user string, m blocks.Message) error {
	channel, _, _, err := c.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
	if err != nil {
		return fmt.Errorf("opening the direct messages of %s: %w", user, err)
	}
	_, err = c.Post(ctx, channel.ID, "", m, Marker{})
	return err
}
