package blocks

import (
	"fmt"
	"strings"
)

// All of the bot's own messages are here and in the functions below. The
// gallery shows them from here, so that the gallery, the golden files and the
// real messages cannot differ.

// Why a click had no effect.
const (
	SayUnknownButton   = "This button is from another version of me and does nothing any more. Please ask again."
	SayTooOld          = "This is too old: I do not remember it any more. Please ask again."
	SayUsed            = "This button was used already."
	SayAskedJustNow    = "I have asked just now."
	SayAskingForTicket = "I am asking for a ticket already."
	SayCalled          = "Somebody has been called already."
	SayAskedTogether   = "I've asked this together with your message before. My reply to it is here in the thread, too."
	SayAskedWithNext   = "I've asked this together with your next message. My reply is in the thread of that one."
	SaySlowDown        = "That's faster than I can keep up with, so I've skipped some of it. Please wait a few seconds, then try again."
	SayDidNotWork      = "That did not work. Please try again in a moment."
	SayWentWrong       = "Something went wrong on my side. Please try again."
)

// TicketExists says why no further ticket is requested.
func TicketExists(id string) string {
	if id == "" {
		id = "see above"
	}
	return "There is a ticket for this thread already: " + id + "."
}

// Why a message is not sent to an agent.
const (
	SayStranger          = "I only answer people of the organisation that runs me. Please ask your own contact there."
	SayUnverified        = "I can't check right now whether you belong to the organisation that runs me, so I haven't answered. Please try again in a few minutes."
	SayChannelNotAllowed = "I do not answer in this channel. Please ask where your support team told you to, or write to me directly."
	SayUserNotAllowed    = "I am not open to everyone yet. Please ask your support team."
	SayNoPlace           = "I can't tell which channel that came from, so I've left it. Please try again there, or write to me directly."
	SayFilesOnly         = "I can't read what you attached. Please describe in words what you need."
	SayNoText            = "Hi! Write your question after my name, and I will answer in a thread."
	SayTooMany           = "Too many people are waiting for an answer at the moment. Ask again in a few minutes."
	SayChannelSpent      = "This channel has used up its questions for today. I answer here again tomorrow; until then please write to me directly."
)

// TooManyOfYours says that a user already has too many questions in the queue.
func TooManyOfYours(n int) string {
	return fmt.Sprintf("You have %d questions waiting already. Ask this one again when they are answered.", n)
}

// LeftOut says that a refusal is about several messages. The button, if there is one, is
// for the last of them.
func LeftOut(messages int, button bool) string {
	text := fmt.Sprintf("I've left out %d of your messages here for the same reason.", messages)
	if button {
		text += " The button asks the last one."
	}
	return text
}

// StillNeeded asks about a question that was found late.
func StillNeeded(ago string) string {
	return "You asked this " + ago + " ago, and I was not listening. Still needed?"
}

// Other messages of one sentence.
const (
	SayThanksGood = "Thank you, good to know."
	SayThanksBad  = "Thank you. That helps to make the answers better."
	SayJustWrite  = "Just write to me: every message at the top of our conversation starts a new one."
	SayWriteMe    = "Write this to me directly. In a channel every mention at the top starts a new conversation."
	SayNewNext    = "The next thing you write starts a new conversation."
	SayStopped    = "Stopped."
	// SayMuted confirms that a person stopped the bot in a thread.
	SayMuted         = "OK, I'll stay silent in this thread. Mention me when you need me again."
	SayNothingToStop = "There's nothing running here that I could stop."
	// SayNewHere and SayNewAtTop respond to a mention with the word new.
	SayNewHere      = "Done. Your next question in this thread starts a new conversation."
	SayNewAtTop     = "Every mention at the top of a channel starts a new conversation. Just ask me there."
	SayKeptForLater = "I can't reach the agent right now. I've saved your question and will answer when it's back."
)

// Welcome introduces the bot in a channel that it was added to. Without a name, there is
// only one agent.
func Welcome(agent string) string {
	who := "an AI support agent"
	if agent != "" {
		who = agent + ", an AI agent"
	}
	return "Hi, I'm " + who + ". Mention me with your question, and I'll answer in a thread."
}

