package slack

import "fmt"

// ChangeChannelID gives the channel a new ID, and returns it. Slack does so when a
// channel moves to another organisation. The old ID is then unknown. See
// https://docs.slack.dev/reference/events/channel_id_changed.
func (w *Workspace) ChangeChannelID(channel string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channelsBy[channel]
	if c == nil {
		return "", fmt.Errorf("changing the ID of %s: %w", channel, ErrChannelNotFound)
	}
	id := w.namedID("C", channel, func(id string) bool { return w.channelsBy[id] != nil })
	c.ID, w.channelsBy[id] = id, c
	delete(w.channelsBy, channel)
	w.moveMessages(c, channel)
	w.moveThreads(channel, id)
	w.changed(Change{Kind: ChannelChanged, Channel: channel})
	w.changed(Change{Kind: ChannelChanged, Channel: id})
	w.emit(event{name: "channel_id_changed", channel: c, about: []string{channel}, body: object{
		"old_channel_id": channel, "new_channel_id": id,
	}})
	return id, nil
}

// moveMessages gives the channel's messages its new ID.
func (w *Workspace) moveMessages(c *channel, old string) {
	for _, m := range c.messages {
		m.Channel = c.ID
		for _, f := range m.Files {
			stored, known := w.files.get(f.ID)
			for i := 0; known && i < len(stored.shares); i++ {
				if stored.shares[i].channel == old {
					stored.shares[i].channel = c.ID
				}
			}
		}
	}
	for _, r := range w.responses.values {
		if r.channel == old {
			r.channel = c.ID
		}
	}
}

// moveThreads gives what is stored by thread its new key. Statuses end.
func (w *Workspace) moveThreads(old, id string) {
	for key := range w.statuses {
		if key.channel == old {
			w.clearStatus(key)
		}
	}
	for _, s := range w.sessions.values {
		if s.Channel == old {
			s.Channel = id
		}
	}
	rekey(w.sessions, old, id)
	rekey(w.titles, old, id)
}

// rekey moves the values of a channel's threads to its new ID.
func rekey[V any](b *bounded[threadKey, V], old, id string) {
	for i, key := range b.order {
		if value, known := b.values[key]; known && key.channel == old {
			delete(b.values, key)
			b.order[i] = threadKey{id, key.ts}
			b.values[b.order[i]] = value
		}
	}
}
