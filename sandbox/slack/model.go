package slack

import (
	"encoding/json"
	"slices"
	"time"
)

// object is a JSON object under construction.
type object = map[string]any

// User is a person, or another app, in the workspace.
type User struct {
	// ID is generated if empty.
	ID string `json:"id"`
	// Name is the handle, such as "ada"; generated if empty.
	Name     string `json:"name"`
	RealName string `json:"real_name,omitempty"`
	Email    string `json:"email,omitempty"`
	// Team is the team of an external user; empty means the workspace's own.
	Team string `json:"team,omitempty"`
	// Enterprise is the ID of the user's organisation, by default the one of the Team.
	Enterprise string `json:"enterprise,omitempty"`
	// Teams are the user's workspaces in their organisation, by default the Team.
	Teams []string `json:"teams,omitempty"`
	// TeamID says whether users.info has a team_id: it may lack one for users of an
	// organisation.
	TeamID Presence `json:"-"`
	// TZ is the time zone's IANA name; empty means Etc/UTC.
	TZ    string `json:"tz,omitempty"`
	Admin bool   `json:"is_admin,omitempty"`
	// Guest marks a guest, who cannot use apps with the Agents feature.
	Guest   bool `json:"is_restricted,omitempty"`
	Deleted bool `json:"deleted,omitempty"`
	// Bot makes the user another app: its posts are bot_message events with a
	// bot_id and no user.
	Bot bool `json:"is_bot,omitempty"`
}

// ChannelKind is the type of a conversation, as in an event's channel_type.
type ChannelKind string

// The kinds of conversations.
const (
	Public  ChannelKind = "channel"
	Private ChannelKind = "group"
	Direct  ChannelKind = "im"
	Group   ChannelKind = "mpim"
)

// Channel is a conversation.
type Channel struct {
	// ID is generated if empty.
	ID string `json:"id"`
	// Name has no leading #; it is generated if empty. Direct messages have none.
	Name string `json:"name,omitempty"`
	// Kind is Public if empty.
	Kind  ChannelKind `json:"kind"`
	Topic string      `json:"topic,omitempty"`
	// Shared marks a Slack Connect channel, shared with another organisation.
	Shared bool `json:"is_ext_shared,omitempty"`
	// Teams are the workspaces of an organisation that have the channel, by default the
	// app's. Its events name the first.
	Teams []string `json:"teams,omitempty"`
	// Posting says who may post.
	Posting  Posting  `json:"posting,omitempty"`
	Archived bool     `json:"is_archived,omitempty"`
	Members  []string `json:"members,omitempty"`
}

// Message is a message as its readers see it.
type Message struct {
	Channel  string `json:"channel"`
	TS       string `json:"ts"`
	ThreadTS string `json:"thread_ts,omitempty"` // the root's ts; a root with replies has its own ts here
	// User is the author. It is empty for a classic bot_message of another app.
	User    string `json:"user,omitempty"`
	BotID   string `json:"bot_id,omitempty"`
	Team    string `json:"team,omitempty"`
	Subtype string `json:"subtype,omitempty"`
	// Text is escaped as in Slack: &amp; &lt; &gt; and entities in <>.
	Text        string          `json:"text"`
	Blocks      json.RawMessage `json:"blocks,omitempty"`
	Attachments json.RawMessage `json:"attachments,omitempty"`
	Metadata    *Metadata       `json:"metadata,omitempty"`
	Files       []File          `json:"files,omitempty"`
	Reactions   []Reaction      `json:"reactions,omitempty"`
	Edited      *Edited         `json:"edited,omitempty"`
	// EphemeralTo is the only user who sees the message; empty means all.
	EphemeralTo string   `json:"ephemeral_to,omitempty"`
	Username    string   `json:"username,omitempty"`
	Icon        string   `json:"icon,omitempty"` // an emoji or a URL instead of the app's icon
	ReplyCount  int      `json:"reply_count,omitempty"`
	ReplyUsers  []string `json:"reply_users,omitempty"`
	LatestReply string   `json:"latest_reply,omitempty"`
	ClientMsgID string   `json:"client_msg_id,omitempty"`
	// Deleted messages are still returned by [View.Message], but not by the lists.
	Deleted bool `json:"deleted,omitempty"`
	// Unfurled says that a preview of a link was attached.
	Unfurled bool `json:"unfurled,omitempty"`
	// NoUnfurl says that the app disabled both unfurl_links and unfurl_media.
	NoUnfurl bool `json:"no_unfurl,omitempty"`
	// Fields are shown by the Web API and by events in addition to the other fields, or
	// instead of them.
	Fields map[string]json.RawMessage `json:"fields,omitempty"`
}