// NoteFiles precedes an answer to messages with files that the agent could not read. Names
// that are not known can be left out.
func NoteFiles(names []string) string {
	const (
		maxFilesNamed = 3
		maxFileName   = 80 // characters
	)
	var shown []string
	for _, name := range names {
		if name = strings.Join(strings.Fields(name), " "); name != "" {
			shown = append(shown, shorten(name, maxFileName, plainCost))
		}
	}
	switch more := len(shown) - maxFilesNamed; {
	case len(shown) == 0:
		return "I can't read everything that's attached."
	case more > 0:
		return fmt.Sprintf("I can't read these files: %s, and %d more.", strings.Join(shown[:maxFilesNamed], ", "), more)
	case len(shown) == 1:
		return "I can't read this file: " + shown[0] + "."
	}
	return "I can't read these files: " + strings.Join(shown, ", ") + "."
}

// The buttons below the bot's messages; the value is the question.

// TryAgain asks a question again that could not be answered.
func TryAgain(question string) Button {
	return Button{ActionID: ActionRetry, Text: "Try again", Value: question, Primary: true}
}

// AskAgain asks with the current text of a message.
func AskAgain(question string) Button {
	return Button{ActionID: ActionRetry, Text: "Ask again", Value: question, Primary: true}
}

// AnswerNow answers a question that was found late.
func AnswerNow(question string) Button {
	return Button{ActionID: ActionAnswerNow, Text: "Answer now", Value: question, Primary: true}
}

// Edited offers to ask again after the message of a question was edited.
func Edited(question string) Message {
	return Notice(NoticeView{Text: "You changed your message after I was asked.", Buttons: []Button{AskAgain(question)}})
}

// NoTicketMade says that the agent created no ticket although one was
// requested.
func NoTicketMade(question, reference string) Message {
	again := TryAgain(question)
	again.Primary = false // asking the support team is the better choice
	return Notice(NoticeView{
		Text:      "I asked for a ticket, but none was made.",
		Cure:      "Please tell your support team, or try again.",
		Reference: reference,
		Buttons:   []Button{again},
	})
}

// The descriptions of the subcommands of /enjo.
const (
	HelpTickets = "your tickets, with their status"
	HelpStatus  = "how long the line is, and whether all is well"
	HelpNew     = "start a new conversation with the next direct message"
	HelpHelp    = "this list"
)

// HelpLine describes a subcommand of /enjo.
func HelpLine(word, help string) string { return "/enjo " + word + ": " + help }

// Help says how to ask, and lists the commands.
func Help(lines []string) Message {
	lines = append(lines, "In a thread, mention me with one of these words instead.") // it has no slash commands
	return Notice(NoticeView{
		Text: "To ask me something, mention me in a channel or write to me directly.",
		Cure: strings.Join(lines, "\n"),
	})
}

// AgentDown says what does not work while agents are down. Without names, there is only
// one agent.
func AgentDown(names ...string) string {
	if len(names) == 0 {
		return "I can't reach the agent right now. I save your questions and answer them when it's back."
	}
	return "I can't reach " + strings.Join(names, " and ") + " right now. I save your questions there and answer them later."
}

// Status reports what does not work, if anything, and the lines of a report.
func Status(outage string, lines []string) Message {
	if outage == "" {
		outage = "All is well."
	}
	return Notice(NoticeView{Text: outage, Cure: strings.Join(lines, "\n")})
}

// InLine says how many questions wait, and how many of them are the reader's.
func InLine(waiting, mine int) string {
	switch {
	case waiting == 0:
		return "Nobody is waiting."
	case mine > 0:
		return fmt.Sprintf("%d in line, %d of them yours.", waiting, mine)
	}
	return fmt.Sprintf("%d in line.", waiting)
}

// CallsIn says how much of one limit is used.
func CallsIn(made, of int, per string) string { return fmt.Sprintf("%d of %d in %s", made, of, per) }

// CallsMade says how much of all limits is used.
func CallsMade(uses []string) string { return "Calls to the agent: " + strings.Join(uses, ", ") + "." }

// LastFailure describes the last failure.
func LastFailure(ago, what string) string { return "The last failure was " + ago + " ago: " + what }
