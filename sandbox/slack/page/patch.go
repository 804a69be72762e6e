package page

import (
	"slices"

	"enjobridge/sandbox/slack"
)

// patch changes one element of a page.
type patch struct {
	// ID is the element. It is replaced by HTML, or removed if that is empty.
	ID   string `json:"id,omitempty"`
	HTML string `json:"html,omitempty"`
	// In is the list into which a new element is inserted, by its data-ts.
	In string `json:"in,omitempty"`
	// Title is the window's new title.
	Title string `json:"title,omitempty"`
	// Say is text for screen readers.
	Say string `json:"say,omitempty"`
}

// patches returns the current state of everything that is dirty, and makes it
// clean.
func (s *stream) patches() []patch {
	s.recordRead()
	d := s.dirty
	s.dirty = dirty{}
	var patches []patch
	add := func(more ...patch) { patches = append(patches, more...) }
	if d.everything {
		add(s.all()...)
		d = dirty{modal: true, sidebar: true, log: d.log, news: d.news}
	}
	if d.sidebar {
		add(s.sidebarPatches()...)
	}
	if s.channel.ID != "" {
		add(s.placePatches(d)...)
		for _, ts := range d.messages {
			add(s.messagePatches(ts)...)
		}
	}
	if d.home && s.channel.ID == "" {
		add(patch{ID: "home", HTML: s.fragment("home", s.viewer.home())})
	}
	if d.modal {
		add(patch{ID: "modal", HTML: s.fragment("modal", s.viewer.modal())})
	}
	for _, text := range d.news {
		add(patch{Say: text})
	}
	if d.log {
		add(s.drawerPatches()...)
	}
	return patches
}

// recordRead records that the viewer has read the conversation.
func (s *stream) recordRead() {
	if s.channel.ID == "" {
		return
	}
	if s.at != "" {
		s.recordThreadRead()
		return // the end of the conversation is not visible
	}
	if last := s.slack.Before(s.channel.ID, "", 1, s.atTop); len(last) == 1 && s.read(s.channel.ID, "", last[0].TS) {
		s.dirty.sidebar = true
	}
	s.recordThreadRead()
}

// recordThreadRead records that the viewer has read the open thread.
func (s *stream) recordThreadRead() {
	if s.root == "" {
		return
	}
	inThread := func(m *slack.Message) bool { return s.sees(m) && m.ThreadTS == s.root }
	if last := s.slack.Before(s.channel.ID, "", 1, inThread); len(last) == 1 && s.read(s.channel.ID, s.root, last[0].TS) {
		s.dirty.sidebar = true
		s.touch(s.root) // it no longer has unread replies
	}
}

func (s *stream) sidebarPatches() []patch {
	current, e := s.channel.ID, entry{Name: s.features.Name, Icon: "app"}
	if current == "" {
		current = "home"
	} else {
		e = s.entry(s.channel, current)
	}
	shown := s.viewer.sidebar(current)
	return []patch{
		{ID: "sidebar", HTML: s.fragment("sidebar", shown)},
		{ID: "connections", HTML: s.fragment("connections", shown)},
		{Title: s.windowTitle(e, shown)},
	}
}

// all returns the current state of everything except the viewer's input.
func (s *stream) all() []patch {
	if s.channel.ID == "" {
		return []patch{{ID: "home", HTML: s.fragment("home", s.viewer.home())}}
	}
	p := s.place(s.channel, s.at)
	patches := []patch{
		{ID: "head", HTML: s.fragment("head", p)},
		{ID: "messages", HTML: s.fragment("list", p.Messages)},
		{ID: "prompts", HTML: s.fragment("prompts", p)},
	}
	if s.root == "" {
		return patches
	}
	if t := s.thread(s.channel, s.root); t != nil {
		patches = append(patches,
			patch{ID: "thread-head", HTML: s.fragment("thread-head", t)},
			patch{ID: "replies", HTML: s.fragment("replies", t)},
			patch{ID: "working", HTML: s.fragment("working", t.Working)})
	}
	return patches
}

// placePatches returns the patches around the messages.
func (s *stream) placePatches(d dirty) []patch {
	var patches []patch
	if c, known := s.viewer.channel(s.channel.ID); known && (d.head || d.composer) {
		s.channel = c
	}
	if d.head {
		patches = append(patches, patch{ID: "head", HTML: s.fragment("head", s.frame(s.channel))})
	}
	if d.composer {
		patches = append(patches, patch{ID: "compose", HTML: s.fragment("composer", s.composer(s.channel, ""))})
	}
	if d.prompts {
		patches = append(patches, patch{ID: "prompts", HTML: s.fragment("prompts", s.frame(s.channel))})
	}
	if d.working {
		patches = append(patches, patch{ID: "working", HTML: s.fragment("working", s.working(s.channel.ID, s.root))})
	}
	if d.threadHead {
		patches = append(patches, patch{ID: "thread-head", HTML: s.fragment("thread-head", s.threadFrame(s.channel, s.root))})
	}
	return patches
}

// messagePatches returns the patches for a message wherever it is shown. When
// one is deleted, the next may have to show its author and time.
func (s *stream) messagePatches(ts string) []patch {
	m, _ := s.slack.Message(s.channel.ID, ts)
	patches := s.messageIn("messages", "m", &m, s.atTop, s.inChannel)
	if s.root == "" {
		return patches
	}
	belongs := func(m *slack.Message) bool { return s.sees(m) && (m.TS == s.root || m.ThreadTS == s.root) }
	patches = append(patches, s.messageIn("replies", "t", &m, belongs, s.inThread)...)
	if m.TS == s.root || m.ThreadTS == s.root {
		patches = append(patches, patch{ID: "reply-count", HTML: s.fragment("reply-count", s.replyCount())})
	}
	return patches
}

// messageIn returns the patches of one list that may show the message.
func (s *stream) messageIn(list, prefix string, m *slack.Message, belongs func(*slack.Message) bool, show func(m, before *slack.Message) message) []patch {
	put := func(m *slack.Message) patch {
		var before *slack.Message
		if one := s.slack.Before(s.channel.ID, m.TS, 1, belongs); len(one) == 1 {
			before = &one[0]
		}
		return patch{ID: prefix + m.TS, In: list, HTML: s.fragment("message", show(m, before))}
	}
	if m.TS != "" && belongs(m) {
		return []patch{put(m)}
	}
	if m.TS == "" || !m.Deleted {
		return nil
	}
	patches := []patch{{ID: prefix + m.TS}}
	if next := s.slack.After(s.channel.ID, m.TS, 1, belongs); len(next) == 1 {
		patches = append(patches, put(&next[0]))
	}
	return slices.Clip(patches)
}

// replyCount returns the number of replies in the open thread.
func (s *stream) replyCount() int {
	root, _ := s.slack.Message(s.channel.ID, s.root)
	return root.ReplyCount
}
