package slack

import (
	"maps"
	"slices"
	"strings"
)

// conversationScope returns the scope for this access ("read", "history",
// "write") to a kind of conversation.
func conversationScope(kind ChannelKind, access string) string {
	return map[ChannelKind]string{Public: "channels:", Private: "groups:", Direct: "im:", Group: "mpim:"}[kind] + access
}

// granted reports whether the bot token has any of the scopes.
func (w *Workspace) granted(scopes ...string) bool {
	return slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(w.scopes, s) })
}

// uses is granted for something that the app does now: it remembers the scope.
func (w *Workspace) uses(scopes ...string) bool {
	for _, s := range scopes {
		if slices.Contains(w.scopes, s) {
			w.needed[s] = true
			return true
		}
	}
	return false
}

// ScopesUsed returns the scopes of the bot token that the app has needed so far, in
// alphabetical order: for its calls, also those that failed later, for the events
// that it got, and for commands and shortcuts. Of several scopes that allow a call it is
// the first that is granted.
func (w *Workspace) ScopesUsed() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.needed))
}

// missingScope returns the error for a call that needs one of the scopes.
func (w *Workspace) missingScope(scopes ...string) error {
	return fail("missing_scope", object{
		"needed": strings.Join(scopes, ","), "provided": strings.Join(w.scopes, ","),
	})
}

// allScopes returns every scope that the workspace knows.
func allScopes() []string {
	all := map[string]bool{
		"channels:join": true, "chat:write.public": true, "chat:write.customize": true,
		"commands": true, "files:read": true, "im:write": true, "mpim:write": true, "users:read.email": true,
	}
	for _, kind := range []ChannelKind{Public, Private, Direct, Group} {
		all[conversationScope(kind, "read")] = true
		all[conversationScope(kind, "history")] = true
	}
	for _, scope := range eventScopes {
		all[scope] = true
	}
	for _, m := range methods {
		for _, scope := range m.scopes {
			all[scope] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
