// Package slackevent decodes what Slack sends: messages, edits, deletions, changes of
// channels, and interactions with buttons, modals, the slash command and App Home. It
// turns all parts of a message into text. It does not know about connections, storage, or
// what the bot does with an event.
//
// Decoding is lenient. slack-go rejects a whole event for one field of an
// unexpected type; here only that field is left empty.
package slackevent

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"enjobridge/storage"
)

// The types of Socket Mode envelopes.
// https://docs.slack.dev/apis/events-api/using-socket-mode#events
const (
	EventsAPI     = "events_api"
	Interactive   = "interactive"
	SlashCommands = "slash_commands"
)

// Identity is the bot in its workspace.
// https://docs.slack.dev/reference/methods/auth.test
type Identity struct {
	// TeamID is the workspace that the app is installed in. If it is installed for a whole
	// organisation, TeamID is the organisation: a channel can be in several of its
	// workspaces, and a message must have one identity.
	TeamID       string
	EnterpriseID string // the Enterprise Grid organisation; empty if there is none
	UserID       string
	BotID        string
	// OrgWide says that the app is installed for a whole organisation, whose Workspaces
	// are the ones that granted it access.
	OrgWide    bool
	Workspaces []string
	// URL is the address of the workspace or organisation, with a slash at its end; empty
	// if Slack does not say. See [Identity.Link].
	URL string
}

// DecodeIdentity decodes the response of auth.test. It returns an error if the bot's
// team or user is not in it. Without a valid bot ID the bot is known by its user ID
// alone.
func DecodeIdentity(o Object) (Identity, error) {
	id := func(name string) string {
		if text := o.Text(name); slackID.MatchString(text) {
			return text
		}
		return ""
	}
	self := Identity{TeamID: id("team_id"), EnterpriseID: id("enterprise_id"), UserID: id("user_id"), BotID: id("bot_id")}
	if self.OrgWide, _ = Field[bool](o, "is_enterprise_install"); self.OrgWide {
		self.TeamID = self.EnterpriseID
	}
	if address := o.Text("url"); isWebAddress(address) {
		self.URL = strings.TrimSuffix(address, "/") + "/"
	}
	if self.TeamID == "" || self.UserID == "" {
		return Identity{}, errors.New("decoding the bot's identity: the team or user ID is invalid")
	}
	return self, nil
}

// DecodeTeamID decodes a workspace. It returns its ID, or an error if that is invalid.
// https://docs.slack.dev/reference/methods/auth.teams.list
func DecodeTeamID(raw []byte) (string, error) {
	team, err := DecodeObject(raw)
	if err != nil {
		return "", err
	}
	id := team.Text("id")
	if !slackID.MatchString(id) {
		return "", errors.New("decoding a workspace: its ID is invalid")
	}
	return id, nil
}

// Event is a [Message], [MessageChanged], [MessageDeleted], [SessionStopped],
// [Interaction], [EventsRateLimited], [ChannelIDChanged] or [BotAdded].
type Event interface {
	// OrderKey is the same for events that must be handled in the order of their
	// arrival: those of one thread, and an edit and its message.
	OrderKey() string
}

// Decode decodes the payload of an envelope of a type. It returns nil for an event of
// another type, and an error for a payload that cannot be decoded; a redelivery does
// not help.
func Decode(kind string, payload []byte, self Identity) (Event, error) {
	switch kind {
	case EventsAPI:
		return decodeEvent(payload, self)
	case Interactive:
		return valid(decodeInteractive(payload, self))
	case SlashCommands:
		return valid(decodeCommand(payload, self))
	}
	return nil, fmt.Errorf("decoding an envelope: its type %q is unknown", Truncate(kind, 50))
}

// callback is the payload of an events_api envelope.
// https://docs.slack.dev/apis/events-api/#callback-field
type callback struct {
	Type   looseString     `json:"type"`
	Minute loose[int64]    `json:"minute_rate_limited"`
	Shared json.RawMessage `json:"is_ext_shared_channel"`
	Event  loose[event]    `json:"event"`
}

