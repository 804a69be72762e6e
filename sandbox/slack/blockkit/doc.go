// Package blockkit does with Block Kit JSON what Slack does with it: it checks
// it, and it shows it.
//
// [Check] and [CheckView] refuse what Slack refuses, in Slack's words. [Pings]
// says who would be notified by a message. [Text] and [HTML] show blocks to a
// terminal and to a browser; both are safe for any input, and what they do not
// know they show as JSON instead of dropping it.
//
// The package works on raw JSON, so that it judges what was sent over the wire
// and not what a client library made of it. Limits come from Slack's reference
// (https://docs.slack.dev/reference/block-kit); where Slack is silent and people
// measured it, the comment at the limit says so.
package blockkit
