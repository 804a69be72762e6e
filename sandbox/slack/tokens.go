package slack

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Slack's rules for rotating tokens. See
// https://docs.slack.dev/authentication/using-token-rotation.
const (
	tokenLife = 12 * time.Hour
	// activeTokens is how many access tokens of a kind are valid at a time: a refresh
	// revokes the oldest of more.
	activeTokens = 2
)

// tokenKind is a kind of access token, named like the token_type of oauth.v2.access.
type tokenKind string

const (
	botTokens tokenKind = "bot"
	// appTokens are app-level tokens. Slack does not document how rotating ones are
	// refreshed. Clients refresh them like bot tokens, and get this token_type.
	appTokens tokenKind = "app_level"
	// configTokens create apps: see [Workspace.GenerateConfigToken].
	configTokens tokenKind = "configuration"
)

// tokens are the app's credentials, and the tokens of its installation.
type tokens struct {
	clientID, clientSecret string
	access                 map[string]*accessToken
	refresh                map[string]*refreshToken
	latest                 map[tokenKind]tokenPair
	issued                 map[tokenKind]int
	secrets                []string // all that were ever issued
}

// tokenPair is an access token with the refresh token that was issued with it, if it rotates.
type tokenPair struct{ access, refresh string }

type accessToken struct {
	kind    tokenKind
	number  int       // of its kind, in the order of issue
	expires time.Time // zero means never
	revoked bool
}

type refreshToken struct {
	kind tokenKind
	// revoked is when it stops working; zero until it is used.
	revoked time.Time
}

// setUpTokens generates the app's credentials and first tokens.
func (w *Workspace) setUpTokens() {
	random := w.stream("credentials")
	w.tokens = tokens{
		clientID:     fmt.Sprintf("%d.%d", random.Int64N(1e13), random.Int64N(1e13)),
		clientSecret: randomText(random, 32, hex),
		access:       make(map[string]*accessToken),
		refresh:      make(map[string]*refreshToken),
		latest:       make(map[tokenKind]tokenPair),
		issued:       make(map[tokenKind]int),
	}
	w.tokens.secrets = []string{w.tokens.clientSecret}
	if !w.config.NoApp {
		w.setUp(appTokens)
		w.setUp(botTokens)
	}
}

// setUp issues the first token of a kind; the permanent one if they do not rotate.
func (w *Workspace) setUp(kind tokenKind) {
	if w.manifest.rotates(kind) {
		w.issue(kind)
		return
	}
	permanent := w.permanent(kind)
	w.tokens.access[permanent] = &accessToken{kind: kind}
	w.tokens.latest[kind] = tokenPair{access: permanent}
	w.tokens.secrets = append(w.tokens.secrets, permanent)
}

// permanent returns the token of a kind that never expires.
func (w *Workspace) permanent(kind tokenKind) string {
	random := w.stream("tokens")
	app := fmt.Sprintf("xapp-1-%s-%d-%s", w.app.appID, random.Int64N(1e13), randomText(random, 32, hex))
	if kind == appTokens {
		return app
	}
	return fmt.Sprintf("xoxb-%d-%d-%s", random.Int64N(1e13), random.Int64N(1e13), randomText(random, 24, alphabet))
}

// issue issues a rotating access token and its refresh token, and revokes the access
// tokens that are one too many. The caller must hold mu.
func (w *Workspace) issue(kind tokenKind) tokenPair {
	t := &w.tokens
	t.issued[kind]++
	random := w.stream("token", string(kind), strconv.Itoa(t.issued[kind]))
	prefix := map[tokenKind]string{botTokens: "xoxe.xoxb-1-", appTokens: "xoxe.xapp-1-"}[kind]
	fresh := tokenPair{access: prefix + randomText(random, 160, alphabet), refresh: "xoxe-1-" + randomText(random, 140, alphabet)}
	t.access[fresh.access] = &accessToken{kind: kind, number: t.issued[kind], expires: time.Now().Add(w.tokenLife())}
	t.refresh[fresh.refresh] = &refreshToken{kind: kind}
	t.latest[kind] = fresh
	t.secrets = append(t.secrets, fresh.access, fresh.refresh)

	var active []*accessToken
	for _, a := range t.access {
		if a.kind == kind && !a.revoked && a.expires.After(time.Now()) {
			active = append(active, a)
		}
	}
	slices.SortFunc(active, func(a, b *accessToken) int { return b.number - a.number })
	for i, a := range active {
		a.revoked = i >= activeTokens
	}
	return fresh
}

func (w *Workspace) tokenLife() time.Duration { return w.scaled(w.config.TokenLife) }

