package intake

import (
	"time"

	"enjobridge/bot/slackevent"
)

// botPause is how long a bot must not have asked at a channel's top for its questions
// not to count as a loop: alerts are far apart, answers to answers are not.
const botPause = 10 * time.Minute

// maxBots bounds how many bots and channels are remembered.
const maxBots = 1_000

// botLoops counts the questions that a bot asks in a row at a channel's top, where
// each begins a thread. The store counts those within a thread.
//
// It is a plain data structure, not safe for concurrent use.
type botLoops map[botPlace]botLoop

// botPlace is where a bot asks.
type botPlace struct{ channel, bot string }

// botLoop is how many questions a bot has asked, and when it tried last.
type botLoop struct {
	n    int
	last time.Time
}

// inARow returns how many questions in a row the bot of a message has asked there.
// The message counts as an attempt even if it is not accepted: a loop does not rest.
func (b botLoops) inARow(m slackevent.Message, now time.Time) int {
	at := botPlace{m.ID.Channel, m.BotID}
	n := b.count(m, now)
	if n == 0 {
		delete(b, at)
		return 0
	}
	b[at] = botLoop{n, now}
	return n
}

// count is inARow of a message that is no attempt.
func (b botLoops) count(m slackevent.Message, now time.Time) int {
	loop := b[botPlace{m.ID.Channel, m.BotID}]
	if now.Sub(loop.last) > botPause {
		return 0
	}
	return loop.n
}

// asked counts a question that was accepted. A person's question resets the counts of
// its channel.
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
