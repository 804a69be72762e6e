package dispatch

import (
	"testing"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// Ensure that wishes for a ticket are known, and that people's usual words are not
// taken for one.
func TestTicketWords(t *testing.T) {
	for text, want := range map[string]bool{
		"Please open a ticket: my laptop is broken":  true,
		"Bitte ein Ticket aufmachen":                 true,
		"TICKETS please":                             true,
		"What is the status of ticket IT-1042?":      true,
		"raise an incident for the mail server":      true,
		"I need a service request for a new monitor": true,
		"can you file a support case":                true,
		"log the issue with the printer":             true,
		"How do I reset my VPN password?":            false,
		"I have an issue with the printer":           false,
		"How do I open a file in Word?":              false,
		"the door of the ticketing office":           false,
		"in case of fire":                            false,
	} {
		if got := ticketWords.MatchString(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// Ensure that each outcome is repeated as it is promised.
func TestAfterFailure(t *testing.T) {
	noWait := func(int) time.Duration { return 0 }
	unknown, unprocessed := &enjo.Error{Code: enjo.OutcomeUnknown}, &enjo.Error{Code: enjo.NotProcessed}
	for name, test := range map[string]struct {
		err             error
		doubts          int
		ticketing, down bool
		want            bool
	}{
		"unknown":                              {err: unknown, want: true},
		"unknown twice":                        {err: unknown, doubts: 1},
		"unknown twice, of an agent down":      {err: unknown, doubts: 1, down: true, want: true},
		"unknown, ticketing":                   {err: unknown, ticketing: true},
		"unknown, ticketing, of an agent down": {err: unknown, ticketing: true, down: true},
		"not processed, ticketing":             {err: unprocessed, doubts: 3, ticketing: true, want: true},
		"rejected":                             {err: &enjo.Error{Code: enjo.Rejected}},
		"a fault":                              {err: failureError(storage.FailureNoAgent)},
	} {
		if got, _ := afterFailure(test.err, storage.Question{UnknownAttempts: test.doubts}, test.ticketing, test.down, noWait); got != test.want {
			t.Errorf("%s: asked again %v, want %v", name, got, test.want)
		}
	}
}