// authenticate returns the kind of an access token. The caller must hold mu.
func (w *Workspace) authenticate(token string) (tokenKind, error) {
	a := w.tokens.access[token]
	switch {
	case token == "":
		return "", Error("not_authed")
	case a == nil:
		return "", Error("invalid_auth")
	case a.revoked:
		return "", Error("token_revoked")
	case !a.expires.IsZero() && !time.Now().Before(a.expires):
		return "", Error("token_expired")
	}
	return a.kind, nil
}

// oauthAccess is https://docs.slack.dev/reference/methods/oauth.v2.access. There are no
// codes to exchange, because the app is installed on its settings page.
func (w *Workspace) oauthAccess(req request) (object, error) {
	id, secret := req.text("client_id"), req.text("client_secret")
	if req.user != "" {
		id, secret = req.user, req.password
	}
	switch {
	case id != w.tokens.clientID:
		return nil, Error("invalid_client_id")
	case secret != w.tokens.clientSecret:
		return nil, Error("bad_client_secret")
	}
	switch req.text("grant_type") {
	case "refresh_token":
		return w.oauthRefresh(req)
	case "", "authorization_code":
		return nil, Error("invalid_code")
	}
	return nil, Error("invalid_grant_type")
}

// oauthRefresh exchanges a refresh token.
func (w *Workspace) oauthRefresh(req request) (object, error) {
	now, used := time.Now(), w.tokens.refresh[req.text("refresh_token")]
	if used == nil || !used.revoked.IsZero() && !now.Before(used.revoked) {
		return nil, Error("invalid_refresh_token")
	}
	if used.revoked.IsZero() {
		used.revoked = now.Add(w.scaled(w.config.RefreshGrace))
	}
	fresh := w.issue(used.kind)
	o := object{
		"access_token": fresh.access, "refresh_token": fresh.refresh, "expires_in": int(w.tokenLife().Seconds()),
		"token_type": string(used.kind), "app_id": w.app.appID,
	}
	if used.kind == botTokens {
		o["scope"], o["bot_user_id"] = strings.Join(w.scopes, ","), w.app.userID
		o["team"] = object{"id": w.app.teamID, "name": w.app.teamName}
		o["enterprise"], o["is_enterprise_install"] = w.apiEnterprise(), w.config.OrgWide
		if w.config.OrgWide {
			o["team"] = nil
		}
	}
	return o, nil
}

// secretFields are the arguments and fields with secrets, which the log of calls does not
// show.
var secretFields = []string{"client_secret", "refresh_token", "access_token", "credentials"}

// AppToken returns the latest app-level token (xapp-, or xoxe.xapp- if it rotates), which
// opens Socket Mode connections.
func (w *Workspace) AppToken() string { return w.latestToken(appTokens).access }

// BotToken returns the latest bot token (xoxb-, or xoxe.xoxb- if it rotates), for
// everything else.
func (w *Workspace) BotToken() string { return w.latestToken(botTokens).access }

// AppRefreshToken returns the refresh token of [Workspace.AppToken]; empty if it does not
// rotate.
func (w *Workspace) AppRefreshToken() string { return w.latestToken(appTokens).refresh }

// BotRefreshToken returns the refresh token of [Workspace.BotToken]; empty if it does not
// rotate.
func (w *Workspace) BotRefreshToken() string { return w.latestToken(botTokens).refresh }

// ClientID returns the app's client ID, which oauth.v2.access requires.
func (w *Workspace) ClientID() string { return w.tokens.clientID }

// ClientSecret returns the app's client secret, which oauth.v2.access requires.
func (w *Workspace) ClientSecret() string { return w.tokens.clientSecret }

func (w *Workspace) latestToken(kind tokenKind) tokenPair {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tokens.latest[kind]
}

// Secrets returns the client secret and all tokens that were ever issued, oldest first. An
// app must not show any of them.
func (w *Workspace) Secrets() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.tokens.secrets)
}

// ReissueTokens issues new rotating tokens, as a person does on the app's settings page.
// Permanent tokens stay.
func (w *Workspace) ReissueTokens() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, kind := range []tokenKind{appTokens, botTokens} {
		if w.manifest.rotates(kind) {
			w.issue(kind)
		}
	}
}

// ExpireTokens makes all rotating access tokens expire now. Refresh tokens and open
// connections stay.
func (f *Faults) ExpireTokens() {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	for _, a := range f.w.tokens.access {
		if !a.expires.IsZero() {
			a.expires = time.Now()
		}
	}
}

// RevokeRefreshTokens makes all refresh tokens invalid, as if they had been used. Access
// tokens stay.
func (f *Faults) RevokeRefreshTokens() {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	for _, r := range f.w.tokens.refresh {
		r.revoked = time.Now()
	}
}

// withoutSecrets returns a copy of arguments or of a response for the log of calls.
func withoutSecrets[V any](fields map[string]V) map[string]V {
	shown := maps.Clone(fields)
	for _, name := range secretFields {
		delete(shown, name)
	}
	return shown
}
