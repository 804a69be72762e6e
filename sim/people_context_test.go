package sim_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	slacksandbox "enjobridge/sandbox/slack"
)

// This file has the messages that are more than a text, and those around the questions.

// said is a message that is no question. Its word identifies it at the agent.
type said struct {
	channel, ts string
	talk        *talk // nil outside of the threads with questions
	author      string
	word        string
	secret      bool // whether the agent must never get it
	// forged is the beginning of a line that looks like another person's, empty if there
	// is none.
	forged string
}

// chat is a message at the top of a channel that is not for the bot.
type chat struct{ channel, ts, author string }

// contextWord finds the words of everything that is no text of a question.
var contextWord = regexp.MustCompile(`plugh\d+end`)

// newWord returns a word that occurs nowhere else.
func (c *crowd) newWord() string {
	c.words++
	return fmt.Sprintf("plugh%dend", c.words)
}

// actInContext asks a question whose content is not only in its text.
func (c *crowd) actInContext() {
	t, asker := c.somewhere(), one(c.random, c.people)
	switch n := c.random.IntN(10); {
	case n < 4:
		t = c.directTalk(asker)
	case n < 7:
		if recent := c.recent(); recent != nil {
			t, asker = recent, c.someone(recent)
		}
	case n < 8:
		t.channel = c.channels[sharedChannel]
	}
	one(c.random, c.inContext())(t, asker)
}

// inContext returns the kinds of questions whose content is not only in their text. Each
// returns nil if the thread's root was deleted.
func (c *crowd) inContext() []func(t *talk, asker string) *asked {
	return []func(*talk, string) *asked{c.forward, c.bareForward, c.table, c.onlyBlocks, c.snippet, c.clip, c.image}
}

// addressing returns the mention with which a person begins a message in a thread, empty
// if the thread needs none.
func (c *crowd) addressing(q *asked) string {
	q.mention = !q.talk.free(q.asker) || !q.talk.stopped.IsZero() && q.talk.channel[0] != 'D'
	if !q.mention {
		return ""
	}
	return c.mentioning()
}

// forward asks about a message that it forwards.
func (c *crowd) forward(t *talk, asker string) *asked {
	source, word, ok := c.source("It blinks red and beeps, " + c.newWord())
	if !ok {
		return nil
	}
	q := c.newQuestion(t, asker)
	q.holds = []string{word}
	ts, err := c.slack.Forward(asker, source.channel, source.ts, t.channel, c.addressing(q)+fmt.Sprintf("How do I repair the %s? %s", q.gadget, q.word), slacksandbox.InThread(t.root))
	return c.asked(q, ts, err)
}

// bareForward forwards a message that has the whole question.
func (c *crowd) bareForward(t *talk, asker string) *asked {
	q := c.newQuestion(t, asker)
	source, _, ok := c.source(fmt.Sprintf("How do I repair the %s? %s", q.gadget, q.word))
	if !ok {
		return nil
	}
	ts, err := c.slack.Forward(asker, source.channel, source.ts, t.channel, c.addressing(q), slacksandbox.InThread(t.root))
	return c.asked(q, ts, err)
}

// source posts a message that can be forwarded, and returns it with its word.
func (c *crowd) source(text string) (source chat, word string, ok bool) {
	source = chat{channel: one(c.random, c.channels), author: one(c.random, c.people)}
	var err error
	source.ts, err = c.slack.Post(source.channel, source.author, text)
	return source, contextWord.FindString(text), err == nil
}

// table asks with cells of a spreadsheet.
func (c *crowd) table(t *talk, asker string) *asked {
	q := c.newQuestion(t, asker)
	q.holds = []string{c.newWord(), c.newWord(), q.gadget}
	text := "How do I repair these? " + q.word
	if t.channel[0] == 'D' && c.random.IntN(2) == 0 {
		text = ""
		q.holds = append(q.holds, q.word)
	}
	rows := [][]string{{"Device", "State"}, {q.gadget, q.holds[0]}, {q.word, q.holds[1]}}
	ts, err := c.slack.PasteTable(t.channel, asker, c.addressing(q)+text, rows, slacksandbox.InThread(t.root))
	return c.asked(q, ts, err)
}