// shared reports whether people of other organisations can be in the event's channel:
// unless Slack says that they are not, they may be.
func (c callback) shared() bool { return string(c.Shared) != "false" }

// event has the fields of all types of events.
type event struct {
	Type        looseString         `json:"type"`
	Subtype     looseString         `json:"subtype"`
	User        looseString         `json:"user"`
	BotID       looseString         `json:"bot_id"`
	Channel     looseString         `json:"channel"`
	ChannelType looseString         `json:"channel_type"`
	TS          looseString         `json:"ts"`
	ThreadTS    looseString         `json:"thread_ts"`
	DeletedTS   looseString         `json:"deleted_ts"`
	OldChannel  looseString         `json:"old_channel_id"`
	NewChannel  looseString         `json:"new_channel_id"`
	Team        looseString         `json:"team"`
	UserTeam    looseString         `json:"user_team"`
	SourceTeam  looseString         `json:"source_team"`
	Edited      loose[edit]         `json:"edited"`
	Tab         looseString         `json:"tab"`
	Message     loose[innerMessage] `json:"message"`
	Previous    loose[innerMessage] `json:"previous_message"`
	body
}

// home returns where the person belongs who caused the event.
func (e event) home() Home { return Home{Team: string(cmp.Or(e.UserTeam, e.SourceTeam, e.Team))} }

// innerMessage is a message before or after a change.
type innerMessage struct {
	TS       looseString `json:"ts"`
	ThreadTS looseString `json:"thread_ts"`
	User     looseString `json:"user"`
	BotID    looseString `json:"bot_id"`
	Subtype  looseString `json:"subtype"`
	Team     looseString `json:"team"`
	UserTeam looseString `json:"user_team"`
	Source   looseString `json:"source_team"`
	Edited   loose[edit] `json:"edited"`
	body
}

// edit says when a message was edited.
type edit struct {
	TS looseString `json:"ts"`
}

// at returns the timestamp of the edit; empty if it is not one of Slack's.
func (e edit) at() string {
	if !slackTimestamp.MatchString(string(e.TS)) {
		return ""
	}
	return string(e.TS)
}

// message returns the message after a change.
func (m innerMessage) message(id storage.MessageID, channelType string, shared bool, self Identity) Message {
	after := Message{
		ID: id, ThreadTS: thread(id, m.ThreadTS), User: string(m.User), BotID: string(m.BotID), Subtype: string(m.Subtype),
		EditedTS: m.Edited.value.at(), ChannelType: channelType, Event: "message_changed",
	}
	after.say(m.read(after.FromBot()))
	after.Membership = self.membershipIn(after, m.home(), shared)
	return after
}

// home returns where the author belongs.
func (m innerMessage) home() Home { return Home{Team: string(cmp.Or(m.UserTeam, m.Source, m.Team))} }

// decodeEvent decodes the payload of an events_api envelope.
func decodeEvent(payload []byte, self Identity) (Event, error) {
	var c callback
	if err := json.Unmarshal(payload, &c); err != nil {
		return nil, fmt.Errorf("decoding an event: %w", err)
	}
	if c.Type == "app_rate_limited" {
		return EventsRateLimited{Minute: time.Unix(c.Minute.value, 0)}, nil
	}
	switch e := c.Event.value; e.Type {
	case "message", "app_mention":
		if change := decodeChange(e, c.shared(), self); change != nil {
			return change, nil
		}
		return decodeMessage(e, c.shared(), self), nil
	case "agent_session_stopped":
		return decodeStop(e, c.shared(), self)
	case "channel_id_changed":
		return decodeChannelIDChanged(e), nil
	case "member_joined_channel":
		return decodeJoin(e, self), nil
	case "app_home_opened":
		switch e.Tab {
		case "home":
			return valid(Interaction{Kind: AppHomeOpened, User: string(e.User)}, nil)
		case "messages":
			return valid(Interaction{Kind: MessagesOpened, User: string(e.User), Channel: string(e.Channel)}, nil)
		}
	}
	return nil, nil
}
