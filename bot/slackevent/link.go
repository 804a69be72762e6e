package slackevent

import (
	"net/url"
	"regexp"
	"strings"
)

// maxAddress bounds the address of a workspace, in bytes.
const maxAddress = 500

// isWebAddress reports whether a text is the address of a website.
func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && len(text) <= maxAddress && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

// timestampFormat is the format of the timestamps of messages.
var timestampFormat = regexp.MustCompile(`^[1-9][0-9]{0,15}\.[0-9]{1,9}$`)

// Link returns the address of a message, without asking Slack for it, so that lists can have
// many; empty if the workspace's address is unknown, or if the channel or the timestamp does
// not have Slack's format. Root is the timestamp of the root of the message's thread, and can
// be empty.
// https://docs.slack.dev/reference/methods/chat.getPermalink
func (i Identity) Link(channel, ts, root string) string {
	if i.URL == "" || !slackID.MatchString(channel) || !timestampFormat.MatchString(ts) {
		return ""
	}
	link := i.URL + "archives/" + channel + "/p" + strings.Replace(ts, ".", "", 1)
	if root != ts && timestampFormat.MatchString(root) {
		link += "?thread_ts=" + root + "&cid=" + channel
	}
	return link
}
