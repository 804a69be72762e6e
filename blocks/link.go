package blocks

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// urlLimit limits a link's target, in characters as written in markup; longer
// ones are shown as text.
const urlLimit = 1500

// plainHost matches a host that needs no escaping.
var plainHost = regexp.MustCompile(`^[\p{L}\p{M}\p{N}._-]+(?::\d+)?$`)

// safeURL returns the target of a link that may be active: http, https or
// mailto, encoded so that it contains no markup of any kind.
func safeURL(raw string) (string, bool) {
	raw = strings.TrimSpace(raw)
	if raw == "" || len(raw) > urlLimit {
		return "", false
	}
	u, err := url.Parse(raw)
	if err != nil {
		return "", false
	}
	var safe string
	switch {
	case (u.Scheme == "http" || u.Scheme == "https") && plainHost.MatchString(u.Host):
		host := u.Host
		if u.User != nil {
			host = percent(u.User.String()) + "@" + host
		}
		u.User, u.Host = nil, "h" // String would escape them
		safe = u.Scheme + "://" + host + percent(strings.TrimPrefix(u.String(), u.Scheme+"://h"))
	case u.Scheme == "mailto" && strings.Contains(u.Opaque, "@"):
		safe = percent(u.String())
	default:
		return "", false
	}
	return safe, lengthEscaped(safe) <= urlLimit
}

// percent encodes characters that could end a link in one of Slack's markups,
// or that are not ASCII.
func percent(s string) string {
	var out strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7F || strings.IndexByte("<>|\"`()[]{}\\*^", c) >= 0 {
			fmt.Fprintf(&out, "%%%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// webURL is safeURL for http and https only.
func webURL(raw string) (string, bool) {
	safe, ok := safeURL(raw)
	return safe, ok && strings.HasPrefix(safe, "http")
}

// linked returns the label of a link as spans. A target that may not be active
// is shown as text in brackets, and so is one whose label contains links.
func linked(label []span, dest, title string) []span {
	safe, live := safeURL(dest)
	dest = strings.TrimSpace(dest)
	named := dest
	if !live {
		named = deadTarget(dest)
	}
	shown := textOf(label)
	if strings.TrimSpace(shown) == "" {
		shown = named
		label = plainSpans(shown)
	}
	out := slices.Clone(label)
	switch {
	case hasLink(label) && dest != "":
		out = append(out, span{text: " ("})
		out = append(out, linked(plainSpans(named), dest, "")...)
		out = append(out, span{text: ")"})
	case live:
		for i := range out {
			out[i].url = safe
		}
	case dest != "" && dest != shown && named != shown:
		out = append(out, span{text: " (" + named + ")"})
	}
	if title != "" && title != shown {
		out = append(out, span{text: " (" + title + ")"})
	}
	return out
}

// plainSpans returns text without style; none if it is empty.
func plainSpans(text string) []span {
	if text == "" {
		return nil
	}
	return []span{{text: text}}
}
