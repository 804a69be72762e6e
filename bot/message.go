package bot

import (
	"encoding/json"
	"fmt"
	"regexp"

	"enjobridge/storage"
)

// slackbot is the user ID of Slack's own bot in every workspace.
const slackbot = "USLACKBOT"

// identity is who the bot is in its workspace, as auth.test tells.
// https://docs.slack.dev/reference/methods/auth.test
type identity struct {
	TeamID       string
	EnterpriseID string
	UserID       string
	BotID        string
}

// message is a Slack message as an event tells of it. It is decoded by hand,
// and only so far as it is needed, because slack-go refuses a whole event for
// one field that it does not expect.
// https://docs.slack.dev/reference/events/message
type message struct {
	ID       storage.MessageID
	ThreadTS string // the root of the thread it replies in, if any
	User     string
	BotID    string
	Subtype  string
	Text     string
	Files    int
	// Home is the organisation of the sender, as far as the event tells.
	Home string
	// Shared says that the channel is shared with another organisation.
	Shared bool
	// ChannelType is "im" for a direct message; app_mention does not tell it.
	ChannelType string
}

// loose is a string that is empty where JSON has another type.
type loose string

func (s *loose) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*s = loose(text)
	}
	return nil
}

// looseBool is false where JSON has another type.
type looseBool bool

func (b *looseBool) UnmarshalJSON(data []byte) error {
	*b = string(data) == "true"
	return nil
}

// looseList counts the elements of an array, and is 0 where JSON has another type.
type looseList int

func (n *looseList) UnmarshalJSON(data []byte) error {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) == nil {
		*n = looseList(len(list))
	}
	return nil
}

// eventPayload is the payload of an events_api envelope.
// https://docs.slack.dev/apis/events-api/#callback-field
type eventPayload struct {
	Shared looseBool `json:"is_ext_shared_channel"`
	Event  struct {
		Type        loose     `json:"type"`
		Subtype     loose     `json:"subtype"`
		User        loose     `json:"user"`
		BotID       loose     `json:"bot_id"`
		Text        loose     `json:"text"`
		Channel     loose     `json:"channel"`
		ChannelType loose     `json:"channel_type"`
		TS          loose     `json:"ts"`
		ThreadTS    loose     `json:"thread_ts"`
		Team        loose     `json:"team"`
		UserTeam    loose     `json:"user_team"`
		SourceTeam  loose     `json:"source_team"`
		Files       looseList `json:"files"`
	} `json:"event"`
}

// decodeMessage reads the message out of the payload of an events_api envelope.
// It returns false for events that tell of no message, and an error for a
// payload that cannot be read at all.
func decodeMessage(payload []byte, self identity) (message, bool, error) {
	var p eventPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return message{}, false, fmt.Errorf("decoding an event: %w", err)
	}
	e := p.Event
	if e.Type != "message" && e.Type != "app_mention" {
		return message{}, false, nil
	}
	m := message{
		// The team is the workspace of the installation, whose events these are;
		// the two events of a mention in a shared channel may name different ones.
		ID:          storage.MessageID{Team: self.TeamID, Channel: string(e.Channel), TS: string(e.TS)},
		ThreadTS:    string(e.ThreadTS),
		User:        string(e.User),
		BotID:       string(e.BotID),
		Subtype:     string(e.Subtype),
		Text:        string(e.Text),
		Files:       int(e.Files),
		Shared:      bool(p.Shared),
		ChannelType: string(e.ChannelType),
	}
	for _, team := range []loose{e.UserTeam, e.SourceTeam, e.Team} {
		if team != "" && m.Home == "" {
			m.Home = string(team)
		}
	}
	// The root of a thread names itself as its root once there are replies.
	if m.ThreadTS == m.ID.TS {
		m.ThreadTS = ""
	}
	return m, true, nil
}

var (
	slackID        = regexp.MustCompile(`^[A-Z0-9]{1,64}$`)
	slackTimestamp = regexp.MustCompile(`^[0-9]{1,16}\.[0-9]{1,9}$`)
)

// byBot reports whether a bot sent the message.
func (m message) byBot() bool { return m.BotID != "" }

// readable reports whether the identifiers are ones that Slack gives out.
// Whatever else comes must not get into keys, logs and calls.
func (m message) readable() bool {
	return slackID.MatchString(m.ID.Channel) && slackTimestamp.MatchString(m.ID.TS) &&
		(m.ThreadTS == "" || slackTimestamp.MatchString(m.ThreadTS)) &&
		(slackID.MatchString(m.User) || (m.User == "" && (m.BotID != "" || m.Subtype != ""))) &&
		(m.BotID == "" || slackID.MatchString(m.BotID))
}

// direct reports whether the message was sent to the bot alone.
func (m message) direct() bool {
	return m.ChannelType == "im" || (m.ChannelType == "" && m.ID.Channel != "" && m.ID.Channel[0] == 'D')
}

// fromStranger reports whether the sender belongs to another organisation. In
// a channel shared with one, a sender whose home is not told counts as a
// stranger: closed by default.
// https://docs.slack.dev/apis/slack-connect/
func (m message) fromStranger(self identity) bool {
	switch {
	case m.Home == "":
		return m.Shared
	case m.Home == self.TeamID || (self.EnterpriseID != "" && m.Home == self.EnterpriseID):
		return false
	case !m.Shared && self.EnterpriseID != "":
		// Another workspace of the same organisation.
		return false
	}
	return true
}

// thread is where the message is answered. A direct message is the root of a
// thread if the app is an agent; otherwise all of them are one conversation.
func (m message) thread(agentView bool) storage.ThreadID {
	id := storage.ThreadID{Team: m.ID.Team, Channel: m.ID.Channel, Root: m.ThreadTS}
	if id.Root == "" && (agentView || !m.direct()) {
		id.Root = m.ID.TS
	}
	return id
}
