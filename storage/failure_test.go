package storage_test

import (
	"testing"

	"enjobridge/storage"
)

// Ensure that the codes in existing stores stay valid.
func TestFailure_AsStored(t *testing.T) {
	for failure, want := range map[storage.Failure]string{
		storage.FailureBadToken:       "bad_token",
		storage.FailureInvalidBotID:   "invalid_bot_id",
		storage.FailureWrongAddress:   "wrong_address",
		storage.FailureRateLimited:    "rate_limited",
		storage.FailureNotProcessed:   "not_processed",
		storage.FailureOutcomeUnknown: "outcome_unknown",
		storage.FailureBadResponse:    "bad_response",
		storage.FailureRejected:       "rejected",
		storage.FailureInternal:       "internal",
		storage.FailureNoAgent:        "no_agent",
		storage.FailureEmpty:          "empty",
		storage.FailureUnread:         "unread",
		storage.FailureNoAccess:       "no_access",
		storage.FailureUnconfirmed:    "unconfirmed",
		storage.FailureRefused:        "refused",
		storage.FailureStopped:        "stopped",
		storage.FailureDropped:        "dropped",
		storage.FailurePerson:         "wants_person",
	} {
		if string(failure) != want {
			t.Errorf("%q is stored as %q", want, failure)
		}
	}
}
