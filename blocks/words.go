package blocks

import "strings"

// Key names a text that people in Slack read. The texts themselves are in words_en.go,
// so that they can be rewritten, and translated, in one place: another language is
// another map by these keys, and [Key.words] chooses it.
type Key int

// words returns the text of a key, with its placeholders.
func (k Key) words() string { return english[k] }

// Text returns the text of a key. Values are pairs: the name of a placeholder such as
// {ticket}, without the braces, and what replaces it.
func (k Key) Text(values ...string) string {
	if len(values) == 0 {
		return k.words()
	}
	var pairs []string
	for i, v := range values {
		if i%2 == 0 {
			v = "{" + v + "}"
		}
		pairs = append(pairs, v)
	}
	return strings.NewReplacer(pairs...).Replace(k.words())
}

// plural returns the key for a number of things.
func plural(n int, one, other Key) Key {
	if n == 1 {
		return one
	}
	return other
}

// The keys. Say… is a sentence, Next… tells what to do next, Status… follows the name of
// the app, Prompt… is a suggested question; button…, title…, label… and option… are parts
// of messages and modals.
const (
	_ Key = iota // no text

	// Why a question could not be answered.
	SayAskedTooMuch
	NextAskedTooMuch
	SayUnreachable
	NextUnreachable
	SayNoAnswer
	NextNoAnswer
	SayUnconfirmed
	NextUnconfirmed
	SayUnreadable
	NextUnreadable
	SayRejected
	NextRejected
	SayAgentGone
	NextAgentGone
	SayEmptyText
	NextEmptyText
	SayUnread
	NextUnread
	SayNoAccess
	NextNoAccess
	SayUntaken
	NextUntaken
	SayFault
	NextFault
	sayNoTicketMade
	nextNoTicketMade

	// Why a reply is not where the question is.
	SayNotPosted
	NextNotPosted
	SayRemoved
	NextRemoved
	SayArchived
	NextArchived
	SayRestricted
	NextRestricted
	SayChannelGone
	NextChannelGone
	SayThreadGone
	NextThreadGone
	NextAskHere // goes with what everyone in a channel should have seen there

	// Why a click had no effect.
	SayUnknownButton
	SayTooOld
	SayUsed
	SayAskedJustNow
	SayAskingForTicket
	sayTicketExists
	sayTicketExistsAbove
	SayCalled
	SayAskedTogether
	SayAskedWithNext
	SaySlowDown
	SayDidNotWork
	SayWentWrong

	// Why a message is not sent to an agent.
	SayStranger
	SayUnverified
	SayChannelNotAllowed
	SayUserNotAllowed
	SayNoPlace
	SayFilesOnly
	SayNoText
	SayTooMany
	SayChannelSpent
	sayOneOfYours
	sayTooManyOfYours
	sayLeftOut
	nextLeftOut
	sayStillNeeded
	sayEdited

	// Other sentences.
	SayThanksGood
	SayThanksBad
	SayJustWrite
	SayWriteMe
	SayNewNext
	SayNewHere
	SayNewAtTop
	SayStopped
	SayMuted
	SayNothingToStop
	SayKeptForLater
	saySomething
	sayWelcome
	sayWelcomeNamed
	sayFilesUnknown
	sayFile
	sayFiles
	sayManyFiles
	sayOnIt
	sayOnItSoon
	SayShared
	SayAlreadyShared
	SayAnswerGone
	SayCannotShare
	SayInDirect
	SayTypeItAgain
	sayAskedBy
	sayAskedPrivately
	sayYouAsked
	buttonShare
	LabelSomebody

	// Answers.
	sayEmptyAnswer
	sayTicketAnswer
	sayLong
	sayDisclaimer
	sayDisclaimerNamed
	SayInFile
	titleAnswer
	titleSources
	labelSources
	labelWeakSource
	labelSource
	labelEmbeddedImage
	labelEmbeddedFile
	labelSourcesOf
	titleManySources
	buttonShowAll
	buttonCreateTicket
	buttonEscalate
	buttonHelpful
	hintHelpful
	buttonNotHelpful
	hintNotHelpful

	// Notices.
	labelReference
	buttonTryAgain
	buttonAskAgain
	buttonAnswerNow

	// Calls for a person.
	sayCalls
	sayCallsFor
	sayCallsForFallback
	labelQuestion
	labelLatestQuestion
	labelLatestReply
	sayCallDone
	sayCallDoneFallback
	sayQuiet
	SayStillOwed
	SayStillQuiet
	sayWriteDirectly
	SayOfferPerson
	SayOfferPersonDirectly
	SayOfferPersonPrivately
	SayCalledDirectly
	sayCalledPrivately
	SayCalledDone
	linkQuestion
	buttonDone
	titleConfirmCall
	sayConfirmCall
	buttonConfirmCall

	// Tickets.
	labelTicket
	labelStatus
	labelPriority
	labelType
	labelRequester
	labelLink
	labelCreated
	labelModified
	labelRequestedBy
	labelShortened
	titleDetails
	sayFieldChanged
	sayFieldSet
	labelDescriptionChanged
	labelDetailsChanged
	buttonCheckStatus
	buttonOpenIn
	buttonOpenTicket
	sayNoChange
	sayNoChangeFrom
	sayAsOf
	saySolved
	saySolvedThanks
	buttonSolved
	buttonReopen
	buttonComment
	linkThread
	labelThread
	sayNoTickets
	sayOneTicket
	sayTickets
	labelMore

	// Modals.
	sayNoSources
	sayBestSources
	titleFeedback
	labelReasons
	optionWrong
	optionOffTopic
	optionIncomplete
	optionOutdated
	optionUnclear
	labelFeedback
	hintFeedback
	titleComment
	labelComment
	hintComment
	buttonSend
	buttonCancel
	buttonClose

	// App Home.
	titleHome
	helpHome
	titleTickets
	SayNewsOff
	buttonNewsOn
	SayNewsOn
	buttonNewsOff
	titleAgents
	labelDefaultAgent

	// Commands.
	helpAsk
	helpInThread
	helpLine
	HelpAskWord
	HelpAsk
	HelpTickets
	HelpStatus
	HelpNew
	HelpHelp
	sayAgentDown
	sayAgentsDown
	sayAllIsWell
	sayNobodyWaits
	sayOneWaits
	sayWaiting
	sayYoursWaits
	sayYoursWait
	sayOneIsYours
	saySomeAreYours
	sayWait

	// The report of a week.
	titleReport
	sayReportDays
	sayReportFallback
	sayReportQuiet
	sayReportRest
	sayReportPart
	labelAsked
	labelAnswered
	labelNotAnswered
	labelNotEnded
	labelTypicalWait
	labelRatings
	labelTicketsOpened
	labelPeopleCalled
	labelUnsourced
	sayPart
	sayTypicalWait
	sayRatings
	titleBusiest
	sayBusy
	labelDirect
	labelPrivate
	titleGaps
	sayGap
	titleChart
	labelDay
	labelQuestions
	sayChart

	// The status of a question.
	StatusThinking
	StatusThinkingLong
	StatusBehindOwn
	StatusBehindThread
	statusRetrying
	statusNext
	statusOneAhead
	statusAhead
	statusOneAheadInChannel
	statusAheadInChannel

	// Suggested questions in direct messages; manifest.yml has them, too.
	PromptHelp
	PromptPassword
	PromptLaptop
	PromptTicket

	// Lists, times and numbers.
	wordsAnd
	wordsSomebody
	wordsSecond
	wordsSeconds
	wordsMinute
	wordsMinutes
	wordsHour
	wordsHours
	wordsDay
	wordsDays
)
