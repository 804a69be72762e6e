package slack

import (
	"slices"
	"strings"
)

// This file is what a client with a screen reads, in the portions it shows.

// User returns a user, and whether there is one.
func (v View) User(id string) (User, bool) {
	w, unlock := v.lock()
	defer unlock()
	if u := w.usersByID[id]; u != nil {
		return *u, true
	}
	return User{}, false
}

// Channel returns a conversation, and whether there is one.
func (v View) Channel(id string) (Channel, bool) {
	w, unlock := v.lock()
	defer unlock()
	if c := w.channelsBy[id]; c != nil {
		copied := c.Channel
		copied.Members = slices.Clone(c.Members)
		return copied, true
	}
	return Channel{}, false
}

// UserGroups returns the user groups, in the order in which they were added.
func (v View) UserGroups() []UserGroup {
	w, unlock := v.lock()
	defer unlock()
	groups := make([]UserGroup, 0, len(w.groups))
	for _, g := range w.groups {
		copied := g.UserGroup
		copied.Users = slices.Clone(g.Users)
		groups = append(groups, copied)
	}
	return groups
}

// Before returns the last n messages of the channel older than ts, oldest
// first; an empty ts is the end of the channel. Only those count that keep
// wants, which must neither change them nor use the workspace.
func (v View) Before(channel, ts string, n int, keep func(*Message) bool) []Message {
	w, unlock := v.lock()
	defer unlock()
	c := w.channelsBy[channel]
	if c == nil {
		return nil
	}
	end := len(c.messages)
	if ts != "" {
		end, _ = c.find(ts)
	}
	var found []Message
	for i := end - 1; i >= 0 && len(found) < n; i-- {
		if m := c.messages[i]; !m.Deleted && keep(m) {
			found = append(found, m.clone())
		}
	}
	slices.Reverse(found)
	return found
}

// After returns the first n messages of the channel newer than ts, oldest
// first, as [View.Before] does.
func (v View) After(channel, ts string, n int, keep func(*Message) bool) []Message {
	w, unlock := v.lock()
	defer unlock()
	c := w.channelsBy[channel]
	if c == nil {
		return nil
	}
	start, exact := c.find(ts)
	if exact {
		start++
	}
	var found []Message
	for i := start; i < len(c.messages) && len(found) < n; i++ {
		if m := c.messages[i]; !m.Deleted && keep(m) {
			found = append(found, m.clone())
		}
	}
	return found
}

// find returns where the message is, or would be, and whether it is there.
func (c *channel) find(ts string) (int, bool) {
	return slices.BinarySearchFunc(c.messages, ts, func(m *Message, ts string) int { return strings.Compare(m.TS, ts) })
}

// Seq returns the number of the last [Change]; 0 if there was none.
func (v View) Seq() uint64 {
	w, unlock := v.lock()
	defer unlock()
	return w.watch.seq
}

// LastCalls returns the last n calls of the Web API, oldest first.
func (v View) LastCalls(n int) []Call {
	w, unlock := v.lock()
	defer unlock()
	return w.calls.last(n)
}

// LastTraffic returns the last n envelopes, oldest first, one for each attempt to deliver.
func (v View) LastTraffic(n int) []Envelope {
	w, unlock := v.lock()
	defer unlock()
	last := make([]Envelope, 0, n)
	for _, e := range w.traffic.last(n) {
		last = append(last, *e)
	}
	return last
}

// last returns a copy of the last n entries, oldest first.
func (r *ring[T]) last(n int) []T {
	n = min(n, len(r.entries))
	last := make([]T, 0, n)
	for i := len(r.entries) - n; i < len(r.entries); i++ {
		last = append(last, r.entries[(r.next+i)%len(r.entries)])
	}
	return last
}