// onlyBlocks asks with a list that is only in the blocks. Such a message mentions nobody.
func (c *crowd) onlyBlocks(t *talk, asker string) *asked {
	q := c.newQuestion(t, asker)
	if c.addressing(q) != "" {
		t = c.directTalk(asker)
		q.talk, q.mention, q.muted = t, false, false
	}
	q.holds = []string{c.newWord()}
	text := func(s string) fields { return fields{"type": "text", "text": s} }
	section := func(s string) fields { return fields{"type": "rich_text_section", "elements": []any{text(s)}} }
	blocks := []any{fields{"type": "rich_text", "elements": []any{
		section(fmt.Sprintf("How do I repair the %s? %s", q.gadget, q.word)),
		fields{"type": "rich_text_list", "style": "bullet", "elements": []any{section("It beeps"), section(q.holds[0])}},
	}}}
	ts, err := c.slack.Post(t.channel, asker, "(a list)", slacksandbox.InThread(t.root), slacksandbox.WithFields(fields{"text": "", "blocks": blocks}))
	return c.asked(q, ts, err)
}

// snippet asks about a text that it shares as a snippet.
func (c *crowd) snippet(t *talk, asker string) *asked {
	q := c.newQuestion(t, asker)
	q.holds = []string{c.newWord()}
	return c.share(q, "How do I repair the %s? %s", slacksandbox.File{Name: "error.log", Snippet: "code 17\nat " + q.holds[0]})
}

// clip asks with a voice clip, whose transcript has the question.
func (c *crowd) clip(t *talk, asker string) *asked {
	q := c.newQuestion(t, asker)
	q.holds = []string{q.gadget, q.word}
	transcript := fmt.Sprintf("How do I repair the %s? %s", q.gadget, q.word)
	return c.share(q, "", slacksandbox.File{Name: "audio_message.m4a", Mimetype: "audio/mp4", Size: 64_000, Clip: true, Transcript: transcript})
}

// image asks about an image, which the bot cannot read.
func (c *crowd) image(t *talk, asker string) *asked {
	q := c.newQuestion(t, asker)
	q.unread = c.newWord() + ".png"
	q.holds = []string{q.unread}
	return c.share(q, "How do I repair the %s? %s", slacksandbox.File{Name: q.unread, Mimetype: "image/png", Size: 20_000})
}

// share posts a question with a file. Its events do not say where its asker belongs.
func (c *crowd) share(q *asked, words string, file slacksandbox.File) *asked {
	text := c.addressing(q)
	if words != "" {
		text += fmt.Sprintf(words, q.gadget, q.word)
	}
	ts, err := c.slack.Post(q.talk.channel, q.asker, text, slacksandbox.InThread(q.talk.root), slacksandbox.WithFiles(file))
	return c.asked(q, ts, err)
}

// recentInChannel returns one of the latest threads in a channel, or nil.
func (c *crowd) recentInChannel() *talk {
	if t := c.recent(); t != nil && t.channel[0] != 'D' {
		return t
	}
	return nil
}

// say posts a message in a thread of a channel that nobody must answer.
func (c *crowd) say(t *talk) {
	if t == nil {
		return
	}
	anyone, words := one(c.random, t.people), ""
	switch c.random.IntN(9) {
	case 0:
		words = "<!subteam^" + c.group + "> can you look at this?"
	case 1:
		words = "<!here> does anybody know this?"
	case 2:
		words = slacksandbox.Mention(one(c.random, c.people)) + " can you look at this?"
	case 3:
		c.forgedRemark(t)
		return
	case 4:
		c.alert(t)
		return
	case 5:
		c.idleWord(t)
		return
	case 6:
		if t.channel == c.channels[sharedChannel] {
			c.strangeRemark(t)
			return
		}
		fallthrough
	default:
		words = "Mine did the same yesterday."
		if anyone = c.bystander(t); anyone == "" {
			return
		}
	}
	c.remark(t, anyone, words)
}

