package slackapi

import (
	"net/http"
	"slices"
	"strings"
	"sync"
)

// neededScopes are the scopes in the app's manifest. An app that was created from a
// manifest has only a few of them until it is installed again, although it looks
// complete.
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
	"users:read",
}

// agentScopes are needed only with Slack's Agents feature.
var agentScopes = []string{"assistant:write"}

// missingScopes returns the scopes that are needed and not granted.
func missingScopes(granted []string, agentView bool) []string {
	var missing []string
	for _, scope := range neededScopes {
		if !slices.Contains(granted, scope) && (agentView || !slices.Contains(agentScopes, scope)) {
			missing = append(missing, scope)
		}
	}
	return missing
}

// grantedScopes are the scopes in Slack's responses.
type grantedScopes struct {
	mu   sync.Mutex
	last string // the last header
}

// responded reads the headers of a response: the time, and the scopes of the bot
// token. It logs missing scopes whenever the scopes have changed.
func (c *Client) responded(method string, header http.Header) {
	c.cfg.Clock.Observe(header)
	scopes := header.Get("X-OAuth-Scopes")
	if scopes == "" || strings.HasPrefix(method, "apps.") { // called with the app-level token
		return
	}
	c.scopes.mu.Lock()
	defer c.scopes.mu.Unlock()
	if scopes == c.scopes.last {
		return
	}
	first := c.scopes.last == ""
	c.scopes.last = scopes
	granted := strings.FieldsFunc(scopes, func(r rune) bool { return r == ',' || r == ' ' })
	missing := missingScopes(granted, c.cfg.AgentView)
	c.cfg.Health.SetMissingScopes(missing)
	switch {
	case len(missing) > 0:
		c.log.Error().Strs("missing", missing).Str("hint", "install the app again: on its page under Install App, Reinstall to Workspace").
			Msg("slackapi: the app's installation lacks scopes, some questions are not received or not answered")
	case !first:
		c.log.Info().Msg("slackapi: the app's installation has all scopes")
	}
}
