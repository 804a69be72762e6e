package slackevent

import "enjobridge/storage"

// MessageChanged means that a person changed the text of a message.
// https://docs.slack.dev/reference/events/message/message_changed
type MessageChanged struct {
	ID       storage.MessageID
	ThreadTS string // the root of the thread it replies in, if any
	User     string // its author
	// Before and After are its texts.
	Before, After string
}

// OrderKey implements [Event].
func (c MessageChanged) OrderKey() string { return orderKey(c.ID, c.ThreadTS) }

// MessageDeleted means that a message was deleted.
// https://docs.slack.dev/reference/events/message/message_deleted
type MessageDeleted struct {
	ID       storage.MessageID
	ThreadTS string // the root of the thread it replied in, if any
}

// OrderKey implements [Event].
func (d MessageDeleted) OrderKey() string { return orderKey(d.ID, d.ThreadTS) }

// SessionStopped means that a person pressed Slack's Stop button in a thread.
// https://docs.slack.dev/reference/events/agent_session_stopped
type SessionStopped struct {
	Thread storage.ThreadID
}

// OrderKey implements [Event].
func (s SessionStopped) OrderKey() string { return s.Thread.Channel + "/" + s.Thread.Root }

// orderKey returns the order key of a message that may be a reply.
func orderKey(id storage.MessageID, threadTS string) string {
	if threadTS == "" {
		threadTS = id.TS
	}
	return id.Channel + "/" + threadTS
}

// decodeChange decodes an edit or a deletion; nil for anything else. Slack also sends
// unfurls and new replies as changes: only a different text is an edit.
func decodeChange(e event, self Identity) Event {
	id := storage.MessageID{Team: self.TeamID, Channel: string(e.Channel)}
	after, before := e.Message.value, e.Previous.value
	var change Event
	switch {
	case e.Type != "message":
		return nil
	case e.Subtype == "message_deleted":
		id.TS = string(e.DeletedTS)
		change = MessageDeleted{ID: id, ThreadTS: thread(id, before.ThreadTS)}
	case e.Subtype == "message_changed" && after.Subtype == "tombstone":
		// A deleted root with replies becomes a tombstone.
		id.TS = string(after.TS)
		change = MessageDeleted{ID: id, ThreadTS: thread(id, after.ThreadTS)}
	case e.Subtype == "message_changed" && after.Text != before.Text && after.BotID == "":
		id.TS = string(after.TS)
		change = MessageChanged{
			ID: id, ThreadTS: thread(id, after.ThreadTS), User: string(after.User),
			Before: string(before.Text), After: string(after.Text),
		}
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

// decodeStop decodes a press of the Stop button; nil if its identifiers are invalid.
func decodeStop(e event, self Identity) Event {
	stopped := SessionStopped{storage.ThreadID{Team: self.TeamID, Channel: string(e.Channel), Root: string(e.ThreadTS)}}
	if !slackID.MatchString(stopped.Thread.Channel) || !slackTimestamp.MatchString(stopped.Thread.Root) {
		return nil
	}
	return stopped
}
