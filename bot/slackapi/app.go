package slackapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// appLevelToken matches an app-level token, in which the app's ID can be read.
var appLevelToken = regexp.MustCompile(`^xapp-[0-9]+-(A[0-9A-Z]{4,30})-`)

// AppOfToken returns the ID of the app that an app-level token belongs to; empty if the
// token does not show it. Rotated tokens do not.
func AppOfToken(appToken string) string {
	if found := appLevelToken.FindStringSubmatch(appToken); found != nil {
		return found[1]
	}
	return ""
}

// errNoWorkspace means that an app of an organisation was added to none of its workspaces yet.
var errNoWorkspace = errors.New("the app has no access to any workspace")

// AppOfBot returns the ID of the app that the bot token belongs to.
// https://docs.slack.dev/reference/methods/bots.info
func (c *Client) AppOfBot(ctx context.Context, self slackevent.Identity) (string, error) {
	values := url.Values{"bot": {self.BotID}}
	if self.OrgWide {
		if len(self.Workspaces) == 0 {
			return "", fmt.Errorf("asking for the app of the bot: %w", errNoWorkspace)
		}
		values.Set("team_id", self.Workspaces[0])
	}
	found, err := c.call(ctx, "bots.info", values)
	if err != nil {
		return "", err
	}
	return found.Object("bot").Text("app_id"), nil
}

// appTimeout bounds the call of [Client.CheckApp].
const appTimeout = 10 * time.Second

// CheckApp returns a [SetupError] if the bot token and the app-level token belong to two
// apps. Then the bot would get the events of one app, and post as the other. It also returns
// the ID of the app: empty, without an error, if it is not known.
func (c *Client) CheckApp(ctx context.Context, self slackevent.Identity) (app string, err error) {
	ctx, cancel := context.WithTimeout(ctx, appTimeout)
	defer cancel()
	app, err = c.AppOfBot(ctx, self)
	if err != nil {
		c.log.Debug().Err(err).Msg("slackapi: the app of the bot token is not known, so it is not compared with that of the app-level token")
		return "", nil
	}
	if of := AppOfToken(c.cfg.Tokens.Token(storage.AppToken)); of != "" && app != "" && of != app {
		return app, TwoAppsError(app, of)
	}
	return app, nil
}

// TwoAppsError returns the error for a bot token and an app-level token of two apps.
func TwoAppsError(ofBot, ofApp string) *SetupError {
	return &SetupError{
		Err:  fmt.Errorf("SLACK_BOT_TOKEN belongs to the app %s, and SLACK_APP_TOKEN to the app %s", ofBot, ofApp),
		Hint: "copy both tokens from the page of the same app, https://api.slack.com/apps/" + ofBot,
	}
}
