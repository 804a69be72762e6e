package blocks

import (
	"strconv"
	"time"
)

// The statuses of a waiting question. Slack shows the app's name before them.

// StatusRetrying says that the agent is asked again after a time.
func StatusRetrying(in time.Duration) string { return statusRetrying.Text("time", roughly(in)) }

// StatusAhead says how many people come first, and about how long that takes.
func StatusAhead(people int, wait time.Duration) string {
	if people == 0 {
		return statusNext.Text("time", roughly(wait))
	}
	return plural(people, statusOneAhead, statusAhead).Text("n", strconv.Itoa(people), "time", roughly(wait))
}

// StatusAheadInChannel says how many people of a channel come first.
func StatusAheadInChannel(people int) string {
	return counted(people, statusOneAheadInChannel, statusAheadInChannel)
}

// worthSaying is the wait from which on people read how long it is.
const worthSaying = 3 * time.Second

// Waiting says how many questions wait, how many of them are the reader's, and about how
// long a new one waits.
func Waiting(questions, mine int, wait time.Duration) string {
	text := waitingText(questions, mine)
	if wait > worthSaying {
		text += " " + sayWait.Text("time", roughly(wait))
	}
	return text
}

func waitingText(questions, mine int) string {
	switch {
	case questions == 0:
		return sayNobodyWaits.Text()
	case mine == 0:
		return counted(questions, sayOneWaits, sayWaiting)
	case questions == mine:
		return counted(mine, sayYoursWaits, sayYoursWait)
	}
	return plural(mine, sayOneIsYours, saySomeAreYours).Text("n", strconv.Itoa(questions), "mine", strconv.Itoa(mine))
}
