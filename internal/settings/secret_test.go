package settings

import (
	"fmt"
	"strings"
	"testing"
)

// Ensure that a secret is never shown.
func TestSecretIsRedacted(t *testing.T) {
	var s secret
	if err := s.Decode("xoxb-hunter2"); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if shown := fmt.Sprintf(format+format+format, s, &s, struct{ S secret }{s}); strings.Contains(shown, "hunter2") {
			t.Errorf("%s shows %s", format, shown)
		}
	}
	if s.reveal() != "xoxb-hunter2" {
		t.Error("the secret cannot be used")
	}
}
