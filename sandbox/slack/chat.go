package slack

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"enjobridge/sandbox/slack/blockkit"
)

// Slack's limits for messages.
const (
	maxText        = 40_000 // characters; longer texts are truncated
	maxUpdateText  = 4_000  // characters; longer updates are refused
	maxAttachments = 100
	maxMetadata    = 16_000 // bytes
)

// chatPostMessage is https://docs.slack.dev/reference/methods/chat.postMessage.
func (w *Workspace) chatPostMessage(req request) (object, error) {
	c, err := w.postTarget(req)
	if err != nil {
		return nil, err
	}
	m, err := w.compose(req)
	if err != nil {
		return nil, err
	}
	if wait := w.limits.pace("chat.postMessage "+c.ID, postEvery, postBurst); wait > 0 {
		return nil, &limitError{wait}
	}
	m.ThreadTS = req.text("thread_ts")
	if req.flag("reply_broadcast") && m.ThreadTS != "" {
		m.Subtype = "thread_broadcast"
	}
	w.add(c, m)
	return object{"channel": c.ID, "ts": m.TS, "message": w.apiMessage(m, true)}, nil
}

// postTarget returns the conversation to post to: by ID, by name, or the direct
// messages of a user.
func (w *Workspace) postTarget(req request) (*channel, error) {
	target := req.text("channel")
	c := w.channelsBy[target]
	if u := w.usersByID[target]; u != nil && !u.Bot {
		c = w.direct(u.ID)
	}
	for _, named := range w.channels {
		if c == nil && named.Name != "" && named.Name == strings.TrimPrefix(target, "#") {
			c = named
		}
	}
	switch {
	case c == nil || !w.sees(c):
		return nil, ErrChannelNotFound
	case c.Archived:
		return nil, ErrIsArchived
	case !c.has(w.app.userID) && !w.uses("chat:write.public"):
		return nil, ErrNotInChannel
	case c.Kind == Direct && !w.manifest.directMessages():
		return nil, ErrMessagesTabDisabled
	}
	return c, c.permits(req.text("thread_ts"))
}

// compose returns the message from the arguments.
func (w *Workspace) compose(req request) (*Message, error) {
	m := &Message{
		User: w.app.userID, BotID: w.app.botID,
		NoUnfurl: req.args["unfurl_links"] == "false" && req.args["unfurl_media"] == "false",
	}
	var err error
	if m.Text, m.Blocks, m.Attachments, err = w.content(req); err != nil {
		return nil, err
	}
	if m.Metadata, err = metadata(req); err != nil {
		return nil, err
	}
	if m.Text == "" && m.Blocks == nil && m.Attachments == nil {
		return nil, ErrNoText
	}
	m.Text = truncate(m.Text, maxText)
	m.Username, m.Icon = req.text("username"), req.text("icon_emoji")+req.text("icon_url")
	if m.Username+m.Icon != "" {
		if !w.uses("chat:write.customize") {
			return nil, w.missingScope("chat:write.customize")
		}
		m.Subtype = "bot_message"
	}
	return m, nil
}

// content returns the text, blocks and attachments of a message, with the ids
// that Slack generates.
func (w *Workspace) content(req request) (text string, blocks, attachments json.RawMessage, err error) {
	text = req.text("text")
	if blocks, err = req.json("blocks", "invalid_blocks_format"); err != nil {
		return "", nil, nil, err
	}
	if string(blocks) == "[]" {
		blocks = nil
	}
	if markdown := req.text("markdown_text"); markdown != "" {
		switch {
		case text != "" || blocks != nil:
			return "", nil, nil, Error("markdown_text_conflict")
		case utf8.RuneCountInString(markdown) > 12_000:
			return "", nil, nil, Error("msg_too_long")
		}
		blocks = mustJSON([]object{{"type": "markdown", "text": markdown}})
	}
	if blocks != nil {
		if err := refusal(blockkit.Check(blocks, blockkit.Message)); err != nil {
			return "", nil, nil, err
		}
		blocks = identified(req.random, blocks)
	}
	attachments, err = attachmentsArg(req)
	return text, blocks, attachments, err
}

// attachmentsArg returns the attachments of a message; nil if there are none.
func attachmentsArg(req request) (json.RawMessage, error) {
	attachments, err := req.json("attachments", "invalid_attachments")
	if err != nil || attachments == nil {
		return nil, err
	}
	var all []json.RawMessage
	switch {
	case json.Unmarshal(attachments, &all) != nil:
		return nil, Error("invalid_attachments")
	case len(all) > maxAttachments:
		return nil, Error("too_many_attachments")
	case len(all) == 0:
		return nil, nil
	}
	if err := refusal(blockkit.CheckAttachments(attachments)); err != nil {
		return nil, err
	}
	return identifiedAttachments(req.random, attachments), nil
}

