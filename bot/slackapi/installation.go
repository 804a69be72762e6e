package slackapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Installation is what Slack says about the installation that a bot token belongs to.
type Installation struct {
	Workspace string // its name, or the organisation's; untrusted text
	BotName   string // untrusted text
	AppID     string // empty if it is not known
	// Missing are the scopes that the installation lacks, in alphabetical order.
	// It is empty if Slack did not say which it has.
	Missing []string
}

// Installation returns what Slack says about the bot token, and about its scopes.
// https://docs.slack.dev/reference/methods/auth.test
// https://docs.slack.dev/reference/methods/bots.info
func (c *Client) Installation(ctx context.Context) (Installation, error) {
	self, response, err := c.authTest(ctx)
	if err != nil {
		return Installation{}, err
	}
	if self.BotID == "" {
		return Installation{}, fmt.Errorf("calling auth.test: %w", &ResponseError{Code: "not_allowed_token_type"})
	}
	found := Installation{Workspace: response.Text("team"), BotName: response.Text("user"), Missing: c.lacking()}
	found.AppID, err = c.AppOfBot(ctx, self)
	if err == nil || ErrorCode(err) == "missing_scope" || errors.Is(err, errNoWorkspace) { // the scope is in Missing
		return found, nil
	}
	return Installation{}, err
}

// lacking returns the scopes that are not granted, as of Slack's last response.
func (c *Client) lacking() []string {
	granted := c.Granted()
	if len(granted) == 0 {
		return nil
	}
	missing, degraded := Missing(granted, c.cfg.AgentView)
	maps.Copy(missing, degraded)
	return slices.Sorted(maps.Keys(missing))
}
