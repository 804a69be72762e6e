package slackapi

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// The scopes in the app's manifest, and what does not work without each of them: those that
// the bot needs, and those that it can do without. An app that was created from a manifest
// has only a few of them until it is installed again, although it looks complete.
// https://docs.slack.dev/reference/scopes
var (
	brokenWithout = map[string]string{
		"app_mentions:read": "mentions are not received",
		"assistant:write":   "direct messages suggest no questions",
		"channels:history":  "replies in public channels are not received",
		"channels:read":     "missed questions in public channels are not found",
		"chat:write":        "nothing can be posted",
		"commands":          "the command /enjo is missing",
		"groups:history":    "replies in private channels are not received",
		"groups:read":       "missed questions in private channels are not found",
		"im:history":        "direct messages are not received",
		"im:read":           "missed direct messages are not found",
		"im:write":          "nobody can be written to directly",
		"users:read":        "people of other organisations are not recognised",
	}
	degradedWithout = map[string]string{
		"files:write":     "long answers are posted as many messages instead of a file, and answers that Slack accepts in no other form not at all",
		"mpim:history":    "questions in group direct messages are not received",
		"mpim:read":       "missed questions in group direct messages are not found",
		"reactions:write": "thanks get no reaction, and a wait shows none where Slack takes no status",
	}
)

// agentScopes are needed only with Slack's Agents feature.
var agentScopes = []string{"assistant:write"}

// Missing returns the scopes that are not granted, each with what does not work without it:
// those that the bot needs, and those that it can do without.
func Missing(granted []string, agentView bool) (needed, degraded map[string]string) {
	lacking := func(without map[string]string) map[string]string {
		missing := maps.Clone(without)
		maps.DeleteFunc(missing, func(scope, _ string) bool {
			return slices.Contains(granted, scope) || !agentView && slices.Contains(agentScopes, scope)
		})
		return missing
	}
	return lacking(brokenWithout), lacking(degradedWithout)
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
	needed, degraded := Missing(splitScopes(scopes), c.cfg.AgentView)
	missing := slices.Sorted(maps.Keys(needed))
	c.cfg.Health.SetMissingScopes(missing, degraded)
	if len(missing) > 0 {
		c.log.Error().Strs("missing", missing).Str("hint", ReinstallHint).
			Msg("slackapi: the app's installation lacks scopes, some questions are not received or not answered")
	}
	if len(degraded) > 0 {
		c.log.Warn().Any("missing", degraded).Str("hint", ReinstallHint).Msg("slackapi: the app's installation lacks scopes that it can do without")
	}
	if !first && len(missing)+len(degraded) == 0 {
		c.log.Info().Msg("slackapi: the app's installation has all scopes")
	}
}

// ReinstallHint is the fix for missing scopes.
const ReinstallHint = "install the app again: on its page under Install App, Reinstall to Workspace; " +
	"if that does not help, put the current manifest.yml on its page first"

// Granted returns the scopes of the bot token in Slack's last response; nothing before.
func (c *Client) Granted() []string {
	c.scopes.mu.Lock()
	defer c.scopes.mu.Unlock()
	return splitScopes(c.scopes.last)
}

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