// refusal returns Slack's error for these problems, with explanations.
func refusal(problems []blockkit.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	messages := make([]string, 0, len(problems))
	for _, p := range problems {
		messages = append(messages, p.Message)
	}
	return explain(Error(problems[0].Code), messages...)
}

// metadata returns the metadata argument; nil for an empty object or a missing
// argument.
func metadata(req request) (*Metadata, error) {
	raw, err := req.json("metadata", "invalid_metadata_format")
	if err != nil || raw == nil || string(raw) == "{}" {
		return nil, err
	}
	var m Metadata
	var payload map[string]any
	switch {
	case len(raw) > maxMetadata:
		return nil, Error("metadata_too_large")
	case json.Unmarshal(raw, &m) != nil:
		return nil, Error("invalid_metadata_format")
	case m.EventType == "" && (m.EventPayload == nil || string(m.EventPayload) == "null"): // slack-go sends this for no metadata
		return nil, nil
	case m.EventType == "" || json.Unmarshal(m.EventPayload, &payload) != nil || payload == nil:
		return nil, Error("invalid_metadata_schema")
	}
	return &m, nil
}

// truncate cuts the text after n characters.
func truncate(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// chatUpdate is https://docs.slack.dev/reference/methods/chat.update.
func (w *Workspace) chatUpdate(req request) (object, error) {
	c, m, err := w.ownMessage(req, ErrCannotUpdateMessage)
	if err != nil {
		return nil, err
	}
	text, blocks, attachments, err := w.content(req)
	if err != nil {
		return nil, err
	}
	meta, err := metadata(req)
	switch {
	case err != nil:
		return nil, err
	case utf8.RuneCountInString(text) > maxUpdateText:
		return nil, Error("msg_too_long")
	case text == "" && blocks == nil && attachments == nil:
		return nil, ErrNoText
	}
	if wait := w.limits.pace("chat.update "+c.ID+m.TS, updateEvery, updateBurst); wait > 0 {
		return nil, &limitError{wait}
	}
	w.change(c, m, func() {
		if text != "" || blocks != nil { // a text alone removes the blocks
			m.Blocks = blocks
		}
		if text != "" {
			m.Text = text
		}
		if _, given := req.args["attachments"]; given {
			m.Attachments = attachments
		}
		if _, given := req.args["metadata"]; given {
			m.Metadata = meta
		}
		if blocks == nil {
			m.Edited = &Edited{User: w.app.userID, TS: w.newTS()}
		}
	})
	return object{"channel": c.ID, "ts": m.TS, "text": m.Text, "message": w.apiMessage(m, true)}, nil
}

// ownMessage returns the app's message from the arguments; foreign is the error
// for another author's message.
func (w *Workspace) ownMessage(req request, foreign Error) (*channel, *Message, error) {
	c, err := w.channelArg(req, "channel")
	if err != nil {
		return nil, nil, err
	}
	m := c.byTS[req.text("ts")]
	switch {
	case c.Archived:
		return nil, nil, ErrIsArchived
	case m == nil || m.Deleted || m.EphemeralTo != "":
		return nil, nil, ErrMessageNotFound
	case m.BotID != w.app.botID:
		return nil, nil, foreign
	}
	return c, m, nil
}

// chatDelete is https://docs.slack.dev/reference/methods/chat.delete.
func (w *Workspace) chatDelete(req request) (object, error) {
	c, m, err := w.ownMessage(req, ErrCannotDeleteMessage)
	if err != nil {
		return nil, err
	}
	w.remove(c, m)
	return object{"channel": c.ID, "ts": m.TS}, nil
}

// chatPostEphemeral is https://docs.slack.dev/reference/methods/chat.postEphemeral.
func (w *Workspace) chatPostEphemeral(req request) (object, error) {
	c, err := w.postTarget(req)
	if err != nil {
		return nil, err
	}
	reader := req.text("user")
	if !c.has(reader) {
		return nil, Error("user_not_in_channel")
	}
	m, err := w.compose(req)
	if err != nil {
		return nil, err
	}
	m.EphemeralTo, m.ThreadTS = reader, req.text("thread_ts")
	w.add(c, m)
	return object{"message_ts": m.TS}, nil
}

// chatGetPermalink is https://docs.slack.dev/reference/methods/chat.getPermalink.
func (w *Workspace) chatGetPermalink(req request) (object, error) {
	c, err := w.channelArg(req, "channel")
	if err != nil {
		return nil, err
	}
	m := c.byTS[req.text("message_ts")]
	if m == nil || m.Deleted || m.EphemeralTo != "" {
		return nil, ErrMessageNotFound
	}
	return object{"channel": c.ID, "permalink": w.permalink(c, m)}, nil
}

// permalink returns the address of a message.
func (w *Workspace) permalink(c *channel, m *Message) string {
	permalink := w.URL() + "/archives/" + c.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.isReply() {
		permalink += "?thread_ts=" + m.ThreadTS + "&cid=" + c.ID
	}
	return permalink
}
