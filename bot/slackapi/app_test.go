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

// Ensure that there is a reason for every scope that is needed, and that those without which
// the bot works are told apart.
func TestMissing(t *testing.T) {
	needed, degraded := Missing(nil, true)
	for _, scope := range neededScopes {
		if needed[scope] == "" && degraded[scope] == "" {
			t.Errorf("nothing says what does not work without %s", scope)
		}
	}
	if len(needed) != len(brokenWithout) || len(degraded) != len(degradedWithout) {
		t.Errorf("needed are %v, degraded %v", needed, degraded)
	}
	if needed, degraded = Missing(neededScopes, true); len(needed)+len(degraded) > 0 {
		t.Errorf("with all scopes, needed are %v, degraded %v", needed, degraded)
	}
}
