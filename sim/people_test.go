package sim_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing/fstest"
	"time"

	"enjobridge/blocks"
	slacksandbox "enjobridge/sandbox/slack"
)

// crowd simulates the users of a workspace, who ask about gadgets, and records what they
// did. Each question contains the name of a gadget, which identifies its answer, and a
// unique word, which identifies it at the agent and in the log.
type crowd struct {
	slack  *slacksandbox.Workspace
	random *rand.Rand

	people, channels []string
	gadgets          int      // how many gadgets they ask about
	otherApp         string   // the user ID of another app
	stranger         string   // a user of another organisation, in the shared channel
	odd              []fields // of the next questions
	forging          int      // for how many of the next questions results are forged
	threads          []*talk
	questions        []*asked
}

// talk is a thread with questions.
type talk struct {
	channel, root string
	people        []string  // who can write to it
	joined        bool      // whether a mention called the bot into a thread of people
	deleted       bool      // whether its root was deleted, so that nothing more can be posted
	muted         time.Time // when a person was called, so that the bot is muted; zero if never
	stopped       time.Time // the time of the last stop; zero if there was none
	first         *asked
	gadgets       map[string]bool
}

// asked is a question of a user.
type asked struct {
	talk    *talk
	ts      string
	asker   string
	gadget  string
	word    string
	at      time.Time
	stop    bool // whether it is the word stop, which mutes the thread if nothing is unfinished
	deleted bool
	muted   bool // whether it was asked in a muted thread
	retried bool // whether it was asked again by a button or after an edit
	ticket  bool // whether it asks for a ticket
}

// gadgets is the number of the agent's articles.
const gadgets = 60

