package dispatch

import "testing"

// Ensure that an error that repeats the question is told without it.
func TestWithoutWordsOf(t *testing.T) {
	for said, want := range map[string]string{
		"enjo: rejected: cannot process: My salary is 4711 (HTTP 422)": "enjo: rejected: cannot process: … … … … (HTTP 422)",
		"enjo: rate_limited: Rate limit exceeded (HTTP 429)":           "enjo: rate_limited: Rate limit exceeded (HTTP 429)",
	} {
		if got := withoutWordsOf("Why? My salary is 4711", said); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
