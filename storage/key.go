package storage

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Key is what FirstTime, Seen and Increment remember. There is one constructor for each
// kind of key; no two kinds share a key.
type Key string

// RefusedKey remembers that a message was decided and not accepted, so that
// history does not bring it back. The intake writes it.
func RefusedKey(message MessageID) Key { return Key("refused/" + message.String()) }

// OfferedKey remembers that the sender of an old message was asked whether an
// answer is still needed. The intake writes it.
func OfferedKey(message MessageID) Key { return Key("offered/" + message.String()) }

// OutsiderKey remembers that somebody of another organisation was told in a
// channel that they are not served. The intake writes it.
func OutsiderKey(team, channel, user string) Key {
	return Key("stranger/" + team + "/" + channel + "/" + user)
}

// ReactedKey remembers that a message gets a reaction. The intake writes it.
func ReactedKey(message MessageID) Key { return Key("reacted/" + message.String()) }

// BotLoopKey remembers that the log says of a place that bots talk to each other
// there. Its Root is empty at a channel's top. The intake writes it.
func BotLoopKey(place ThreadID) Key { return Key("bots/" + place.String()) }

// DeletedKey remembers that the message of a question was deleted, so that the
// answer is removed. The intake writes it.
func DeletedKey(message MessageID) Key { return Key("deleted/" + message.String()) }

// EditedKey remembers that the asker of an answered question that was edited is
// offered to ask again. The intake writes it.
func EditedKey(message MessageID) Key { return Key("edited/" + message.String()) }

// ChannelDayKey counts the questions of a channel on a day, in UTC. The intake
// and the buttons write it.
func ChannelDayKey(channel string, day time.Time) Key {
	return Key("asked/" + channel + "/" + day.UTC().Format(time.DateOnly))
}

// OutageNoticeKey remembers that an asker was told that the question is kept while the
// agent is down. The dispatcher writes it.
func OutageNoticeKey(question MessageID) Key { return Key("kept/" + question.String()) }

// TicketNewsKey remembers that the requester of a ticket was told of a change,
// by a digest of the change. The ticket's reconciler writes it.
func TicketNewsKey(thread ThreadID, digest string) Key {
	return Key("news/" + thread.String() + "/" + digest)
}

// TicketClosedKey remembers that the ticketing system calls a ticket with a
// status closed, by whatever name it calls the status. The webhook writes it.
func TicketClosedKey(ticketID, status string) Key {
	sum := sha256.Sum256([]byte(ticketID + "\n" + status))
	return Key("done/" + hex.EncodeToString(sum[:16]))
}
