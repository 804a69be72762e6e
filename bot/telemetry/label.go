package telemetry

import "strings"

// Label returns a code that Slack answered as a metric's label: a word of the
// kind that codes are, or "other".
func Label(code string) string {
	if len(code) > 60 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
		return "other"
	}
	return code
}
