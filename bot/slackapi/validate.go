package slackapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"enjobridge/bot/slackevent"
)

// Validate returns why Slack would not accept a payload of a kind, message or view; nothing
// if it would. Nothing is posted. Only rate-limited calls are repeated.
// https://docs.slack.dev/reference/methods/blocks.validate
func (c *Client) Validate(ctx context.Context, kind string, payload any) (reasons []string, err error) {
	encoded, err := json.Marshal(payload)
	if err != nil {
		return nil, fmt.Errorf("encoding a %s: %w", kind, err)
	}
	err = c.Retry(ctx, 1, func() error {
		_, err := c.call(ctx, "blocks.validate", url.Values{kind: {string(encoded)}})
		return err
	})
	code := ErrorCode(err)
	if code != "invalid_"+kind && code != "invalid_blocks" {
		return nil, err
	}
	if reasons = RejectionReasons(err); len(reasons) == 0 {
		reasons = []string{code}
	}
	return reasons, nil
}

// constraints returns the reasons of blocks.validate in a response: what is wrong, after
// the JSON pointer to it.
func constraints(found slackevent.Object) (reasons []string) {
	failed, _ := slackevent.Field[[]struct{ Pointer, Message string }](found, "errors")
	for _, f := range failed {
		reasons = append(reasons, strings.TrimSpace(f.Pointer+" "+f.Message))
	}
	return reasons
}
