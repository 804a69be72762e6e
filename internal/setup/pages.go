package setup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"go.yaml.in/yaml/v3"
)

// pages are the pages of a Slack app.
type pages struct {
	all string // the address of the page with all apps
	app string // the app's ID; empty if it is not known
}

// pagesOf returns the pages for the Web API at this address.
func pagesOf(api string) pages {
	to, err := url.Parse(api)
	if err != nil {
		return pages{all: "https://api.slack.com/apps"}
	}
	for _, domain := range []string{"slack.com", "slack-gov.com"} {
		if host := to.Hostname(); host == domain || strings.HasSuffix(host, "."+domain) {
			return pages{all: "https://api." + domain + "/apps"}
		}
	}
	return pages{all: to.Scheme + "://" + to.Host + "/apps"}
}

// words returns the pairs for the placeholders of [dialogue.say].
func (p pages) words() []string { return []string{"PAGES", p.all, "APP", p.app} }

// page returns where a page of the app is: its address, or its title if the app's ID is not
// known.
func (p pages) page(path, title string) string {
	if p.app == "" {
		return `the app's page "` + title + `"`
	}
	return p.all + "/" + p.app + "/" + path
}

// manifestLink returns the address of a page that creates an app from a manifest in JSON.
// https://docs.slack.dev/app-manifests/configuring-apps-with-app-manifests
func (p pages) manifestLink(manifest string) string {
	// A plus sign is not decoded as a space everywhere.
	return p.all + "?new_app=1&manifest_json=" + strings.ReplaceAll(url.QueryEscape(manifest), "+", "%20")
}

// manifestJSON returns a manifest as compact JSON.
func manifestJSON(source []byte) (string, error) {
	var manifest map[string]any
	if err := yaml.Unmarshal(source, &manifest); err != nil {
		return "", fmt.Errorf("reading the app's manifest: %w", err)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(manifest); err != nil {
		return "", fmt.Errorf("encoding the app's manifest: %w", err)
	}
	return strings.TrimSpace(text.String()), nil
}
