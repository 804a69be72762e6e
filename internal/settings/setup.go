package settings

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Setup is what the environment says for enjobridge setup, which asks for the rest. No
// setting is required.
type Setup struct {
	// SlackURL is the base URL of Slack's Web API; it ends in a slash.
	SlackURL string
	// EnjoURL is the base URL of the Enjo API.
	EnjoURL     string
	EnjoTimeout time.Duration // of one call to Enjo
	// ConfigToken is an app configuration token of Slack, which creates apps.
	ConfigToken string
	// Given are the values of SLACK_BOT_TOKEN, SLACK_APP_TOKEN, ENJO_TOKEN and ENJO_BOT_ID,
	// unchecked. A value is empty if it is not set.
	Given map[string]string
	// Variables are the variables of the environment that set those of Given and the
	// ConfigToken: NAME, or NAME_FILE. Those that only the env file has are not among them.
	Variables map[string]string
	// Kept are the settings, other than the default ones, that the tokens only work with:
	// addresses, and whether the app has Slack's Agents feature.
	Kept map[string]string
	// AgentView says whether the app has Slack's Agents feature.
	AgentView bool
}

// ReadSetup reads the settings for enjobridge setup. If one is invalid, it returns an
// *[Error].
func ReadSetup() (Setup, error) {
	r := reader{}
	env, err := r.load("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "ENJO_TOKEN", "ENJO_BOT_ID", "SLACK_API_URL", "SLACK_AGENT", "ENJO_API_URL", "ENJO_TIMEOUT")
	if err != nil {
		return Setup{}, err
	}
	setup := Setup{
		SlackURL:    r.slackURL(env),
		EnjoURL:     r.enjoURL("ENJO_API_URL", env.EnjoAPIURL),
		EnjoTimeout: r.enjoTimeout(env),
		AgentView:   r.boolean("SLACK_AGENT", env.SlackAgent),
		ConfigToken: r.configToken(),
		Given: map[string]string{
			"SLACK_BOT_TOKEN": env.SlackBotToken.reveal(), "SLACK_APP_TOKEN": env.SlackAppToken.reveal(),
			"ENJO_TOKEN": env.EnjoToken.reveal(), "ENJO_BOT_ID": env.EnjoBotID,
		},
		Variables: make(map[string]string),
		Kept:      make(map[string]string),
	}
	for _, name := range append(slices.Collect(maps.Keys(setup.Given)), configToken) {
		if variable := inEnvironment(name); variable != "" {
			setup.Variables[name] = variable
		}
	}
	for name, value := range map[string]string{"SLACK_API_URL": env.SlackAPIURL, "ENJO_API_URL": env.EnjoAPIURL, "SLACK_AGENT": env.SlackAgent} {
		if value != find(name).preset {
			setup.Kept[name] = value
		}
	}
	return setup, r.err()
}

// Problem returns what is wrong with a value that a person enters for a token, or for
// ENJO_BOT_ID; empty if nothing is. The text continues a sentence. It never shows the value.
func Problem(name, value string) string {
	r, s := reader{}, secret{value: value}
	switch name { // setup does not ask for the refresh tokens of tokens that expire
	case "SLACK_BOT_TOKEN":
		r.token(name, s, "xoxb-")
	case "SLACK_APP_TOKEN":
		r.token(name, s, "xapp-")
	case "ENJO_TOKEN":
		r.enjoToken(name, s)
	}
	if strings.ContainsAny(value, " \t\"'`\\$#") || strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c > '~' }) {
		// Programs that read env files do not agree on what these mean.
		r.problem(name, "contains a character that tokens and IDs don't have, such as a space or a quote: copy it again")
	}
	if len(r.problems) == 0 {
		return ""
	}
	return strings.TrimPrefix(r.problems[0], name+" ")
}
