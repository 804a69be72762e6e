package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/socketmode"
)

// The differences between this machine's clock and Slack's that are reported. The bot
// deletes no old records while the difference is larger than maxClockOff.
const (
	someClockOff = 30 * time.Second
	maxClockOff  = 5 * time.Minute
)

// checkSlack checks the tokens, and what the app can do with them.
func (d *doctor) checkSlack(ctx context.Context) {
	if !d.valid("SLACK_API_URL") {
		return
	}
	clock := slackapi.NewClock()
	client := d.client(d.Config.Bot.SlackBotToken, clock)
	defer client.Close()
	var self slackevent.Identity
	if d.valid("SLACK_BOT_TOKEN") {
		var reached bool
		if self, reached = d.checkBotToken(ctx, client); !reached {
			return
		}
		d.checkClock(clock)
	}
	if self.UserID != "" {
		d.checkScopes(client.Granted())
	}
	app := d.checkSocket(ctx, client)
	if self.UserID == "" {
		return
	}
	d.checkSameApp(ctx, client, self, app)
	d.checkPlaces(ctx, client)
	d.checkPeople(ctx, client)
}

// client returns a client with a token for all calls but apps.connections.open.
func (d *doctor) client(token string, clock *slackapi.Clock) *slackapi.Client {
	return slackapi.New(slackapi.Config{
		URL: d.Config.Bot.SlackAPIURL, BotToken: token, AppToken: d.Config.Bot.SlackAppToken, AgentView: d.Config.Bot.AgentView, Clock: clock,
	})
}

// checkBotToken asks Slack who the bot is; false if Slack was not reached.
func (d *doctor) checkBotToken(ctx context.Context, client *slackapi.Client) (self slackevent.Identity, reached bool) {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	self, err := client.AuthTest(call)
	if d.refreshes("bot-token", "SLACK_BOT_TOKEN", d.Config.Bot.SlackBotRefreshToken, err) {
		return slackevent.Identity{}, true
	}
	if err != nil {
		return slackevent.Identity{}, d.refused("bot-token", "SLACK_BOT_TOKEN", err)
	}
	where := "the workspace " + self.TeamID
	if self.OrgWide {
		where = "the organisation " + self.TeamID
	}
	d.ok("bot-token", fmt.Sprintf("Slack accepts SLACK_BOT_TOKEN: the bot %s in %s", self.UserID, where))
	if _, proxy := route(d.Config.Bot.SlackAPIURL); proxy != "" {
		d.ok("proxy", "connections to Slack go through the proxy "+proxy)
	}
	return self, true
}

// refreshes reports whether a token has expired that enjobridge refreshes. Its refresh
// token works once, and doctor must not use it up. The second refresh revokes the token of
// the settings, because Slack keeps two.
// https://docs.slack.dev/authentication/using-token-rotation
func (d *doctor) refreshes(check, setting, refresh string, err error) bool {
	if refresh == "" || !slices.Contains([]string{"token_expired", "token_revoked"}, slackapi.ErrorCode(err)) {
		return false
	}
	d.ok(check, setting+" has expired, as it does after 12 hours; enjobridge refreshes it, so that what needs it was not checked")
	return true
}

// refused reports the error of a call with a token. It returns false if Slack was not
// reached.
func (d *doctor) refused(check, setting string, err error) (reached bool) {
	failure, code := slackapi.Classify(err), slackapi.ErrorCode(err)
	known, setup := errors.AsType[*slackapi.SetupError](err)
	var fix string
	if setup {
		fix = known.Hint
	}
	response, responded := errors.AsType[*slackapi.ResponseError](err)
	switch {
	case failure.Class == slackapi.RateLimited:
		d.warn(check, "Slack limits the calls, so that this was not checked", "run this again in a minute")
	case code != "":
		d.fail(check, fmt.Sprintf("Slack does not accept %s: %s", setting, code), cmp.Or(fix, failure.Hint, "see Slack's page of the method"))
	case responded:
		d.fail("slack", fmt.Sprintf("there is no Web API of Slack at SLACK_API_URL: %v", response),
			cmp.Or(failure.Hint, "check SLACK_API_URL, which ends with /api/, proxies on the way, and Slack's status at https://slack-status.com"))
		return false
	case setup:
		d.fail(check, known.Err.Error(), fix)
	default:
		message, fix := unreachable(err, d.Config.Bot.SlackAPIURL, "SLACK_API_URL")
		d.fail("slack", message, fix)
		return false
	}
	return true
}

