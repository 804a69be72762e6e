package storage

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Key is the argument of FirstTime, Seen and Increment. There is one constructor for each
// kind of key. Keys of different kinds never collide.
type Key string

// messageKinds are the beginnings of the keys about a message or a thread; its team and
// its channel follow.
var messageKinds = []string{
	"refused/", "offered/", "offered-in/", "stranger/", "ignored/", "stop/", "mute/", "edit/", "reacted/", "bots/", deletedKind, "edited/", "kept/", "news/",
	"called/", "shared/", "ticketed/", "refusing/", "early-edit/", "bot-asked/", "person-asked/",
}

// Channel returns the team and the channel that a key is about; false for other keys.
func (k Key) Channel() (team, channel string, ok bool) {
	kind, rest, _ := strings.Cut(string(k), "/")
	parts := strings.SplitN(rest, "/", 3)
	if kind += "/"; len(parts) < 2 || kind != welcomeKind && !slices.Contains(messageKinds, kind) {
		return "", "", false
	}
	return parts[0], parts[1], true
}

// Lasting reports whether Forget keeps the key.
func (k Key) Lasting() bool {
	return strings.HasPrefix(string(k), welcomeKind) || strings.HasPrefix(string(k), reportKind)
}

// Event returns the event that a key records which was stored at a time; false for other keys.
func (k Key) Event(at time.Time) (Event, bool) {
	kind, question, _ := strings.Cut(string(k), "/")
	if !slices.Contains([]EventKind{Called, Shared, Ticketed}, EventKind(kind)) {
		return Event{}, false
	}
	id, ok := ParseMessageID(question)
	return Event{EventKind(kind), id, at}, ok
}

// Deleted returns the message of a [DeletedKey]; false for other keys.
func (k Key) Deleted() (MessageID, bool) {
	message, ok := strings.CutPrefix(string(k), deletedKind)
	if !ok {
		return MessageID{}, false
	}
	return ParseMessageID(message)
}

// RefusedKey records that the policy did not accept a message, so that backfill ignores
// it. The intake writes it.
func RefusedKey(message MessageID) Key { return Key("refused/" + message.String()) }

// RefusingKey records that a replica posts the refusal with a key. Other replicas leave that
// to it for a while. The intake writes it.
func RefusingKey(refusal Key) Key {
	parts := append(strings.SplitN(string(refusal), "/", 4), "", "", "")
	kind, team, channel, subject := parts[0], parts[1], parts[2], parts[3]
	return Key("refusing/" + team + "/" + channel + "/" + kind + "/" + subject)
}

// OfferedKey records that the sender of an old message was asked whether they still need
// an answer. The intake writes it.
func OfferedKey(message MessageID) Key { return Key("offered/" + message.String()) }

// OfferedInKey records that a person got such an offer in a thread, and so has asked there.
// The intake writes it.
func OfferedInKey(thread ThreadID, person string) Key {
	return Key("offered-in/" + thread.String() + "/" + person)
}

// OutsiderKey records that a user of another organisation was informed in a channel that
// the bot does not serve them. The intake writes it.
func OutsiderKey(team, channel, user string) Key {
	return Key("stranger/" + team + "/" + channel + "/" + user)
}

// IgnoredKey records that a message was ignored because its thread was muted, so that
// backfill ignores it, too. The intake writes it.
func IgnoredKey(message MessageID) Key { return Key("ignored/" + message.String()) }

// StopKey records that a message stops the questions of its thread, and MuteKey that it
// mutes its thread. The intake writes them.
func StopKey(message MessageID) Key { return Key("stop/" + message.String()) }

// MuteKey is described at [StopKey].
func MuteKey(message MessageID) Key { return Key("mute/" + message.String()) }

// AskedEditKey records that a question has the text of an edit of its message, so that
// the edit changes nothing when its event arrives. The intake writes it.
func AskedEditKey(message MessageID, editedTS string) Key {
	return Key("edit/" + message.String() + "/" + editedTS)
}

// EarlyEditKey records that a message was edited that was no question, so that its text is
// read again if it becomes one. The intake writes it.
func EarlyEditKey(message MessageID) Key { return Key("early-edit/" + message.String()) }

