package settings

import "os"

// ConfigToken returns the app configuration token of Slack in SLACK_CONFIG_TOKEN, or in the
// file that SLACK_CONFIG_TOKEN_FILE names; empty, with the problems, if it cannot be read.
func ConfigToken() (token string, problems []string) {
	r := reader{}
	return r.configToken(), r.problems
}

// configToken is the variable of the app configuration token. The bot does not read it.
const configToken = "SLACK_CONFIG_TOKEN"

// configToken reads the app configuration token; empty if it cannot be read.
func (r *reader) configToken() string {
	token := secret{value: os.Getenv(configToken)}
	r.readSecret(configToken, &token)
	if token.broken {
		return ""
	}
	return token.reveal()
}
