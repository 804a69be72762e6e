package slackapi

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// Installation is what Slack says about the installation that a bot token belongs to.
type Installation struct {
	Workspace string // its name, or the organisation's; untrusted text
	BotName   string // untrusted text
	AppID     string // empty if Slack did not say
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
	if found.AppID, err = c.AppOfBot(ctx, self); err != nil && ErrorCode(err) != "missing_scope" { // which is in Missing
		return Installation{}, err
	}
	return found, nil
}

// lacking returns the scopes that are not granted, as of Slack's last response.
func (c *Client) lacking() []string {
	c.scopes.mu.Lock()
	defer c.scopes.mu.Unlock()
	if c.scopes.last == "" {
		return nil
	}
	missing, degraded := missingScopes(splitScopes(c.scopes.last), c.cfg.AgentView)
	return slices.Sorted(slices.Values(slices.AppendSeq(missing, maps.Keys(degraded))))
}
