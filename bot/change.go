package bot

import (
	"encoding/json"
	"fmt"

	"enjobridge/storage"
)

// change is what an event tells of an earlier message or of a thread.
type change struct {
	kind changeKind
	// message is what was edited or deleted, and thread what was stopped.
	message storage.MessageID
	thread  storage.ThreadID
	user    string
	// before and after are the texts of an edited message.
	before, after string
}

type changeKind string

const (
	changeEdited  changeKind = "edited"
	changeDeleted changeKind = "deleted"
	changeStopped changeKind = "stopped"
)

// changePayload is the part of an event's payload that tells of a change.
// https://docs.slack.dev/reference/events/message/message_changed
// https://docs.slack.dev/reference/events/message/message_deleted
// https://docs.slack.dev/reference/events/agent_session_stopped
type changePayload struct {
	Event struct {
		Type      loose `json:"type"`
		Subtype   loose `json:"subtype"`
		Channel   loose `json:"channel"`
		User      loose `json:"user"`
		ThreadTS  loose `json:"thread_ts"`
		DeletedTS loose `json:"deleted_ts"`
		Message   struct {
			TS      loose `json:"ts"`
			User    loose `json:"user"`
			BotID   loose `json:"bot_id"`
			Text    loose `json:"text"`
			Subtype loose `json:"subtype"`
		} `json:"message"`
		Previous struct {
			Text loose `json:"text"`
		} `json:"previous_message"`
	} `json:"event"`
}

// decodeChange reads a change out of the payload of an events_api envelope. It
// returns false for events that tell of none: what Slack calls a change is also
// an unfurl, or a reply to a thread, and only another text is an edit.
func decodeChange(payload []byte, self identity) (change, bool, error) {
	var p changePayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return change{}, false, fmt.Errorf("decoding a change: %w", err)
	}
	e := p.Event
	c := change{
		message: storage.MessageID{Team: self.TeamID, Channel: string(e.Channel)},
		thread:  storage.ThreadID{Team: self.TeamID, Channel: string(e.Channel), Root: string(e.ThreadTS)},
		user:    string(e.User),
		before:  string(e.Previous.Text),
		after:   string(e.Message.Text),
	}
	switch {
	case e.Type == "agent_session_stopped":
		c.kind = changeStopped
		return c, slackID.MatchString(c.thread.Channel) && slackTimestamp.MatchString(c.thread.Root), nil
	case e.Type == "message" && e.Subtype == "message_deleted":
		c.kind, c.message.TS = changeDeleted, string(e.DeletedTS)
	case e.Type == "message" && e.Subtype == "message_changed" && e.Message.Subtype == "tombstone":
		// The root of a thread with replies leaves a tombstone when it is deleted.
		c.kind, c.message.TS = changeDeleted, string(e.Message.TS)
	case e.Type == "message" && e.Subtype == "message_changed" && c.before != c.after && e.Message.BotID == "":
		c.kind, c.message.TS, c.user = changeEdited, string(e.Message.TS), string(e.Message.User)
	default:
		return change{}, false, nil
	}
	return c, slackID.MatchString(c.message.Channel) && slackTimestamp.MatchString(c.message.TS), nil
}
