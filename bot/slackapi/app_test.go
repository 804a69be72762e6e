package slackapi

import "testing"

// Ensure that the app is read from an app-level token, and from nothing else.
func TestAppOfToken(t *testing.T) {
	for token, want := range map[string]string{
		"xapp-1-A0123ABCD-4567-89abcdef": "A0123ABCD",
		"xapp-2-A0123ABCD-4567-89abcdef": "A0123ABCD",
		"xapp-A0123ABCD":                 "",
		"xapp-1-B0123ABCD-4567-89abcdef": "",
		"xoxe.xapp-1-Mi0yLTEyMzQ1Ng":     "",
		"xoxb-1-A0123ABCD-4567":          "",
		"":                               "",
	} {
		if got := AppOfToken(token); got != want {
			t.Errorf("the app of %q is %q, want %q", token, got, want)
		}
	}
}
