package dispatch

import (
	"testing"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// Ensure that wishes for a ticket are recognised, and that people's usual words are not.
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

// Ensure that a question is asked again after each failure as it is promised.
func TestAfterFailure(t *testing.T) {
	noWait := func(int) time.Duration { return 0 }
	unknown, unprocessed := &enjo.Error{Code: enjo.OutcomeUnknown}, &enjo.Error{Code: enjo.NotProcessed}
	for name, test := range map[string]struct {
		err         error
		unknown     int
		risky, down bool
		want        bool
	}{
		"unknown":                          {err: unknown, want: true},
		"unknown twice":                    {err: unknown, unknown: 1},
		"unknown twice, of an agent down":  {err: unknown, unknown: 1, down: true, want: true},
		"unknown, risky":                   {err: unknown, risky: true},
		"unknown, risky, of an agent down": {err: unknown, risky: true, down: true},
		"not processed, risky":             {err: unprocessed, unknown: 3, risky: true, want: true},
		"rejected":                         {err: &enjo.Error{Code: enjo.Rejected}},
		"a failure in this program":        {err: failureError(storage.FailureNoAgent)},
	} {
		if got, _ := afterFailure(test.err, storage.Question{UnknownAttempts: test.unknown}, test.risky, test.down, noWait); got != test.want {
			t.Errorf("%s: asked again %v, want %v", name, got, test.want)
		}
	}
}

// Ensure that an error that repeats the question is logged without it.
func TestRedact(t *testing.T) {
	for message, want := range map[string]string{
		"enjo: rejected: cannot process: My salary is 4711 (HTTP 422)": "enjo: rejected: cannot process: … … … … (HTTP 422)",
		"enjo: rate_limited: Rate limit exceeded (HTTP 429)":           "enjo: rate_limited: Rate limit exceeded (HTTP 429)",
	} {
		if got := redact("Why? My salary is 4711", message); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
