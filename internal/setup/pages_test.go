package setup

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that the pages are those of the Slack that the Web API belongs to.
func TestPages(t *testing.T) {
	for api, want := range map[string]string{
		"https://slack.com/api/":             "https://api.slack.com/apps",
		"https://www.slack.com/api/":         "https://api.slack.com/apps",
		"https://slack-gov.com/api/":         "https://api.slack-gov.com/apps",
		"https://notslack.com/api/":          "https://notslack.com/apps",
		"http://127.0.0.1:8080/api/":         "http://127.0.0.1:8080/apps",
		"https://proxy.example.com/x/slack/": "https://proxy.example.com/apps",
	} {
		if got := pagesOf(api).all; got != want {
			t.Errorf("the pages of %s are at %s, want %s", api, got, want)
		}
	}
}

// maxLink is how long a link can be: servers usually accept 8 KiB, browsers more.
const maxLink = 8 << 10

// Ensure that the link contains the whole manifest, that Slack accepts it, and that
// browsers and servers accept the link.
func TestManifestLink(t *testing.T) {
	source, err := os.ReadFile(filepath.Join(home, "..", "..", "manifest.yml"))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := manifestJSON(source)
	if err != nil {
		t.Fatal(err)
	}
	link := pagesOf("https://slack.com/api/").manifestLink(manifest)
	if len(link) > maxLink {
		t.Errorf("the link has %d bytes, want at most %d", len(link), maxLink)
	}
	parsed, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	if parsed.Host != "api.slack.com" || parsed.Path != "/apps" || parsed.Query().Get("new_app") != "1" {
		t.Errorf("the link is %s", link)
	}
	var got, want any
	if err := json.Unmarshal([]byte(parsed.Query().Get("manifest_json")), &got); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(source, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(comparable(t, want), comparable(t, got)); diff != "" {
		t.Errorf("the link has another manifest:\n%s", diff)
	}
	slack, err := slacksandbox.Open(slacksandbox.Config{NoApp: true})
	if err != nil {
		t.Fatal(err)
	}
	defer slack.Close()
	if err := slack.CreateApp(parsed.Query().Get("manifest_json")); err != nil {
		t.Errorf("Slack does not accept the manifest: %v", err)
	}
}

// comparable returns a decoded value as indented JSON.
func comparable(t *testing.T, value any) string {
	t.Helper()
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Ensure that an invalid manifest is an error, not an empty one.
func TestManifestJSON_Invalid(t *testing.T) {
	for _, source := range []string{"a: [", "- a", "text"} {
		if got, err := manifestJSON([]byte(source)); err == nil {
			t.Errorf("%q is the manifest %s", source, got)
		}
	}
}
