package slackapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// Tokens are the tokens of the calls, which can change at any time.
type Tokens interface {
	// Token returns the token that calls are made with now.
	Token(kind storage.TokenKind) string
	// Refused is called when Slack does not accept a token any more, and reports whether
	// there is another one now, with which the call can be made again. It returns an error
	// if getting another one failed, which can be temporary.
	Refused(ctx context.Context, kind storage.TokenKind, token string) (again bool, err error)
}

// fixedTokens never change.
type fixedTokens map[storage.TokenKind]string

// Token implements [Tokens].
func (t fixedTokens) Token(kind storage.TokenKind) string { return t[kind] }

// Refused implements [Tokens].
func (t fixedTokens) Refused(context.Context, storage.TokenKind, string) (bool, error) {
	return false, nil
}

// refusedCodes are Slack's errors for a token that was valid, and is not any more. A
// refresh can revoke the one before the last: invalid_auth is the error of a token that
// Slack has forgotten.
var refusedCodes = []string{"token_expired", "token_revoked", "invalid_auth"}

// kindOf returns the kind of token that a method needs.
func kindOf(method string) storage.TokenKind {
	if method == openMethod {
		return storage.AppToken
	}
	return storage.BotToken
}

// Credentials identify the app to Slack. They are on its page, under Basic Information.
type Credentials struct{ ClientID, ClientSecret string }

// tokenPrefixes begin the access tokens that expire.
var tokenPrefixes = map[storage.TokenKind]string{storage.BotToken: "xoxe.xoxb-", storage.AppToken: "xoxe.xapp-"}

// rotates reports whether an access token expires.
func rotates(kind storage.TokenKind, access string) bool {
	return strings.HasPrefix(access, tokenPrefixes[kind])
}

// errOtherToken means that a refresh token belongs to a token of another kind.
var errOtherToken = errors.New("the refresh token belongs to another kind of token")

// otherTokenHint is the fix for errOtherToken. The refresh token is spent by then.
const otherTokenHint = "SLACK_BOT_REFRESH_TOKEN and SLACK_APP_REFRESH_TOKEN may be swapped: " + newTokenHint

// newTokenHint is the fix for a refresh token that does not work any more.
const newTokenHint = "on the app's page, reinstall the app for a new bot token and refresh token (Install App), or generate a new app-level token and refresh token " +
	"(Basic Information, App-Level Tokens); then set SLACK_BOT_TOKEN and SLACK_BOT_REFRESH_TOKEN, or SLACK_APP_TOKEN and SLACK_APP_REFRESH_TOKEN"

// Refresh exchanges a refresh token, which works once, for a new access token and a new
// refresh token. The caller must store both before it uses them. The previous access token
// works until it expires. Slack documents this for bot tokens; app-level tokens that expire
// have refresh tokens of the same form, and are refreshed in the same way.
// https://docs.slack.dev/authentication/using-token-rotation
// https://docs.slack.dev/reference/methods/oauth.v2.access
func (c *Client) Refresh(ctx context.Context, kind storage.TokenKind, app Credentials, refresh string) (storage.Token, error) {
	began := time.Now()
	found, err := c.callAs(ctx, refreshMethod, "", url.Values{
		"client_id": {app.ClientID}, "client_secret": {app.ClientSecret}, "grant_type": {"refresh_token"}, "refresh_token": {refresh},
	})
	if err != nil {
		return storage.Token{}, err
	}
	issued := c.Now().Add(-time.Since(began)) // Slack's times begin during the call
	fresh := storage.Token{
		Kind: kind, Access: found.Text("access_token"), Refresh: found.Text("refresh_token"), IssuedAt: issued, ExpiresAt: issued.Add(lifeOf(found)),
	}
	switch {
	case fresh.Access == "" || fresh.Refresh == "":
		return storage.Token{}, errors.New("calling oauth.v2.access: the response lacks access_token or refresh_token")
	case !rotates(kind, fresh.Access):
		return storage.Token{}, fmt.Errorf("calling oauth.v2.access: %w", errOtherToken)
	}
	return fresh, nil
}

// tokenLife is how long an access token is valid.
// https://docs.slack.dev/authentication/using-token-rotation
const tokenLife = 12 * time.Hour

// lifeOf returns how long the access token in a response is valid. If the response does not
// say it, it must still not be lost: its refresh token is the only one that works.
func lifeOf(response slackevent.Object) time.Duration {
	seconds, _ := slackevent.Field[float64](response, "expires_in")
	if seconds < 1 || seconds > 1e9 { // or the duration overflows
		return tokenLife
	}
	return time.Duration(seconds * float64(time.Second))
}

// isRefused reports whether a call failed because its token is not valid any more.
func isRefused(err error) bool { return slices.Contains(refusedCodes, ErrorCode(err)) }
