package slackapi

import (
	"net/http"
	"slices"
	"strings"
	"sync"
)

// neededScopes are the permissions that the app's manifest asks for. An
// installation can lack some: an app that is made from a manifest gets only a
// few of them until it is installed again, and looks healthy meanwhile.
// https://docs.slack.dev/reference/scopes
var neededScopes = []string{
	"app_mentions:read",
	"assistant:write",
	"channels:history",
	"channels:read",
	"chat:write",
	"commands",
	"files:write",
	"groups:history",
	"groups:read",
	"im:history",
	"im:read",
	"im:write",
	"mpim:history",
	"mpim:read",
	"reactions:write",
	"team:read",
	"users:read",
}

// agentScopes are needed only with Slack's Agents feature.
var agentScopes = []string{"assistant:write"}

// missingScopes returns what is needed and not granted.
func missingScopes(granted []string, agentView bool) []string {
	var missing []string
	for _, scope := range neededScopes {
		if !slices.Contains(granted, scope) && (agentView || !slices.Contains(agentScopes, scope)) {
			missing = append(missing, scope)
		}
	}
	return missing
}

// scopeWatch looks at the scopes that Slack names in its responses.
type scopeWatch struct {
	mu   sync.Mutex
	last string // as they were named last
}

// responded looks at the headers of a response: for the time, and, of a call with
// the bot token, for the scopes. When these have changed it says so, and tells which are missing.
func (c *Client) responded(method string, header http.Header) {
	c.clock.heard(header)
	named := header.Get("X-OAuth-Scopes")
	if named == "" || strings.HasPrefix(method, "apps.") { // those are called with the app-level token
		return
	}
	c.scopes.mu.Lock()
	defer c.scopes.mu.Unlock()
	if named == c.scopes.last {
		return
	}
	first := c.scopes.last == ""
	c.scopes.last = named
	granted := strings.FieldsFunc(named, func(r rune) bool { return r == ',' || r == ' ' })
	missing := missingScopes(granted, c.cfg.AgentView)
	c.cfg.Health.SetMissingScopes(missing)
	switch {
	case len(missing) > 0:
		c.log.Error().Strs("missing", missing).Str("hint", "install the app again: on its page under Install App, Reinstall to Workspace").
			Msg("the app's installation lacks scopes: part of what people ask is not heard or not answered")
	case !first:
		c.log.Info().Msg("the app's installation has all scopes")
	}
}