// library returns the agent's articles, one for each gadget.
func library() fstest.MapFS {
	files := make(fstest.MapFS)
	for n := range gadgets {
		name := gadget(n)
		text := fmt.Sprintf("---\ntitle: Repair the %s\n---\nTo repair the %s press its red button for %d seconds.\n", name, name, n+1)
		files[name+".md"] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func gadget(n int) string { return fmt.Sprintf("gadget%03d", n) }

var (
	gadgetName = regexp.MustCompile(`gadget\d{3}`)
	secretWord = regexp.MustCompile(`xyzzy\d+end`)
)

// newCrowd adds users and channels to a workspace.
func newCrowd(w *slacksandbox.Workspace, random *rand.Rand) *crowd {
	c := &crowd{slack: w, random: random, gadgets: gadgets}
	for n := range 12 {
		c.people = append(c.people, w.AddUser(slacksandbox.User{Name: fmt.Sprint("person", n)}))
	}
	c.otherApp = w.AddUser(slacksandbox.User{Name: "builds", Bot: true})
	c.stranger = w.AddUser(slacksandbox.User{Name: "stranger", Team: "T0STRANGER"})
	for n := range 5 {
		members := append([]string{w.BotUserID(), c.otherApp}, c.people...)
		if n == sharedChannel {
			members = append(members, c.stranger)
		}
		c.channels = append(c.channels, w.AddChannel(slacksandbox.Channel{Name: fmt.Sprint("channel", n), Members: members, Shared: n == sharedChannel}))
	}
	return c
}

// act runs a random action of a user.
func (c *crowd) act() {
	switch n := c.random.IntN(100); {
	case n < 25:
		c.mention()
	case n < 36:
		c.direct()
	case n < 40:
		c.burst()
	case n < 70:
		c.followUp()
	case n < 76:
		c.join()
	case n < 90:
		c.chat()
	case n < 95:
		c.edit()
	case n < 98:
		c.delete()
	default:
		c.stop()
	}
}

// question asks a random question.
func (c *crowd) question() {
	switch n := c.random.IntN(100); {
	case n < 35:
		c.mention()
	case n < 60:
		c.direct()
	default:
		c.followUp()
	}
}

// one returns a random element of a list.
func one[T any](random *rand.Rand, list []T) T { return list[random.IntN(len(list))] }

// ask posts a question, in a new thread if the root of t is empty, and returns it. It
// returns nil if the thread's root was deleted.
func (c *crowd) ask(t *talk, asker, before string) *asked {
	return c.askFor(t, asker, before+"How do I repair the %s? %s")
}

// askFor posts a question with a format for its gadget and its word.
func (c *crowd) askFor(t *talk, asker, words string) *asked {
	q := &asked{talk: t, asker: asker, gadget: gadget(c.random.IntN(c.gadgets)), word: fmt.Sprintf("xyzzy%dend", len(c.questions)), at: time.Now(), muted: !t.muted.IsZero()}
	how := []slacksandbox.PostOption{slacksandbox.InThread(t.root)}
	if len(c.odd) > 0 {
		how = append(how, slacksandbox.WithFields(c.odd[0]))
		c.odd = c.odd[1:]
	}
	ts, err := c.slack.Post(t.channel, asker, fmt.Sprintf(words, q.gadget, q.word), how...)
	if err != nil {
		return nil // the thread's root was deleted
	}
	q.ts = ts
	if t.root == "" {
		t.root = ts
		c.threads = append(c.threads, t)
	}
	if t.first == nil {
		t.first = q
	}
	t.gadgets[q.gadget] = true
	c.questions = append(c.questions, q)
	if c.forging > 0 {
		c.forge(q)
	}
	return q
}

func (c *crowd) mentioning() string { return slacksandbox.Mention(c.slack.BotUserID()) + " " }

// mention asks in a channel.
func (c *crowd) mention() *asked {
	return c.ask(c.somewhere(), one(c.random, c.people), c.mentioning())
}

// somewhere returns a new thread in a random channel.
func (c *crowd) somewhere() *talk {
	return &talk{channel: one(c.random, c.channels), people: c.people, gadgets: make(map[string]bool)}
}

// ticket asks for a ticket in a channel.
func (c *crowd) ticket() *asked {
	q := c.askFor(c.somewhere(), one(c.random, c.people), c.mentioning()+"Please open a ticket: my %s is broken. %s")
	q.ticket = true
	return q
}

// direct asks in a direct message.
func (c *crowd) direct() *asked {
	who := one(c.random, c.people)
	return c.ask(c.directTalk(who), who, "")
}

// shortDirect asks in a direct message of a few words, which the next one can continue.
func (c *crowd) shortDirect(who string) *asked {
	return c.askFor(c.directTalk(who), who, "my %s %s")
}

// burst posts direct messages of a few words one right after the other.
func (c *crowd) burst() {
	who := one(c.random, c.people)
	for range 1 + c.random.IntN(3) {
		c.shortDirect(who)
	}
}

// directTalk returns a new thread in the direct messages of a person.
func (c *crowd) directTalk(who string) *talk {
	return &talk{channel: c.slack.DM(who), people: []string{who}, gadgets: make(map[string]bool)}
}

// followUp asks in a thread.
func (c *crowd) followUp() {
	t := c.recent()
	if t == nil {
		c.mention()
		return
	}
	c.reply(t, one(c.random, t.people))
}

// reply asks in a thread, with a mention if the bot would ignore the question otherwise.
func (c *crowd) reply(t *talk, who string) *asked {
	before := ""
	if t.joined || !t.stopped.IsZero() || !c.hasAsked(t, who) {
		before = c.mentioning()
	}
	return c.ask(t, who, before)
}

// hasAsked reports whether a person has asked in a thread, and so needs no mention there.
func (c *crowd) hasAsked(t *talk, who string) bool {
	return slices.ContainsFunc(c.questions, func(q *asked) bool { return q.talk == t && q.asker == who && !q.stop })
}

// recent returns one of the latest threads, or nil.
func (c *crowd) recent() *talk {
	if len(c.threads) == 0 {
		return nil
	}
	latest := c.threads[max(0, len(c.threads)-25):]
	if t := one(c.random, latest); !t.deleted {
		return t
	}
	return nil
}

// join mentions the bot in a thread of people.
func (c *crowd) join() {
	channel := one(c.random, c.channels)
	root, err := c.slack.Post(channel, one(c.random, c.people), "My thing is broken, does anybody know it?")
	if err != nil {
		return
	}
	t := &talk{channel: channel, root: root, people: c.people, joined: true, gadgets: make(map[string]bool)}
	c.threads = append(c.threads, t)
	c.ask(t, one(c.random, c.people), c.mentioning())
}

// chat posts a message that is not for the bot.
func (c *crowd) chat() {
	_, _ = c.slack.Post(one(c.random, c.channels), one(c.random, c.people), "Lunch, anyone?")
}

// latest returns one of the latest questions that was not deleted, or nil.
func (c *crowd) latest() *asked {
	if len(c.questions) == 0 {
		return nil
	}
	q := one(c.random, c.questions[max(0, len(c.questions)-10):])
	if q.deleted || q.stop || q.talk.deleted {
		return nil
	}
	return q
}

// edit edits one of the latest questions.
func (c *crowd) edit() {
	if q := c.latest(); q != nil {
		c.editQuestion(q)
	}
}

// editQuestion changes the text of a question.
func (c *crowd) editQuestion(q *asked) {
	if m, ok := c.slack.Message(q.talk.channel, q.ts); ok {
		_ = c.slack.Edit(q.talk.channel, q.asker, q.ts, m.Text+" Please.")
	}
}

// delete deletes one of the latest questions.
func (c *crowd) delete() {
	if q := c.latest(); q != nil {
		c.deleteQuestion(q)
	}
}

// deleteQuestion deletes a question.
func (c *crowd) deleteQuestion(q *asked) {
	if c.slack.Delete(q.talk.channel, q.ts) != nil {
		return
	}
	q.deleted = true
	q.talk.deleted = q.talk.deleted || q.ts == q.talk.root
}

// stop stops the questions of one of the latest threads.
func (c *crowd) stop() {
	if t := c.recent(); t != nil && !t.joined {
		c.sayStop(t)
	}
}

// sayStop posts stop in a thread.
func (c *crowd) sayStop(t *talk) {
	q := &asked{talk: t, asker: t.first.asker, at: time.Now(), stop: true}
	ts, err := c.slack.Post(t.channel, q.asker, "stop", slacksandbox.InThread(t.root))
	if err != nil {
		return
	}
	q.ts = ts
	t.stopped = q.at
	c.questions = append(c.questions, q)
}

// stopArrivesWithin is the maximum delay of a stop, which Slack's last retry determines.
const stopArrivesWithin = 21 * time.Second

// mayHaveNoVisibleEnd reports whether the question may have no visible end, because it was
// deleted, muted or stopped.
func (q *asked) mayHaveNoVisibleEnd() bool {
	stopped := !q.talk.stopped.IsZero() && q.at.Before(q.talk.stopped.Add(stopArrivesWithin))
	return q.deleted || q.stop || q.muted || q.talk.deleted || stopped
}

// act runs a random action of a user, which can use what the bot has posted.
func (w *world) act() {
	switch n := w.random.IntN(100); {
	case n < 80:
		w.crowd.act()
	case n < 84:
		w.crowd.ticket()
	case n < 94:
		w.pressSomething()
	case n < 96:
		w.noteError(w.slack.Command(one(w.random, w.crowd.people), one(w.random, w.crowd.channels), "/enjo", one(w.random, []string{"tickets", "status", "help"})))
	case n < 97:
		_ = w.slack.OpenHome(one(w.random, w.crowd.people))
	case n < 99:
		if tickets := w.enjo.Tickets(); len(tickets) > 0 {
			w.tryMoveTicket(one(w.random, tickets).ID, one(w.random, []string{"In Progress", "Waiting for you", "Resolved", "Open"}))
		}
	default:
		w.otherApp()
	}
}

// noteError records in the trace that an action of a user failed.
func (w *world) noteError(_ *slacksandbox.Receipt, err error) {
	if err != nil {
		w.trace.add("an action of a user failed: %v", err)
	}
}

// pressSomething presses one of the latest buttons.
func (w *world) pressSomething() {
	t := w.crowd.recent()
	if t == nil {
		return
	}
	for _, m := range slices.Backward(w.slack.Thread(t.channel, t.root)) {
		actions := w.buttonsOf(m)
		if len(actions) == 0 {
			continue
		}
		action := one(w.random, actions)
		w.trace.add("a user presses %s", action)
		switch action {
		case blocks.ActionEscalate:
			if t.muted.IsZero() {
				t.muted = time.Now()
			}
		case blocks.ActionRetry, blocks.ActionAnswerNow:
			w.crowd.retried(t)
		}
		w.presses[m.TS] = true
		w.noteError(w.slack.Click(one(w.random, t.people), t.channel, m.TS, action))
		return
	}
}

// buttonsOf returns the action IDs of the buttons of a message of the bot that users press.
func (w *world) buttonsOf(m slacksandbox.Message) []string {
	if m.BotID != w.slack.BotID() || m.EphemeralTo != "" {
		return nil
	}
	return slices.DeleteFunc(actionsOf(m), func(action string) bool { return !slices.Contains(pressable, action) })
}

// pressable are the action IDs of the buttons that users press.
var pressable = []string{
	blocks.ActionRetry, blocks.ActionAnswerNow, blocks.ActionCreateTicket, blocks.ActionCheckStatus, blocks.ActionEscalate,
	blocks.ActionSolved, blocks.ActionReopen, blocks.ActionSources,
}

// retried records that the questions of a thread are asked again.
func (c *crowd) retried(t *talk) {
	for _, q := range c.questions {
		if q.talk == t {
			q.retried = true
		}
	}
}

// otherApp posts a message of another app that is not for the bot.
func (w *world) otherApp() {
	_, _ = w.slack.Post(one(w.random, w.crowd.channels), w.crowd.otherApp, "Build 4711 has failed <https://ci.example.com|see why>")
}

// tryMoveTicket changes the status of a ticket, and notifies the bot if it runs.
func (w *world) tryMoveTicket(ticket, status string) {
	_ = w.enjo.MoveTicket(ticket, status) // the ticket may be unknown
	if l := w.instance.Load(); l != nil {
		l.sendWebhook(ticket, status)
	}
}
