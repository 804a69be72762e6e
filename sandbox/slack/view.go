package slack

import "slices"

// View reads a workspace. Each call sees a consistent state; between two calls
// the workspace may change.
type View struct{ w *Workspace }

// lock locks the workspace for reading, and returns it with the function to
// unlock it.
func (v View) lock() (*Workspace, func()) {
	v.w.mu.Lock()
	return v.w, v.w.mu.Unlock
}

// Users returns all users, in the order in which they were added; the app's bot
// user and Slackbot are the first two.
func (v View) Users() []User {
	w, unlock := v.lock()
	defer unlock()
	users := make([]User, 0, len(w.users))
	for _, u := range w.users {
		users = append(users, *u)
	}
	return users
}

// Channels returns all conversations, in the order in which they were added.
func (v View) Channels() []Channel {
	w, unlock := v.lock()
	defer unlock()
	channels := make([]Channel, 0, len(w.channels))
	for _, c := range w.channels {
		copied := c.Channel
		copied.Members = slices.Clone(c.Members)
		channels = append(channels, copied)
	}
	return channels
}

// Messages returns all visible messages in the channel, in order, including
// replies and ephemeral messages.
func (v View) Messages(channel string) []Message {
	w, unlock := v.lock()
	defer unlock()
	if c := w.channelsBy[channel]; c != nil {
		return visible(c.messages)
	}
	return nil
}

// Thread returns the root and its replies, in order, including ephemeral ones.
// If the root was deleted, it returns the remaining replies.
func (v View) Thread(channel, root string) []Message {
	w, unlock := v.lock()
	defer unlock()
	c := w.channelsBy[channel]
	if c == nil {
		return nil
	}
	var thread []*Message
	if m := c.byTS[root]; m != nil {
		thread = append(thread, m)
	}
	return visible(append(thread, c.replies[root]...))
}

// Message returns a message, which may be Deleted, and whether it ever existed.
func (v View) Message(channel, ts string) (Message, bool) {
	w, unlock := v.lock()
	defer unlock()
	if m := w.message(channel, ts); m != nil {
		return m.clone(), true
	}
	return Message{}, false
}

// Status returns the app's status in the thread, such as "is thinking…"; empty
// if there is none.
func (v View) Status(channel, thread string) string {
	w, unlock := v.lock()
	defer unlock()
	if s := w.statuses[threadKey{channel, thread}]; s != nil {
		return s.text
	}
	return ""
}

// Session returns the agent session of the thread, and whether there is one.
func (v View) Session(channel, thread string) (Session, bool) {
	w, unlock := v.lock()
	defer unlock()
	if s, known := w.sessions.get(threadKey{channel, thread}); known {
		return s.Session, true
	}
	return Session{}, false
}

// Prompts returns the prompts that the app suggests in its direct messages: those of its
// manifest until it has set others.
func (v View) Prompts(channel string) []Prompt {
	w, unlock := v.lock()
	defer unlock()
	prompts, set := w.prompts[channel]
	if c := w.channelsBy[channel]; !set && c != nil && c.Kind == Direct && c.has(w.app.userID) {
		return w.manifest.prompts()
	}
	return slices.Clone(prompts)
}

// Title returns the title that the app gave the thread; empty if none.
func (v View) Title(channel, thread string) string {
	w, unlock := v.lock()
	defer unlock()
	title, _ := w.titles.get(threadKey{channel, thread})
	return title
}

// Calls returns the last calls of the Web API, oldest first.
func (v View) Calls() []Call {
	w, unlock := v.lock()
	defer unlock()
	return w.calls.all()
}

// Traffic returns the last envelopes, oldest first, one for each delivery
// attempt.
func (v View) Traffic() []Envelope {
	w, unlock := v.lock()
	defer unlock()
	all := make([]Envelope, 0, len(w.traffic.entries))
	for _, e := range w.traffic.all() {
		all = append(all, *e)
	}
	return all
}

// Sockets returns the number of open connections, including unaccounted ones.
func (v View) Sockets() int {
	w, unlock := v.lock()
	defer unlock()
	return len(w.sockets.open)
}

// message returns a message, or nil.
func (w *Workspace) message(channel, ts string) *Message {
	if c := w.channelsBy[channel]; c != nil {
		return c.byTS[ts]
	}
	return nil
}

func visible(messages []*Message) []Message {
	seen := make([]Message, 0, len(messages))
	for _, m := range messages {
		if !m.Deleted {
			seen = append(seen, m.clone())
		}
	}
	return seen
}
