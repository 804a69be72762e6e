package intake

import (
	"time"

	"enjobridge/bot/slackevent"
)

// botPause is how long a bot must not have asked at a channel's top for it to
// count as no loop: alerts come apart, answers to answers do not.
const botPause = 10 * time.Minute

// maxBots bounds how many bots and channels are remembered.
const maxBots = 1_000

// botLoops count the questions that a bot asks in a row at a channel's top, where
// each begins a thread. Those within a thread are counted by the store.
//
// They are a plain data structure, not safe for concurrent use.
type botLoops map[botPlace]botLoop

// botPlace is where a bot asks.
type botPlace struct{ channel, bot string }

// botLoop is how often it did, and when it wanted to last.
type botLoop struct {
	n    int
	last time.Time
}

// inARow returns how many questions in a row the bot of a message has asked there.
// The message counts as asking, whatever comes of it: a loop does not rest.
func (b botLoops) inARow(m slackevent.Message, now time.Time) int {
	at := botPlace{m.ID.Channel, m.BotID}
	turn, known := b[at]
	if !known {
		return 0
	}
	if now.Sub(turn.last) > botPause {
		delete(b, at)
		return 0
	}
	turn.last = now
	b[at] = turn
	return turn.n
}

// asked counts a question that was accepted. One of a person's begins the counts
// of its channel anew.
func (b botLoops) asked(m slackevent.Message, now time.Time) {
	switch {
	case !m.FromBot():
		for at := range b {
			if at.channel == m.ID.Channel {
				delete(b, at)
			}
		}
	case m.ThreadTS == "":
		if len(b) >= maxBots {
			clear(b)
		}
		at := botPlace{m.ID.Channel, m.BotID}
		b[at] = botLoop{b[at].n + 1, now}
	}
}
