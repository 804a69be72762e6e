package storage

import "enjobridge/enjo"

// Failure is the code of the reason why a question failed. It is stored and logged.
type Failure string

// The agent's failures, which are those of package enjo.
const (
	FailureBadToken       = Failure(enjo.BadToken)
	FailureInvalidBotID   = Failure(enjo.InvalidBotID)
	FailureWrongAddress   = Failure(enjo.WrongAddress)
	FailureRateLimited    = Failure(enjo.RateLimited)
	FailureNotProcessed   = Failure(enjo.NotProcessed)
	FailureOutcomeUnknown = Failure(enjo.OutcomeUnknown)
	FailureBadResponse    = Failure(enjo.BadResponse)
	FailureRejected       = Failure(enjo.Rejected)
)

// The failures that are not the agent's.
const (
	FailureInternal Failure = "internal"  // a bug in this program
	FailureNoAgent  Failure = "no_agent"  // the thread's agent is no longer configured
	FailureEmpty    Failure = "empty"     // the message has no text to ask
	FailureUnread   Failure = "unread"    // Slack did not return the messages to ask
	FailureNoAccess Failure = "no_access" // the bot may not read the messages to ask
	FailureRefused  Failure = "refused"   // Slack rejects every rendering of the answer
	FailureStopped  Failure = "stopped"   // a user stopped it
	FailureDropped  Failure = "dropped"   // a user stopped it, and nothing is posted about it

	// FailurePerson says that no agent was asked, because the message asks for a person in
	// words: see [Question]. The reply is an offer to call one.
	FailurePerson Failure = "wants_person"

	// FailureUnconfirmed says that the agent may have processed the question, and
	// that asking again could create a second ticket.
	FailureUnconfirmed Failure = "unconfirmed"
)
