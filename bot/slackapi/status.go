package slackapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"enjobridge/blocks"
	"enjobridge/storage"
)

// React adds a reaction to a message, for good. It is no error if the bot has already added it.
// https://docs.slack.dev/reference/methods/reactions.add
func (c *Client) React(ctx context.Context, channel, ts, emoji string) error {
	_, err := c.call(ctx, "reactions.add", reaction(channel, ts, emoji))
	return unless(err, "already_reacted")
}

// ShowReaction is [Client.React] until [Client.Unreact]: a guarded client removes a reaction that
// it has added too late.
func (c *Client) ShowReaction(ctx context.Context, channel, ts, emoji string) error {
	err := c.callShown(ctx, "reactions.add", reaction(channel, ts, emoji), func(ctx context.Context, free *Client) error {
		return free.Unreact(ctx, channel, ts, emoji)
	})
	return unless(err, "already_reacted")
}

// Unreact removes the bot's reaction from a message. It is no error if there is none.
// https://docs.slack.dev/reference/methods/reactions.remove
func (c *Client) Unreact(ctx context.Context, channel, ts, emoji string) error {
	_, err := c.call(ctx, "reactions.remove", reaction(channel, ts, emoji))
	return unless(err, "no_reaction")
}

// reaction returns the arguments for a reaction to a message.
func reaction(channel, ts, emoji string) url.Values {
	return url.Values{"channel": {channel}, "timestamp": {ts}, "name": {emoji}}
}

// unless returns an error unless it has the code, which says that there was nothing to do.
func unless(err error, code string) error {
	if ErrorCode(err) == code {
		return nil
	}
	return err
}

// SetStatus shows a status in a thread, after the app's name; an empty one clears it.
// https://docs.slack.dev/reference/methods/assistant.threads.setStatus
func (c *Client) SetStatus(ctx context.Context, thread storage.ThreadID, status string) error {
	values := url.Values{"channel_id": {thread.Channel}, "thread_ts": {thread.Root}, "status": {status}}
	return c.callShown(ctx, "assistant.threads.setStatus", values, func(ctx context.Context, free *Client) error {
		return free.SetStatus(ctx, thread, "")
	})
}

// SetSession sets the state of a thread's agent session, "processing" or "active". The
// title, at most 200 characters, is that of a session that begins; empty for none.
// https://docs.slack.dev/reference/methods/agents.sessions.setStatus
func (c *Client) SetSession(ctx context.Context, thread storage.ThreadID, state, title string) error {
	values := url.Values{"channel_id": {thread.Channel}, "thread_ts": {thread.Root}, "status": {state}}
	if title != "" {
		values.Set("title", title)
	}
	return c.callShown(ctx, "agents.sessions.setStatus", values, func(ctx context.Context, free *Client) error {
		return free.SetSession(ctx, thread, "active", "")
	})
}

// OpenView opens a modal. A trigger expires three seconds after its interaction.
// https://docs.slack.dev/reference/methods/views.open
func (c *Client) OpenView(ctx context.Context, trigger string, view blocks.Modal) error {
	return c.showView(ctx, "views.open", "trigger_id", trigger, view)
}

// PublishView publishes a person's App Home.
// https://docs.slack.dev/reference/methods/views.publish
func (c *Client) PublishView(ctx context.Context, user string, view blocks.HomeTab) error {
	return c.showView(ctx, "views.publish", "user_id", user, view)
}

// showView calls a method that shows a view to the person with an ID.
func (c *Client) showView(ctx context.Context, method, name, id string, view any) error {
	encoded, err := json.Marshal(view)
	if err != nil {
		return fmt.Errorf("encoding a view: %w", err)
	}
	_, err = c.call(ctx, method, url.Values{name: {id}, "view": {string(encoded)}})
	return err
}

// Prompt is a question that is suggested to a person.
type Prompt struct {
	Title   string `json:"title"`   // what the person sees
	Message string `json:"message"` // what the person then sends
}

// SetPrompts sets the questions that a direct message suggests, at most four. With a
// thread it would silently do nothing.
// https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts
func (c *Client) SetPrompts(ctx context.Context, channel string, prompts []Prompt) error {
	encoded, err := json.Marshal(prompts)
	if err != nil {
		return fmt.Errorf("encoding suggested prompts: %w", err)
	}
	_, err = c.call(ctx, "assistant.threads.setSuggestedPrompts", url.Values{"channel_id": {channel}, "prompts": {string(encoded)}})
	return err
}
