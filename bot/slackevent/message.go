package slackevent

import (
	"cmp"
	"regexp"

	"enjobridge/storage"
)

// Slackbot is the user ID of Slack's own bot in every workspace.
const Slackbot = "USLACKBOT"

// Message is a Slack message, from an event or from history.
// https://docs.slack.dev/reference/events/message
type Message struct {
	ID       storage.MessageID
	ThreadTS string // the root of the thread it replies in, if any
	User     string
	BotID    string
	Subtype  string
	// Text is the sender's own words, as Slack sends them: see [PlainText].
	Text string
	// Content is what the agent is asked: Text, and everything else that the message has,
	// in the same form. It has at most [MaxContent] characters.
	Content string
	// UnreadFiles are the names of the attached files that cannot be read, as plain text.
	UnreadFiles []string
	// Membership says whether the sender belongs to the bot's organisation.
	Membership Membership
	// EditedTS is when the message was last edited; empty if it was not.
	EditedTS string
	// ChannelType is "im" for a direct message; empty in app_mention.
	ChannelType string
	// Event is the type of the event that brought the message: "message", "app_mention" or
	// "message_changed"; empty if it was found in history.
	Event string
	// Retry is how often Slack had sent that event before; see
	// https://docs.slack.dev/apis/events-api/#retries. The receiver sets it.
	Retry int
}

// OrderKey implements [Event].
func (m Message) OrderKey() string { return orderKey(m.ID, m.ThreadTS) }

// decodeMessage decodes a message. Check it with [Message.Valid].
func decodeMessage(e event, shared bool, self Identity) Message {
	m := Message{
		// The team is the workspace of the installation: the two events of a mention
		// in a shared channel may have different ones.
		ID:          storage.MessageID{Team: self.TeamID, Channel: string(e.Channel), TS: string(e.TS)},
		User:        string(e.User),
		BotID:       string(e.BotID),
		Subtype:     string(e.Subtype),
		EditedTS:    e.Edited.value.at(),
		ChannelType: string(e.ChannelType),
		Event:       string(e.Type),
	}
	m.say(e.read(m.FromBot()))
	m.Membership = self.membershipIn(m, e.home(), shared)
	m.ThreadTS = thread(m.ID, e.ThreadTS)
	return m
}

// say sets what the message says.
func (m *Message) say(c content) { m.Text, m.Content, m.UnreadFiles = c.words, c.whole, c.unread }

var (
	slackID        = regexp.MustCompile(`^[A-Z0-9]{1,64}$`)
	slackTimestamp = regexp.MustCompile(`^[0-9]{1,16}\.[0-9]{1,9}$`)
)

// Asker returns the identity of the sender: the user ID, or the bot ID of a bot that
// has none.
func (m Message) Asker() string { return cmp.Or(m.User, m.BotID) }

// FromBot reports whether a bot sent the message.
func (m Message) FromBot() bool { return m.BotID != "" }

// Valid reports whether the identifiers have Slack's format. Others must not get into
// keys, logs and calls.
func (m Message) Valid() bool {
	return slackID.MatchString(m.ID.Channel) && slackTimestamp.MatchString(m.ID.TS) &&
		(m.ThreadTS == "" || slackTimestamp.MatchString(m.ThreadTS)) &&
		(slackID.MatchString(m.User) || (m.User == "" && (m.BotID != "" || m.Subtype != ""))) &&
		(m.BotID == "" || slackID.MatchString(m.BotID))
}

// IsDirect reports whether the message was sent to the bot alone. If Slack does not say,
// or says something new, the channel's ID does.
func (m Message) IsDirect() bool {
	switch m.ChannelType {
	case "im":
		return true
	case "channel", "group", "mpim":
		return false
	}
	return storage.IsDirect(m.ID.Channel)
}

// Thread returns the thread in which the message is answered. With the Agents feature
// a direct message is the root of a thread; without, all of them are one conversation.
func (m Message) Thread(agentView bool) storage.ThreadID {
	id := storage.ThreadID{Team: m.ID.Team, Channel: m.ID.Channel, Root: m.ThreadTS}
	if id.Root == "" && (agentView || !m.IsDirect()) {
		id.Root = m.ID.TS
	}
	return id
}
