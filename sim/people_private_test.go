package sim_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing/fstest"
	"time"

	"enjobridge/blocks"
	slacksandbox "enjobridge/sandbox/slack"
)

// private is a question by /enjo, whose answer only its asker sees. Nobody else asks about
// its widget, which so identifies the answer.
type private struct {
	channel, asker string
	widget, word   string
	at             time.Time
	ticket         bool
	receipt        *slacksandbox.Receipt
	shared         time.Time // when Share was first pressed; zero if never
	called         bool      // whether a person was called below a private message
	// talk is the thread that continues the conversation, of the shared answer or of the
	// one in the direct messages, after a follow-up was asked there.
	talk *talk
}

// widgets is the number of the agent's articles about widgets.
const widgets = 60

func widget(n int) string { return fmt.Sprintf("widget%03d", n) }

// privateWord finds the words of private questions.
var privateWord = regexp.MustCompile(`frotz\d+end`)

// addWidgets adds the articles about widgets.
func addWidgets(files fstest.MapFS) {
	for n := range widgets {
		text := fmt.Sprintf("---\ntitle: Mend the %s\n---\nTo mend the %s turn its blue knob %d times.\n", widget(n), widget(n), n+1)
		files[widget(n)+".md"] = &fstest.MapFile{Data: []byte(text)}
	}
}

// askPrivately asks by /enjo; nil if that is not possible, or if no widget is left.
func (w *world) askPrivately(channel, asker, words string) *private {
	c := w.crowd
	n := c.widgetsUsed
	if n == widgets {
		return nil
	}
	c.widgetsUsed++
	p := &private{channel: channel, asker: asker, widget: widget(n), word: fmt.Sprintf("frotz%dend", n), at: time.Now()}
	receipt, err := w.slack.Command(asker, channel, "/enjo", fmt.Sprintf(words, p.widget, p.word))
	if err != nil {
		w.trace.add("an action of a user failed: %v", err)
		return nil
	}
	p.receipt = receipt
	c.privates = append(c.privates, p)
	return p
}

// wordsPrivate is how people ask by /enjo.
const wordsPrivate = "How do I mend the %s? %s"

// actPrivately asks by /enjo, or continues with one of the latest of these questions.
func (w *world) actPrivately() {
	c := w.crowd
	if len(c.privates) > 0 && w.random.IntN(5) > 1 {
		w.continuePrivately(one(w.random, c.privates[max(0, len(c.privates)-4):]))
		return
	}
	asker := one(w.random, c.people)
	channel := one(w.random, append(slices.Clone(c.channels), c.aside, c.slack.DM(asker)))
	if w.random.IntN(8) > 0 {
		w.askPrivately(channel, asker, wordsPrivate)
	} else if p := w.askPrivately(channel, asker, "Please open a ticket: my %s is broken. %s"); p != nil {
		p.ticket = true
	}
}

// continuePrivately presses a button below the answer to a private question, sometimes
// twice, or asks a follow-up.
func (w *world) continuePrivately(p *private) {
	c := w.crowd
	if root, ok := w.rootOf(p); ok && root.Channel != c.aside && w.random.IntN(3) > 0 {
		w.followPrivate(p, root)
		return
	}
	for _, m := range slices.Backward(w.shownTo(p)) {
		actions := slices.DeleteFunc(actionsOf(m), func(a string) bool { return a != blocks.ActionShare && a != blocks.ActionRetry })
		if len(actions) == 0 {
			continue
		}
		for range 1 + w.random.IntN(2) {
			w.pressPrivate(p, m, one(w.random, actions))
		}
		return
	}
}

// shownTo returns the messages for the asker of a private question alone.
func (w *world) shownTo(p *private) []slacksandbox.Message {
	found := slices.Concat(w.slack.Messages(p.channel), w.slack.Messages(w.slack.DM(p.asker)))
	return slices.DeleteFunc(found, func(m slacksandbox.Message) bool { return !w.judge.isPrivateTo(p, m) || !p.isIn(m) })
}

// pressPrivate presses a button that only the asker of a private question has.
func (w *world) pressPrivate(p *private, m slacksandbox.Message, action string) {
	w.trace.add("the asker of %s presses %s", p.word, action)
	if action == blocks.ActionShare && p.shared.IsZero() {
		p.shared = time.Now()
	}
	w.noteError(w.slack.Click(p.asker, m.Channel, m.TS, action))
}

// rootOf returns the post from which a private question goes on in a thread; false if
// there is none.
func (w *world) rootOf(p *private) (root slacksandbox.Message, ok bool) {
	for _, channel := range []string{p.channel, w.slack.DM(p.asker)} {
		for _, m := range w.slack.Messages(channel) {
			id, part := markerOf(m)
			if m.BotID == w.slack.BotID() && m.EphemeralTo == "" && topLevel(m) && part == 0 && isPrivateID(id) && p.isIn(m) {
				return m, true
			}
		}
	}
	return root, false
}

// followPrivate asks a follow-up below the answer to a private question. Its asker needs no
// mention, but mentions the bot in a channel until it confirms that the answer is shared.
func (w *world) followPrivate(p *private, root slacksandbox.Message) *asked {
	t := p.talk
	if t == nil {
		t = &talk{channel: root.Channel, root: root.TS, people: w.crowd.people, gadgets: make(map[string]bool)}
		if root.Channel[0] == 'D' {
			t.people = []string{p.asker}
		}
		if w.confirmed(p, root) {
			t.askers = []string{p.asker}
		} else {
			t.split = true
		}
		p.talk = t
		w.crowd.threads = append(w.crowd.threads, t)
	}
	return w.crowd.ask(t, p.asker, "")
}

// confirmed reports whether the asker of a private question knows that its conversation
// goes on below a post: it has an answer, and the bot has said that it is shared.
func (w *world) confirmed(p *private, root slacksandbox.Message) bool {
	switch actions := actionsOf(root); {
	case slices.Contains(actions, blocks.ActionRetry):
		return false
	case root.Channel[0] == 'D':
		return time.Since(timeOf(root.TS)) > 10*time.Second
	}
	for _, shown := range w.judge.ephemeralsOf(p) {
		if m, ok := w.slack.Message(shown.Channel, shown.TS); ok && m.Text == blocks.SayShared.Text() {
			return true
		}
	}
	return false
}
