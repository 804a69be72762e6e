package storage

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"regexp"
	"strings"
)

// Reference returns the short reference of a question, which users and operators see.
// It is a hash and reveals nothing about the question.
func Reference(id MessageID) string {
	sum := sha256.Sum256([]byte(id.String()))
	return "EB-" + base32.StdEncoding.EncodeToString(sum[:])[:6]
}

// buttonSeparator separates the timestamp of a message from the name of its button.
const buttonSeparator = "#"

// ButtonID returns the identity of the question that a button of a message creates. It
// is the same for each press, so that pressing twice asks once.
func ButtonID(message MessageID, button string) MessageID {
	message.TS += buttonSeparator + button
	return message
}

// MessageTS returns the timestamp of the message in the TS of a question. For a button,
// that is the message that shows the button.
func MessageTS(ts string) string {
	ts, _, _ = strings.Cut(ts, buttonSeparator)
	return ts
}

// privateTS stands for the timestamp of a message that Slack does not have.
const privateTS = "0.0"

// CommandID returns the identity of a question that a person asks with the slash command.
// Slack has no message of it. The trigger ID is different for each use of a command.
func CommandID(team, channel, trigger string) MessageID {
	sum := sha256.Sum256([]byte(trigger))
	return MessageID{Team: team, Channel: channel, TS: privateTS + buttonSeparator + hex.EncodeToString(sum[:12])}
}

// PrivateThread returns the thread of a question with a [CommandID]: it begins its own.
func PrivateThread(id MessageID) ThreadID {
	return ThreadID{Team: id.Team, Channel: id.Channel, Root: id.TS}
}

// IsPrivate reports whether the thread exists in the store only: it is that of a question
// that was asked with the slash command, and of those that its buttons ask. Slack has no
// messages of it, and only its asker sees the answers.
func (id ThreadID) IsPrivate() bool { return strings.HasPrefix(id.Root, privateTS+buttonSeparator) }

// IsDirect reports whether a channel is the direct messages of one person with the bot.
func IsDirect(channel string) bool { return strings.HasPrefix(channel, "D") }

// IsPersonal reports whether nobody but the asker can read the thread: it is private, or in
// direct messages.
func (id ThreadID) IsPersonal() bool { return id.IsPrivate() || IsDirect(id.Channel) }

// The formats of Slack's identifiers.
var (
	slackID        = regexp.MustCompile(`^[A-Z0-9]{1,64}$`)
	slackTimestamp = regexp.MustCompile(`^[0-9]{1,16}\.[0-9]{1,9}$`)
)

// ParseMessageID parses the result of [MessageID.String], and reports whether the channel
// and the timestamp have Slack's formats.
func ParseMessageID(text string) (MessageID, bool) {
	parts := strings.SplitN(text, "/", 3)
	if len(parts) != 3 {
		return MessageID{}, false
	}
	id := MessageID{Team: parts[0], Channel: parts[1], TS: parts[2]}
	return id, slackID.MatchString(id.Channel) && slackTimestamp.MatchString(MessageTS(id.TS))
}

// CompareTS orders Slack's timestamps. Those with more digits are later, and the empty
// one is the earliest.
func CompareTS(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
