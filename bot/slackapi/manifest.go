package slackapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"
)

// ManifestError says why Slack does not accept an app's manifest.
type ManifestError struct{ Reasons []string }

// Error returns the first reason.
func (e *ManifestError) Error() string {
	text := "the manifest is not accepted"
	if len(e.Reasons) > 0 {
		text += ": " + e.Reasons[0]
	}
	return text
}

// CreateApp creates an app from its manifest in JSON, and returns its ID. The BotToken of
// the client must be an app configuration token. Slack checks the manifest first; if it does
// not accept it, the error is a *[ManifestError]. No call is repeated: after an unknown
// outcome the app may exist.
// https://docs.slack.dev/reference/methods/apps.manifest.create
func (c *Client) CreateApp(ctx context.Context, manifest string) (appID string, err error) {
	args := url.Values{"manifest": {manifest}}
	if _, err := c.call(ctx, "apps.manifest.validate", args); err != nil {
		return "", manifestError(err)
	}
	created, err := c.call(ctx, "apps.manifest.create", args)
	if err != nil {
		return "", manifestError(err)
	}
	if appID = created.Text("app_id"); appID == "" {
		return "", errors.New("creating the app: Slack did not return its ID")
	}
	return appID, nil
}

// manifestError returns the error of a call with Slack's reasons.
func manifestError(err error) error {
	if ErrorCode(err) == "invalid_manifest" {
		return fmt.Errorf("creating the app: %w", &ManifestError{RejectionReasons(err)})
	}
	return err
}

// ExportManifest returns the manifest of an app as JSON. The BotToken of the client must be
// an app configuration token.
// https://docs.slack.dev/reference/methods/apps.manifest.export
func (c *Client) ExportManifest(ctx context.Context, appID string) ([]byte, error) {
	found, err := c.call(ctx, "apps.manifest.export", url.Values{"app_id": {appID}})
	if err != nil {
		return nil, err
	}
	return found["manifest"], nil
}
