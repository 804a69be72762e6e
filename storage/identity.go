package storage

import (
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strings"
)

// Reference returns the short name of a question that users and operators see.
// It reveals nothing about the question itself.
func Reference(id MessageID) string {
	sum := sha256.Sum256([]byte(id.String()))
	return "EB-" + base32.StdEncoding.EncodeToString(sum[:])[:6]
}

// buttonMark separates the timestamp of a message from the name of its button.
const buttonMark = "#"

// ButtonID returns the identity of the question that a button of a message
// makes. It is the same for each press, so that pressing twice asks once.
func ButtonID(message MessageID, button string) MessageID {
	message.TS += buttonMark + button
	return message
}

// MessageTS returns the timestamp of the message that the TS of a question
// names: for a button, of the message that shows it.
func MessageTS(ts string) string {
	ts, _, _ = strings.Cut(ts, buttonMark)
	return ts
}

// The identifiers that Slack gives out.
var (
	slackID        = regexp.MustCompile(`^[A-Z0-9]{1,64}$`)
	slackTimestamp = regexp.MustCompile(`^[0-9]{1,16}\.[0-9]{1,9}$`)
)

// ParseMessageID reads what [MessageID.String] wrote, and reports whether the
// channel and the timestamp look like Slack's.
func ParseMessageID(text string) (MessageID, bool) {
	parts := strings.SplitN(text, "/", 3)
	if len(parts) != 3 {
		return MessageID{}, false
	}
	id := MessageID{Team: parts[0], Channel: parts[1], TS: parts[2]}
	return id, slackID.MatchString(id.Channel) && slackTimestamp.MatchString(MessageTS(id.TS))
}
