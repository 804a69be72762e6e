package slack

import "fmt"

// Posting says who may post to a channel, and where. The rules do not apply to admins.
type Posting string

// The posting permissions of channels. See
// https://slack.com/help/articles/360004635551.
const (
	Everyone    Posting = ""
	ReadOnly    Posting = "read_only"
	RepliesOnly Posting = "thread_only"
	NoReplies   Posting = "non_threadable"
)

// Restrict changes who may post to the channel.
func (w *Workspace) Restrict(channel string, rule Posting) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channelsBy[channel]
	if c == nil {
		return fmt.Errorf("restricting %s: %w", channel, ErrChannelNotFound)
	}
	c.Posting = rule
	w.changed(Change{Kind: ChannelChanged, Channel: c.ID})
	return nil
}

// permits returns the error for a post to the channel, or to the thread if it is not
// empty.
func (c *channel) permits(thread string) error {
	switch {
	case c.Posting == ReadOnly,
		c.Posting == RepliesOnly && thread == "",
		c.Posting == NoReplies && thread != "":
		return Error("restricted_action_" + string(c.Posting) + "_channel")
	}
	return nil
}

// apiPosting adds the channel's posting permissions.
func (c *channel) apiPosting(o object) {
	o["is_read_only"], o["is_thread_only"], o["is_non_threadable"] = c.Posting == ReadOnly, c.Posting == RepliesOnly, c.Posting == NoReplies
}
