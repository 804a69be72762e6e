package bot_test

import (
	"strings"

	"enjobridge/blocks"
	"enjobridge/enjo"
)

// Parts of the bot's texts that do not depend on what they are about.
var (
	stillNeeded = rest(blocks.StillNeeded(about))                                                          // an old question
	isItSolved  = rest(blocks.Solved(enjo.Ticket{ID: about}).Text)                                         // a closed ticket
	isSolved    = rest(blocks.SolvedThanks(enjo.Ticket{ID: about}).Text)                                   // its asker agrees
	stillOpen   = strings.Trim(rest(blocks.TicketSame(enjo.Ticket{ID: about, Status: "Open"}).Text), ". ") // a ticket without news
	allIsWell   = blocks.Status("", "").Text                                                               // no agent is down
)

// about stands for what a text is about.
const about = "SUBJECT"

// rest returns what follows the last mention of the subject of a text.
func rest(text string) string { return text[strings.LastIndex(text, about)+len(about):] }
