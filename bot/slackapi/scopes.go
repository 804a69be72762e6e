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

// degradedWithout says what does not work without a scope that the bot can do without.
var degradedWithout = map[string]string{
	"files:write":     "long answers are posted as many messages instead of a file, and answers that Slack accepts in no other form not at all",
	"mpim:history":    "questions in group direct messages are not received",
	"mpim:read":       "missed questions in group direct messages are not found",
	"reactions:write": "thanks get no reaction, and a wait shows none where Slack takes no status",
}

// agentScopes are needed only with Slack's Agents feature.
var agentScopes = []string{"assistant:write"}

// missingScopes returns the scopes that are needed and not granted, and what does not
// work without those that the bot can do without, by scope.
func missingScopes(granted []string, agentView bool) (missing []string, degraded map[string]string) {
	for _, scope := range neededScopes {
		if slices.Contains(granted, scope) || (!agentView && slices.Contains(agentScopes, scope)) {
			continue
		}
		if without, ok := degradedWithout[scope]; ok {
			if degraded == nil {
				degraded = make(map[string]string)
			}
			degraded[scope] = without
		} else {
			missing = append(missing, scope)
		}
	}
	return missing, degraded
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
	if scopes == "" || method == refreshMethod || strings.HasPrefix(method, "apps.") { // not called with the bot token
		return
	}
	c.scopes.mu.Lock()
	defer c.scopes.mu.Unlock()
	if scopes == c.scopes.last {
		return
	}
	first := c.scopes.last == ""
	c.scopes.last = scopes
	granted := splitScopes(scopes)
	missing, degraded := missingScopes(granted, c.cfg.AgentView)
	c.cfg.Health.SetMissingScopes(missing, degraded)
	if len(missing) > 0 {
		c.log.Error().Strs("missing", missing).Str("hint", reinstallHint).
			Msg("slackapi: the app's installation lacks scopes, some questions are not received or not answered")
	}
	if len(degraded) > 0 {
		c.log.Warn().Any("missing", degraded).Str("hint", reinstallHint).Msg("slackapi: the app's installation lacks scopes that it can do without")
	}
	if !first && len(missing)+len(degraded) == 0 {
		c.log.Info().Msg("slackapi: the app's installation has all scopes")
	}
}

// reinstallHint is the fix for missing scopes.
const reinstallHint = "install the app again: on its page under Install App, Reinstall to Workspace"

// lacks reports whether Slack says that a scope is not granted. Before its first response
// it does not.
func (g *grantedScopes) lacks(scope string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.last != "" && !slices.Contains(splitScopes(g.last), scope)
}

// splitScopes returns the scopes in a header.
func splitScopes(header string) []string {
	return strings.FieldsFunc(header, func(r rune) bool { return r == ',' || r == ' ' })
}

// conversationTypes are the types of conversations that the bot can list and read. With
// one that it may not, Slack refuses to list any.
func (c *Client) conversationTypes() string {
	types := "public_channel,private_channel,im"
	if c.scopes.lacks("mpim:read") || c.scopes.lacks("mpim:history") {
		return types
	}
	return types + ",mpim"
}
