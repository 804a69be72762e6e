package sim_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
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
	group            string   // a user group
	lostChannel      string   // a channel from which the bot is removed at times
	aside            string   // a channel that the bot is not in
	odd              []fields // of the next questions
	forging          int      // for how many of the next questions results are forged
	threads          []*talk
	questions        []*asked
	privates         []*private
	widgetsUsed      int      // about how many widgets they have asked
	said             []*said  // the messages that are no questions
	words            int      // how many words of other messages there are
	lastChat         chat     // the latest message that is not for the bot
	addedTo          []string // the channels that the bot was added to
}

// talk is a thread with questions.
type talk struct {
	channel, root string
	people        []string  // who can write to it
	joined        bool      // whether a mention called the bot into a thread of people
	deleted       bool      // whether its root was deleted, so that nothing more can be posted
	muted         time.Time // when a person was called, so that the bot is muted; zero if never
	called        bool      // whether somebody has pressed the button that calls a person
	stopped       time.Time // the time of the last stop; zero if there was none
	first         *asked
	gadgets       map[string]bool
	askers        []string // the people who have asked there
	pressers      []string // the people who have pressed a button there, which can be a question
	// continues is the thread whose conversation this one continues: the bot wrote about
	// it in a direct message, and this thread has the replies to that. Nil if there is none.
	continues *talk
	split     bool // whether it can have another conversation than the one that it continues
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
	mention bool // whether it mentions the bot
	byEdit  bool // whether an edit made it a question
	lost    bool // whether the bot was removed from the channel immediately afterwards
	before  bool // whether it was asked before the bot was added to the channel
	// holds are the texts that the agent must get with the question: of a forwarded
	// message, a table, a file. unread is the name of a file that cannot be read.
	holds  []string
	unread string
	// mergedInto is the later direct message with which it was asked, nil if there is none.
	mergedInto *asked
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
	addWidgets(files)
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
		c.people = append(c.people, w.AddUser(person(w, n)))
	}
	c.otherApp = w.AddUser(slacksandbox.User{Name: "builds", Bot: true})
	c.stranger = w.AddUser(slacksandbox.User{Name: "stranger", Team: "T0STRANGER", Enterprise: "E0STRANGER"})
	for n := range 5 {
		members := append([]string{w.BotUserID(), c.otherApp}, c.people...)
		if n == sharedChannel {
			members = append(members, c.stranger)
		}
		c.channels = append(c.channels, w.AddChannel(slacksandbox.Channel{Name: fmt.Sprint("channel", n), Members: members, Shared: n == sharedChannel}))
	}
	c.lostChannel = w.AddChannel(slacksandbox.Channel{Name: "lost", Members: append([]string{w.BotUserID()}, c.people...)})
	c.aside = w.AddChannel(slacksandbox.Channel{Name: "aside", Members: c.people})
	c.group = w.AddUserGroup(slacksandbox.UserGroup{Handle: "helpdesk", Name: "Help desk", Users: c.people[:2]})
	return c
}

// person returns a person of the workspace. In an organisation, some are of a sister
// workspace, and of some Slack does not say which team is theirs.
func person(w *slacksandbox.Workspace, n int) slacksandbox.User {
	u := slacksandbox.User{Name: fmt.Sprint("person", n)}
	if teams := w.Teams(); len(teams) > 1 {
		if n%3 == 0 {
			u.Team = teams[1].ID
		}
		u.TeamID = slacksandbox.Presence(n / 3 % 3)
	}
	return u
}