// Metadata is the metadata of an app's message. See
// https://docs.slack.dev/messaging/message-metadata.
type Metadata struct {
	EventType    string          `json:"event_type"`
	EventPayload json.RawMessage `json:"event_payload"`
}

// Edited says who edited a message last, and when.
type Edited struct {
	User string `json:"user"`
	TS   string `json:"ts"`
}

// Reaction is an emoji and the users who reacted with it.
type Reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
	Count int      `json:"count"`
}

// File is a file in a message.
type File struct {
	ID       string `json:"id"` // generated if empty
	Name     string `json:"name"`
	Title    string `json:"title,omitempty"`
	Mimetype string `json:"mimetype,omitempty"`
	AltText  string `json:"alt_txt,omitempty"` // describes a picture to those who cannot see it
	Size     int    `json:"size"`
	User     string `json:"user,omitempty"`
	// URL is the address of the content. It requires a token with files:read.
	URL string `json:"url_private,omitempty"`
	// Content is stored up to 1 MiB.
	Content []byte `json:"-"`
	// Snippet is the text of a snippet, which people write in Slack itself. It replaces
	// the content; the name says the language.
	Snippet string `json:"snippet,omitempty"`
	// Clip marks a recording that was made in Slack, of video if the Mimetype says so.
	Clip bool `json:"clip,omitempty"`
	// Transcript is Slack's transcript of a clip. Without it, Slack is still busy with that.
	Transcript string `json:"transcript,omitempty"`
	// Created is when the file was shared first, if it is zero.
	Created time.Time `json:"created,omitzero"`

	shares []share
}

// Session is an agent session, which has a status and a title for a thread. See
// https://docs.slack.dev/ai/agent-sessions.
type Session struct {
	Channel  string `json:"channel"`
	ThreadTS string `json:"thread_ts"`
	Status   string `json:"status"` // active, processing, suspended or closed
	Title    string `json:"title,omitempty"`
	// Initiator is the user who started the session, if the app named one.
	Initiator string `json:"initiator,omitempty"`
	// Stoppable says that people see a Stop button.
	Stoppable bool `json:"stoppable,omitempty"`
}

// Prompt is a suggested prompt of the app's.
type Prompt struct {
	Title   string `json:"title" yaml:"title"`
	Message string `json:"message" yaml:"message"`
}

// clone returns a copy that shares no data that may change later.
func (m *Message) clone() Message {
	c := *m
	c.Files = slices.Clone(m.Files)
	c.ReplyUsers = slices.Clone(m.ReplyUsers)
	c.Reactions = slices.Clone(m.Reactions)
	for i, r := range c.Reactions {
		c.Reactions[i].Users = slices.Clone(r.Users)
	}
	if m.Edited != nil {
		edited := *m.Edited
		c.Edited = &edited
	}
	return c
}

// isReply reports whether the message is a reply in a thread and not its root.
func (m *Message) isReply() bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

// channel is a conversation with its messages.
type channel struct {
	Channel
	created  time.Time
	messages []*Message            // in order of ts
	byTS     map[string]*Message   // the same messages
	replies  map[string][]*Message // by the root's ts, in order
}

// has reports whether the user is a member.
func (c *channel) has(user string) bool { return slices.Contains(c.Members, user) }

// root returns the message of a thread_ts, or nil if it cannot have replies:
// Slack then posts to the channel itself, without an error.
func (c *channel) root(threadTS string) *Message {
	m := c.byTS[threadTS]
	if m == nil || m.Deleted || m.isReply() || m.EphemeralTo != "" {
		return nil
	}
	return m
}

// put appends a message, and drops the oldest tenth of the channel when it has
// more than limit.
func (c *channel) put(m *Message, limit int) {
	c.messages = append(c.messages, m)
	c.byTS[m.TS] = m
	if m.isReply() {
		c.replies[m.ThreadTS] = append(c.replies[m.ThreadTS], m)
	}
	if len(c.messages) <= limit {
		return
	}
	cut := max(1, limit/10)
	for _, old := range c.messages[:cut] {
		delete(c.byTS, old.TS)
		delete(c.replies, old.TS)
		if left := slices.DeleteFunc(c.replies[old.ThreadTS], func(r *Message) bool { return r == old }); len(left) > 0 {
			c.replies[old.ThreadTS] = left
		} else {
			delete(c.replies, old.ThreadTS)
		}
	}
	c.messages = slices.Delete(c.messages, 0, cut)
}
