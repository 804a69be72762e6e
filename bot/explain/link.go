package explain

import (
	"errors"
	"net/url"
	"regexp"
	"strings"

	"enjobridge/storage"
)

// Target is the message that a link, a pair of identifiers or a reference names.
type Target struct {
	Channel string
	TS      string // of a message; or of a question that a button or a command asked
	// Thread is the root of the thread of a reply; empty if the link does not say.
	Thread string
	// Reference is the short reference that users see. If it is set, the other fields are
	// empty.
	Reference string
}

// The parts of links and pairs.
var (
	referenceFormat = regexp.MustCompile(`^EB-[A-Z2-7]{6}$`)
	channelFormat   = regexp.MustCompile(`^[CDG][A-Z0-9]{1,63}$`)
	teamFormat      = regexp.MustCompile(`^[TE][A-Z0-9]{1,63}$`)
	packedFormat    = regexp.MustCompile(`^p([0-9]{1,16})([0-9]{6})$`)
	timeFormat      = regexp.MustCompile(`^[0-9]{1,16}\.[0-9]{1,9}$`)
	questionFormat  = regexp.MustCompile(`^[0-9]{1,16}\.[0-9]{1,9}#[A-Za-z0-9_/.-]{1,200}$`)
)

// errBadLink says what is accepted.
var errBadLink = errors.New("this is no link to a Slack message: choose Copy link in the message's menu in Slack; " +
	"a channel and a timestamp (C0123/1712345678.901234), and a reference from an error message (EB-XXXXXX) work, too")

// errNoMessage says that a link leads to a place only.
var errNoMessage = errors.New("this link leads to a channel, not to a message: choose Copy link in the message's menu in Slack")

// ParseLink parses what people copy: a link to a message as Slack's Copy link and its apps
// make it, a pair channel/ts, the ID of a question in the log (team/channel/ts), or a
// reference.
// https://docs.slack.dev/reference/methods/chat.getPermalink
func ParseLink(text string) (Target, error) {
	text = strings.TrimSpace(text)
	text = strings.TrimSuffix(strings.TrimPrefix(text, "<"), ">")
	text, _, _ = strings.Cut(text, "|") // the label of a link in a message
	if reference := strings.ToUpper(text); referenceFormat.MatchString(reference) {
		return Target{Reference: reference}, nil
	}
	if !strings.Contains(text, "://") {
		return parsePair(text)
	}
	link, err := url.Parse(text)
	if err != nil {
		return Target{}, errBadLink
	}
	switch link.Scheme {
	case "slack":
		return parseAppLink(link)
	case "https", "http":
		return parseWebLink(link)
	}
	return Target{}, errBadLink
}

// parsePair parses channel/ts or team/channel/ts.
func parsePair(text string) (Target, error) {
	if team, rest, ok := strings.Cut(text, "/"); ok && teamFormat.MatchString(team) {
		text = rest
	}
	channel, ts, _ := strings.Cut(text, "/")
	return target(channel, ts, "")
}

// parseWebLink parses https://acme.slack.com/archives/C0123/p1712345678901234, with the
// query of a reply, and https://app.slack.com/client/T0123/C0123/thread/C0123-1712345678.901234.
func parseWebLink(link *url.URL) (Target, error) {
	parts := strings.Split(strings.Trim(link.Path, "/"), "/")
	for len(parts) > 1 && parts[0] != "archives" && parts[0] != "client" {
		parts = parts[1:]
	}
	query := link.Query()
	switch {
	case len(parts) >= 2 && parts[0] == "archives":
		parts = parts[1:]
	case len(parts) >= 3 && parts[0] == "client":
		parts = parts[2:]
	default:
		return Target{}, errBadLink
	}
	channel, last := parts[0], parts[len(parts)-1]
	if !channelFormat.MatchString(channel) {
		return Target{}, errBadLink
	}
	if packed := packedFormat.FindStringSubmatch(last); packed != nil {
		return target(channel, packed[1]+"."+packed[2], query.Get("thread_ts"))
	}
	if of, root, ok := strings.Cut(last, "-"); ok && len(parts) == 3 && parts[1] == "thread" {
		return target(of, root, "")
	}
	return Target{}, errNoMessage
}

// parseAppLink parses slack://channel?team=T0123&id=C0123&message=1712345678.901234.
// https://docs.slack.dev/interactivity/deep-linking
func parseAppLink(link *url.URL) (Target, error) {
	query := link.Query()
	if channelFormat.MatchString(query.Get("id")) && query.Get("message") == "" {
		return Target{}, errNoMessage
	}
	return target(query.Get("id"), query.Get("message"), query.Get("thread_ts"))
}

// target returns the target with some identifiers, if these are valid.
func target(channel, ts, thread string) (Target, error) {
	if !channelFormat.MatchString(channel) || !timeFormat.MatchString(ts) && !questionFormat.MatchString(ts) {
		return Target{}, errBadLink
	}
	if !timeFormat.MatchString(thread) || thread == ts {
		thread = ""
	}
	return Target{Channel: channel, TS: ts, Thread: thread}, nil
}

// message returns the identity of the target's message.
func (t Target) message(team string) storage.MessageID {
	return storage.MessageID{Team: team, Channel: t.Channel, TS: t.TS}
}
