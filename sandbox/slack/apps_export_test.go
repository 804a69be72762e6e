package slack_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"enjobridge/sandbox/slack"
)

// Ensure that an app's whole manifest is exported, and only with a configuration token.
func TestExportManifest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, func(c *slack.Config) { c.Manifest = []byte(manifest) })
		export := func(token, app string) (answer struct {
			OK       bool
			Error    string
			Manifest map[string]map[string]any
		},
		) {
			t.Helper()
			form := strings.NewReader(url.Values{"app_id": {app}}.Encode())
			r, err := http.NewRequestWithContext(f.ctx, http.MethodPost, f.APIURL()+"apps.manifest.export", form)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Authorization", "Bearer "+token)
			response, err := f.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(body, &answer); err != nil {
				t.Fatalf("%v: %s", err, body)
			}
			return answer
		}
		token := f.GenerateConfigToken()
		if got := export(token, f.AppID()); !got.OK || got.Manifest["settings"]["socket_mode_enabled"] != true {
			t.Errorf("it exports %+v", got)
		}
		if got := export(token, "A0000000000"); got.Error != "app_not_found" {
			t.Errorf("for another app it answers %+v", got)
		}
		if got := export(f.BotToken(), f.AppID()); got.Error != "not_allowed_token_type" {
			t.Errorf("with the bot token it answers %+v", got)
		}
	})
}