// checkClock compares this machine's clock with Slack's.
func (d *doctor) checkClock(clock *slackapi.Clock) {
	off := clock.Off().Round(time.Second)
	message, fix := fmt.Sprintf("this machine's clock is %v %s Slack's", off.Abs(), direction(off)), "set the clock, for example with NTP"
	switch {
	case off.Abs() > maxClockOff:
		d.fail("clock", message+": old records are not deleted", fix)
	case off.Abs() > someClockOff:
		d.warn("clock", message, fix)
	default:
		d.ok("clock", "this machine's clock agrees with Slack's")
	}
}

func direction(off time.Duration) string {
	if off < 0 {
		return "behind"
	}
	return "ahead of"
}

// checkScopes compares the scopes of the bot token with those that the bot needs.
func (d *doctor) checkScopes(granted []string) {
	if len(granted) == 0 {
		d.warn("scopes", "Slack does not say which scopes the installation has", "check SLACK_API_URL, and proxies on the way that remove headers")
		return
	}
	needed, degraded := slackapi.Missing(granted, d.Config.Bot.AgentView)
	if d.Config.Bot.ShareEmail && !slices.Contains(granted, "users:read.email") {
		degraded["users:read.email"] = "SHARE_EMAIL has no effect"
	}
	if len(needed)+len(degraded) == 0 {
		d.ok("scopes", "the installation has all scopes")
	}
	for _, scope := range slices.Sorted(maps.Keys(needed)) {
		d.fail("scopes", fmt.Sprintf("the installation lacks %s: %s", scope, needed[scope]), slackapi.ReinstallHint)
	}
	for _, scope := range slices.Sorted(maps.Keys(degraded)) {
		d.warn("scopes", fmt.Sprintf("the installation lacks %s: %s", scope, degraded[scope]), slackapi.ReinstallHint)
	}
}

// tokenCodes are Slack's errors of apps.connections.open that are about the token. Others
// are about Socket Mode.
var tokenCodes = []string{
	"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope", "not_allowed_token_type",
}

// checkSocket opens a connection until Slack's hello, unless enjobridge runs. It returns
// the ID of the app; empty if it is not known.
func (d *doctor) checkSocket(ctx context.Context, client *slackapi.Client) (app string) {
	if !d.valid("SLACK_APP_TOKEN") {
		return ""
	}
	app = slackapi.AppOfToken(d.Config.Bot.SlackAppToken)
	if d.running || d.inUse || d.replicas {
		return app // a click could come over this connection, and be lost
	}
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	hello, err := socketmode.Probe(call, client)
	switch {
	case err == nil:
	case d.refreshes("app-token", "SLACK_APP_TOKEN", d.Config.Bot.SlackAppRefreshToken, err):
		return ""
	case slices.Contains(tokenCodes, slackapi.ErrorCode(err)):
		d.refused("app-token", "SLACK_APP_TOKEN", err)
		return ""
	default:
		d.refused("socket", "the connection", err)
		return app
	}
	d.ok("socket", "Slack accepts SLACK_APP_TOKEN, and opens a Socket Mode connection")
	if others := hello.Connections - 1; others > 0 {
		d.warn("connections", fmt.Sprintf("Slack counts %s of the app besides this one, and each gets a part of the events", counted(others, "connection")),
			"stop other processes with the same SLACK_APP_TOKEN; connections of a process that was killed end within minutes")
	}
	return cmp.Or(hello.App, app)
}

// checkSameApp checks that both tokens belong to the same app, and what the app is.
func (d *doctor) checkSameApp(ctx context.Context, client *slackapi.Client, self slackevent.Identity, app string) {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	ofBot, err := client.AppOfBot(call, self)
	if err != nil || ofBot == "" {
		return // a missing scope is reported already
	}
	switch app {
	case "": // it is not known, as of a token that expires
	case ofBot:
		d.ok("same-app", "both tokens belong to the app "+ofBot+": https://api.slack.com/apps/"+ofBot)
	default:
		two := slackapi.TwoAppsError(ofBot, app)
		d.fail("same-app", two.Err.Error(), two.Hint)
		return
	}
	d.checkManifest(ctx, ofBot)
}

// named returns an ID with its name.
func named(id, sign, name string) string {
	if name = strings.TrimSpace(name); name == "" {
		return id
	}
	return fmt.Sprintf("%s (%s%s)", id, sign, name)
}