// ReactedKey records that a message gets a reaction. The intake writes it.
func ReactedKey(message MessageID) Key { return Key("reacted/" + message.String()) }

// BotLoopKey records that a bot loop in a place was logged. The Root of the place is
// empty at the top level of a channel. The intake writes it.
func BotLoopKey(place ThreadID) Key { return Key("bots/" + place.String()) }

// BotAskedKey counts the questions in a row of a bot at the top of a channel, up to a period
// whose length the intake chooses, after so many resets: see [PersonAskedKey]. The intake
// writes it.
func BotAskedKey(team, channel, bot string, resets int, period int64) Key {
	return Key(fmt.Sprintf("bot-asked/%s/%s/%s/%d/%d", team, channel, bot, resets, period))
}

// PersonAskedKey counts the questions of people in a channel where bots can ask, too: each
// of them ends what [BotAskedKey] counts. The intake writes it.
func PersonAskedKey(team, channel string) Key { return Key("person-asked/" + team + "/" + channel) }

// DeletedKey records that the message of a question was deleted, so that the answer is
// removed. The intake writes it.
func DeletedKey(message MessageID) Key { return Key(deletedKind + message.String()) }

// deletedKind is the beginning of a DeletedKey.
const deletedKind = "deleted/"

// EditedKey records the offer to ask again after an answered question was edited. The
// intake writes it.
func EditedKey(message MessageID) Key { return Key("edited/" + message.String()) }

// ChannelDayKey counts the questions of a channel on a day, in UTC. The intake
// and the buttons write it.
func ChannelDayKey(channel string, day time.Time) Key {
	return Key("asked/" + channel + "/" + day.UTC().Format(time.DateOnly))
}

// ChannelLimitKey records that a channel was notified that it has used up its questions
// for a day, in UTC. The intake writes it.
func ChannelLimitKey(channel string, day time.Time) Key {
	return Key("limit/" + channel + "/" + day.UTC().Format(time.DateOnly))
}

// WelcomeKey records that the bot introduced itself in a channel. Forget keeps it. Package
// workspace writes it.
func WelcomeKey(team, channel string) Key { return Key(welcomeKind + team + "/" + channel) }

// welcomeKind is the beginning of a WelcomeKey.
const welcomeKind = "welcome/"

// CalledKey records the event [Called]. The buttons write it. Forget deletes it, and the keys
// of other events, like a question.
func CalledKey(question MessageID) Key { return Key("called/" + question.String()) }

// sharedKey records the event [Shared]. Publish writes it.
func sharedKey(question MessageID) Key { return Key("shared/" + question.String()) }

// ticketedKey records the event [Ticketed]. SetOutcome writes it.
func ticketedKey(question MessageID) Key { return Key("ticketed/" + question.String()) }

// EventKeys returns the keys of the events of a question.
func EventKeys(question MessageID) []Key {
	return []Key{CalledKey(question), sharedKey(question), ticketedKey(question)}
}

// ReportKey records that a channel got the report that was due on a day, in UTC. Forget
// keeps it. Package report writes it.
func ReportKey(channel string, due time.Time) Key {
	return Key(reportKind + channel + "/" + due.UTC().Format(time.DateOnly))
}

// reportKind is the beginning of a ReportKey.
const reportKind = "report/"

// OutageNoticeKey records that an asker was informed that the agent is down and that the
// question is saved. The dispatcher writes it.
func OutageNoticeKey(question MessageID) Key { return Key("kept/" + question.String()) }

// TicketNewsKey records that the requester of a ticket was notified of a change, which a
// digest identifies. The ticket reconciler writes it.
func TicketNewsKey(thread ThreadID, digest string) Key {
	return Key("news/" + thread.String() + "/" + digest)
}

// TicketClosedKey records that the ticketing system reported a ticket with this status as
// closed, whatever the status is called. The webhook writes it.
func TicketClosedKey(ticketID, status string) Key {
	sum := sha256.Sum256([]byte(ticketID + "\n" + status))
	return Key("done/" + hex.EncodeToString(sum[:16]))
}
