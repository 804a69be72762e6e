package settings

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/enjo"
)

// reader checks settings and collects what is wrong with them.
type reader struct{ problems []string }

func (r *reader) problem(name, what string) {
	r.problems = append(r.problems, name+" "+what)
}

// required checks a setting that has no default, and says where to get it.
func (r *reader) required(name, value string) string {
	if strings.TrimSpace(value) == "" {
		s := find(name)
		r.problem(name, "is missing: the "+s.desc+", from "+s.from)
	}
	return strings.TrimSpace(value)
}

// token checks a Slack token by its prefix, and never shows it.
func (r *reader) token(name string, value secret, prefix string) string {
	token := r.required(name, value.reveal())
	if token != "" && !strings.HasPrefix(token, prefix) {
		s := find(name)
		r.problem(name, fmt.Sprintf("does not begin with %s: it is the %s, from %s", prefix, s.desc, s.from))
	}
	return token
}

// url checks where an API is. Without TLS anyone on the way can read the tokens.
func (r *reader) url(name, value string) string {
	parsed, err := url.Parse(value)
	switch {
	case err != nil || (parsed.Scheme != "https" && parsed.Scheme != "http") || parsed.Host == "":
		r.problem(name, "must be an http or https address")
	case parsed.Scheme == "http" && parsed.Hostname() != "localhost" && !net.ParseIP(parsed.Hostname()).IsLoopback():
		r.problem(name, "must be an https address: plain http would bare the tokens")
	}
	return value
}

// enjoURL checks where the Enjo API is.
func (r *reader) enjoURL(name, value string) string {
	if err := enjo.CheckBaseURL(value); err != nil {
		r.problem(name, "is wrong: "+err.Error())
	}
	return value
}

// enjoToken checks the token of the Enjo API, and never shows it.
func (r *reader) enjoToken(name string, value secret) string {
	token := r.required(name, value.reveal())
	if token == "" {
		return ""
	}
	if err := enjo.CheckToken(token); err != nil {
		r.problem(name, "is wrong: "+err.Error())
	}
	return token
}

// file checks the name of a file. An address can hold a password, so it is not shown.
func (r *reader) file(name, value string) string {
	switch {
	case value == "":
		r.problem(name, "is empty: name a file, such as enjobridge.db")
	case strings.Contains(value, "://"):
		r.problem(name, "is an address: name a file, such as enjobridge.db")
	}
	return value
}

// address checks where to listen. Off is the empty address.
func (r *reader) address(name, value string) string {
	if value == "off" {
		return ""
	}
	if _, port, err := net.SplitHostPort(value); err != nil || port == "" {
		r.problem(name, "must be an address and a port, such as 127.0.0.1:9090, or off")
	}
	return value
}

// adminToken checks a token that the operator made up, and never shows it.
func (r *reader) adminToken(name string, value secret) string {
	token := value.reveal()
	if token != "" && (len(token) < 16 || strings.ContainsAny(token, " \t\r\n")) {
		r.problem(name, "must have at least 16 characters and no spaces, such as what openssl rand -hex 32 prints")
	}
	return token
}

func (r *reader) boolean(name, value string) bool {
	is, err := strconv.ParseBool(value)
	if err != nil {
		r.problem(name, "must be true or false")
	}
	return is
}

func (r *reader) count(name, value string, least, most int) int {
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		r.problem(name, fmt.Sprintf("must be a number from %d to %d", least, most))
	}
	return n
}

func (r *reader) duration(name, value string, least, most time.Duration) time.Duration {
	d, err := time.ParseDuration(value)
	if err != nil || d < least || d > most {
		r.problem(name, fmt.Sprintf("must be a duration from %v to %v, such as 30s or 5m", least, most))
	}
	return d
}

func (r *reader) oneOf(name, value string, allowed ...string) string {
	if !slices.Contains(allowed, value) {
		r.problem(name, "must be "+strings.Join(slices.DeleteFunc(allowed, func(s string) bool { return s == "" }), " or "))
	}
	return value
}

func (r *reader) logLevel(value string) zerolog.Level {
	level, err := zerolog.ParseLevel(r.oneOf("LOG_LEVEL", value, "debug", "info", "warn", "error"))
	if err != nil {
		return zerolog.InfoLevel
	}
	return level
}

// ids checks a list of Slack's IDs, by their first letter.
func (r *reader) ids(name, value, letters string) []string {
	var ids []string
	for _, id := range list(value) {
		if !strings.ContainsRune(letters, rune(id[0])) {
			r.problem(name, fmt.Sprintf("holds %q, which is no ID: open the details in Slack to copy it", id))
		}
		ids = append(ids, id)
	}
	return ids
}

// pairs checks a list of key:value.
func (r *reader) pairs(name, value string) [][2]string {
	var pairs [][2]string
	for _, item := range list(value) {
		key, val, ok := strings.Cut(item, ":")
		if !ok || strings.TrimSpace(key) == "" || strings.TrimSpace(val) == "" {
			r.problem(name, fmt.Sprintf("holds %q, which is not of the form name:value", item))
			continue
		}
		pairs = append(pairs, [2]string{strings.TrimSpace(key), strings.TrimSpace(val)})
	}
	return pairs
}

// list splits a list at its commas, and drops empty items.
func list(value string) []string {
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
