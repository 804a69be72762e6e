package bot_test

import (
	"strings"

	"enjobridge/blocks"
	"enjobridge/enjo"
)

// Parts of the bot's texts that do not depend on what they are about.
var (
	stillNeeded = rest(blocks.StillNeeded(about))                                      // an old question
	isItSolved  = rest(blocks.Solved(enjo.Ticket{ID: about}).Text)                     // a closed ticket
	stillOpen   = rest(blocks.TicketSame(enjo.Ticket{ID: about, Status: "Open"}).Text) // a ticket without news
	allIsWell   = blocks.Status("", "").Text                                           // no agent is down
)

// about stands for what a text is about.
const about = "SUBJECT"

// rest returns what follows the subject of a text.
func rest(text string) string {
	_, after, _ := strings.Cut(text, about)
	return after
}
