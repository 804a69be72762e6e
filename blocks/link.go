package blocks

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// urlLimit bounds a link's target, in characters as they are written in markup;
// longer ones are shown as text.
const urlLimit = 1500

// plainHost is a host in which nothing would have to be escaped.
var plainHost = regexp.MustCompile(`^[\p{L}\p{M}\p{N}._-]+(?::\d+)?$`)

// safeURL returns the target of a link that may be live: http, https or mailto,
// written so that it is inert in every markup.
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
		u.User, u.Host = nil, "h" // which String would escape
		safe = u.Scheme + "://" + host + percent(strings.TrimPrefix(u.String(), u.Scheme+"://h"))
	case u.Scheme == "mailto" && strings.Contains(u.Opaque, "@"):
		safe = percent(u.String())
	default:
		return "", false
	}
	return safe, lengthEscaped(safe) <= urlLimit
}

// percent encodes what could end a link in one of Slack's markups, or is not
// ASCII.
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

// target returns what a reader should know of where a safe URL goes: its host,
// or the address of a mailto link.
func target(safe string) string {
	u, err := url.Parse(safe)
	if err != nil {
		return safe
	}
	if u.Scheme == "mailto" {
		return u.Opaque
	}
	return u.Hostname()
}

// hostLike finds what a reader may take for a host or an address. Full stops of
// other scripts count, because browsers and readers take them for dots.
var hostLike = regexp.MustCompile(`[\p{L}\p{N}@_-]+(?:[.\x{3002}\x{FF0E}\x{FF61}\x{2024}][\p{L}\p{N}@_-]+)+`)

var dots = strings.NewReplacer("\u3002", ".", "\uFF0E", ".", "\uFF61", ".", "\u2024", ".")

// misleads reports whether a label shows another host than its link goes to.
func misleads(label, safe string) bool {
	to := strings.ToLower(target(safe))
	for _, shown := range hostLike.FindAllString(invisible.Replace(label), -1) {
		if !leadsTo(strings.ToLower(dots.Replace(shown)), to) {
			return hostOf(label) != to
		}
	}
	u, err := url.Parse(safe)
	return err == nil && u.User != nil
}

// invisible takes away what can stand between the letters of a host unseen.
var invisible = strings.NewReplacer("\u00AD", "", "\u200B", "", "\u200C", "", "\u200D", "", "\u2060", "", "\u200E", "", "\u200F", "")

// leadsTo reports whether shown is host or a parent of it.
func leadsTo(shown, host string) bool {
	shown = strings.TrimPrefix(shown, "www.")
	return host == shown || strings.HasSuffix(host, "."+shown)
}

// hostOf returns the host of a label that is a URL itself, whose path may well
// hold what looks like other hosts.
func hostOf(label string) string {
	u, err := url.Parse(strings.TrimSpace(label))
	if err != nil || u.User != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// linked returns the label of a link as spans. A target that may not be live is
// shown as text, and a label that misleads is followed by where it really goes.
func linked(label []span, dest, title string) []span {
	safe, live := safeURL(dest)
	shown := textOf(label)
	if strings.TrimSpace(shown) == "" {
		shown = strings.TrimSpace(dest)
		label = plainSpans(shown)
	}
	var out []span
	for _, s := range label {
		if live {
			s.url = safe
		}
		out = append(out, s)
	}
	switch {
	case !live && dest != "" && strings.TrimSpace(dest) != shown:
		out = append(out, span{text: " (" + dest + ")"})
	case live && misleads(shown, safe):
		out = append(out, span{text: " (" + target(safe) + ")"})
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
