package slackevent

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"enjobridge/storage"
)

// Interaction is a person's use of one of the bot's controls: a button, a modal, the
// slash command or App Home.
// https://docs.slack.dev/reference/interaction-payloads
type Interaction struct {
	Kind InteractionKind
	User string
	// Membership says whether the person belongs to the bot's organisation. An event
	// about App Home does not say. In an organisation, the team in the payload of a button
	// or a modal is any of the person's, so it may not say either; the enterprise there is
	// that of the installation.
	Membership Membership
	Channel    string // empty in a modal and in App Home
	TS         string // the message with the button
	ThreadTS   string // the root of its thread, if it is a reply
	// Name is the action_id of a button, or the callback_id of a modal.
	Name string
	// Value is a button's value, a modal's private_metadata, or the text after the slash
	// command, trimmed and escaped as Slack escapes the texts of messages.
	Value string
	// Picked and Typed are a modal's selected options and entered texts, by action_id.
	Picked map[string][]string
	Typed  map[string]string
	// View is the ID of the modal.
	View string
	// Trigger opens a modal. It expires after three seconds.
	Trigger string
	// ResponseURL answers a slash command, or a press of a button in an ephemeral message
	// at the top, also in channels that the bot is not in. It is a secret.
	ResponseURL string
}

// InteractionKind is the kind of control.
type InteractionKind string

// The kinds of controls.
const (
	BlockAction    InteractionKind = "button"
	ViewSubmission InteractionKind = "modal"
	SlashCommand   InteractionKind = "command"
	AppHomeOpened  InteractionKind = "home"
	MessagesOpened InteractionKind = "messages" // the direct messages with the bot
)

// OrderKey implements [Event]. Interactions outside of threads are ordered by person.
func (i Interaction) OrderKey() string {
	if i.TS == "" {
		return i.User
	}
	return orderKey(storage.MessageID{Channel: i.Channel, TS: i.TS}, i.ThreadTS)
}

// Valid reports whether the identifiers have Slack's format.
func (i Interaction) Valid() bool {
	switch {
	case i.Kind == "" || !slackID.MatchString(i.User) || (i.Channel != "" && !slackID.MatchString(i.Channel)):
		return false
	case i.TS != "" && !slackTimestamp.MatchString(i.TS), i.ThreadTS != "" && !slackTimestamp.MatchString(i.ThreadTS):
		return false
	}
	return true
}

// errInvalid means that an interaction is not valid.
var errInvalid = errors.New("decoding an interaction: its type is unknown, or its identifiers are invalid")

// valid returns an interaction, or an error if it is not [Interaction.Valid].
func valid(i Interaction, err error) (Event, error) {
	switch {
	case err != nil:
		return nil, err
	case !i.Valid():
		return nil, errInvalid
	}
	return i, nil
}

// interactivePayload is the payload of an interactive envelope.
// https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
type interactivePayload struct {
	Type        looseString      `json:"type"`
	TriggerID   looseString      `json:"trigger_id"`
	User        loose[sender]    `json:"user"`
	Container   loose[container] `json:"container"`
	Channel     loose[place]     `json:"channel"`
	Message     loose[pressed]   `json:"message"`
	Actions     loose[[]action]  `json:"actions"`
	View        loose[view]      `json:"view"`
	ResponseURL looseString      `json:"response_url"`
}

type sender struct {
	ID     looseString `json:"id"`
	TeamID looseString `json:"team_id"`
}

type container struct {
	MessageTS looseString `json:"message_ts"`
	ThreadTS  looseString `json:"thread_ts"`
	ChannelID looseString `json:"channel_id"`
	Ephemeral looseBool   `json:"is_ephemeral"`
}

// place is the channel of the message with the button.
type place struct {
	ID looseString `json:"id"`
}

// pressed is the message with the button.
type pressed struct {
	TS       looseString `json:"ts"`
	ThreadTS looseString `json:"thread_ts"`
}

type action struct {
	ActionID looseString `json:"action_id"`
	Value    looseString `json:"value"`
}

