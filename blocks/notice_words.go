package blocks

import (
	"strconv"
	"strings"
)

// TicketExists says why no further ticket is requested.
func TicketExists(id string) string {
	if id == "" {
		return sayTicketExistsAbove.Text()
	}
	return sayTicketExists.Text("ticket", id)
}

// TooManyOfYours says that a user already has too many questions in the queue.
func TooManyOfYours(n int) string {
	return counted(n, sayOneOfYours, sayTooManyOfYours)
}

// LeftOut says that a refusal is about several messages. The button, if there is one, is
// for the last of them.
func LeftOut(messages int, button bool) string {
	text := sayLeftOut.Text("n", strconv.Itoa(messages))
	if button {
		text += " " + nextLeftOut.Text()
	}
	return text
}

// StillNeeded asks about a question that was found late.
func StillNeeded(ago string) string {
	return sayStillNeeded.Text("age", ago)
}

// Welcome introduces the bot in a channel that it was added to. Without a name, there is
// only one agent.
func Welcome(agent string) string {
	if agent == "" {
		return sayWelcome.Text()
	}
	return sayWelcomeNamed.Text("agent", agent)
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
	named := strings.Join(shown[:min(len(shown), maxFilesNamed)], ", ")
	switch more := len(shown) - maxFilesNamed; {
	case len(shown) == 0:
		return sayFilesUnknown.Text()
	case more > 0:
		return sayManyFiles.Text("files", named, "n", strconv.Itoa(more))
	}
	return plural(len(shown), sayFile, sayFiles).Text("files", named)
}

// The buttons below the bot's messages; the value is the question.

// TryAgain asks a question again that could not be answered.
func TryAgain(question string) Button {
	return Button{ActionID: ActionRetry, Text: buttonTryAgain.Text(), Value: question, Primary: true}
}

// AskAgain asks with the current text of a message.
func AskAgain(question string) Button {
	return Button{ActionID: ActionRetry, Text: buttonAskAgain.Text(), Value: question, Primary: true}
}

// AnswerNow answers a question that was found late.
func AnswerNow(question string) Button {
	return Button{ActionID: ActionAnswerNow, Text: buttonAnswerNow.Text(), Value: question, Primary: true}
}

// Edited offers to ask again after the message of a question was edited.
func Edited(question string) Message {
	return Notice(NoticeView{Text: sayEdited.Text(), Buttons: []Button{AskAgain(question)}})
}

// NoTicketMade says that the agent created no ticket although one was
// requested.
func NoTicketMade(question, reference string) Message {
	again := TryAgain(question)
	again.Primary = false // asking the support team is the better choice
	return Notice(NoticeView{
		Text:      sayNoTicketMade.Text(),
		Next:      nextNoTicketMade.Text(),
		Reference: reference,
		Buttons:   []Button{again},
	})
}

// HelpLine describes a subcommand of /enjo.
func HelpLine(word, help string) string { return helpLine.Text("command", word, "what", help) }

// Help says how to ask, and lists the commands.
func Help(lines []string) Message {
	lines = append(lines, helpInThread.Text()) // it has no slash commands
	return Notice(NoticeView{
		Text: helpAsk.Text(),
		Next: strings.Join(lines, "\n"),
	})
}

// AgentDown says what does not work while agents are down. Without names, there is only
// one agent.
func AgentDown(names ...string) string {
	if len(names) == 0 {
		return sayAgentDown.Text()
	}
	return sayAgentsDown.Text("agents", inWords(names))
}

// inWords returns a list in words.
func inWords(items []string) string {
	last := len(items) - 1
	if last < 1 {
		return strings.Join(items, "")
	}
	return wordsAnd.Text("some", strings.Join(items[:last], ", "), "last", items[last])
}

// Status says whether the agents can be reached, and how long the queue is.
func Status(outage, waiting string) Message {
	if outage == "" {
		outage = sayAllIsWell.Text()
	}
	return Notice(NoticeView{Text: outage, Next: waiting})
}
