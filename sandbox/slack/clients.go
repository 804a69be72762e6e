package slack

import (
	"slices"
	"strings"
)

// This file has the methods for clients with a screen, which read in pages.

// User returns a user, and whether it exists.
func (v View) User(id string) (User, bool) {
	w, unlock := v.lock()
	defer unlock()
	if u := w.usersByID[id]; u != nil {
		return *u, true
	}
	return User{}, false
}

// Channel returns a conversation, and whether it exists.
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

// Before returns the last n messages of the channel that are older than ts and
// for which match returns true, oldest first. An empty ts means the end of the
// channel. The function match must not change the messages or use the
// workspace.
func (v View) Before(channel, ts string, n int, match func(*Message) bool) []Message {
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
		if m := c.messages[i]; !m.Deleted && match(m) {
			found = append(found, m.clone())
		}
	}
	slices.Reverse(found)
	return found
}

// After returns the first n messages of the channel that are newer than ts,
// oldest first, like [View.Before].
func (v View) After(channel, ts string, n int, match func(*Message) bool) []Message {
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
		if m := c.messages[i]; !m.Deleted && match(m) {
			found = append(found, m.clone())
		}
	}
	return found
}

// find returns the index of the message, or where it would be, and whether it
// exists.
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

// LastTraffic returns the last n envelopes, oldest first, one for each delivery
// attempt.
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
