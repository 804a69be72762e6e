package preview

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
)

// connectionHint is the fix if Slack does not respond as it should.
const connectionHint = "check SLACK_API_URL, the network, and proxies on the way to Slack"

// Validate asks Slack whether it accepts every message, modal and home tab that the bot
// can show. It prints the pointers to the parts that Slack refuses, and returns an error
// if there are any. Nothing is posted. The URL of the Web API ends in a slash.
func Validate(ctx context.Context, apiURL, token string, stdout io.Writer) error {
	slack := slackapi.New(slackapi.Config{URL: apiURL, BotToken: token, Log: zerolog.Nop()})
	defer slack.Close()
	examples, refused := blocks.Gallery(), 0
	for _, e := range examples {
		reasons, err := validate(ctx, slack, e)
		if err != nil {
			return explained(fmt.Errorf("validating the example %s: %w", e.Name, err))
		}
		if len(reasons) > 0 {
			refused++
			fmt.Fprintf(stdout, "%s\n  %s\n", e.Name, strings.Join(reasons, "\n  "))
		}
	}
	if refused > 0 {
		return fmt.Errorf("slack refuses %d of %d examples", refused, len(examples))
	}
	fmt.Fprintf(stdout, "Slack accepts all %d examples.\n", len(examples))
	return nil
}

// explained returns an error with its fix.
func explained(err error) error {
	switch failure := slackapi.Classify(err); failure.Class {
	case slackapi.Setup:
		return &slackapi.SetupError{Err: err, Hint: failure.Hint}
	case slackapi.Unknown:
		return fmt.Errorf("%w: %s", err, connectionHint)
	}
	return err
}

// validate returns why Slack refuses an example; nothing if Slack accepts it.
func validate(ctx context.Context, slack *slackapi.Client, e blocks.Example) (all []string, err error) {
	if e.Modal != nil {
		return slack.Validate(ctx, "view", e.Modal)
	}
	if e.Home != nil {
		return slack.Validate(ctx, "view", e.Home)
	}
	for i, m := range e.Messages {
		reasons, err := slack.Validate(ctx, "message", map[string]any{"text": m.Text, "blocks": m.Blocks})
		if err != nil {
			return nil, err
		}
		for _, reason := range reasons {
			if len(e.Messages) > 1 {
				reason = fmt.Sprintf("message %d: %s", i+1, reason)
			}
			all = append(all, reason)
		}
	}
	return all, nil
}
