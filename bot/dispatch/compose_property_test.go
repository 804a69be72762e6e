package dispatch

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// talk simulates a thread, the store's record of it, and the agent.
type talk struct {
	t      *testing.T
	random *rand.Rand
	log    []string

	lines   []line // everything that was said
	thread  storage.Thread
	waiting []prepared
	refused bool // the agent forgot the conversation

	conversations int
	knows         map[string]bool // by ts, what the agent was sent in its conversation
	excused       string          // the ts up to which people do not want it to know more
}

func (w *talk) do(format string, values ...any) {
	w.log = append(w.log, fmt.Sprintf(format, values...))
}

// say adds a message to the thread, and returns it.
func (w *talk) say(by speaker) line {
	ts := fmt.Sprintf("1.%04d", len(w.lines))
	l := line{ts: ts, speaker: by, text: "m" + ts + ";", own: by == own, root: len(w.lines) == 0}
	w.lines = append(w.lines, l)
	w.do("%s says %s", by.id, ts)
	return l
}

// prepare reads the thread for a question that was asked at some times, as promptWriter does.
// One of eight times Slack returns only a part of it.
func (w *talk) prepare(p prepared, whole bool) prepared {
	from := knownIn(w.thread, false).until
	if whole {
		from = ""
	}
	last := p.asked[len(p.asked)-1]
	p.looked, p.thread = true, history{from: from, until: last}
	for _, l := range w.lines {
		if storage.CompareTS(l.ts, from) > 0 && storage.CompareTS(l.ts, last) < 0 {
			p.thread.lines = append(p.thread.lines, l)
		}
	}
	if w.random.IntN(8) == 0 {
		n := w.random.IntN(len(p.thread.lines) + 1)
		p.thread.lines, p.thread.missing, p.thread.until = p.thread.lines[:n], true, from
		if n > 0 {
			p.thread.until = p.thread.lines[n-1].ts
		}
	}
	return p
}

// ask lets someone ask. The first question of a thread is prepared without Slack.
func (w *talk) ask() {
	l := w.say([]speaker{alice, bob}[w.random.IntN(2)])
	p := prepared{question: l.text, asked: []string{l.ts}, asker: l.speaker, thread: history{until: l.ts}}
	if !l.root {
		p = w.prepare(p, false)
	}
	if w.thread.Askers == nil {
		w.thread.Askers = make(map[string]string)
	}
	w.thread.Askers[l.speaker.id] = l.ts
	w.waiting = append(w.waiting, p)
}

// turn asks the agent what waits: the first question, and those after it of the same person.
func (w *talk) turn() {
	n := 1
	for n < len(w.waiting) && w.waiting[n].asker.id == w.waiting[0].asker.id {
		n++
	}
	all := merged(w.waiting[:n])
	k := knownIn(w.thread, w.refused)
	c, complete := all.compose(k)
	if !complete {
		all = w.prepare(all, k.nothing)
		c, _ = all.compose(k)
	}
	switch w.random.IntN(4) {
	case 0: // an unknown outcome, or a failure to call: it is asked again
		w.do("no outcome of %v", all.asked)
		w.waiting = append([]prepared{all}, w.waiting[n:]...)
	case 1:
		w.do("%v fails", all.asked)
		w.waiting = w.waiting[n:]
	default:
		w.do("%v is answered, known %+v, until %s: %q", all.asked, k, c.sentUntil, c.text)
		w.waiting = w.waiting[n:]
		w.reply(all, k, c)
	}
}

// reply stores a reply, as storage does, and checks that the agent knows the thread then.
func (w *talk) reply(p prepared, k known, c composed) {
	conversation := w.thread.Conversation
	if k.nothing || conversation == "" {
		w.conversations++
		conversation = fmt.Sprint("c", w.conversations)
		w.knows = make(map[string]bool)
	}
	if k.nothing {
		w.excused = ""
	}
	w.thread.Replied(storage.Outcome{Reply: &enjo.Reply{ConversationID: conversation}, SentUntil: c.sentUntil}, time.Time{})
	w.refused = false
	until := w.thread.SentUntil
	if !p.thread.missing {
		until = later(until, p.asked[len(p.asked)-1])
	}
	for _, l := range w.lines {
		w.knows[l.ts] = w.knows[l.ts] || strings.Contains(c.text, l.text)
		ownAndKnown := l.own && !k.nothing
		due := storage.CompareTS(l.ts, until) <= 0 && storage.CompareTS(l.ts, w.excused) > 0
		if due && !ownAndKnown && !w.knows[l.ts] {
			w.t.Fatalf("the agent does not know %s:\n%s", l.ts, strings.Join(w.log, "\n"))
		}
	}
	w.say(own)
}

// step does something at random.
func (w *talk) step() {
	switch what := w.random.IntN(20); {
	case what < 6:
		w.say([]speaker{alice, bob, pager}[w.random.IntN(3)])
	case what < 11:
		w.ask()
	case what < 16:
		if len(w.waiting) > 0 {
			w.turn()
		}
	case what == 16:
		w.do("restart")
		for i, p := range w.waiting {
			w.waiting[i] = w.prepare(p, false)
		}
	case what == 17:
		w.do("the store is lost")
		w.thread, w.waiting, w.refused = storage.Thread{}, nil, false
	case what == 18:
		w.do("the agent forgets the conversation")
		w.refused = w.thread.Conversation != ""
	default:
		if w.thread.SentUntil != "" && w.thread.Conversation != "" {
			w.do("a new conversation on purpose")
			w.thread.Conversation, w.refused, w.excused = "", false, w.thread.SentUntil
		}
	}
}

// Ensure that the agent knows everything that was said before a question once it has
// answered it, also after failures: nothing that was stored as sent is lost.
func TestCompose_LosesNothing(t *testing.T) {
	for seed := range uint64(400) {
		w := &talk{t: t, random: rand.New(rand.NewPCG(seed, 13)), knows: make(map[string]bool)} //nolint:gosec // a simulation
		w.do("seed %d", seed)
		for range 60 {
			w.step()
		}
	}
}
