package slack

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// slackbot is the user in whose name Slack itself speaks.
const slackbot = "USLACKBOT"

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// newID makes up an id such as U04CBLNSVH6. mu must be held.
func (w *Workspace) newID(prefix string) string { return prefix + "0" + w.randomText(9, alphabet) }

// randomText returns n characters of the alphabet. mu must be held.
func (w *Workspace) randomText(n int, alphabet string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[w.random.IntN(len(alphabet))]
	}
	return string(b)
}

// newUUID makes up an id in the form of a UUID. mu must be held.
func (w *Workspace) newUUID() string {
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x",
		w.random.Uint32(), w.random.IntN(1<<16), w.random.IntN(1<<12), 0x8000|w.random.IntN(1<<14), w.random.Int64N(1<<48))
}

// newTS returns the present as a timestamp that no message has yet. Slack's
// timestamps grow strictly and name a message within its channel. mu must be held.
func (w *Workspace) newTS() string {
	w.lastTS = max(w.lastTS+1, time.Now().UnixMicro())
	return fmt.Sprintf("%d.%06d", w.lastTS/1e6, w.lastTS%1e6)
}

// domain returns the workspace's name as part of a host name.
func (w *Workspace) domain() string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(w.app.teamName, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "-"))
}

// zoneOffset returns how far the time zone is ahead of UTC now, in seconds; 0 if it is not known.
func zoneOffset(name string) int {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return 0
	}
	_, offset := time.Now().In(zone).Zone()
	return offset
}