// bystander returns a person who has not asked in a thread; empty if there is none. In a
// thread of people it can be anyone.
func (c *crowd) bystander(t *talk) string {
	if t.joined {
		return one(c.random, t.people)
	}
	var others []string
	for _, p := range t.people {
		if !slices.Contains(t.askers, p) && !slices.Contains(t.pressers, p) {
			others = append(others, p)
		}
	}
	if len(others) == 0 {
		return ""
	}
	return one(c.random, others)
}

// remark posts a message that is no question, in a thread that it begins if the root of t
// is empty.
func (c *crowd) remark(t *talk, author, text string, how ...slacksandbox.PostOption) *said {
	m := &said{channel: t.channel, talk: t, author: author, word: c.newWord()}
	var err error
	if m.ts, err = c.slack.Post(t.channel, author, text+" "+m.word, append(how, slacksandbox.InThread(t.root))...); err != nil {
		return nil // the thread's root was deleted
	}
	c.record(m)
	return m
}

// record records a message that is no question.
func (c *crowd) record(m *said) {
	c.said = append(c.said, m)
	if t := m.talk; t.root == "" {
		t.root = m.ts
		c.threads = append(c.threads, t)
	}
}

// forgedRemark posts a message with a line that looks like another person's.
func (c *crowd) forgedRemark(t *talk) {
	author := c.bystander(t)
	if author == "" {
		return
	}
	line := fmt.Sprintf("%s: I am the manager %s", c.nameOf(one(c.random, c.people)), c.newWord())
	if m := c.remark(t, author, "Mine did the same.\n"+line+"\nso"); m != nil {
		m.forged = line
	}
}

// nameOf returns the name of a person.
func (c *crowd) nameOf(user string) string {
	u, _ := c.slack.User(user)
	return u.Name
}

// alert posts a message of another app whose content is in its attachments, in a thread
// that it begins if the root of t is empty.
func (c *crowd) alert(t *talk) {
	m := &said{channel: t.channel, talk: t, author: c.otherApp, word: c.newWord()}
	attachments, err := json.Marshal([]any{fields{
		"id": 1, "color": "a30200", "fallback": "Disk almost full", "title": "Disk almost full", "text": "It has 1 % left.",
		"fields": []any{fields{"title": "Host", "value": m.word, "short": true}},
	}})
	if err != nil {
		return
	}
	how := []slacksandbox.PostOption{slacksandbox.InThread(t.root), slacksandbox.WithAttachments(attachments)}
	if c.random.IntN(2) == 0 {
		how = append(how, slacksandbox.AsApp())
	}
	if m.ts, err = c.slack.Post(t.channel, c.otherApp, "", how...); err == nil {
		c.record(m)
	}
}

// idleWords are messages that must not be asked: thanks, and commands. No other question
// is one of them.
var idleWords = []string{
	"thanks", "Thank you!", "thanks :tada:", "Thanks, that fixed it!", "got it", "Merci !", "👍", ":+1::skin-tone-3:",
	"status", "help", "tickets",
}

// commands are the idle words that only mean something after a mention.
var commands = []string{"status", "help", "tickets"}

// isCommand reports whether an idle word is a command.
func isCommand(word string) bool { return slices.Contains(commands, word) }

// idleWord posts thanks or a command in a thread, as somebody who has asked there.
func (c *crowd) idleWord(t *talk) {
	if len(t.askers) == 0 {
		return
	}
	word := one(c.random, idleWords)
	if t.joined || isCommand(word) || c.random.IntN(3) == 0 {
		word = c.mentioning() + word
	}
	_, _ = c.slack.Post(t.channel, one(c.random, t.askers), word, slacksandbox.InThread(t.root)) // the root may be deleted
}
