package settings

import (
	"fmt"
	"strings"
	"testing"
)

// Ensure that a secret shows itself nowhere.
func TestSecretIsRedacted(t *testing.T) {
	var s secret
	if err := s.Decode("xoxb-hush"); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if shown := fmt.Sprintf(format+format+format, s, &s, struct{ S secret }{s}); strings.Contains(shown, "hush") {
			t.Errorf("%s shows %s", format, shown)
		}
	}
	if s.reveal() != "xoxb-hush" {
		t.Error("the secret cannot be used")
	}
}
