package dispatch

import (
	"strings"
	"unicode"

	"enjobridge/bot/slackevent"
)

// speaker is who wrote a message.
type speaker struct {
	id, name string // the name is empty if Slack did not return it
	isApp    bool   // another app, which chooses its name for each message
}

const (
	// ownLabel is the name of the bot's own answers in the text for the agent.
	ownLabel = "You (the assistant)"
	// appMark follows the names of other apps.
	appMark = " (app)"
	// maxSpeakerName bounds a name. Slack's have at most 80.
	maxSpeakerName = 80
)

// labels returns for each speaker the name in front of a line. No two are the same, and
// none looks like the bot's own or like a title: a name that does is followed by the ID.
func labels(all map[speaker]bool) map[speaker]string {
	shared := make(map[string]int)
	for s := range all {
		shared[folded(s.label())]++
	}
	of := make(map[speaker]string)
	for s := range all {
		label := s.label()
		if s.id != ownLabel && (shared[folded(label)] > 1 || s.misleads(all)) {
			label += " (" + cleanName(s.id) + ")"
		}
		of[s] = label
	}
	return of
}

// label returns the name of a speaker on one line, without what separates a name from a text.
func (s speaker) label() string {
	name := cleanName(s.name)
	if name == "" {
		name = cleanName(s.id)
	}
	if s.isApp {
		name += appMark
	}
	return name
}

// misleads reports whether a name can be taken for something else: the bot itself, a
// title, an app, or another speaker whose name is followed by an ID.
func (s speaker) misleads(all map[speaker]bool) bool {
	name := folded(cleanName(s.name))
	switch {
	case name == "you", strings.Contains(name, "assistant"), isTitle(name):
		return true
	case !s.isApp && strings.HasSuffix(name, folded(appMark)):
		return true
	}
	for other := range all {
		if other.id != s.id && strings.Contains(name, folded(other.id)) {
			return true
		}
	}
	return false
}

// cleanName returns a name on one line that ends where its label ends.
func cleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case isInvisible(r):
			return -1
		case unicode.IsControl(r), unicode.IsSpace(r), strings.ContainsRune(nameEnds, r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	return slackevent.Truncate(strings.Join(strings.Fields(name), " "), maxSpeakerName)
}

// nameEnds are the characters that look like the end of a name, or like the mark of a
// continued line.
const nameEnds = ":|：︓﹕ː˸։׃∶꞉⁝︙┃│｜¦"

// isInvisible reports whether a character has no width or only changes how others look.
func isInvisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || r == '\u2800'
}

// folded returns what people see of a text: without case, spaces and invisible characters.
func folded(text string) string {
	return strings.Map(func(r rune) rune {
		if isInvisible(r) || unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}
