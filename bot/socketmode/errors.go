package socketmode

import (
	"fmt"
	"net/http"

	"enjobridge/bot/slackapi"
)

// appTokenErrors are the fixes for Slack's errors that only a person can fix.
// https://docs.slack.dev/reference/methods/apps.connections.open#errors
var appTokenErrors = map[string]string{
	"invalid_auth":           "SLACK_APP_TOKEN is wrong: copy it from the app's page, under Basic Information, App-Level Tokens",
	"not_authed":             "SLACK_APP_TOKEN is missing",
	"account_inactive":       "the app was uninstalled: install it again",
	"token_revoked":          "the token was revoked: make a new app-level token with connections:write and set SLACK_APP_TOKEN",
	"token_expired":          "the token has expired: make a new app-level token with connections:write and set SLACK_APP_TOKEN, and if it expires, SLACK_APP_REFRESH_TOKEN",
	"missing_scope":          "the app-level token lacks connections:write: make a new one with it and set SLACK_APP_TOKEN",
	"not_allowed_token_type": "this is not an app-level token: SLACK_APP_TOKEN begins with xapp-",
	"no_permission":          "Socket Mode is turned off: create the app from manifest.yml, or turn it on under Socket Mode",
	"forbidden_team":         "the workspace is not allowed to use this app",
}

// disconnectHints are the fixes for the reasons with which Slack ends a connection
// for good. After other reasons a new connection is opened.
// https://docs.slack.dev/apis/events-api/using-socket-mode#disconnect
var disconnectHints = map[string]string{
	"link_disabled":       "Socket Mode was turned off: turn it on again on the app's page, under Socket Mode",
	"too_many_websockets": "Slack allows 10 connections: is another process using the same SLACK_APP_TOKEN, or SLACK_SOCKETS too high?",
}

// openError returns a [slackapi.SetupError] for an error that only a person can fix.
func openError(err error) error {
	hint, known := appTokenErrors[slackapi.ErrorCode(err)]
	failure := slackapi.Classify(err)
	switch {
	case known:
	case failure.Class == slackapi.Setup: // a redirect, or an error of any token
		hint = failure.Hint
	case slackapi.StatusCode(err) == http.StatusNotFound:
		hint = "there is no Slack API at SLACK_API_URL"
	default:
		return fmt.Errorf("calling apps.connections.open: %w", err)
	}
	return &slackapi.SetupError{Err: err, Hint: hint}
}
