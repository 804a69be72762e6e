package slackevent

import (
	"errors"

	"enjobridge/storage"
)

// MessageChanged means that a person changed the text of a message.
// https://docs.slack.dev/reference/events/message/message_changed
type MessageChanged struct {
	// Before is the person's own text before.
	Before string
	// After is the message as it is now. Its EditedTS is when it was edited.
	After Message
}

// OrderKey implements [Event].
func (c MessageChanged) OrderKey() string { return c.After.OrderKey() }

// MessageDeleted means that a message was deleted.
// https://docs.slack.dev/reference/events/message/message_deleted
type MessageDeleted struct {
	ID       storage.MessageID
	ThreadTS string // the root of the thread it replied in, if any
	Retry    int    // how often Slack had sent the event before
}

// OrderKey implements [Event].
func (d MessageDeleted) OrderKey() string { return orderKey(d.ID, d.ThreadTS) }

// SessionStopped means that a person pressed Slack's Stop button in a thread.
// https://docs.slack.dev/reference/events/agent_session_stopped
type SessionStopped struct {
	Thread storage.ThreadID
	User   string // the person who pressed it
	// Membership says whether the person belongs to the bot's organisation.
	Membership Membership
}

// OrderKey implements [Event].
func (s SessionStopped) OrderKey() string {
	return orderKey(storage.MessageID{Channel: s.Thread.Channel}, s.Thread.Root)
}

// orderKey returns the order key of a message that may be a reply. All messages of a
// direct message are handled in order, because several can be one question.
func orderKey(id storage.MessageID, threadTS string) string {
	if storage.IsDirect(id.Channel) {
		return id.Channel
	}
	if threadTS == "" {
		threadTS = id.TS
	}
	return id.Channel + "/" + threadTS
}

// decodeChange decodes an edit or a deletion; nil for anything else. Slack also sends
// unfurls and new replies as changes: only different words of the sender are an edit.
func decodeChange(e event, shared bool, self Identity) Event {
	id := storage.MessageID{Team: self.TeamID, Channel: string(e.Channel), TS: string(e.Message.value.TS)}
	after, before := e.Message.value, e.Previous.value
	var change Event
	switch {
	case e.Type != "message":
		return nil
	case e.Subtype == "message_deleted":
		id.TS = string(e.DeletedTS)
		change = MessageDeleted{ID: id, ThreadTS: thread(id, before.ThreadTS)}
	case e.Subtype == "message_changed" && after.Subtype == Tombstone:
		change = MessageDeleted{ID: id, ThreadTS: thread(id, after.ThreadTS)}
	case e.Subtype == "message_changed" && after.BotID == "":
		words := before.read(false).words
		edited := after.message(id, string(e.ChannelType), shared, self)
		if edited.Text == words || !slackID.MatchString(string(after.User)) {
			return nil
		}
		change = MessageChanged{Before: words, After: edited}
	}
	if !slackID.MatchString(id.Channel) || !slackTimestamp.MatchString(id.TS) {
		return nil
	}
	return change
}

// thread returns the root of the thread that a message replies in; "" for a root: with
// replies its thread_ts is its own.
func thread(id storage.MessageID, threadTS looseString) string {
	if string(threadTS) == id.TS {
		return ""
	}
	return string(threadTS)
}

// errInvalidStop means that nobody knows who pressed the Stop button, or where.
var errInvalidStop = errors.New("decoding a press of the Stop button: its identifiers are invalid")

// decodeStop decodes a press of the Stop button.
func decodeStop(e event, shared bool, self Identity) (Event, error) {
	stopped := SessionStopped{
		Thread: storage.ThreadID{Team: self.TeamID, Channel: string(e.Channel), Root: string(e.ThreadTS)},
		User:   string(e.User),
	}
	stopped.Membership = self.membershipIn(Message{ID: storage.MessageID{Channel: stopped.Thread.Channel}}, e.home(), shared)
	if !slackID.MatchString(stopped.Thread.Channel) || !slackTimestamp.MatchString(stopped.Thread.Root) || !slackID.MatchString(stopped.User) {
		return nil, errInvalidStop
	}
	return stopped, nil
}
