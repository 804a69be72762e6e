package settings

import (
	"time"

	"enjobridge/bot"
	"enjobridge/enjo"
)

// Enjo is the access to Enjo's agents.
type Enjo struct {
	Client enjo.Config   // its Version is not a setting, and empty
	Agents []bot.Agent   // the default one first
	Limits []enjo.Limit  // of calls
	Jitter time.Duration // see [bot.Config]
}

// enjoSettings are the settings of [Enjo].
var enjoSettings = []string{
	"ENJO_TOKEN", "ENJO_BOT_ID", "ENJO_AGENTS", "ENJO_API_URL", "ENJO_LIMITS", "ENJO_JITTER", "ENJO_TIMEOUT",
}

// ReadEnjo reads the access to Enjo, for commands that need no other setting. If something
// is missing or invalid, it returns an *[Error].
func ReadEnjo() (Enjo, error) {
	r := reader{}
	env, err := r.load(enjoSettings...)
	if err != nil {
		return Enjo{}, err
	}
	return r.enjo(env), r.err()
}

// OwnAgent reads the agent of the operator, for the demo. It returns nil if neither
// ENJO_TOKEN nor ENJO_BOT_ID is set: then the demo uses its local agent. If only one is
// set, or something is invalid, it returns an *[Error].
func OwnAgent() (*Enjo, error) {
	r := reader{}
	env, err := r.load("ENJO_TOKEN", "ENJO_BOT_ID")
	if err != nil {
		return nil, err
	}
	if !env.EnjoToken.isSet() && env.EnjoBotID == "" {
		return nil, nil
	}
	access, err := ReadEnjo()
	if err != nil {
		return nil, err
	}
	return &access, nil
}

// enjo checks the access to Enjo.
func (r *reader) enjo(env environment) Enjo {
	limits, err := enjo.ParseLimits(env.EnjoLimits)
	if err != nil {
		r.problem("ENJO_LIMITS", "is invalid: "+err.Error())
	}
	return Enjo{
		Client: enjo.Config{
			BaseURL: r.enjoURL("ENJO_API_URL", env.EnjoAPIURL),
			Token:   r.enjoToken("ENJO_TOKEN", env.EnjoToken),
			Timeout: r.enjoTimeout(env),
		},
		Agents: r.agents(env),
		Limits: limits,
		Jitter: r.duration("ENJO_JITTER", env.EnjoJitter, 0, time.Minute),
	}
}

// enjoTimeout checks the timeout of a call to Enjo.
func (r *reader) enjoTimeout(env environment) time.Duration {
	return r.duration("ENJO_TIMEOUT", env.EnjoTimeout, time.Second, 10*time.Minute)
}
