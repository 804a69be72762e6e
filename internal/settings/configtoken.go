package settings

import "os"

// ConfigToken returns the app configuration token of Slack in SLACK_CONFIG_TOKEN, or in the
// file that SLACK_CONFIG_TOKEN_FILE names; empty if there is none that can be read.
func ConfigToken() string {
	r, token := reader{}, secret{value: os.Getenv(configToken)}
	r.readSecret(configToken, &token)
	if token.broken {
		return ""
	}
	return token.reveal()
}
