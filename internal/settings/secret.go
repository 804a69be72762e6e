package settings

import (
	"fmt"
	"io"

	"github.com/rs/zerolog"
)

// redacted is what is shown in place of a secret.
const redacted = "[redacted]"

// secret is a setting that must not get into logs or messages: it shows itself
// as [redacted] in every verb of fmt, in JSON and in zerolog. The field is
// unexported so that nothing can reach it by reflection on exported fields.
type secret struct{ value string }

// Decode takes the setting's text. It never fails, because envconfig puts the
// raw text of a setting that does into its error.
func (s *secret) Decode(text string) error {
	s.value = text
	return nil
}

// reveal returns the secret itself.
func (s secret) reveal() string { return s.value }

// String returns "[redacted]", or "" if there is no secret.
func (s secret) String() string {
	if s.value == "" {
		return ""
	}
	return redacted
}

// Format writes the same as String, for every verb: some of fmt's own reach
// into unexported fields.
func (s secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText returns the same as String, for JSON and other encodings.
func (s secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalZerologObject writes nothing of the secret.
func (s secret) MarshalZerologObject(e *zerolog.Event) { e.Str("secret", s.String()) }
