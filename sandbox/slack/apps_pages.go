package slack

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// configTokenLife is how long an app configuration token is valid. See
// https://docs.slack.dev/authentication/tokens/#config.
const configTokenLife = 12 * time.Hour

// connectionsWrite is the scope of the app-level token that apps.connections.open needs.
const connectionsWrite = "connections:write"

// pages is what people have done on the pages of their apps, at https://api.slack.com/apps.
type pages struct {
	exists    bool     // the app exists
	appScopes []string // of the app-level token
}

// GenerateConfigToken returns an app configuration token (xoxe.xoxp-), with which
// apps.manifest.create makes the app of a workspace that has none: see Config.NoApp. It is
// valid for 12 hours, and replaces an earlier one.
func (w *Workspace) GenerateConfigToken() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.tokens.access, w.tokens.latest[configTokens].access)
	token := "xoxe.xoxp-1-" + randomText(w.streamNow("config token"), 120, alphabet)
	w.tokens.access[token] = &accessToken{kind: configTokens, expires: time.Now().Add(w.scaled(configTokenLife))}
	w.tokens.latest[configTokens] = tokenPair{access: token}
	w.tokens.secrets = append(w.tokens.secrets, token)
	return token
}

// CreateApp does what a person does at https://api.slack.com/apps with "From a manifest": it
// makes the app of a workspace that has none.
func (w *Workspace) CreateApp(manifest string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.manifestCreate(request{args: map[string]string{"manifest": manifest}})
	return err
}

// InstallApp does what a person does with "Install to Workspace": it makes the bot user and
// returns the bot token. If the app is installed already, it grants all scopes of the
// manifest.
func (w *Workspace) InstallApp() (botToken string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.pages.exists {
		return "", errNoApp
	}
	if w.tokens.latest[botTokens].access == "" {
		w.addUser(User{ID: w.app.userID, Name: w.app.name, RealName: w.app.title, Bot: true})
		w.setUp(botTokens)
	}
	if !w.manifest.open {
		w.scopes = w.manifest.grants(!w.config.WithoutOptional)
	}
	return w.tokens.latest[botTokens].access, nil
}

// GenerateAppToken does what a person does under "App-Level Tokens": it returns the
// app-level token, which then has these scopes, such as connections:write.
func (w *Workspace) GenerateAppToken(scopes ...string) (appToken string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case !w.pages.exists:
		return "", errNoApp
	case len(scopes) == 0:
		return "", errors.New("an app-level token needs a scope")
	case w.tokens.latest[appTokens].access == "":
		w.setUp(appTokens)
	}
	w.pages.appScopes = slices.Clone(scopes)
	return w.tokens.latest[appTokens].access, nil
}

var errNoApp = errors.New("there is no app")

// allows returns an error if a token does not allow a call of a method.
func (w *Workspace) allows(token string, m *method) error {
	kind, err := w.authenticate(token)
	switch {
	case err != nil:
		return err
	case kind != m.token():
		return Error("not_allowed_token_type")
	case kind == appTokens && !slices.Contains(w.pages.appScopes, connectionsWrite):
		return fail("missing_scope", object{"needed": connectionsWrite, "provided": strings.Join(w.pages.appScopes, ",")})
	}
	return nil
}

// token returns the kind of token that a method requires.
func (m *method) token() tokenKind {
	switch {
	case m.appToken:
		return appTokens
	case m.configToken:
		return configTokens
	}
	return botTokens
}

// scopesFor returns the scopes of the token that a method requires.
func (w *Workspace) scopesFor(m *method) []string {
	switch m.token() {
	case appTokens:
		return w.pages.appScopes
	case configTokens:
		return []string{"identify", "app_configurations:read", "app_configurations:write"}
	}
	return w.scopes
}
