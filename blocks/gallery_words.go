package blocks

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

// exampleQuestion is the question of the examples.
const exampleQuestion = "T1/C1/1700000000.000100"

// wordExamples are the bot's own messages.
func wordExamples() []Example {
	return append([]Example{
		messageExample("welcome", "The bot was added to a channel.", sentences(Welcome(""), Welcome("IT Helpdesk"))...),
		messageExample("stopped", "A question was stopped.", Notice(NoticeView{Text: SayStopped})),
		messageExample("muted", "A person wrote stop while nothing was running.", Notice(NoticeView{Text: SayMuted})),
		messageExample("edited", "A message was edited after it was asked; visible only to its author.", Edited(exampleQuestion)),
		messageExample("kept-for-later", "A question waits until its agent is back.", Notice(NoticeView{Text: SayKeptForLater})),
		messageExample("ticket-none-made", "A ticket was requested, but none was created.", NoTicketMade(exampleQuestion, "EB-7F3A91")),
		messageExample("failures", "Why a question could not be answered.", failureExamples()...),
		messageExample("not-posted", "A reply could not be posted in its thread; in a direct message.", notPostedExamples()...),
		messageExample("refusals", "Why a message is not answered; most are visible only to its author.", refusalExamples()...),
		messageExample("press-refused", "Why a click had no effect; visible only to the person who clicked.", sentences(
			SayUnknownButton, SayTooOld, SayUsed, SayAskedJustNow, SayAskingForTicket, TicketExists("IT-4711"), TicketExists(""),
			SayCalled, SayAskedTogether, SayAskedWithNext, SaySlowDown, SayDidNotWork, SayWentWrong,
		)...),
		messageExample("thanks", "Thanks for feedback; visible only to the person who gave it.", sentences(SayThanksGood, SayThanksBad)...),
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

func failureExamples() []Message {
	failed := func(text, cure string, buttons ...Button) Message {
		return Notice(NoticeView{Text: text, Cure: cure, Reference: "EB-7F3A91", Buttons: buttons})
	}
	again := TryAgain(exampleQuestion)
	return []Message{
		failed(SayAskedTooMuch, CureAskedTooMuch, again),
		failed(SayUnreachable, CureUnreachable, again),
		failed(SayNoAnswer, CureNoAnswer, again),
		failed(SayUnconfirmed, CureUnconfirmed, again),
		failed(SayUnreadable, CureUnreadable, again),
		failed(SayRejected, CureRejected, again),
		failed(SayUnread, CureUnread, again),
		failed(SayNoAccess, CureNoAccess, again),
		failed(SayUntaken, CureUntaken, again),
		failed(SayAgentGone, CureAgentGone),
		failed(SayEmptyText, CureEmptyText),
		failed(SayFault, CureFault, again),
	}
}

func notPostedExamples() (all []Message) {
	for _, words := range [][2]string{
		{SayNotPosted, CureNotPosted},
		{SayRemoved, CureRemoved},
		{SayArchived, CureArchived},
		{SayRestricted, CureRestricted},
		{SayChannelGone, CureChannelGone},
		{SayThreadGone, CureThreadGone},
	} {
		notice := Notice(NoticeView{Text: words[0], Cure: words[1], Reference: "EB-7F3A91"})
		all = append(all, WithLink(notice, "https://acme.slack.com/archives/C1/p1700000000000100"))
	}
	return all
}

func refusalExamples() []Message {
	again := []Button{AskAgain(exampleQuestion)}
	all := sentences(SayStranger, SayUnverified, SayChannelNotAllowed, SayUserNotAllowed, SayNoPlace, SayFilesOnly, SayNoText, SayNothingToStop, SayChannelSpent)
	return append(all,
		Notice(NoticeView{Text: TooManyOfYours(5), Buttons: again}),
		Notice(NoticeView{Text: SayTooMany, Buttons: again}),
		Notice(NoticeView{Text: SayUserNotAllowed, Cure: LeftOut(12, false)}),
		Notice(NoticeView{Text: TooManyOfYours(5), Cure: LeftOut(12, true), Buttons: again}),
		Notice(NoticeView{Text: StillNeeded("3 h"), Buttons: []Button{AnswerNow(exampleQuestion)}}),
		WithLink(Notice(NoticeView{Text: StillNeeded("3 h"), Cure: CureAskHere}), "https://acme.slack.com/archives/C1/p1700000000000100"),
	)
}

// exampleReport returns the lines of a status report.
func exampleReport(waiting, mine int) []string {
	return []string{InLine(waiting, mine), CallsMade([]string{CallsIn(4, 10, "5s"), CallsIn(12, 20, "1m")})}
}

func commandExamples() []Example {
	help := Help([]string{
		HelpLine("tickets", HelpTickets), HelpLine("status", HelpStatus), HelpLine("new", HelpNew), HelpLine("help", HelpHelp),
	})
	return []Example{
		messageExample("help", "What /enjo help says.", help),
		messageExample("status", "What /enjo status says.", Status("", exampleReport(0, 0)), Status("", exampleReport(3, 0))),
		messageExample("status-outage", "The same while an agent is down.",
			Status(AgentDown(), append(exampleReport(3, 1), LastFailure("2 min", SayUnreachable))),
			Status(AgentDown("HR"), exampleReport(1, 1)), Status(AgentDown("HR", "IT"), exampleReport(4, 1))),
		messageExample("new-conversation", "What /enjo new says.", sentences(SayNewNext, SayWriteMe, SayJustWrite, SayNewHere, SayNewAtTop)...),
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
