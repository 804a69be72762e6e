// Package blockkit checks and renders Block Kit JSON as Slack does.
//
// [Check] and [CheckView] refuse what Slack refuses, in Slack's words. [Pings]
// returns whom a message would notify. [Text] and [HTML] render blocks for a
// terminal and for a browser. Both are safe for any input, and show unknown
// parts as JSON instead of dropping them.
//
// The package works on raw JSON, so that it checks what was sent and not what a
// client library made of it. Limits are from Slack's reference
// (https://docs.slack.dev/reference/block-kit). If a limit is not documented
// but was measured by users, its comment says so.
package blockkit