// view is a submitted modal.
// https://docs.slack.dev/reference/views/modal-views#view_object_fields
type view struct {
	ID         looseString `json:"id"`
	CallbackID looseString `json:"callback_id"`
	Metadata   looseString `json:"private_metadata"`
	State      struct {
		Values map[string]map[string]input `json:"values"`
	} `json:"state"`
}

type input struct {
	Value    looseString `json:"value"`
	Selected []struct {
		Value looseString `json:"value"`
	} `json:"selected_options"`
}

// decodeInteractive decodes the payload of an interactive envelope.
func decodeInteractive(payload []byte, self Identity) (Interaction, error) {
	var p interactivePayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return Interaction{}, fmt.Errorf("decoding an interaction: %w", err)
	}
	i := Interaction{
		User: string(p.User.value.ID), Trigger: string(p.TriggerID),
		Membership: self.MembershipOf(Home{Team: string(p.User.value.TeamID)}),
	}
	switch p.Type {
	case "block_actions":
		i.decodeAction(p)
	case "view_submission":
		i.decodeSubmission(p.View.value)
	}
	return i, nil
}

// decodeAction decodes the block action: the button and its message. Slack leaves
// fields of the container out that the message has.
func (i *Interaction) decodeAction(p interactivePayload) {
	actions, at, message := p.Actions.value, p.Container.value, p.Message.value
	if len(actions) == 0 {
		return
	}
	i.Kind = BlockAction
	i.Channel = string(cmp.Or(at.ChannelID, p.Channel.value.ID))
	i.TS = string(cmp.Or(at.MessageTS, message.TS))
	i.ThreadTS = thread(storage.MessageID{TS: i.TS}, cmp.Or(at.ThreadTS, message.ThreadTS))
	i.Name, i.Value = string(actions[0].ActionID), string(actions[0].Value)
	if bool(at.Ephemeral) && i.ThreadTS == "" { // a response would be at the top
		i.ResponseURL = string(p.ResponseURL)
	}
}

// decodeSubmission decodes the submitted modal and its inputs.
func (i *Interaction) decodeSubmission(v view) {
	i.Kind, i.Name, i.Value, i.View = ViewSubmission, string(v.CallbackID), string(v.Metadata), string(v.ID)
	i.Picked, i.Typed = make(map[string][]string), make(map[string]string)
	for _, block := range v.State.Values {
		for id, in := range block {
			i.Typed[id] = string(in.Value)
			for _, option := range in.Selected {
				i.Picked[id] = append(i.Picked[id], string(option.Value))
			}
		}
	}
}

// commandPayload is the payload of a slash_commands envelope.
// https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling
type commandPayload struct {
	UserID       looseString `json:"user_id"`
	TeamID       looseString `json:"team_id"`
	EnterpriseID looseString `json:"enterprise_id"`
	ChannelID    looseString `json:"channel_id"`
	Text         looseString `json:"text"`
	TriggerID    looseString `json:"trigger_id"`
	ResponseURL  looseString `json:"response_url"`
}

// decodeCommand decodes the payload of a slash_commands envelope.
func decodeCommand(payload []byte, self Identity) (Interaction, error) {
	var p commandPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return Interaction{}, fmt.Errorf("decoding a slash command: %w", err)
	}
	return Interaction{
		Kind: SlashCommand, User: string(p.UserID), Channel: string(p.ChannelID),
		// A command exists only in the workspaces that the app is installed in.
		Membership: self.MembershipOf(Home{Team: string(p.TeamID), Enterprise: string(p.EnterpriseID)}),
		Value:      escaper.Replace(unescaper.Replace(strings.TrimSpace(string(p.Text)))), // Slack does not document whether it is escaped
		Trigger:    string(p.TriggerID), ResponseURL: string(p.ResponseURL),
	}, nil
}

// Message is the message with the button.
func (i Interaction) Message(team string) storage.MessageID {
	return storage.MessageID{Team: team, Channel: i.Channel, TS: i.TS}
}

// Thread is the thread of the message with the button.
func (i Interaction) Thread(team string) storage.ThreadID {
	return storage.ThreadID{Team: team, Channel: i.Channel, Root: i.ThreadTS}
}