// act runs a random action of a user.
func (c *crowd) act() {
	switch n := c.random.IntN(100); {
	case n < 20:
		c.mention()
	case n < 31:
		c.direct()
	case n < 54:
		c.followUp()
	case n < 59:
		c.join()
	case n < 71:
		c.actInContext()
	case n < 77:
		c.actAround()
	case n < 88:
		c.chat()
	case n < 93:
		c.edit()
	case n < 96:
		c.delete()
	case n < 98:
		c.stop()
	default:
		c.say(c.recentInChannel())
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
// returns nil if the thread's root was deleted. A person who has not asked in the thread
// mentions the bot.
func (c *crowd) ask(t *talk, asker, before string) *asked {
	if before == "" && !t.free(asker) {
		before = c.mentioning()
	}
	return c.askFor(t, asker, before+"How do I repair the %s? %s")
}

// free reports whether a person can ask in a thread without a mention.
func (t *talk) free(asker string) bool {
	return t.channel[0] == 'D' || !t.joined && slices.Contains(t.askers, asker)
}

// firstOf returns the first question of a person in a thread, nil if there is none.
func (c *crowd) firstOf(t *talk, asker string) *asked {
	for _, q := range c.questions {
		if q.talk == t && q.asker == asker && !q.stop {
			return q
		}
	}
	return nil
}

// askFor posts a question with a format for its gadget and its word.
func (c *crowd) askFor(t *talk, asker, words string) *asked {
	q := c.newQuestion(t, asker)
	how := []slacksandbox.PostOption{slacksandbox.InThread(t.root)}
	if len(c.odd) > 0 {
		how = append(how, slacksandbox.WithFields(c.odd[0]))
		c.odd = c.odd[1:]
	}
	ts, err := c.slack.Post(t.channel, asker, fmt.Sprintf(words, q.gadget, q.word), how...)
	q.mention = strings.Contains(words, c.mentioning())
	return c.asked(q, ts, err)
}

// newQuestion returns a question that is not posted yet.
func (c *crowd) newQuestion(t *talk, asker string) *asked {
	return &asked{talk: t, asker: asker, gadget: gadget(c.random.IntN(c.gadgets)), word: fmt.Sprintf("xyzzy%dend", len(c.questions)), at: time.Now(), muted: !t.muted.IsZero()}
}

// asked records a question that was posted, and returns it; nil if posting failed, because
// the thread's root was deleted.
func (c *crowd) asked(q *asked, ts string, err error) *asked {
	if err != nil {
		return nil
	}
	t := q.talk
	q.ts = ts
	if t.root == "" {
		t.root = ts
		c.threads = append(c.threads, t)
	}
	if t.first == nil {
		t.first = q
	}
	t.gadgets[q.gadget] = true
	if !slices.Contains(t.askers, q.asker) {
		t.askers = append(t.askers, q.asker)
	}
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

// directTalk returns a new thread in the direct messages with a person.
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
	c.ask(t, c.someone(t), c.politely(t))
}

// reply asks in a thread, with a mention if the bot would ignore the question otherwise.
func (c *crowd) reply(t *talk, who string) *asked {
	if !t.stopped.IsZero() {
		return c.ask(t, who, c.mentioning())
	}
	return c.ask(t, who, "")
}

// someone returns a person for the next question of a thread: one of those who have asked
// there, half of the time.
func (c *crowd) someone(t *talk) string {
	if len(t.askers) > 0 && c.random.IntN(2) == 0 {
		return one(c.random, t.askers)
	}
	return one(c.random, t.people)
}

// politely returns words before a question in a thread: none, thanks, or a mention.
func (c *crowd) politely(t *talk) string {
	switch n := c.random.IntN(8); {
	case n == 0:
		return c.mentioning() + "Thanks! And "
	case n < 6 && !t.stopped.IsZero():
		return c.mentioning()
	}
	return ""
}

// recent returns one of the latest threads, or nil.
func (c *crowd) recent() *talk {
	if len(c.threads) == 0 {
		return nil
	}
	latest := c.threads[max(0, len(c.threads)-25):]
	if t := one(c.random, latest); !t.deleted && t.channel != c.lostChannel {
		return t
	}
	return nil
}

// join mentions the bot in a thread of people, or below an alert of another app.
func (c *crowd) join() {
	t := c.somewhere()
	t.joined = true
	if c.random.IntN(3) == 0 {
		c.alert(t)
	} else {
		c.remark(t, one(c.random, t.people), "My thing is broken, does anybody know it?")
	}
	for range c.random.IntN(3) {
		c.say(t)
	}
	c.ask(t, one(c.random, c.people), c.mentioning())
}

// chat posts a message that is not for the bot at the top of a channel.
func (c *crowd) chat() {
	channel, who := one(c.random, c.channels), one(c.random, c.people)
	if ts, err := c.slack.Post(channel, who, "Lunch, anyone?"); err == nil {
		c.lastChat = chat{channel, ts, who}
	}
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
	if t := c.recent(); t != nil && !t.joined && len(t.askers) > 0 {
		c.sayStop(t)
	}
}

// sayStop posts stop in a thread.
func (c *crowd) sayStop(t *talk) {
	q := &asked{talk: t, asker: one(c.random, t.askers), at: time.Now(), stop: true}
	ts, err := c.slack.Post(t.channel, q.asker, "stop", slacksandbox.InThread(t.root))
	if err != nil {
		return
	}
	q.ts = ts
	for _, other := range c.threads {
		// A direct message can be asked with a later one, which the word then stops.
		if other == t || t.channel[0] == 'D' && other.channel == t.channel && other.root > t.root {
			other.stopped = q.at
		}
	}
	c.questions = append(c.questions, q)
}

// stopArrivesWithin is the maximum delay of a stop, which Slack's last retry determines.
const stopArrivesWithin = 21 * time.Second

// mayHaveNoVisibleEnd reports whether the question may have no visible end, because it was
// deleted, muted or stopped. A stop when nothing is unfinished mutes its thread until the
// next mention.
func (q *asked) mayHaveNoVisibleEnd() bool {
	stopped := !q.talk.stopped.IsZero() && (q.at.Before(q.talk.stopped.Add(stopArrivesWithin)) || !q.mention)
	return q.deleted || q.stop || q.muted || q.talk.deleted || stopped
}

// act runs a random action of a user, which can use what the bot has posted.
func (w *world) act() {
	switch n := w.random.IntN(100); {
	case n < 74:
		w.crowd.act()
	case n < 80:
		w.actPrivately()
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
			t.called = true
			if t.muted.IsZero() && t.channel[0] != 'D' { // nobody is called into direct messages
				t.muted = time.Now()
			}
		case blocks.ActionRetry, blocks.ActionAnswerNow:
			w.crowd.retried(t)
		}
		w.presses[m.TS] = true
		who := one(w.random, t.people)
		t.pressers = append(t.pressers, who)
		w.noteError(w.slack.Click(who, t.channel, m.TS, action))
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
	if l := w.one(); l != nil && !l.away.isAway() {
		l.sendWebhook(ticket, status)
	}
}
