package bot

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/slack-go/slack/socketmode"

	"enjobridge/storage"
)

// interaction is what somebody did with a control of the bot's: a button, a
// modal, the slash command, the home tab. Like a message it is decoded by hand,
// and only so far as it is needed.
// https://docs.slack.dev/reference/interaction-payloads
type interaction struct {
	Kind     interactionKind
	User     string
	Home     string // the sender's organisation
	Channel  string // empty in a modal and in the home tab
	TS       string // the message with the button
	ThreadTS string // the root of its thread, if it is a reply
	// Name is the action_id of a button, the callback_id of a modal, or the
	// first word after the slash command.
	Name string
	// Value is a button's value, a modal's private_metadata, or what follows the
	// first word after the slash command.
	Value string
	// Picked and Typed are what was filled into a modal, by action_id.
	Picked map[string][]string
	Typed  map[string]string
	// View is the ID of the modal.
	View string
	// Trigger allows to open a modal for three seconds.
	Trigger string
	// ResponseURL answers a slash command where the bot is no member.
	ResponseURL string
}

// interactionKind says which control it was.
type interactionKind string

const (
	pressed   interactionKind = "button"
	submitted interactionKind = "modal"
	commanded interactionKind = "command"
	opened    interactionKind = "home"
)

// interactivePayload is the payload of an interactive envelope.
// https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
type interactivePayload struct {
	Type      loose           `json:"type"`
	TriggerID loose           `json:"trigger_id"`
	User      json.RawMessage `json:"user"`
	Channel   json.RawMessage `json:"channel"`
	Container json.RawMessage `json:"container"`
	Actions   json.RawMessage `json:"actions"`
	View      json.RawMessage `json:"view"`
}

// commandPayload is the payload of a slash_commands envelope.
// https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling
type commandPayload struct {
	UserID      loose `json:"user_id"`
	TeamID      loose `json:"team_id"`
	ChannelID   loose `json:"channel_id"`
	Text        loose `json:"text"`
	TriggerID   loose `json:"trigger_id"`
	ResponseURL loose `json:"response_url"`
}

// decodeInteraction reads what was done out of the payload of an envelope. It
// returns false for what is none of the above, or cannot be read.
func decodeInteraction(kind string, payload []byte) (interaction, bool) {
	var i interaction
	switch kind {
	case socketmode.RequestTypeInteractive:
		i = decodeInteractive(payload)
	case socketmode.RequestTypeSlashCommands:
		i = decodeCommand(payload)
	case socketmode.RequestTypeEventsAPI:
		// Almost all events are messages, which are decoded elsewhere.
		if bytes.Contains(payload, []byte(homeOpened)) {
			i = decodeOpened(payload)
		}
	}
	return i, i.readable()
}

// readable reports whether the identifiers are ones that Slack gives out.
func (i interaction) readable() bool {
	placed := slackID.MatchString(i.Channel)
	switch {
	case i.Kind == "" || !slackID.MatchString(i.User) || (i.Channel != "" && !placed):
		return false
	case i.TS != "" && !slackTimestamp.MatchString(i.TS), i.ThreadTS != "" && !slackTimestamp.MatchString(i.ThreadTS):
		return false
	}
	return true
}

func decodeCommand(payload []byte) interaction {
	var p commandPayload
	if json.Unmarshal(payload, &p) != nil {
		return interaction{}
	}
	word, rest, _ := strings.Cut(strings.TrimSpace(string(p.Text)), " ")
	return interaction{
		Kind: commanded, User: string(p.UserID), Home: string(p.TeamID), Channel: string(p.ChannelID),
		Name: strings.ToLower(word), Value: strings.TrimSpace(rest),
		Trigger: string(p.TriggerID), ResponseURL: string(p.ResponseURL),
	}
}

// homeOpened is the type of the event that tells of it.
const homeOpened = "app_home_opened"

