package storage

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Record is a record in the form in which stores exchange all that they have. It does not
// depend on the store: times that are no part of a JSON document have microseconds, which
// every store keeps.
type Record struct {
	Kind RecordKind
	// Value is a [Question], [Thread], [Ticket], [Feedback], [Preferences], [StoredKey],
	// [Press], [Call], [Watermark], [Token], [History] or [Damaged], as the kind says.
	Value any
}

// ErrNotEmpty says that a store that should be filled has records.
var ErrNotEmpty = errors.New("the store is not empty")

// RecordKind is a kind of [Record].
type RecordKind string

// The kinds of records.
const (
	RecordQuestion    RecordKind = "questions"
	RecordThread      RecordKind = "threads"
	RecordTicket      RecordKind = "tickets" // in the order in which they were first stored
	RecordFeedback    RecordKind = "feedback"
	RecordPreferences RecordKind = "preferences"
	RecordKey         RecordKind = "keys"
	RecordCounter     RecordKind = "counters"
	RecordPress       RecordKind = "presses"
	RecordCall        RecordKind = "calls"
	RecordWatermark   RecordKind = "watermarks"
	RecordToken       RecordKind = "tokens"
	RecordHistory     RecordKind = "histories"
	RecordDamaged     RecordKind = "damaged" // those that cannot be read, too
)

// RecordKinds are all kinds of records.
var RecordKinds = []RecordKind{
	RecordQuestion, RecordThread, RecordTicket, RecordFeedback, RecordPreferences, RecordKey, RecordCounter, RecordPress, RecordCall, RecordWatermark,
	RecordToken, RecordHistory, RecordDamaged,
}

// StoredKey is a key of [Store.FirstTime], or a counter of [Store.Increment].
type StoredKey struct {
	Key   Key       `json:"key"`
	At    time.Time `json:"at"`
	Count int       `json:"count,omitempty"` // 0 for a key that is no counter
}

// Call is a call to the agent; see [Store.Calls].
type Call struct {
	At time.Time `json:"at"`
}

// Watermark is the time up to which the history of a conversation was read.
type Watermark struct {
	Conversation string    `json:"conversation"`
	Until        time.Time `json:"until"`
}

// Damaged is a record that could not be read, and was set aside.
type Damaged struct {
	At time.Time `json:"at"`
	// Source is the store's name for its kind, and Key is its identity, as in
	// [MessageID.String].
	Source string `json:"source"`
	Key    string `json:"key"`
	// Value is what was stored, as text; empty if it can contain texts of people.
	Value string `json:"value,omitempty"`
	// Found says that it was not set aside yet, but was found by the export.
	Found bool `json:"-"`
}

// Canonical returns the record as bytes, which are the same whichever store it comes from. Two
// records of a kind with the same bytes are equal.
func (r Record) Canonical() ([]byte, error) {
	value := r.Value
	if p, ok := value.(Press); ok {
		value = struct {
			Message MessageID `json:"message"`
			Action  string    `json:"action"`
			At      time.Time `json:"at"`
			Press   Press     `json:"press"`
		}{p.Message, p.Action, p.At, p}
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", value, err)
	}
	return text, nil
}

// Name returns the identity of the record for an operator, without texts.
func (r Record) Name() string {
	switch v := r.Value.(type) {
	case Question:
		return "question " + v.ID.String()
	case Thread:
		return "thread " + v.ID.String()
	case Ticket:
		return "ticket " + v.Latest.ID + " in thread " + v.Thread.String()
	case Feedback:
		return "feedback on question " + v.Question.String()
	case Preferences:
		return "preferences of " + v.User
	case StoredKey:
		return "key " + string(v.Key)
	case Press:
		return "press of a button of " + v.Message.String()
	case Watermark:
		return "watermark of " + v.Conversation
	case Token:
		return string(v.Kind) + " token"
	case History:
		return "history of " + v.Message.String()
	case Damaged:
		return "damaged record " + v.Source + " " + v.Key
	}
	return "record of " + string(r.Kind)
}

// exchanged returns a time as records have it.
func exchanged(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// PlainText returns damaged bytes as a text that every store can have. Identifiers in it stay
// as they are, so that [Store.ForgetPerson] finds them.
func PlainText(damaged []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(damaged), "\uFFFD"), "\x00", "\uFFFD")
}
