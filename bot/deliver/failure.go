package deliver

import (
	"enjobridge/blocks"
	"enjobridge/storage"
)

// Explanation is what is said of a question that could not be answered.
type Explanation struct {
	Text  string // to the asker: one plain sentence
	fix   string // to the asker: what they can do
	Hint  string // to the operator: what to do
	retry bool   // asking again may help
}

// explanations says what each failure means to whom. What is not in it is internal.
var explanations = map[storage.Failure]Explanation{
	storage.FailureBadToken: {
		Text: blocks.SayBadSetup,
		fix:  blocks.CureBadSetup,
		Hint: "Enjo refused the token: make a new one in the Enjo dashboard (settings, Personal Access Token) and set ENJO_TOKEN",
	},
	storage.FailureInvalidBotID: {
		Text: blocks.SayBadSetup,
		fix:  blocks.CureBadSetup,
		Hint: "Enjo does not know this bot ID: check the bot ID against the Enjo dashboard, and set ENJO_BOT_ID or ENJO_AGENTS",
	},
	storage.FailureRateLimited: {
		Text:  blocks.SayAskedTooMuch,
		fix:   blocks.CureAskedTooMuch,
		Hint:  "Enjo keeps refusing calls for their rate: is another program using the same IP address? If so lower ENJO_LIMITS",
		retry: true,
	},
	storage.FailureNotProcessed: {
		Text:  blocks.SayUnreachable,
		fix:   blocks.CureUnreachable,
		Hint:  "no connection to Enjo: check ENJO_API_URL, the network and Enjo's status",
		retry: true,
	},
	storage.FailureOutcomeUnknown: {
		Text:  blocks.SayNoAnswer,
		fix:   blocks.CureNoAnswer,
		Hint:  "Enjo was asked and gave no answer in time or failed: check Enjo's status; ENJO_TIMEOUT bounds one call",
		retry: true,
	},
	storage.FailureUnconfirmed: {
		Text:  blocks.SayUnconfirmed,
		fix:   blocks.CureUnconfirmed,
		Hint:  "Enjo was asked for what can make or change a ticket, and gave no answer: it is not asked twice by itself; ENJO_TIMEOUT bounds one call",
		retry: true,
	},
	storage.FailureBadResponse: {
		Text:  blocks.SayUnreadable,
		fix:   blocks.CureUnreadable,
		Hint:  "Enjo's response is not what its API promises: is ENJO_API_URL right, or a proxy in between? The log says what came",
		retry: true,
	},
	storage.FailureRejected: {
		Text:  blocks.SayRejected,
		fix:   blocks.CureRejected,
		Hint:  "Enjo refused the message; the log says what it answered",
		retry: true,
	},
	storage.FailureNoAgent: {
		Text: blocks.SayAgentGone,
		fix:  blocks.CureAgentGone,
		Hint: "a thread names an agent that is not configured: put it back into ENJO_AGENTS, or let people start new threads",
	},
	storage.FailureEmpty: {
		Text: blocks.SayEmptyText,
		fix:  blocks.CureEmptyText,
		Hint: "nothing is left of the message once the mention is taken out",
	},
	storage.FailureRefused: {
		Text:  blocks.SayUntaken,
		fix:   blocks.CureUntaken,
		Hint:  "Slack refused every rendering of an answer; the reasons are what it said: please report them",
		retry: true,
	},
	storage.FailureInternal: {
		Text:  blocks.SayFault,
		fix:   blocks.CureFault,
		Hint:  "a fault in enjobridge: please report it with the log lines of this reference",
		retry: true,
	},
}

// Explain returns what is to be said of a failure.
func Explain(code storage.Failure) Explanation {
	if f, ok := explanations[code]; ok {
		return f
	}
	return explanations[storage.FailureInternal]
}

// Notice returns what the asker of a failed question is shown, with a button to
// ask it again if that may help.
func (f Explanation) Notice(q storage.Question) blocks.NoticeView {
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
func (f Explanation) said(q storage.Question) blocks.NoticeView {
	return blocks.NoticeView{Text: f.Text, Cure: f.fix, Reference: q.Outcome.Reference}
}
