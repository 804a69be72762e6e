package page

import (
	"slices"

	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/blockkit"
)

// dirty is what has changed since the last patches.
type dirty struct {
	everything bool
	sidebar    bool
	head       bool // of the conversation
	composer   bool
	prompts    bool
	home       bool
	modal      bool
	working    bool // in the open thread
	threadHead bool
	log        bool
	messages   []string // by ts, in order
	news       []string // to be announced
}

// note records what the change makes dirty, and reports whether that is
// anything.
func (s *stream) note(c slack.Change) bool {
	d := &s.dirty
	mine := c.User == s.me.ID
	here := s.channel.ID != "" && c.Channel == s.channel.ID
	switch c.Kind {
	case slack.Missed:
		d.everything = true
	case slack.MessagePosted, slack.MessageDeleted:
		d.sidebar = true
		if here {
			s.touch(c.TS)
			s.announce(c)
		}
	case slack.MessageChanged:
		if here {
			s.touch(c.TS)
		}
	case slack.StatusChanged, slack.SessionChanged, slack.TitleChanged:
		if here {
			s.touch(c.ThreadTS)
			d.working = d.working || c.ThreadTS == s.root
			d.threadHead = d.threadHead || c.ThreadTS == s.root
		}
	case slack.PromptsChanged:
		d.prompts = d.prompts || here
	case slack.ViewChanged:
		d.home, d.modal = d.home || mine, d.modal || mine
	case slack.UserChanged, slack.SocketsChanged:
		d.sidebar = true
	case slack.ChannelChanged:
		d.sidebar = true
		d.head, d.composer = d.head || here, d.composer || here && (mine || c.User == "")
	case slack.CallMade, slack.EnvelopeChanged:
		d.log = d.log || s.drawer != ""
		return s.drawer != ""
	default:
		return false
	}
	return true
}

// touch makes a message of the conversation dirty.
func (s *stream) touch(ts string) {
	if !slices.Contains(s.dirty.messages, ts) {
		s.dirty.messages = append(s.dirty.messages, ts)
	}
}

// maxNews limits how much of a message is read out.
const maxNews = 300

// announce has a new message of another person read out, if the viewer looks at
// its conversation.
func (s *stream) announce(c slack.Change) {
	m := c.Message
	if c.Kind != slack.MessagePosted || m == nil || m.User == s.me.ID || !s.sees(m) || !s.atTop(m) && m.ThreadTS != s.root {
		return
	}
	text := blockkit.Text(m.Blocks, s.viewer)
	if len(m.Blocks) == 0 {
		text = s.typedText(m.Text)
	}
	if runes := []rune(text); len(runes) > maxNews {
		text = string(runes[:maxNews]) + "…"
	}
	who, _ := s.slack.View.User(m.User)
	s.dirty.news = append(s.dirty.news, who.RealName+": "+text)
}
