package slack

import (
	"encoding/json"
	"net/url"
	"strings"
)

// manifestCreate is https://docs.slack.dev/reference/methods/apps.manifest.create. The
// workspace has room for one app.
func (w *Workspace) manifestCreate(req request) (object, error) {
	m, err := manifestArg(req)
	if err != nil {
		return nil, err
	}
	if w.pages.exists {
		return nil, Error("failed_creating_app")
	}
	a, random := &w.app, w.stream("created app")
	w.manifest, w.pages.exists = m, true
	a.name, a.title = m.botName(), m.appName()
	return object{
		"app_id": a.appID, "team_id": a.teamID, "team_domain": w.domain(),
		"credentials": object{
			"client_id": w.tokens.clientID, "client_secret": w.tokens.clientSecret,
			"verification_token": randomText(random, 24, alphabet), "signing_secret": randomText(random, 32, hex),
		},
		"oauth_authorize_url": w.URL() + "/oauth/v2/authorize?" + url.Values{
			"client_id": {w.tokens.clientID}, "scope": {strings.Join(m.grants(true), ",")},
		}.Encode(),
	}, nil
}

// manifestValidate is https://docs.slack.dev/reference/methods/apps.manifest.validate.
func (w *Workspace) manifestValidate(req request) (object, error) {
	if id := req.text("app_id"); id != "" && (id != w.app.appID || !w.pages.exists) {
		return nil, Error("invalid_app_id")
	}
	if _, err := manifestArg(req); err != nil {
		return nil, err
	}
	return object{"errors": []object{}}, nil
}

// manifestArg returns the manifest in the arguments. The error of an invalid one lists
// what is wrong.
func manifestArg(req request) (manifest, error) {
	src := []byte(req.text("manifest"))
	if !json.Valid(src) {
		return manifest{}, refusedManifest(problem{"", "is not valid JSON"})
	}
	m, err := parseManifest(src)
	if err != nil {
		return manifest{}, refusedManifest(problems(err)...)
	}
	if found := m.checkDelivery(); len(found) > 0 {
		return manifest{}, refusedManifest(found...)
	}
	return m, nil
}

// checkDelivery returns what Slack needs to deliver the events and interactions that the
// manifest enables, but does not have.
func (m *manifest) checkDelivery() (found []problem) {
	s := &m.Settings
	if len(s.Events.Bot) > 0 && s.Events.RequestURL == "" && !s.SocketMode {
		found = append(found, problem{"settings.event_subscriptions", "requires either a request URL or Socket Mode"})
	}
	if s.Interactivity.Enabled && s.Interactivity.RequestURL == "" && !s.SocketMode {
		found = append(found, problem{"settings.interactivity", "requires either a request URL or Socket Mode"})
	}
	return found
}

// refusedManifest is the error for an invalid manifest.
func refusedManifest(found ...problem) error {
	errs := make([]object, 0, len(found))
	for _, p := range found {
		errs = append(errs, object{"message": p.text, "pointer": p.pointer()})
	}
	return fail("invalid_manifest", object{"errors": errs})
}
