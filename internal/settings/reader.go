package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"

	"github.com/rs/zerolog"

	"enjobridge/enjo"
)

// reader checks settings and collects their problems.
type reader struct{ problems []string }

func (r *reader) problem(name, what string) {
	r.problems = append(r.problems, name+" "+what)
}

// err returns an *[Error] with the problems, or nil if there are none.
func (r *reader) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	return &Error{r.problems}
}

// required checks a setting without a default.
func (r *reader) required(name, value string) string {
	if value == "" {
		s := find(name)
		r.problem(name, "is missing: the "+s.desc+", from "+s.from)
	}
	return value
}

// url checks the URL of an API. Without TLS, anyone on the network path can read the tokens.
func (r *reader) url(name, value string) string {
	parsed, err := url.Parse(value)
	switch {
	case err != nil || (parsed.Scheme != "https" && parsed.Scheme != "http") || parsed.Host == "":
		r.problem(name, "must be an http or https URL")
	case parsed.Scheme == "http" && parsed.Hostname() != "localhost" && !net.ParseIP(parsed.Hostname()).IsLoopback():
		r.problem(name, "must be an https URL: plain http would expose the tokens")
	}
	return value
}

// slackURL checks the URL of Slack's Web API, and returns it with a slash at the end.
func (r *reader) slackURL(env environment) string {
	return strings.TrimSuffix(r.url("SLACK_API_URL", env.SlackAPIURL), "/") + "/"
}

// enjoURL checks the URL of the Enjo API. It may end with the version of the API, which
// the client adds itself.
func (r *reader) enjoURL(name, value string) string {
	value = strings.TrimSuffix(strings.TrimRight(value, "/"), "/v1")
	if err := enjo.CheckBaseURL(value); err != nil {
		r.problem(name, "is invalid: "+err.Error())
	}
	return value
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// isMissing reports whether there is no directory at path. If that cannot be found
// out, it returns false.
func isMissing(path string) bool {
	info, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || err == nil && !info.IsDir()
}

// address checks an address to listen at. For off, it returns "".
func (r *reader) address(name, value string) string {
	if isOff(value) {
		return ""
	}
	if _, port, err := net.SplitHostPort(value); err != nil || !isPort(port) {
		r.problem(name, "must be an address with a port, such as 127.0.0.1:9090, or off")
	}
	return value
}

// webhookAddress checks the address for ticket updates.
func (r *reader) webhookAddress(env environment) string {
	const name = "WEBHOOK_ADDR"
	value := env.WebhookAddr
	_, port, err := net.SplitHostPort(value)
	switch {
	case value == "":
	case err != nil || !isPort(port):
		r.problem(name, "must be an address with a port, such as 127.0.0.1:9091, or empty")
	case !env.TicketWebhookSecret.isSet():
		r.problem(name, "is set, but ticket updates are off: set TICKET_WEBHOOK_SECRET, too")
	case value == env.HTTPAddr:
		r.problem(name, "is the same as HTTP_ADDR: leave it empty to serve ticket updates there, or set another port")
	}
	return value
}

// isPort reports whether text is the number or the name of a TCP port.
func isPort(text string) bool {
	_, err := net.LookupPort("tcp", text)
	return text != "" && err == nil
}

func (r *reader) logLevel(value string) zerolog.Level {
	level, err := zerolog.ParseLevel(r.oneOf("LOG_LEVEL", value, "debug", "info", "warn", "error"))
	if err != nil {
		return zerolog.InfoLevel
	}
	return level
}

// ids checks a list of Slack IDs by their first letters.
func (r *reader) ids(name, value, letters string) []string {
	var ids []string
	for _, id := range list(value) {
		if !strings.ContainsRune(letters, rune(id[0])) {
			r.problem(name, fmt.Sprintf("contains %q, which is not an ID: copy the ID from the details in Slack", id))
		}
		ids = append(ids, id)
	}
	return ids
}

// pairs checks a list of name:value pairs.
func (r *reader) pairs(name, value string) [][2]string {
	var pairs [][2]string
	for _, item := range list(value) {
		key, val, ok := strings.Cut(item, ":")
		if !ok || strings.TrimSpace(key) == "" || strings.TrimSpace(val) == "" {
			r.problem(name, fmt.Sprintf("contains %q, which is not a name:value pair", item))
			continue
		}
		pairs = append(pairs, [2]string{strings.TrimSpace(key), strings.TrimSpace(val)})
	}
	return pairs
}

// list splits a list at its commas and drops empty items.
func list(value string) []string {
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// maxPrompts is how many prompts Slack shows.
// https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts
const maxPrompts = 4

// prompts checks questions to suggest, separated by |.
func (r *reader) prompts(name, value string) []string {
	var prompts []string
	for prompt := range strings.SplitSeq(value, "|") {
		if prompt = strings.TrimSpace(prompt); prompt != "" {
			prompts = append(prompts, prompt)
		}
	}
	if len(prompts) > maxPrompts {
		r.problem(name, fmt.Sprintf("has %d questions: Slack shows at most %d", len(prompts), maxPrompts))
	}
	return prompts
}
