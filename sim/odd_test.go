package sim_test

import (
	"math/rand/v2"
	"strings"

	slacksandbox "enjobridge/sandbox/slack"
)

// This file has the odd data of real workspaces: fields that are undocumented, or whose
// type is not the documented one.

// fields are fields of a JSON object.
type fields = map[string]any

// oddMessages are fields of the messages of other apps. Nobody expects an answer to them.
func oddMessages() []fields {
	return []fields{
		{"attachments": []any{fields{"id": "1", "color": 3, "fields": "none", "ts": 1772438400.5, "actions": fields{}}, "an attachment", nil}},
		{"blocks": fields{"type": "rich_text"}, "reactions": nil, "edited": "yesterday"},
		{"files": []any{"a file", 7, nil, fields{"id": 7, "name": nil, "size": "big"}}, "upload": "yes"},
		{"metadata": fields{"event_type": 7, "event_payload": fields{"question": fields{"part": []any{"0", 0, nil}}}}},
		{"metadata": fields{"event_type": "deep", "event_payload": nested(1000)}},
		{"metadata": []any{"event_type"}},
		{"ts": 1772438400.5},
		{"ts": fields{"seconds": 1772438400}, "thread_ts": []any{}},
		{"thread_ts": 1772438400, "latest_reply": false, "reply_count": "many", "reply_users": fields{}},
		{"subtype": "subtype_of_2027", "user": nil, "bot_id": nil},
		{"text": nil, "user": fields{"id": "U0ODD"}, "bot_id": 7},
		{"text": fields{"is": "an object"}, "username": 7, "icons": []any{}, "bot_profile": "none", "team": fields{"id": "T0ODD"}},
		{"text": strings.Repeat("All work and no play makes Jack a dull boy. ", 900)},
	}
}

// oddQuestions are fields of the questions of users, who must get an answer nevertheless.
func oddQuestions() []fields {
	return []fields{
		{"blocks": fields{"type": "rich_text", "elements": nil}, "reactions": nil},
		{"attachments": []any{fields{"id": "1", "color": 3}, "an attachment"}, "edited": true},
		{"files": "none", "upload": "no", "display_as_bot": nil},
		{"team": nil, "client_msg_id": 7},
		{"bot_id": nil, "bot_profile": nil, "subtype": nil, "app_id": nil},
		{"user_profile": 5, "metadata": fields{"event_type": nil, "event_payload": nested(100)}, "is_locked": "no"},
		{"parent_user_id": 7, "last_read": 1.5, "subscribed": "no", "language": []any{"en"}},
		{"edited": fields{"user": nil, "ts": 1772438400.5}, "permalink": nil, "assistant_app_thread": []any{}},
	}
}

// nested returns lists in lists.
func nested(depth int) any {
	value := any("the innermost")
	for range depth {
		value = []any{value}
	}
	return value
}

// oddItems are items of a page of messages or conversations.
func oddItems() []any {
	return []any{
		"a string", nil, 7, true,
		[]any{},
		fields{},
		fields{"id": 7, "ts": 5},
		fields{"type": "message", "ts": "yesterday", "name": nil},
		fields{"ts": "1772438400.000100", "user": fields{"id": "U1"}, "text": []any{"x"}, "thread_ts": 7, "files": fields{"a": 1}},
		fields{"id": "C0ODD", "name": nil, "is_ext_shared": "yes", "is_im": 0},
		fields{"id": nil, "name": 5},
	}
}

// rewriteList returns an effect that puts odd items before, between and behind the items
// of a page, and changes the others.
func rewriteList(name string, change func(item fields)) slacksandbox.CallEffect {
	return slacksandbox.Rewrite(func(body map[string]any) {
		items, ok := body[name].([]any)
		if !ok {
			return
		}
		mixed := oddItems()
		for _, item := range items {
			if item, ok := item.(fields); ok && change != nil {
				change(item)
			}
			mixed = append(mixed, item, "a string", fields{})
		}
		body[name] = mixed
	})
}

// oddUsers are the users in the responses of users.info.
func oddUsers() []any {
	return []any{
		nil, "a user",
		fields{},
		[]any{},
		fields{"id": 7, "name": 8, "real_name": 9, "team_id": nil, "profile": nil},
		fields{"profile": "none", "enterprise_user": 5, "is_stranger": "no", "tz": nil, "deleted": nil},
		fields{"name": strings.Repeat("name", 5000), "profile": fields{"display_name": nil, "real_name": fields{}}},
	}
}

// oddNames changes the name of a conversation, and whether it is shared.
func oddNames(random *rand.Rand) func(fields) {
	name, shared := one(random, []any{nil, 7, fields{"value": "general"}, ""}), one(random, []any{nil, "no", 0})
	return func(conversation fields) {
		conversation["name"], conversation["name_normalized"], conversation["is_ext_shared"] = name, name, shared
		delete(conversation, "topic")
	}
}

// oddFaults returns the faults that give the bot odd data.
func oddFaults() []fault {
	return []fault{
		{"odd: messages of other apps", func(w *world, count int) func() {
			for range count {
				w.crowd.oddMessage()
			}
			w.seen.note("odd: messages of other apps")
			return nil
		}},
		{"odd: questions", func(w *world, _ int) func() {
			w.crowd.odd = oddQuestions()[:1+w.random.IntN(len(oddQuestions()))]
			w.seen.note("odd: questions")
			return nil
		}},
		{"odd: pages of messages", func(w *world, _ int) func() {
			match := slacksandbox.Calls{Method: one(w.random, []string{"conversations.history", "conversations.replies"})}
			return w.endOf("odd: pages of messages", w.slack.Faults().OnCall(match, rewriteList("messages", nil)))
		}},
		{"odd: conversations", func(w *world, _ int) func() {
			change := oddNames(w.random)
			list := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "users.conversations"}, rewriteList("channels", change))
			info := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "conversations.info"}, slacksandbox.Rewrite(func(body map[string]any) {
				if c, ok := body["channel"].(fields); ok {
					change(c)
				}
			}))
			endList, endInfo := w.endOf("odd: conversations", list), w.endOf("odd: conversations", info)
			return func() { endList(); endInfo() }
		}},
		{"odd: users", func(w *world, _ int) func() {
			user := one(w.random, oddUsers())
			effect := slacksandbox.Rewrite(func(body map[string]any) { body["user"] = user })
			return w.endOf("odd: users", w.slack.Faults().OnCall(slacksandbox.Calls{Method: "users.info"}, effect))
		}},
		{"odd: a page that leads to itself", func(w *world, count int) func() {
			match := slacksandbox.Calls{Method: one(w.random, []string{"conversations.history", "conversations.replies", "users.conversations"}), Times: 10 * count}
			return w.endOf("odd: a page that leads to itself", w.slack.Faults().OnCall(match, slacksandbox.RepeatPage()))
		}},
	}
}

// oddMessage posts a message of another app, in a thread or at the top of a channel.
func (c *crowd) oddMessage() {
	channel, root := one(c.random, c.channels), ""
	if t := c.recent(); t != nil && t.channel[0] != 'D' && c.random.IntN(3) > 0 {
		channel, root = t.channel, t.root
	}
	c.postOdd(channel, root, one(c.random, oddMessages()))
}

// postOdd posts a message of another app.
func (c *crowd) postOdd(channel, root string, odd fields) {
	// The thread's root may be deleted.
	_, _ = c.slack.Post(channel, c.otherApp, "Build 4712 has failed", slacksandbox.InThread(root), slacksandbox.WithFields(odd))
}
