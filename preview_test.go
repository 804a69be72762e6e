package main

import (
	"bytes"
	"strings"
	"testing"

	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that the command has Slack validate all examples, and makes no other call.
func TestPreviewValidate(t *testing.T) {
	slack, err := slacksandbox.Open(slacksandbox.Config{Manifest: manifest, Speed: 60})
	if err != nil {
		t.Fatal(err)
	}
	defer slack.Close()
	t.Setenv("SLACK_API_URL", slack.APIURL())
	t.Setenv("SLACK_BOT_TOKEN", slack.BotToken())
	var out bytes.Buffer
	if err := run(t.Context(), []string{"preview", "-validate"}, strings.NewReader(""), &out, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if !strings.HasPrefix(out.String(), "Slack accepts all ") {
		t.Errorf("it printed %s", &out)
	}
	calls := slack.Calls()
	if len(calls) == 0 {
		t.Error("there are no calls")
	}
	for _, c := range calls {
		if c.Method != "blocks.validate" {
			t.Errorf("there is a call of %s", c.Method)
		}
	}
}
