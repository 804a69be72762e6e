package slack

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"
)

// slackbot is the user for Slack's own messages.
const slackbot = "USLACKBOT"

const (
	alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	hex      = "0123456789abcdef"
)

// newID generates an id such as U04CBLNSVH6.
func newID(random *rand.Rand, prefix string) string {
	return prefix + "0" + randomText(random, 9, alphabet)
}

// randomText returns n characters of the alphabet.
func randomText(random *rand.Rand, n int, alphabet string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[random.IntN(len(alphabet))]
	}
	return string(b)
}

// newUUID generates an id in the form of a UUID.
func newUUID(random *rand.Rand) string {
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x",
		random.Uint32(), random.IntN(1<<16), random.IntN(1<<12), 0x8000|random.IntN(1<<14), random.Int64N(1<<48))
}

// namedID generates the id for a name. If it is taken, as when something else
// has the same name, it tries the next one.
func (w *Workspace) namedID(prefix, name string, taken func(id string) bool) string {
	random := w.stream(prefix, name)
	id := newID(random, prefix)
	for taken(id) {
		id = newID(random, prefix)
	}
	return id
}

// newTS returns the current time as a timestamp that no message has yet.
// Slack's timestamps increase strictly and identify a message within its
// channel. The caller must hold mu.
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

// zoneOffset returns the time zone's current offset from UTC, in seconds; 0 if
// it is not known.
func zoneOffset(name string) int {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return 0
	}
	_, offset := time.Now().In(zone).Zone()
	return offset
}
