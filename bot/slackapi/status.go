package slackapi

import (
	"context"

	"github.com/slack-go/slack"

	"enjobridge/storage"
)

// React adds a reaction to a message. It is no error if the bot has already added it.
// https://docs.slack.dev/reference/methods/reactions.add
func (c *Client) React(ctx context.Context, channel, ts, emoji string) error {
	err := c.api.AddReactionContext(ctx, emoji, slack.NewRefToMessage(channel, ts))
	if ErrorCode(err) == "already_reacted" {
		return nil
	}
	return err
}

// Unreact removes the bot's reaction from a message. It is no error if there is none.
// https://docs.slack.dev/reference/methods/reactions.remove
func (c *Client) Unreact(ctx context.Context, channel, ts, emoji string) error {
	err := c.api.RemoveReactionContext(ctx, emoji, slack.NewRefToMessage(channel, ts))
	if ErrorCode(err) == "no_reaction" {
		return nil
	}
	return err
}

// SetStatus shows a status in a thread, after the app's name; an empty one clears it.
// https://docs.slack.dev/reference/methods/assistant.threads.setStatus
func (c *Client) SetStatus(ctx context.Context, thread storage.ThreadID, status string) error {
	return c.api.SetAssistantThreadsStatusContext(ctx, slack.AssistantThreadsSetStatusParameters{
		ChannelID: thread.Channel, ThreadTS: thread.Root, Status: status,
	})
}

// SetSession sets the state of a thread's agent session, "processing" or "active".
// https://docs.slack.dev/reference/methods/agents.sessions.setStatus
func (c *Client) SetSession(ctx context.Context, thread storage.ThreadID, state string) error {
	_, err := c.api.SetAgentSessionStatusContext(ctx, slack.AgentSessionSetStatusParameters{
		Status: state, ChannelID: thread.Channel, ThreadTS: thread.Root,
	})
	return err
}

// OpenView opens a modal. A trigger expires three seconds after its interaction.
// https://docs.slack.dev/reference/methods/views.open
func (c *Client) OpenView(ctx context.Context, trigger string, view slack.ModalViewRequest) error {
	_, err := c.api.OpenViewContext(ctx, trigger, view)
	return err
}

// PublishView publishes a person's App Home.
// https://docs.slack.dev/reference/methods/views.publish
func (c *Client) PublishView(ctx context.Context, user string, view slack.HomeTabViewRequest) error {
	_, err := c.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user, View: view})
	return err
}
