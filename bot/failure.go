package bot

import (
	"enjobridge/blocks"
	"enjobridge/storage"
)

// failure is what is said of a question that could not be answered.
type failure struct {
	text  string // to the asker: one plain sentence
	cure  string // to the asker: what they can do
	hint  string // to the operator: what to do
	retry bool   // asking again may help
}

// failures says what each failure means to whom. What is not in it is internal.
var failures = map[storage.Failure]failure{
	storage.FailureBadToken: {
		text: blocks.SayBadSetup,
		cure: blocks.CureBadSetup,
		hint: "Enjo refused the token: make a new one in the Enjo dashboard (settings, Personal Access Token) and set ENJO_TOKEN",
	},
	storage.FailureInvalidBotID: {
		text: blocks.SayBadSetup,
		cure: blocks.CureBadSetup,
		hint: "Enjo does not know this bot ID: check the bot ID against the Enjo dashboard, and set ENJO_BOT_ID or ENJO_AGENTS",
	},
	storage.FailureRateLimited: {
		text:  blocks.SayAskedTooMuch,
		cure:  blocks.CureAskedTooMuch,
		hint:  "Enjo keeps refusing calls for their rate: is another program using the same IP address? If so lower ENJO_LIMITS",
		retry: true,
	},
	storage.FailureNotProcessed: {
		text:  blocks.SayUnreachable,
		cure:  blocks.CureUnreachable,
		hint:  "no connection to Enjo: check ENJO_API_URL, the network and Enjo's status",
		retry: true,
	},
	storage.FailureOutcomeUnknown: {
		text:  blocks.SayNoAnswer,
		cure:  blocks.CureNoAnswer,
		hint:  "Enjo was asked and gave no answer in time or failed: check Enjo's status; ENJO_TIMEOUT bounds one call",
		retry: true,
	},
	storage.FailureUnconfirmed: {
		text:  blocks.SayUnconfirmed,
		cure:  blocks.CureUnconfirmed,
		hint:  "Enjo was asked for what can make or change a ticket, and gave no answer: it is not asked twice by itself; ENJO_TIMEOUT bounds one call",
		retry: true,
	},
	storage.FailureBadResponse: {
		text:  blocks.SayUnreadable,
		cure:  blocks.CureUnreadable,
		hint:  "Enjo's response is not what its API promises: is ENJO_API_URL right, or a proxy in between? The log says what came",
		retry: true,
	},
	storage.FailureRejected: {
		text:  blocks.SayRejected,
		cure:  blocks.CureRejected,
		hint:  "Enjo refused the message; the log says what it answered",
		retry: true,
	},
	storage.FailureNoAgent: {
		text: blocks.SayAgentGone,
		cure: blocks.CureAgentGone,
		hint: "a thread names an agent that is not configured: put it back into ENJO_AGENTS, or let people start new threads",
	},
	storage.FailureEmpty: {
		text: blocks.SayEmptyText,
		cure: blocks.CureEmptyText,
		hint: "nothing is left of the message once the mention is taken out",
	},
	storage.FailureRefused: {
		text:  blocks.SayUntaken,
		cure:  blocks.CureUntaken,
		hint:  "Slack refused every rendering of an answer; the reasons are what it said: please report them",
		retry: true,
	},
	storage.FailureInternal: {
		text:  blocks.SayFault,
		cure:  blocks.CureFault,
		hint:  "a fault in enjobridge: please report it with the log lines of this reference",
		retry: true,
	},
}

// failureOf returns what is to be said of a failure.
func failureOf(code storage.Failure) failure {
	if f, ok := failures[code]; ok {
		return f
	}
	return failures[storage.FailureInternal]
}

// notice returns what the asker of a failed question is shown, with a button to
// ask it again if that may help.
func (f failure) notice(q storage.Question) blocks.NoticeView {
	n := f.said(q)
	if f.retry && canRetry(q) {
		n.Buttons = []blocks.Button{blocks.TryAgain(q.ID.String())}
	}
	return n
}

// canRetry reports whether what a question asks can be found again once it has
// ended: people's messages can, and the wish for a ticket; a comment cannot.
func canRetry(q storage.Question) bool {
	return q.Origin != storage.Button || q.MakesTicket || len(q.Again) > 0
}

// said returns the words for a failure.
func (f failure) said(q storage.Question) blocks.NoticeView {
	return blocks.NoticeView{Text: f.text, Cure: f.cure, Reference: q.Outcome.Reference}
}
