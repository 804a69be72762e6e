package slack

import (
	"slices"
	"strings"
)

// add adds a message to its channel and notifies the app and the watchers. The
// text and blocks are in Slack's stored form. The caller must hold mu.
//
// If the root of a reply was deleted, the reply is added to the channel itself,
// without a thread_ts.
func (w *Workspace) add(c *channel, m *Message) {
	m.Channel, m.TS = c.ID, w.newTS()
	if m.BotID == w.app.botID {
		m.Team = w.home(c)
	}
	root := c.root(m.ThreadTS)
	if root == nil {
		m.ThreadTS = ""
		if m.Subtype == "thread_broadcast" {
			m.Subtype = ""
		}
	}
	c.put(m, w.config.History)
	w.noteShares(m)
	if m.BotID == w.app.botID && m.EphemeralTo == "" {
		w.clearStatus(threadKey{c.ID, m.ThreadTS})
	}
	w.changedMessage(MessagePosted, m)
	if m.EphemeralTo != "" {
		return
	}
	w.emitMessage(c, m)
	w.unfurlSoon(c, m)
	if root != nil {
		w.change(c, root, func() { countReplies(c, root) })
	}
}

// change alters a message and notifies the app and the watchers of the old and
// the new version. The caller must hold mu.
func (w *Workspace) change(c *channel, m *Message, alter func()) {
	before := m.clone()
	alter()
	w.changedMessage(MessageChanged, m)
	if m.EphemeralTo == "" {
		w.emitMessageChanged(c, m, &before)
	}
}

// remove deletes a message. A root with replies leaves a tombstone for as long
// as they exist. The caller must hold mu.
func (w *Workspace) remove(c *channel, m *Message) {
	if m.ReplyCount > 0 && m.Subtype != tombstone {
		w.change(c, m, func() { bury(m) })
		return
	}
	before := m.clone()
	m.Deleted = true
	w.changedMessage(MessageDeleted, m)
	if m.EphemeralTo != "" {
		return
	}
	w.emitMessageDeleted(c, &before)
	root := c.byTS[m.ThreadTS]
	if !before.isReply() || root == nil || root.Deleted {
		return
	}
	w.change(c, root, func() { countReplies(c, root) })
	if root.Subtype == tombstone && root.ReplyCount == 0 {
		w.remove(c, root)
	}
}

// tombstone is the subtype of a deleted root with replies.
const tombstone = "tombstone"

// fileShare is the subtype of a message with files.
const fileShare = "file_share"

// bury turns a message into Slack's tombstone.
func bury(m *Message) {
	m.Subtype, m.User, m.Text = tombstone, slackbot, "This message was deleted."
	m.BotID, m.Blocks, m.Attachments, m.Metadata, m.Fields, m.ClientMsgID = "", nil, nil, nil, nil, ""
	m.Files, m.Reactions = nil, nil
}

// countReplies updates the thread fields of a root.
func countReplies(c *channel, root *Message) {
	root.ReplyCount, root.ReplyUsers, root.LatestReply = 0, nil, ""
	for _, r := range c.replies[root.TS] {
		if r.Deleted || r.EphemeralTo != "" {
			continue
		}
		root.ReplyCount++
		root.LatestReply = r.TS
		if author := r.User; author != "" && len(root.ReplyUsers) < 5 && !slices.Contains(root.ReplyUsers, author) {
			root.ReplyUsers = append(root.ReplyUsers, author)
		}
	}
	root.ThreadTS = ""
	if root.ReplyCount > 0 {
		root.ThreadTS = root.TS
	}
}

// apiMessage returns a message in the format of the Web API and of events. The
// caller must hold mu.
func (w *Workspace) apiMessage(m *Message, metadata bool) object {
	o := object{"type": "message", "ts": m.TS, "text": m.Text}
	set := func(key string, value string) {
		if value != "" {
			o[key] = value
		}
	}
	set("user", m.User)
	set("subtype", m.Subtype)
	set("thread_ts", m.ThreadTS)
	set("client_msg_id", m.ClientMsgID)
	set("username", m.Username)
	set("bot_id", m.BotID)
	if m.Subtype != tombstone && m.Subtype != fileShare { // Slack leaves the team out of those
		set("team", m.Team)
	}
	if profile := w.botProfile(m.BotID); profile != nil {
		o["app_id"], o["bot_profile"] = profile["app_id"], profile
	}
	if m.Blocks != nil {
		o["blocks"] = m.Blocks
	}
	if m.Attachments != nil {
		o["attachments"] = m.Attachments
	}
	if m.Edited != nil {
		o["edited"] = m.Edited
	}
	if len(m.Reactions) > 0 {
		o["reactions"] = m.Reactions
	}
	if len(m.Files) > 0 {
		o["files"], o["upload"], o["display_as_bot"] = w.messageFiles(m.Files), false, false
	}
	if metadata && m.Metadata != nil {
		o["metadata"] = m.Metadata
	}
	w.apiThread(o, m)
	for name, value := range m.Fields {
		if name != "metadata" || metadata {
			o[name] = value
		}
	}
	return o
}

// botProfile returns the bot_profile in an app's messages; nil if there is no such app.
func (w *Workspace) botProfile(id string) object {
	if id == "" {
		return nil
	}
	profile := object{"id": id, "deleted": false, "updated": 0, "icons": object{"image_36": w.URL() + "/avatar/" + id}}
	if id == w.app.botID {
		profile["app_id"], profile["name"], profile["team_id"] = w.app.appID, w.app.name, w.app.teamID
		return profile
	}
	if u := w.otherApp(id); u != nil {
		profile["app_id"], profile["name"], profile["team_id"] = appID(u.ID), u.Name, u.Team
		return profile
	}
	return nil
}

// otherApp returns another app by its bot ID, or nil.
func (w *Workspace) otherApp(id string) *User {
	if u := w.usersByID["U"+id[1:]]; u != nil && u.Bot {
		return u
	}
	for _, u := range w.users {
		if u.Bot && botID(u.ID) == id {
			return u
		}
	}
	return nil
}

// apiThread adds the thread fields of a message.
func (w *Workspace) apiThread(o object, m *Message) {
	switch c := w.channelsBy[m.Channel]; {
	case m.isReply():
		if root := c.byTS[m.ThreadTS]; root != nil && root.User != "" {
			o["parent_user_id"] = root.User
		}
	case m.Subtype == tombstone || m.ReplyCount > 0:
		o["reply_count"], o["reply_users_count"] = m.ReplyCount, len(m.ReplyUsers)
		o["reply_users"] = append([]string{}, m.ReplyUsers...)
		o["latest_reply"], o["is_locked"], o["subscribed"] = m.LatestReply, false, false
	}
}

// about distinguishes the message from others in the channel without its ts, as
// far as possible, because the ts depends on the order of goroutines within the
// instant.
func (m *Message) about(more ...string) []string {
	about := append(more, m.User, m.BotID, m.Subtype, m.Text, string(m.Blocks))
	for _, f := range m.Files {
		about = append(about, f.ID)
	}
	return about
}

// mentions reports whether the text mentions the user.
func mentions(text, user string) bool {
	return strings.Contains(text, "<@"+user+">") || strings.Contains(text, "<@"+user+"|")
}
