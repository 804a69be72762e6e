package settings

import (
	"fmt"
	"regexp"
	"strings"

	"enjobridge/bot"
)

// The prefixes of Slack's tokens. A token that expires has the second prefix of its kind.
// https://docs.slack.dev/authentication/using-token-rotation
var (
	appTokenPrefixes = []string{"xapp-", "xoxe.xapp-"}
	botTokenPrefixes = []string{"xoxb-", "xoxe.xoxb-"}
)

// Where to get what the refresh of a token needs.
const (
	appRefreshFrom  = "https://api.slack.com/apps, your app, Basic Information, App-Level Tokens"
	botRefreshFrom  = "https://api.slack.com/apps, your app, OAuth & Permissions"
	credentialsFrom = "https://api.slack.com/apps, your app, Basic Information, App Credentials"
)

// clientID is the form of the ID of a Slack app's client.
var clientID = regexp.MustCompile(`^\d+\.\d+$`)

// rotation checks what is needed to refresh the Slack tokens that expire.
func (r *reader) rotation(env environment, c *bot.Config) {
	c.SlackAppRefreshToken = r.refreshToken("SLACK_APP_REFRESH_TOKEN", env.SlackAppRefreshToken, "SLACK_APP_TOKEN", c.SlackAppToken, appRefreshFrom)
	c.SlackBotRefreshToken = r.refreshToken("SLACK_BOT_REFRESH_TOKEN", env.SlackBotRefreshToken, "SLACK_BOT_TOKEN", c.SlackBotToken, botRefreshFrom)
	c.SlackClientID, c.SlackClientSecret = env.SlackClientID, env.SlackClientSecret.reveal()
	if !env.SlackClientSecret.broken {
		if what := copyProblem("SLACK_CLIENT_SECRET", c.SlackClientSecret); what != "" {
			r.problem("SLACK_CLIENT_SECRET", what)
		}
	}
	if c.SlackClientID != "" && !clientID.MatchString(c.SlackClientID) {
		r.problem("SLACK_CLIENT_ID", "must be two numbers with a dot between them: copy it from "+credentialsFrom)
	}
	if !expires(c.SlackAppToken) && !expires(c.SlackBotToken) {
		return
	}
	if c.SlackClientID == "" {
		r.problem("SLACK_CLIENT_ID", "is missing: a Slack token that expires (xoxe.…) is refreshed with the app's client ID, from "+credentialsFrom)
	}
	if !env.SlackClientSecret.isSet() {
		r.problem("SLACK_CLIENT_SECRET", "is missing: a Slack token that expires (xoxe.…) is refreshed with the app's client secret, from "+credentialsFrom)
	}
}

// expires reports whether a Slack token expires.
func expires(token string) bool { return strings.HasPrefix(token, "xoxe.") }

// refreshToken checks the refresh token of a token. It never shows either.
func (r *reader) refreshToken(name string, value secret, tokenName, token, from string) string {
	refresh := value.reveal()
	switch {
	case value.broken, token == "":
	case refresh == "" && expires(token):
		r.problem(name, fmt.Sprintf("is missing: %s expires (xoxe.…), and is refreshed with its refresh token, xoxe-1-…, from %s", tokenName, from))
	case refresh == "":
	case !expires(token):
		r.problem(name, fmt.Sprintf("is set, but %s does not expire: set the token that begins with xoxe. and came with this refresh token, or remove the refresh token", tokenName))
	default:
		if what := slackTokenProblem(name, refresh, []string{"xoxe-"}); what != "" {
			r.problem(name, what)
		}
	}
	return refresh
}
