package slack_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"
)

// Ensure that the token of a second app opens a connection of that app, which is counted for
// that app alone, and that nothing else works with it.
func TestSecondApp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		f.read(f.dial(""))
		second := f.SecondApp()
		f.api = slackgo.New(second, slackgo.OptionAPIURL(f.APIURL()), slackgo.OptionAppLevelToken(second), slackgo.OptionHTTPClient(f.client))
		var h struct {
			Type        string
			Connections int `json:"num_connections"`
			Info        struct {
				App string `json:"app_id"`
			} `json:"connection_info"`
		}
		if err := f.dial("").ReadJSON(&h); err != nil {
			t.Fatal(err)
		}
		if h.Type != "hello" || h.Connections != 1 || h.Info.App == "" || h.Info.App == f.AppID() {
			t.Errorf("its hello is %+v", h)
		}
		if f.Sockets() != 1 {
			t.Errorf("the first app has %d connections", f.Sockets())
		}
		r, err := http.NewRequestWithContext(f.ctx, http.MethodPost, f.APIURL()+"auth.test", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+second)
		response, err := f.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil || !strings.Contains(string(body), `"not_allowed_token_type"`) {
			t.Errorf("auth.test answers %s, %v", body, err)
		}
	})
}
