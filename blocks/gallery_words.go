package blocks

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

// exampleQuestion is the question of the examples.
const exampleQuestion = "T1/C1/1700000000.000100"

// wordExamples are the bot's own messages.
func wordExamples() []Example {
	return append([]Example{
		messageExample("welcome", "The bot was added to a channel.", sentences(Welcome(""), Welcome("IT Helpdesk"))...),
		messageExample("stopped", "A question was stopped.", Notice(NoticeView{Text: SayStopped.Text()})),
		messageExample("muted", "A person wrote stop while nothing was running.", Notice(NoticeView{Text: SayMuted.Text()})),
		messageExample("edited", "A message was edited after it was asked; visible only to its author.", Edited(exampleQuestion)),
		messageExample("kept-for-later", "A question waits until its agent is back.", Notice(NoticeView{Text: SayKeptForLater.Text()})),
		messageExample("kept-for-later-person", "The same where people can be called, in a channel and where only the asker sees it.",
			Notice(NoticeView{Text: SayKeptForLater.Text(), Buttons: []Button{TalkToPerson(exampleQuestion, false)}}),
			Notice(NoticeView{Text: SayKeptForLater.Text(), Buttons: []Button{TalkToPerson(exampleQuestion, true)}})),
		messageExample("ticket-none-made", "A ticket was requested, but none was created.", NoTicketMade(exampleQuestion, "EB-7F3A91")),
		messageExample("failures", "Why a question could not be answered.", failureExamples()...),
		messageExample("not-posted", "A reply could not be posted in its thread; in a direct message.", notPostedExamples()...),
		messageExample("refusals", "Why a message is not answered; most are visible only to its author.", refusalExamples()...),
		messageExample("press-refused", "Why a click had no effect; visible only to the person who clicked.", slices.Concat(
			say(SayUnknownButton, SayTooOld, SayUsed, SayAskedJustNow, SayAskingForTicket),
			sentences(TicketExists("IT-4711"), TicketExists("")),
			say(SayCalled, SayAskedTogether, SayAskedWithNext, SaySlowDown, SayDidNotWork, SayWentWrong))...),
		messageExample("thanks", "Thanks for feedback; visible only to the person who gave it.", say(SayThanksGood, SayThanksBad)...),
	}, commandExamples()...)
}

// sentences returns a notice for each sentence.
func sentences(texts ...string) []Message {
	var all []Message
	for _, text := range texts {
		all = append(all, Notice(NoticeView{Text: text}))
	}
	return all
}

// say returns a notice for each key.
func say(keys ...Key) []Message {
	var texts []string
	for _, k := range keys {
		texts = append(texts, k.Text())
	}
	return sentences(texts...)
}

func failureExamples() []Message {
	failed := func(say, next Key, buttons ...Button) Message {
		return Notice(NoticeView{Text: say.Text(), Next: next.Text(), Reference: "EB-7F3A91", Buttons: buttons})
	}
	again := TryAgain(exampleQuestion)
	return []Message{
		failed(SayAskedTooMuch, NextAskedTooMuch, again),
		failed(SayUnreachable, NextUnreachable, again),
		failed(SayNoAnswer, NextNoAnswer, again),
		failed(SayUnconfirmed, NextUnconfirmed, again),
		failed(SayUnreadable, NextUnreadable, again),
		failed(SayRejected, NextRejected, again),
		failed(SayUnread, NextUnread, again),
		failed(SayNoAccess, NextNoAccess, again),
		failed(SayUntaken, NextUntaken, again),
		failed(SayAgentGone, NextAgentGone),
		failed(SayEmptyText, NextEmptyText),
		failed(SayFault, NextFault, again),
	}
}

func notPostedExamples() (all []Message) {
	for _, words := range [][2]Key{
		{SayNotPosted, NextNotPosted},
		{SayRemoved, NextRemoved},
		{SayArchived, NextArchived},
		{SayRestricted, NextRestricted},
		{SayChannelGone, NextChannelGone},
		{SayThreadGone, NextThreadGone},
	} {
		notice := Notice(NoticeView{Text: words[0].Text(), Next: words[1].Text(), Reference: "EB-7F3A91"})
		all = append(all, WithLink(notice, "https://acme.slack.com/archives/C1/p1700000000000100"))
	}
	return all
}

func refusalExamples() []Message {
	again := []Button{AskAgain(exampleQuestion)}
	all := say(SayStranger, SayUnverified, SayChannelNotAllowed, SayUserNotAllowed, SayNoPlace, SayFilesOnly, SayNoText, SayNothingToStop, SayChannelSpent)
	return append(all,
		Notice(NoticeView{Text: TooManyOfYours(1), Buttons: again}),
		Notice(NoticeView{Text: TooManyOfYours(5), Buttons: again}),
		Notice(NoticeView{Text: SayTooMany.Text(), Buttons: again}),
		Notice(NoticeView{Text: SayUserNotAllowed.Text(), Next: LeftOut(12, false)}),
		Notice(NoticeView{Text: TooManyOfYours(5), Next: LeftOut(12, true), Buttons: again}),
		Notice(NoticeView{Text: StillNeeded(Ago(3 * time.Hour)), Buttons: []Button{AnswerNow(exampleQuestion)}}),
		WithLink(Notice(NoticeView{Text: StillNeeded(Ago(3 * time.Hour)), Next: NextAskHere.Text()}), "https://acme.slack.com/archives/C1/p1700000000000100"),
	)
}

func commandExamples() []Example {
	help := Help([]string{
		HelpLine(HelpAskWord.Text(), HelpAsk.Text()), HelpLine("tickets", HelpTickets.Text()), HelpLine("status", HelpStatus.Text()), HelpLine("new", HelpNew.Text()), HelpLine("help", HelpHelp.Text()),
	})
	return []Example{
		messageExample("help", "What /enjo help says.", help),
		messageExample("status", "What /enjo status says.",
			Status("", Waiting(0, 0, 0)), Status("", Waiting(1, 0, 0)), Status("", Waiting(12, 0, 35*time.Second)),
			Status("", Waiting(1, 1, 0)), Status("", Waiting(3, 3, 8*time.Second)), Status("", Waiting(3, 1, 8*time.Second)), Status("", Waiting(200, 2, 6*time.Minute))),
		messageExample("status-outage", "The same while an agent is down.",
			Status(AgentDown(), Waiting(3, 1, 0)), Status(AgentDown("HR"), Waiting(1, 1, 0)), Status(AgentDown("HR", "IT", "Payroll"), Waiting(4, 1, 0))),
		messageExample("new-conversation", "What /enjo new says.", say(SayNewNext, SayWriteMe, SayJustWrite, SayNewHere, SayNewAtTop)...),
	}
}

// sourceModals are modals with sources that are hard to render.
func sourceModals() (long, rightToLeft slack.ModalViewRequest) {
	var endless, arabic []enjo.Source
	for i, s := range exampleSources(5) {
		s.Name, s.Type = strings.Repeat("Instructions for <all> & everyone, ", 30), strings.Repeat("Knowledge ", 20)
		s.URL = fmt.Sprintf("https://kb.example.com/%d/%s", i+1, strings.Repeat("articles/", 100))
		endless = append(endless, s)
	}
	for i, name := range []string{"إعادة تعيين كلمة المرور", "איפוס סיסמה", "VPN للموظفين: دليل 2026"} {
		arabic = append(arabic, enjo.Source{Type: "قاعدة المعرفة", Name: name, URL: fmt.Sprintf("https://kb.example.com/ar/%d", i+1), Score: 0.5})
	}
	return Sources(endless), Sources(arabic)
}
