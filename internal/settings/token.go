package settings

import (
	"fmt"
	"regexp"
	"strings"

	"enjobridge/enjo"
)

// token checks a Slack token, which must begin with one of the prefixes. It never shows
// the token.
func (r *reader) token(name string, value secret, prefixes ...string) string {
	if value.broken {
		return ""
	}
	token := r.required(name, value.reveal())
	if token == "" {
		return ""
	}
	if what := slackTokenProblem(name, token, prefixes); what != "" {
		r.problem(name, what)
	}
	return token
}

// enjoToken checks the token of the Enjo API. It never shows the token.
func (r *reader) enjoToken(name string, value secret) string {
	if value.broken {
		return ""
	}
	token := r.required(name, value.reveal())
	if token == "" {
		return ""
	}
	if what := copyProblem(name, token); what != "" {
		r.problem(name, what)
	} else if kind := kindOf(token); kind.prefix != "" {
		r.problem(name, fmt.Sprintf("is a token of Slack (%s…): it must be the %s, from %s", kind.prefix, find(name).desc, find(name).from))
	} else if err := enjo.CheckToken(token); err != nil {
		r.problem(name, "is invalid: "+err.Error())
	}
	return token
}

// chosenSecret checks a secret that the operator chose. It never shows the secret.
func (r *reader) chosenSecret(name string, value secret) string {
	if value.broken {
		return ""
	}
	token := value.reveal()
	switch what := copyProblem(name, token); {
	case token == "":
	case what != "":
		r.problem(name, what)
	case len(token) < 16 || strings.ContainsAny(token, " \t\r\n"):
		r.problem(name, "must have at least 16 characters and no spaces: use openssl rand -hex 32")
	}
	return token
}

// slackTokenProblem returns what is wrong with a Slack token, which must begin with one of
// the prefixes; empty if nothing is.
func slackTokenProblem(name, token string, prefixes []string) string {
	if what := copyProblem(name, token); what != "" {
		return what
	}
	s, kind := find(name), kindOf(token)
	for _, prefix := range prefixes {
		if !strings.HasPrefix(token, prefix) {
			continue
		}
		if len(token) == len(prefix) {
			return "is only the beginning of a token: copy the whole " + s.desc + ", from " + s.from
		}
		if strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return "contains spaces, line breaks or letters that are not ASCII: copy it again"
		}
		return ""
	}
	want := fmt.Sprintf("it must be the %s, from %s", s.desc, s.from)
	switch {
	case kind.home != "" && kind.home != name:
		return fmt.Sprintf("is %s (%s…), which belongs in %s: are the two swapped? Here %s", kind.name, kind.prefix, kind.home, want)
	case kind.prefix != "":
		return fmt.Sprintf("is %s (%s…): %s", kind.name, kind.prefix, want)
	}
	return "does not begin with " + strings.Join(prefixes, " or ") + ": " + want
}

// tokenKind is a kind of Slack token. https://docs.slack.dev/authentication/tokens
type tokenKind struct {
	prefix string
	name   string
	home   string // the setting for it; empty if there is none
}

// tokenKinds are the kinds of Slack tokens that people take for another, a longer prefix
// before a shorter one.
var tokenKinds = []tokenKind{
	{"xoxe.xoxb-", "a bot token that expires, of an app with token rotation", "SLACK_BOT_TOKEN"},
	{"xoxe.xapp-", "an app-level token that expires, of an app with token rotation", "SLACK_APP_TOKEN"},
	{"xoxe.xoxp-", "a token for app manifests or of a user, which expires", ""},
	{"xoxe-", "a refresh token", ""},
	{"xapp-", "an app-level token", "SLACK_APP_TOKEN"},
	{"xoxb-", "a bot token", "SLACK_BOT_TOKEN"},
	{"xoxp-", "a user token", ""},
	{"xoxa-", "a token of a legacy workspace app", ""},
	{"xoxr-", "a legacy refresh token", ""},
	{"xoxs-", "a token of a browser session", ""},
	{"xoxc-", "a token of a browser session", ""},
	{"xoxd-", "a cookie of a browser session", ""},
}

// kindOf returns the kind of a Slack token; the zero value if it is none.
func kindOf(token string) tokenKind {
	for _, kind := range tokenKinds {
		if strings.HasPrefix(token, kind.prefix) {
			return kind
		}
	}
	return tokenKind{}
}

// copyProblem returns how a secret was copied wrongly; empty if it was not.
func copyProblem(name, value string) string {
	word, _, _ := strings.Cut(value, " ")
	switch {
	case isQuoted(value):
		return "has quotes around its value: " + unquoteHint
	case strings.HasPrefix(value, name+"="):
		return "begins with its own name: set only what is after the ="
	case strings.EqualFold(word, "Bearer"):
		return `is invalid: it is given without "Bearer"`
	case strings.HasPrefix(value, "$"):
		return "begins with $: it was not replaced by the value of a variable or command; set the value itself"
	case isPlaceholder(value):
		return "is a placeholder: set the real value" + fromHint(name)
	}
	return ""
}

// fromHint says where to get a setting.
func fromHint(name string) string {
	if from := find(name).from; from != "" {
		return ", from " + from
	}
	return ""
}

// isPlaceholder reports whether a value stands for a secret that is still to be set.
func isPlaceholder(value string) bool {
	kind := kindOf(value)
	rest := strings.TrimPrefix(value, kind.prefix)
	return placeholder.MatchString(rest) || kind.prefix != "" && tokenWord.MatchString(rest)
}

// placeholder matches examples in place of secrets, and no random text. tokenWord matches
// more of them after the prefix of a token: digits follow in real tokens.
var (
	placeholder = regexp.MustCompile(`(?i)^(?:<.*>|(?:your|change[-_]?me|replace[-_]?me|placeholder)(?:[-_ ].*)?|x[x-]{2,}|\*+|\.+)$|…|\.\.\.$`)
	tokenWord   = regexp.MustCompile(`(?i)^(?:[a-z]+[-_])*token(?:[-_][a-z]+)*$`)
)
