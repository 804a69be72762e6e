package settings

import (
	"fmt"
	"io"

	"github.com/rs/zerolog"
)

// redacted is shown instead of a secret.
const redacted = "[redacted]"

// secret is a setting that must not appear in logs or messages: fmt (with every
// verb), JSON and zerolog show it as [redacted]. The field is unexported so that
// encoders cannot read it by reflection.
type secret struct {
	value  string
	broken bool // its problem is already reported
}

// Decode stores the setting's text. It never returns an error, because envconfig
// would include the raw text in its own.
func (s *secret) Decode(text string) error {
	s.value = text
	return nil
}

// reveal returns the secret's text.
func (s secret) reveal() string { return s.value }

// isSet reports whether the operator has set the secret, maybe wrongly.
func (s secret) isSet() bool { return s.value != "" || s.broken }

// String returns "[redacted]", or "" if there is no secret.
func (s secret) String() string {
	if s.value == "" {
		return ""
	}
	return redacted
}

// Format writes the same as String for every verb, because some verbs print
// unexported fields.
func (s secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText returns the same as String, for JSON and other encoders.
func (s secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalZerologObject writes the redacted secret.
func (s secret) MarshalZerologObject(e *zerolog.Event) { e.Str("secret", s.String()) }
