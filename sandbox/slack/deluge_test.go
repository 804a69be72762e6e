package slack_test

import (
	"testing"

	"enjobridge/sandbox/slack"
)

// Ensure that events above Slack's hourly limit are not delivered, and that the
// app is informed.
func TestDeluge(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, func(c *slack.Config) { c.Manifest, c.History = nil, 40_000 })
		for range 30_100 {
			f.post(".")
		}
		informed := 0
		for _, e := range f.Traffic() {
			if e.Inner == "app_rate_limited" {
				informed++
			}
		}
		if informed != 1 {
			t.Errorf("the app was informed %d times", informed)
		}
	})
}
