package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
)

// PostOption is an option of [Workspace.Post].
type PostOption func(*draft)

// draft is a message before it is posted.
type draft struct {
	thread    string
	broadcast bool
	asApp     bool
	me        bool
	files     []File
	// of another app
	blocks, attachments json.RawMessage
	metadata            *Metadata
	fields              object
	// attached are the attachments that a person's client makes.
	attached []object
}

func drafted(opts []PostOption) draft {
	var d draft
	for _, opt := range opts {
		opt(&d)
	}
	return d
}

// InThread posts a reply to the root.
func InThread(root string) PostOption { return func(d *draft) { d.thread = root } }

// Broadcast also sends a reply to the channel ("Also send to channel").
func Broadcast() PostOption { return func(d *draft) { d.broadcast = true } }

// AsApp posts for another app as apps do today, with both a user and a bot_id
// and no subtype, instead of a classic bot_message.
func AsApp() PostOption { return func(d *draft) { d.asApp = true } }

// AsMe posts a person's message with /me: Slack shows it as what they do, and delivers
// it as a me_message without blocks.
func AsMe() PostOption { return func(d *draft) { d.me = true } }

// WithBlocks, WithAttachments and WithMetadata are what another app posts besides the
// text: arrays that are delivered as they are. Slack accepts more than is documented,
// and delivers attachments whose id is a string, numeric colors, and blocks of types
// that are older or newer than a client.
func WithBlocks(blocks json.RawMessage) PostOption { return func(d *draft) { d.blocks = blocks } }

// WithAttachments adds attachments to the message of another app: see [WithBlocks].
func WithAttachments(attachments json.RawMessage) PostOption {
	return func(d *draft) { d.attachments = attachments }
}

// WithMetadata adds metadata to the message of another app: see [WithBlocks].
func WithMetadata(m Metadata) PostOption { return func(d *draft) { d.metadata = &m } }

// WithFields adds fields to what the Web API and events show of the message, or replaces
// them. Slack delivers fields that are undocumented, or whose type is not the documented
// one, in messages of apps and people. What people see in the workspace does not change.
func WithFields(fields map[string]any) PostOption { return func(d *draft) { d.fields = fields } }

// WithFiles shares files with the message. One without a name is delivered without
// details, as in Slack Connect: files.info has them.
func WithFiles(files ...File) PostOption {
	return func(d *draft) { d.files = append(d.files, files...) }
}

// Mention returns the text that a client sends when its user selects somebody
// after typing @.
func Mention(userID string) string { return "<@" + userID + ">" }

// Post posts a message as a user, and returns its ts.
//
// The text is typed text: &, < and > are escaped and links are marked up as in
// Slack. Names are not resolved: an @name stays text. Use [Mention], and <#C…>,
// <!subteam^S…> and <!here> for channels and groups.
//
// A moment later, links get previews: see [Workspace.Unfurl].
func (w *Workspace) Post(channel, user, text string, opts ...PostOption) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.post(channel, user, text, drafted(opts))
}

// post posts the draft. The caller must hold mu.
func (w *Workspace) post(channel, user, text string, d draft) (string, error) {
	c, u, err := w.speaker(channel, user)
	if err != nil {
		return "", fmt.Errorf("posting to %s: %w", channel, err)
	}
	if err := d.check(u, text); err != nil {
		return "", fmt.Errorf("posting to %s: %w", channel, err)
	}
	if err := c.permits(d.thread); err != nil && !u.Admin {
		return "", fmt.Errorf("posting to %s: %w", channel, err)
	}
	if d.thread != "" && c.root(d.thread) == nil {
		return "", fmt.Errorf("posting to %s in thread %s: %w", channel, d.thread, ErrThreadNotFound)
	}
	m := w.compile(channel, u, text, &d)
	w.add(c, m)
	return m.TS, nil
}

// compile returns the message of a draft.
func (w *Workspace) compile(channel string, u *User, text string, d *draft) *Message {
	words := []string{"post", channel, u.ID, text}
	for _, f := range d.files {
		words = append(words, f.ID, f.Name)
	}
	random := w.streamNow(words...)
	m := written(random, u, typed(text))
	m.ThreadTS = d.thread
	switch {
	case u.Bot:
		d.asOtherApp(u, m)
	case d.attached != nil:
		m.Attachments = identifiedAttachments(random, mustJSON(d.attached))
	case d.me:
		m.Subtype, m.Blocks, m.ClientMsgID = "me_message", nil, ""
	}
	for name, value := range d.fields {
		if m.Fields == nil {
			m.Fields = make(map[string]json.RawMessage)
		}
		m.Fields[name] = mustJSON(value)
	}
	if d.broadcast && d.thread != "" {
		m.Subtype = "thread_broadcast"
	}
	if len(d.files) > 0 {
		m.Subtype = fileShare
		for _, f := range d.files {
			m.Files = append(m.Files, *w.storeFile(random, f, u.ID))
		}
	}
	return m
}

// asOtherApp adds what only another app can post.
func (d *draft) asOtherApp(u *User, m *Message) {
	if d.asApp {
		m.Subtype, m.User, m.BotID, m.Username = "", u.ID, botID(u.ID), ""
	}
	m.Blocks, m.Attachments, m.Metadata = d.blocks, d.attachments, d.metadata
}

