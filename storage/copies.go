package storage

import (
	"slices"
	"time"
)

// Copy is one arrival of a message that is for the bot, or of an edit or a deletion of it,
// and what was decided then. It has no text.
type Copy struct {
	Message MessageID `json:"-"`
	At      time.Time `json:"at"`
	// Event is the type of Slack's event, or "history" if the message was found there, or
	// one of the bot's own: see package intake.
	Event string `json:"event"`
	// Retry is how often Slack had sent the event before.
	Retry int `json:"retry,omitempty"`
	// Decision is what was done, and Reason is why; see package intake.
	Decision string `json:"decision"`
	Reason   string `json:"reason"`
}

// History is what is remembered about a message that is for the bot, apart from its
// question: its copies in the order of their arrival, at most [MaxCopies] of them.
type History struct {
	Message MessageID `json:"message"`
	// Reference is that of the message under the ID that its channel had at first; see
	// [Store.MoveChannel].
	Reference string `json:"ref"`
	Copies    []Copy `json:"copies"`
	// Omitted is how many more copies there were, between the first ones and the last ones.
	Omitted int `json:"omitted,omitempty"`
}

// MaxCopies is how many copies of a message are remembered: Slack sends an event up to four
// times, a mention comes as two, and people edit their messages.
const MaxCopies = 12

// Add adds a copy. Of more than [MaxCopies], those in the middle are omitted.
func (h *History) Add(c Copy) {
	c.At = c.At.UTC()
	if len(h.Copies) >= MaxCopies {
		h.Copies = slices.Delete(h.Copies, MaxCopies/2, MaxCopies/2+1)
		h.Omitted++
	}
	h.Copies = append(h.Copies, c)
}

// References returns the references by which the history is found. One that has moved is also
// found by the reference that it has since: people see that of new posts.
func (h *History) References() []string {
	return slices.Compact([]string{h.Reference, Reference(h.Message)})
}

// MaxReferenced is how many messages with the same reference are found: references are
// hashes of 30 bits.
const MaxReferenced = 10
