package storage

import (
	"fmt"
	"time"
)

// The kinds of Slack tokens.
const (
	BotToken TokenKind = "bot" // calls the Web API
	AppToken TokenKind = "app" // opens Socket Mode connections
)

// TokenKind is a kind of Slack token.
type TokenKind string

// Token is an access token that expires, with the refresh token for the next one. Both are
// secrets, which fmt does not show.
// https://docs.slack.dev/authentication/using-token-rotation
type Token struct {
	Kind    TokenKind `json:"kind"`
	Access  string    `json:"access"`
	Refresh string    `json:"refresh"`
	// Origin is a digest of the refresh token in the settings that this one descends from.
	Origin    string    `json:"origin"`
	IssuedAt  time.Time `json:"issued_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Format writes the token without its secrets.
func (t Token) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "%s token until %s", string(t.Kind), t.ExpiresAt.Format(time.RFC3339)) // fmt reports no error
}

var _ fmt.Formatter = Token{}

func (t *Token) key() []byte { return stringsKey(string(t.Kind)) }

// check returns an error unless the token can be stored.
func (t *Token) check() error { return checkID("token", string(t.Kind)) }
