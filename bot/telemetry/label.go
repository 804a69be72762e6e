package telemetry

import "strings"

// Label returns a code from Slack as a metric's label: lower-case letters, digits and
// underscores, or "other". So Slack cannot make labels.
func Label(code string) string {
	if len(code) > 60 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
		return "other"
	}
	return code
}