// check returns an error unless the user can post this.
func (d *draft) check(u *User, text string) error {
	if !u.Bot && (d.blocks != nil || d.attachments != nil || d.metadata != nil) {
		return errors.New("only another app can post blocks, attachments and metadata")
	}
	for _, raw := range []json.RawMessage{d.blocks, d.attachments} {
		var list []json.RawMessage
		if raw != nil && json.Unmarshal(raw, &list) != nil {
			return errors.New("blocks and attachments must be arrays")
		}
	}
	if d.metadata != nil && !json.Valid(d.metadata.EventPayload) {
		return errors.New("the metadata's payload must be JSON")
	}
	if text == "" && len(d.files) == 0 && d.blocks == nil && d.attachments == nil && d.attached == nil {
		return ErrNoText
	}
	return nil
}

// speaker returns the channel and the user, if the user may write to it.
func (w *Workspace) speaker(channel, user string) (*channel, *User, error) {
	c, u := w.channelsBy[channel], w.usersByID[user]
	switch {
	case c == nil:
		return nil, nil, ErrChannelNotFound
	case u == nil:
		return nil, nil, ErrUserNotFound
	case !c.has(user):
		return nil, nil, ErrNotInChannel
	case c.Archived:
		return nil, nil, ErrIsArchived
	case c.Kind == Direct && c.has(w.app.userID) && !w.manifest.directMessages():
		return nil, nil, ErrMessagesTabDisabled
	case c.Kind == Direct && c.has(w.app.userID) && !w.serves(u):
		return nil, nil, ErrAppAccessRestricted
	}
	return c, u, nil
}

// Serves reports whether the user may use the app. Guests may not if it has the
// Agents feature, and unknown users never may. See
// https://docs.slack.dev/ai/developing-ai-apps.
func (w *Workspace) Serves(user string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.usersByID[user]
	return u != nil && w.serves(u)
}

// serves reports whether the user may use the app: guests may not if it has the
// Agents feature.
func (w *Workspace) serves(u *User) bool {
	return !u.Guest || w.manifest.open || !w.manifest.agent()
}

// written returns a message of the user with a text in Slack's stored form.
func written(random *rand.Rand, u *User, text string) *Message {
	if u.Bot {
		return &Message{Subtype: "bot_message", BotID: botID(u.ID), Username: u.Name, Team: u.Team, Text: text}
	}
	m := &Message{User: u.ID, Team: u.Team, Text: text, ClientMsgID: newUUID(random)}
	if text != "" {
		m.Blocks = richText(text, randomText(random, generatedLength, alphabet))
	}
	return m
}

// Edit changes the text of a user's own message.
func (w *Workspace) Edit(channel, user, ts, text string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, u, err := w.speaker(channel, user)
	if err != nil {
		return fmt.Errorf("editing in %s: %w", channel, err)
	}
	m := c.byTS[ts]
	switch {
	case m == nil || m.Deleted:
		return fmt.Errorf("editing %s in %s: %w", ts, channel, ErrMessageNotFound)
	case m.User != user:
		return fmt.Errorf("editing %s in %s as %s: %w", ts, channel, user, ErrCannotUpdateMessage)
	}
	text = typed(text)
	newly := mentions(text, w.app.userID) && !mentions(m.Text, w.app.userID)
	w.change(c, m, func() {
		m.Text, m.Blocks = text, written(w.streamNow("edit", channel, user, text), u, text).Blocks
		m.Edited = &Edited{User: user, TS: w.newTS()}
	})
	if newly {
		w.emitMention(c, m)
	}
	return nil
}

// Delete deletes a message of any author, as its author or an admin can.
func (w *Workspace) Delete(channel, ts string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.message(channel, ts)
	if m == nil || m.Deleted || m.Subtype == tombstone {
		return fmt.Errorf("deleting %s in %s: %w", ts, channel, ErrMessageNotFound)
	}
	w.remove(w.channelsBy[channel], m)
	return nil
}

// React adds a user's reaction, an emoji's name without colons.
func (w *Workspace) React(channel, user, ts, emoji string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.react(channel, user, ts, emoji, true); err != nil {
		return fmt.Errorf("reacting to %s in %s: %w", ts, channel, err)
	}
	return nil
}

// Unreact removes a user's reaction.
func (w *Workspace) Unreact(channel, user, ts, emoji string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.react(channel, user, ts, emoji, false); err != nil {
		return fmt.Errorf("removing a reaction to %s in %s: %w", ts, channel, err)
	}
	return nil
}

// react adds or removes a reaction. The caller must hold mu.
func (w *Workspace) react(channel, user, ts, emoji string, add bool) error {
	m := w.message(channel, ts)
	if m == nil || m.Deleted || m.EphemeralTo != "" {
		return ErrMessageNotFound
	}
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == emoji })
	reacted := i >= 0 && slices.Contains(m.Reactions[i].Users, user)
	switch {
	case add && reacted:
		return ErrAlreadyReacted
	case !add && !reacted:
		return ErrNoReaction
	case add && i < 0:
		m.Reactions = append(m.Reactions, Reaction{Name: emoji, Users: []string{user}, Count: 1})
	case add:
		r := &m.Reactions[i]
		r.Users, r.Count = append(slices.Clone(r.Users), user), r.Count+1
	case m.Reactions[i].Count == 1:
		m.Reactions = slices.Delete(slices.Clone(m.Reactions), i, i+1)
	default:
		r := &m.Reactions[i]
		r.Users, r.Count = slices.DeleteFunc(slices.Clone(r.Users), func(u string) bool { return u == user }), r.Count-1
	}
	w.changedMessage(MessageChanged, m)
	w.emitReaction(add, m, user, emoji)
	return nil
}
