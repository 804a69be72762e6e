package deliver

import (
	"enjobridge/blocks"
	"enjobridge/storage"
)

// Explanation is the text for a question that could not be answered.
type Explanation struct {
	say   blocks.Key // for the asker: what happened
	next  blocks.Key // for the asker: what to do next
	Hint  string     // for the operator: what to do
	retry bool       // another attempt can succeed
}

// explanations has the explanation of each failure; all others are internal errors.
var explanations = map[storage.Failure]Explanation{
	// Questions wait until the setup is fixed. Earlier versions ended them.
	storage.FailureBadToken: {
		say:   blocks.SayUnreachable,
		next:  blocks.NextUnreachable,
		Hint:  "Enjo refused the token: make a new one in the Enjo dashboard (settings, Personal Access Token) and set ENJO_TOKEN",
		retry: true,
	},
	storage.FailureInvalidBotID: {
		say:   blocks.SayUnreachable,
		next:  blocks.NextUnreachable,
		Hint:  "Enjo does not know this bot ID: check the bot ID against the Enjo dashboard, and set ENJO_BOT_ID or ENJO_AGENTS",
		retry: true,
	},
	storage.FailureWrongAddress: {
		say:   blocks.SayUnreachable,
		next:  blocks.NextUnreachable,
		Hint:  "this is not Enjo's API: check ENJO_API_URL, the bot ID (ENJO_BOT_ID or ENJO_AGENTS), and whether a proxy is in between",
		retry: true,
	},
	storage.FailureRateLimited: {
		say:   blocks.SayAskedTooMuch,
		next:  blocks.NextAskedTooMuch,
		Hint:  "Enjo rate-limits all calls: if another program uses the same IP address, lower ENJO_LIMITS",
		retry: true,
	},
	storage.FailureNotProcessed: {
		say:   blocks.SayUnreachable,
		next:  blocks.NextUnreachable,
		Hint:  "no connection to Enjo: check ENJO_API_URL, the network and Enjo's status",
		retry: true,
	},
	storage.FailureOutcomeUnknown: {
		say:   blocks.SayNoAnswer,
		next:  blocks.NextNoAnswer,
		Hint:  "Enjo did not answer in time, or failed: check Enjo's status; ENJO_TIMEOUT limits one call",
		retry: true,
	},
	storage.FailureUnconfirmed: {
		say:   blocks.SayUnconfirmed,
		next:  blocks.NextUnconfirmed,
		Hint:  "Enjo did not answer a request that can create or change a ticket, so it is not repeated: check Enjo's status; ENJO_TIMEOUT limits one call",
		retry: true,
	},
	storage.FailureBadResponse: {
		say:   blocks.SayUnreadable,
		next:  blocks.NextUnreadable,
		Hint:  "Enjo's response does not follow its API: check ENJO_API_URL, and whether a proxy is in between; the log has the response",
		retry: true,
	},
	storage.FailureRejected: {
		say:   blocks.SayRejected,
		next:  blocks.NextRejected,
		Hint:  "Enjo refused the message: the log has its response",
		retry: true,
	},
	storage.FailureNoAgent: {
		say:  blocks.SayAgentGone,
		next: blocks.NextAgentGone,
		Hint: "a thread has an agent that is not configured: add it to ENJO_AGENTS again, or let people start new threads",
	},
	storage.FailureEmpty: {
		say:  blocks.SayEmptyText,
		next: blocks.NextEmptyText,
		Hint: "the message has nothing but the mention",
	},
	storage.FailureUnread: {
		say:   blocks.SayUnread,
		next:  blocks.NextUnread,
		Hint:  "Slack did not return a message: check Slack's status; the log has its errors",
		retry: true,
	},
	storage.FailureNoAccess: {
		say:   blocks.SayNoAccess,
		next:  blocks.NextNoAccess,
		Hint:  "the bot may not read the conversation: invite it again, or install the app again if a scope is missing; the log has Slack's error",
		retry: true,
	},
	storage.FailureRefused: {
		say:   blocks.SayUntaken,
		next:  blocks.NextUntaken,
		Hint:  "Slack rejected every rendering of an answer: please report the reasons in the log",
		retry: true,
	},
	storage.FailureInternal: {
		say:   blocks.SayFault,
		next:  blocks.NextFault,
		Hint:  "an error in enjobridge: please report it with the log lines of this reference",
		retry: true,
	},
}

// Explain returns the explanation of a failure.
func Explain(code storage.Failure) Explanation {
	if f, ok := explanations[code]; ok {
		return f
	}
	return explanations[storage.FailureInternal]
}

// Notice returns the notice for the asker of a failed question, with a button for
// another attempt if one can succeed.
func (e Explanation) Notice(q storage.Question) blocks.NoticeView {
	n := e.text(q)
	if !e.retry || !canRetry(q) {
		return n
	}
	value, ok := retryValue(q)
	if !ok {
		n.Next = blocks.SayTypeItAgain.Text()
		return n
	}
	n.Buttons = []blocks.Button{blocks.TryAgain(value)}
	return n
}

// retryValue returns the value of the button that asks a question again; false if it is
// private and too long for that.
func retryValue(q storage.Question) (value string, ok bool) {
	if q.Origin == storage.Command {
		return WithText(q.ID, q.Text)
	}
	return q.ID.String(), true
}

// canRetry reports whether the text of a question is available after its end: people's
// messages and the prompt for a ticket are; a comment is not.
func canRetry(q storage.Question) bool {
	return q.Origin != storage.Button || q.MakesTicket || len(q.Again) > 0
}

// text returns the notice without a button.
func (e Explanation) text(q storage.Question) blocks.NoticeView {
	return blocks.NoticeView{Text: e.say.Text(), Next: e.next.Text(), Reference: q.Outcome.Reference}
}
