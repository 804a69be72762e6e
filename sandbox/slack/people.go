package slack

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// AddUser adds a person, or another app, and returns the user ID.
func (w *Workspace) AddUser(u User) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.addUser(u)
}

func (w *Workspace) addUser(u User) string {
	if u.ID == "" {
		u.ID = w.namedID("U", u.Name, func(id string) bool { return w.usersByID[id] != nil })
	}
	u.Name = cmp.Or(u.Name, strings.ToLower(u.ID))
	u.RealName = cmp.Or(u.RealName, u.Name)
	u.Team = cmp.Or(u.Team, w.app.teamID)
	if w.grid.exists() && w.ours(u.Team) {
		u.Enterprise = cmp.Or(u.Enterprise, w.grid.ID)
	}
	if u.Enterprise != "" && len(u.Teams) == 0 {
		u.Teams = []string{u.Team}
	}
	u.Teams = slices.Clone(u.Teams)
	u.TZ = cmp.Or(u.TZ, "Etc/UTC")
	if known := w.usersByID[u.ID]; known != nil {
		*known = u
	} else {
		w.users = append(w.users, &u)
		w.usersByID[u.ID] = &u
	}
	w.changed(Change{Kind: UserChanged, User: u.ID})
	return u.ID
}

// AddChannel adds a conversation and returns its ID. The app is a member only
// if its bot user is in Members, or after [Workspace.Invite].
func (w *Workspace) AddChannel(c Channel) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.addChannel(c).ID
}

func (w *Workspace) addChannel(c Channel) *channel {
	c.Kind = cmp.Or(c.Kind, Public)
	if c.ID == "" {
		prefix := map[ChannelKind]string{Public: "C", Private: "C", Direct: "D", Group: "G"}[c.Kind]
		name := cmp.Or(c.Name, strings.Join(c.Members, " "))
		c.ID = w.namedID(prefix, name, func(id string) bool { return w.channelsBy[id] != nil })
	}
	if c.Kind == Public || c.Kind == Private {
		c.Name = cmp.Or(c.Name, strings.ToLower(c.ID))
	}
	c.Members, c.Teams = slices.Clone(c.Members), slices.Clone(c.Teams)
	added := &channel{
		Channel: c,
		created: time.Now(),
		byTS:    make(map[string]*Message),
		replies: make(map[string][]*Message),
	}
	w.channels = append(w.channels, added)
	w.channelsBy[c.ID] = added
	w.changed(Change{Kind: ChannelChanged, Channel: c.ID})
	return added
}

// DM returns the channel ID of the direct messages between the user and the
// app, and opens it without an event.
func (w *Workspace) DM(user string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.direct(user).ID
}

// direct returns the user's direct messages with the app.
func (w *Workspace) direct(user string) *channel {
	for _, c := range w.channels {
		if c.Kind == Direct && c.has(user) && c.has(w.app.userID) {
			return c
		}
	}
	opened := Channel{Kind: Direct, Members: []string{user, w.app.userID}}
	if team := w.teamOf(user); w.config.OrgWide && w.ours(team) {
		opened.Teams = []string{team}
	}
	return w.addChannel(opened)
}

// UserGroup is a group of users that can be mentioned together.
type UserGroup struct {
	ID     string // generated if empty
	Handle string
	Name   string
	Users  []string
}

type userGroup struct{ UserGroup }

// AddUserGroup adds a user group and returns its ID.
func (w *Workspace) AddUserGroup(g UserGroup) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if g.ID == "" {
		g.ID = w.namedID("S", g.Handle, func(id string) bool {
			return slices.ContainsFunc(w.groups, func(o *userGroup) bool { return o.ID == id })
		})
	}
	g.Name = cmp.Or(g.Name, g.Handle)
	g.Users = slices.Clone(g.Users)
	w.groups = append(w.groups, &userGroup{g})
	return g.ID
}

// Invite makes the user a member of the channel, and posts a channel_join
// message.
func (w *Workspace) Invite(channel, user string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, u := w.channelsBy[channel], w.usersByID[user]
	switch {
	case c == nil:
		return fmt.Errorf("inviting to %s: %w", channel, ErrChannelNotFound)
	case u == nil:
		return fmt.Errorf("inviting %s: %w", user, ErrUserNotFound)
	}
	w.join(c, user, "")
	return nil
}

// InviteBy is [Workspace.Invite] by another member, whom the event and the message name.
func (w *Workspace) InviteBy(channel, inviter, user string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, _, err := w.speaker(channel, inviter)
	if err == nil && w.usersByID[user] == nil {
		err = ErrUserNotFound
	}
	if err != nil {
		return fmt.Errorf("inviting %s to %s: %w", user, channel, err)
	}
	w.join(c, user, inviter)
	return nil
}

// join makes the user a member, unless they already are one.
func (w *Workspace) join(c *channel, user, inviter string) {
	if c.has(user) {
		return
	}
	c.Members = append(c.Members, user)
	w.changed(Change{Kind: ChannelChanged, Channel: c.ID, User: user})
	w.emitMembership("member_joined_channel", c, user, inviter)
	m := w.announcement(user, "channel_join", "has joined the channel")
	if inviter != "" {
		m.Fields = map[string]json.RawMessage{"inviter": mustJSON(inviter)}
	}
	w.add(c, m)
}

// announcement is Slack's own message about a user's action in a channel.
func (w *Workspace) announcement(user, subtype, what string) *Message {
	return &Message{User: user, Team: w.teamOf(user), Subtype: subtype, Text: Mention(user) + " " + what}
}

// SetTopic changes the topic of the channel.
func (w *Workspace) SetTopic(channel, user, topic string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, _, err := w.speaker(channel, user)
	if err != nil {
		return fmt.Errorf("setting the topic of %s: %w", channel, err)
	}
	c.Topic = topic
	w.changed(Change{Kind: ChannelChanged, Channel: c.ID, User: user})
	w.add(c, w.announcement(user, "channel_topic", "set the channel topic: "+escaper.Replace(topic)))
	return nil
}

// Kick removes the user from the channel. The app learns of it only as a member that
// stays: if it is removed itself, it gets no event.
func (w *Workspace) Kick(channel, user string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channelsBy[channel]
	switch {
	case c == nil:
		return fmt.Errorf("kicking from %s: %w", channel, ErrChannelNotFound)
	case !c.has(user):
		return fmt.Errorf("kicking %s: %w", user, ErrNotInChannel)
	}
	c.Members = slices.DeleteFunc(c.Members, func(m string) bool { return m == user })
	w.emitMembership("member_left_channel", c, user, "")
	w.changed(Change{Kind: ChannelChanged, Channel: c.ID, User: user})
	return nil
}

// Archive archives the channel, so that nobody can post to it.
func (w *Workspace) Archive(channel string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channelsBy[channel]
	if c == nil {
		return fmt.Errorf("archiving %s: %w", channel, ErrChannelNotFound)
	}
	c.Archived = true
	w.changed(Change{Kind: ChannelChanged, Channel: c.ID})
	w.emit(event{name: "channel_archive", channel: c, body: object{"channel": c.ID}})
	return nil
}
