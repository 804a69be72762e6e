package dispatch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// prepared is what is sent to the agent, apart from what is known only when it is asked:
// what of the thread the agent knows by then, and who else has asked there.
type prepared struct {
	question string   // as people read it
	source   string   // the question's text that it was made of
	again    bool     // its messages were read from Slack instead
	asked    []string // the timestamps of the messages that are asked
	asker    speaker
	files    []string // of those messages, that cannot be read
	verbatim bool     // an operator wrote the question
	looked   bool     // Slack was asked for the asker's name
	thread   history
	failure  storage.Failure // why there is nothing to ask
}

// merged returns several questions of one asker in one thread as one.
func merged(parts []prepared) prepared {
	all := parts[len(parts)-1]
	var questions, sources []string
	lines := make(map[string]line)
	all.asked, all.files, all.failure, all.again = nil, nil, "", false
	for _, p := range parts {
		questions, sources = append(questions, p.question), append(sources, p.source)
		all.asked, all.files = append(all.asked, p.asked...), append(all.files, p.files...)
		all.failure, all.again = cmp.Or(all.failure, p.failure), all.again || p.again
		all.asker.name = cmp.Or(all.asker.name, p.asker.name)
		for _, l := range p.thread.lines {
			if known, ok := lines[l.ts]; !ok || known.leftOut {
				lines[l.ts] = l
			}
		}
	}
	all.question, all.source = slackevent.Cut(strings.Join(questions, "\n\n"), maxQuestion), strings.Join(sources, "\n\n")
	all.thread.lines = nil
	for _, l := range lines {
		all.thread.lines = append(all.thread.lines, l)
	}
	slices.SortFunc(all.thread.lines, func(a, b line) int { return storage.CompareTS(a.ts, b.ts) })
	all.thread.until = readUntil(all.thread, parts)
	return all
}

// readUntil returns the timestamp up to which a thread was read without a gap: one part
// can have been read from a later time, and another one not to its end.
func readUntil(h history, parts []prepared) string {
	until := h.until
	parts = slices.Clone(parts)
	slices.SortFunc(parts, func(a, b prepared) int { return storage.CompareTS(a.thread.from, b.thread.from) })
	for _, p := range parts {
		if storage.CompareTS(p.thread.from, until) <= 0 {
			until = later(until, p.thread.until)
		}
	}
	return until
}

// known is what the agent knows of a thread.
type known struct {
	until   string // the timestamp up to which the thread was sent
	nothing bool   // the conversation is new, so that its own answers are not known either
	askers  map[string]string
	// fails are the timestamps of the messages that the agent fails at.
	fails map[string]bool
}

// knownIn returns what the agent knows of a thread, unless it refused the thread's
// conversation. It knows nothing if it lost the conversation, or the store did. If people
// started a new conversation on purpose, it does not need to know what was before.
func knownIn(t storage.Thread, refused bool) known {
	if refused || t.Conversation == "" && t.SentUntil == "" {
		return known{nothing: true, askers: t.Askers}
	}
	return known{until: t.SentUntil, askers: t.Askers}
}

// composed is what is sent to the agent with one call.
type composed struct {
	text string
	// sentUntil is the timestamp up to which the agent knows the thread once it replied.
	sentUntil string
	files     []string // that are new to the agent, and that it cannot read
}

// compose returns what is sent to an agent that knows a part of the thread; false if that
// needs more of the thread, or more names, than were prepared.
func (p prepared) compose(k known) (c composed, complete bool) {
	lines := p.unknown(k)
	for i, l := range lines {
		if l.speaker.id == p.asker.id && !l.speaker.isApp {
			p.asker.name = cmp.Or(p.asker.name, l.speaker.name)
			lines[i].speaker = p.asker
		}
	}
	names := p.labels(lines, k)
	earlier, files := fit(lines, names)
	c = composed{text: p.withThread(earlier, names[p.asker]), sentUntil: later(k.until, p.thread.until)}
	for _, name := range append(files, p.files...) {
		if !slices.Contains(c.files, name) {
			c.files = append(c.files, name)
		}
	}
	return c, storage.CompareTS(p.thread.from, k.until) <= 0 && (p.looked || names[p.asker] == "")
}

// unknown returns the lines that the agent does not know.
func (p prepared) unknown(k known) []line {
	var lines []line
	for _, l := range p.thread.lines {
		isNew := storage.CompareTS(l.ts, k.until) > 0 && !slices.Contains(p.asked, l.ts) && !k.fails[l.ts]
		if isNew && (!l.own || l.root || k.nothing) {
			lines = append(lines, l)
		}
	}
	return lines
}

// labels returns the label of each speaker; none if only one speaks, because then the
// agent needs none.
func (p prepared) labels(lines []line, k known) map[speaker]string {
	all, ids := map[speaker]bool{p.asker: true}, map[string]bool{p.asker.id: true}
	for _, l := range lines {
		id := l.speaker.id
		if l.speaker.isApp && id != p.asker.id {
			id += "/" + l.speaker.name // one app can speak for several
		}
		all[l.speaker], ids[id] = true, true
	}
	for id := range k.askers {
		ids[id] = true
	}
	if len(ids) == 1 {
		return nil
	}
	return labels(all)
}

// fit returns the lines that the agent gets: the root, and the newest for which there is
// room. It also returns the names of the files in them.
func fit(lines []line, names map[speaker]string) (shown, files []string) {
	room := maxThread
	write := func(l line) string {
		if l.text == "" {
			return ""
		}
		return quoted(names[l.speaker], l.text)
	}
	var root []string
	if len(lines) > 0 && lines[0].root {
		root, files, lines = append(root, write(lines[0])), lines[0].files, lines[1:]
		room -= characters(root[0]) + 1
	}
	end := len(lines)
	for ; end > 0; end-- {
		l := lines[end-1]
		text := write(l)
		if room -= characters(text) + 1; room < 0 || l.leftOut {
			break
		}
		shown, files = append(shown, text), append(files, l.files...)
	}
	if end > 0 {
		shown = append(shown, leftOut(end))
	}
	slices.Reverse(shown)
	shown = slices.DeleteFunc(append(root, shown...), func(text string) bool { return text == "" })
	return shown, files
}

// leftOut is the line in place of messages for which there is no room.
func leftOut(n int) string {
	if n == 1 {
		return "[1 earlier message left out]"
	}
	return fmt.Sprintf("[%d earlier messages left out]", n)
}

// withThread returns the question, in an asker's name if others speak, below the earlier
// messages of its thread.
func (p prepared) withThread(earlier []string, asker string) string {
	question := withoutTitles(p.question)
	switch {
	case question == "" && len(p.thread.lines) > 0:
		question = "Please help with the above."
	case question == "":
		return ""
	}
	if asker != "" && !p.verbatim {
		question = quoted(asker, question)
	}
	title := titleEarlier
	switch {
	case p.thread.missing && len(earlier) == 0:
		title = titleUnread
	case p.thread.missing:
		title = titlePartial
	case len(earlier) == 0:
		return question
	}
	return strings.Join(append([]string{title}, earlier...), "\n") + "\n\n" + titleQuestion + "\n" + question
}
