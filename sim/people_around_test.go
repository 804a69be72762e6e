package sim_test

import (
	"fmt"
	"slices"
	"strings"

	slacksandbox "enjobridge/sandbox/slack"
)

// This file has what people do around the bot: they write several messages in a row, edit
// a message until it is a question, reply to its direct messages, and add it to channels
// and remove it. Others belong to another organisation.

// actAround runs a random one of these actions.
func (c *crowd) actAround() {
	switch c.random.IntN(6) {
	case 0:
		c.severalDirect()
	case 1:
		c.addMention()
	case 2:
		c.replyToNotice(one(c.random, c.people))
	case 3:
		c.askAsStranger()
	case 4:
		c.loseChannel()
	case 5:
		c.addBot()
	}
}

// severalDirect asks in several direct messages, the first of which are short.
func (c *crowd) severalDirect() (all []*asked) {
	who := one(c.random, c.people)
	for _, words := range []string{"hi %.0s%s", "my %s %s", "How do I repair the %s? %s"} {
		if words[0] != 'm' || c.random.IntN(2) == 0 {
			all = append(all, c.askFor(c.directTalk(who), who, words))
		}
	}
	return all
}

// addMention edits the latest message that is not for the bot so that it is a question. It
// returns nil if there is none.
func (c *crowd) addMention() *asked {
	m := c.lastChat
	if m.ts == "" {
		return nil
	}
	c.lastChat = chat{}
	t := &talk{channel: m.channel, people: c.people, gadgets: make(map[string]bool)}
	q := c.newQuestion(t, m.author)
	q.mention, q.byEdit = true, true
	err := c.slack.Edit(m.channel, m.author, m.ts, c.mentioning()+fmt.Sprintf("How do I repair the %s? %s", q.gadget, q.word))
	return c.asked(q, m.ts, err)
}

// replyToNotice asks in reply to a direct message in which the bot wrote about a thread. It
// returns nil if there is none.
func (c *crowd) replyToNotice(who string) *asked {
	dm := c.slack.DM(who)
	for _, m := range slices.Backward(c.slack.Messages(dm)) {
		if m.BotID != c.slack.BotID() || !topLevel(m) || m.EphemeralTo != "" {
			continue
		}
		about := c.linked(string(m.Blocks))
		if about == nil || slices.ContainsFunc(c.threads, func(t *talk) bool { return t.channel == dm && t.root == m.TS }) {
			continue
		}
		t := c.directTalk(who)
		t.root, t.continues = m.TS, about
		q := c.ask(t, who, "")
		if q != nil {
			c.threads = append(c.threads, t)
		}
		return q
	}
	return nil
}

// linked returns the thread that a message links to, or nil.
func (c *crowd) linked(text string) *talk {
	for _, t := range slices.Backward(c.threads) {
		if strings.Contains(text, c.link(t.channel, t.root)) {
			return t
		}
	}
	for _, q := range slices.Backward(c.questions) {
		if strings.Contains(text, c.link(q.talk.channel, q.ts)) {
			return q.talk
		}
	}
	return nil
}

// link returns the link to a message.
func (c *crowd) link(channel, ts string) string {
	return c.slack.URL() + "/archives/" + channel + "/p" + strings.ReplaceAll(ts, ".", "")
}

// askAsStranger asks as a member of another organisation. Half of the messages have a
// file, and so do not say where their author belongs.
func (c *crowd) askAsStranger() {
	t := &talk{channel: c.channels[sharedChannel]}
	m := &said{channel: t.channel, author: c.stranger, word: c.newWord(), secret: true}
	how := []slacksandbox.PostOption{}
	if recent := c.recent(); recent != nil && recent.channel == t.channel {
		how = append(how, slacksandbox.InThread(recent.root))
	}
	if c.random.IntN(2) == 0 {
		how = append(how, slacksandbox.WithFiles(slacksandbox.File{Name: "error.log", Snippet: "code 17 " + m.word}))
	}
	var err error
	if m.ts, err = c.slack.Post(t.channel, c.stranger, c.mentioning()+"How do I repair the gadget? "+m.word, how...); err == nil {
		c.said = append(c.said, m)
	}
}

// strangeRemark posts a message of a member of another organisation in a thread.
func (c *crowd) strangeRemark(t *talk) {
	if m := c.remark(t, c.stranger, "Mine did the same yesterday."); m != nil {
		m.secret = true
	}
}

// loseChannel asks in a channel in which the bot may not post immediately afterwards: it
// is removed, or the channel is read-only. If it already may not, that ends, and nothing
// is asked.
func (c *crowd) loseChannel() *asked {
	channel, _ := c.slack.Channel(c.lostChannel)
	if !slices.Contains(channel.Members, c.slack.BotUserID()) || channel.Posting != slacksandbox.Everyone {
		_ = c.slack.Restrict(c.lostChannel, slacksandbox.Everyone) // it exists
		c.invite(c.lostChannel)
		return nil
	}
	t := &talk{channel: c.lostChannel, people: c.people, gadgets: make(map[string]bool)}
	q := c.ask(t, one(c.random, c.people), c.mentioning())
	q.lost = true
	if c.random.IntN(2) == 0 {
		_ = c.slack.Kick(c.lostChannel, c.slack.BotUserID()) // it is a member
	} else {
		_ = c.slack.Restrict(c.lostChannel, slacksandbox.ReadOnly)
	}
	return q
}

// addBot mentions the bot in a channel, and then adds it there.
func (c *crowd) addBot() *asked {
	t := &talk{people: c.people, gadgets: make(map[string]bool)}
	t.channel = c.slack.AddChannel(slacksandbox.Channel{Name: fmt.Sprint("new", len(c.addedTo)), Members: c.people})
	q := c.ask(t, one(c.random, c.people), c.mentioning())
	q.before = true
	c.invite(t.channel)
	return q
}

// invite adds the bot to a channel.
func (c *crowd) invite(channel string) {
	_ = c.slack.Invite(channel, c.slack.BotUserID()) // both exist
	if !slices.Contains(c.addedTo, channel) {
		c.addedTo = append(c.addedTo, channel)
	}
}
