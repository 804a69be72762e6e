// Package slackevent decodes what Slack sends: messages, edits, deletions, and
// interactions with buttons, modals, the slash command and App Home. It does not know
// about connections, storage, or what the bot does with an event.
//
// Decoding is lenient. slack-go rejects a whole event for one field of an
// unexpected type; here only that field is left empty.
package slackevent

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
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
	TeamID       string
	EnterpriseID string
	UserID       string
	BotID        string
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
	if self.TeamID == "" || self.UserID == "" {
		return Identity{}, errors.New("decoding the bot's identity: the team or user ID is invalid")
	}
	return self, nil
}

// Event is a [Message], [MessageChanged], [MessageDeleted], [SessionStopped] or
// [Interaction].
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
		return valid(decodeInteractive(payload))
	case SlashCommands:
		return valid(decodeCommand(payload))
	}
	return nil, fmt.Errorf("decoding an envelope: its type %q is unknown", Truncate(kind, 50))
}

// callback is the payload of an events_api envelope.
// https://docs.slack.dev/apis/events-api/#callback-field
type callback struct {
	Shared looseBool    `json:"is_ext_shared_channel"`
	Event  loose[event] `json:"event"`
}

// event has the fields of all types of events.
type event struct {
	Type        looseString         `json:"type"`
	Subtype     looseString         `json:"subtype"`
	User        looseString         `json:"user"`
	BotID       looseString         `json:"bot_id"`
	Text        looseString         `json:"text"`
	Channel     looseString         `json:"channel"`
	ChannelType looseString         `json:"channel_type"`
	TS          looseString         `json:"ts"`
	ThreadTS    looseString         `json:"thread_ts"`
	DeletedTS   looseString         `json:"deleted_ts"`
	Team        looseString         `json:"team"`
	UserTeam    looseString         `json:"user_team"`
	SourceTeam  looseString         `json:"source_team"`
	Files       looseList           `json:"files"`
	Tab         looseString         `json:"tab"`
	Message     loose[innerMessage] `json:"message"`
	Previous    loose[innerMessage] `json:"previous_message"`
}

// home returns the organisation of the person who caused the event; empty if unknown.
func (e event) home() string { return string(cmp.Or(e.UserTeam, e.SourceTeam, e.Team)) }

// innerMessage is a message before or after a change.
type innerMessage struct {
	TS       looseString `json:"ts"`
	ThreadTS looseString `json:"thread_ts"`
	User     looseString `json:"user"`
	BotID    looseString `json:"bot_id"`
	Text     looseString `json:"text"`
	Subtype  looseString `json:"subtype"`
	Team     looseString `json:"team"`
	UserTeam looseString `json:"user_team"`
	Source   looseString `json:"source_team"`
}

// home returns the organisation of the author; empty if unknown.
func (m innerMessage) home() string { return string(cmp.Or(m.UserTeam, m.Source, m.Team)) }

// decodeEvent decodes the payload of an events_api envelope.
func decodeEvent(payload []byte, self Identity) (Event, error) {
	var c callback
	if err := json.Unmarshal(payload, &c); err != nil {
		return nil, fmt.Errorf("decoding an event: %w", err)
	}
	switch e := c.Event.value; e.Type {
	case "message", "app_mention":
		if change := decodeChange(e, self); change != nil {
			return change, nil
		}
		return decodeMessage(e, bool(c.Shared), self), nil
	case "agent_session_stopped":
		return decodeStop(e, bool(c.Shared), self)
	case "app_home_opened":
		if e.Tab == "home" {
			return valid(Interaction{Kind: AppHomeOpened, User: string(e.User)}, nil)
		}
	}
	return nil, nil
}