// decodeOpened reads the event that somebody has opened the home tab.
// https://docs.slack.dev/reference/events/app_home_opened
func decodeOpened(payload []byte) interaction {
	var p struct {
		Event struct {
			Type loose `json:"type"`
			User loose `json:"user"`
			Tab  loose `json:"tab"`
		} `json:"event"`
	}
	if json.Unmarshal(payload, &p) != nil || p.Event.Type != homeOpened || p.Event.Tab != "home" {
		return interaction{}
	}
	return interaction{Kind: opened, User: string(p.Event.User)}
}

// decodeInteractive reads each part by itself: one of another JSON type than
// expected must not hide the others.
func decodeInteractive(payload []byte) interaction {
	var p interactivePayload
	if json.Unmarshal(payload, &p) != nil {
		return interaction{}
	}
	var user struct {
		ID     loose `json:"id"`
		TeamID loose `json:"team_id"`
	}
	_ = json.Unmarshal(p.User, &user)
	i := interaction{User: string(user.ID), Home: string(user.TeamID), Trigger: string(p.TriggerID)}
	switch p.Type {
	case "block_actions":
		i.press(p)
	case "view_submission":
		i.submit(p)
	}
	return i
}

// press reads which button was pressed, and where.
func (i *interaction) press(p interactivePayload) {
	var container struct {
		MessageTS loose `json:"message_ts"`
		ThreadTS  loose `json:"thread_ts"`
		ChannelID loose `json:"channel_id"`
	}
	var actions []struct {
		ActionID loose `json:"action_id"`
		Value    loose `json:"value"`
	}
	_ = json.Unmarshal(p.Container, &container)
	if json.Unmarshal(p.Actions, &actions) != nil || len(actions) == 0 {
		return
	}
	i.Kind = pressed
	i.Channel, i.TS, i.ThreadTS = string(container.ChannelID), string(container.MessageTS), string(container.ThreadTS)
	i.Name, i.Value = string(actions[0].ActionID), string(actions[0].Value)
}

// submit reads which modal was submitted, with what in it.
// https://docs.slack.dev/reference/views/modal-views#view_object_fields
func (i *interaction) submit(p interactivePayload) {
	var view struct {
		ID         loose `json:"id"`
		CallbackID loose `json:"callback_id"`
		Metadata   loose `json:"private_metadata"`
		State      struct {
			Values map[string]map[string]struct {
				Value    loose `json:"value"`
				Selected []struct {
					Value loose `json:"value"`
				} `json:"selected_options"`
			} `json:"values"`
		} `json:"state"`
	}
	// A part of another type is left out by Unmarshal, which goes on with the rest.
	_ = json.Unmarshal(p.View, &view)
	i.Kind, i.Name, i.Value, i.View = submitted, string(view.CallbackID), string(view.Metadata), string(view.ID)
	i.Picked, i.Typed = make(map[string][]string), make(map[string]string)
	for _, block := range view.State.Values {
		for id, input := range block {
			i.Typed[id] = string(input.Value)
			for _, option := range input.Selected {
				i.Picked[id] = append(i.Picked[id], string(option.Value))
			}
		}
	}
}

// ofButton separates the timestamp of a message from what makes the press of one
// of its buttons a question of its own.
const ofButton = "#"

// buttonID is the identity of the question that a button makes. It is the same
// for each press of it, so that pressing it twice asks once.
func (i interaction) buttonID(team, button string) storage.MessageID {
	return storage.MessageID{Team: team, Channel: i.Channel, TS: i.TS + ofButton + button}
}

// messageTS returns the timestamp of the message that a question was asked
// with: the one with the button, for a press.
func messageTS(ts string) string {
	ts, _, _ = strings.Cut(ts, ofButton)
	return ts
}

// thread is the thread of the message with the button.
func (i interaction) thread(team string) storage.ThreadID {
	return storage.ThreadID{Team: team, Channel: i.Channel, Root: i.ThreadTS}
}

// parseMessageID reads what [storage.MessageID.String] wrote.
func parseMessageID(text string) (storage.MessageID, bool) {
	parts := strings.SplitN(text, "/", 3)
	if len(parts) != 3 {
		return storage.MessageID{}, false
	}
	id := storage.MessageID{Team: parts[0], Channel: parts[1], TS: parts[2]}
	return id, slackID.MatchString(id.Channel) && slackTimestamp.MatchString(messageTS(id.TS))
}
