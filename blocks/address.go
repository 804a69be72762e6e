package blocks

import (
	"net"
	"regexp"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// address is a host or an e-mail address that a label shows.
type address struct {
	host  string // as written; of an e-mail address the part after the "@"
	user  string // the part before it
	exact bool   // with a scheme or a port, so that it must be the link's host
}

var (
	// schemeStart matches the start of a URL, also with slashes that browsers
	// accept.
	schemeStart = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://|https?:[/\\]+`)
	// addressLike matches what may be an e-mail address or a host.
	addressLike = regexp.MustCompile(`(?:([\p{L}\p{M}\p{N}._+-]+)@)?([\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)+)`)
	// bareHost matches a host without a dot, but with a port or brackets.
	bareHost = regexp.MustCompile(`(?i)^\W*(\[[0-9a-f:.]*:[0-9a-f:.]*\]|[\p{L}][\p{L}\p{N}_-]*:\d{2,5}|localhost)(?:[/?#:]|\W*$)`)
)

// addressesIn returns the addresses in a word. Behind the first of "/?#" no
// reader looks for one.
func addressesIn(word string) []address {
	if !strings.ContainsAny(word, ".:") && !strings.Contains(strings.ToLower(word), "localhost") {
		return nil // most words
	}
	if at := schemeStart.FindStringIndex(word); at != nil {
		authority := word[at[1]:]
		if i := strings.IndexAny(authority, `/?#\`); i >= 0 {
			authority = authority[:i]
		}
		host := strings.TrimRight(withoutPort(authority), ".,;:!)]}>\"'")
		return append(bareAddresses(word[:at[0]]), address{host: host, exact: true})
	}
	if m := bareHost.FindStringSubmatch(word); m != nil {
		return []address{{host: withoutPort(m[1]), exact: true}}
	}
	return bareAddresses(strings.TrimPrefix(word, "//"))
}

// bareAddresses returns the addresses without a scheme in a word.
func bareAddresses(word string) []address {
	head := word
	if i := strings.IndexAny(word, "/?#"); i >= 0 {
		head = word[:i]
	}
	var all []address
	for _, at := range addressLike.FindAllStringSubmatchIndex(head, -1) {
		a := address{host: head[at[4]:at[5]]}
		if at[2] >= 0 {
			a.user = head[at[2]:at[3]]
		}
		follows := at[5] < len(word) && strings.IndexByte("/?#:", word[at[5]]) >= 0
		if isHost(a.host, follows || a.user != "") {
			all = append(all, a)
		}
	}
	return all
}

// fileEndings are the top-level domains that readers know as the endings of
// files.
var fileEndings = map[string]bool{
	"md": true, "py": true, "sh": true, "rs": true, "zip": true, "mov": true, "app": true, "pl": true, "ps": true,
	"cc": true, "ml": true, "tf": true, "pub": true, "so": true, "cab": true, "mk": true, "java": true,
}

// privateEndings are the endings of hosts that are not public: those that are
// reserved, and those that companies use in their own networks.
var privateEndings = map[string]bool{
	"example": true, "test": true, "invalid": true, "localhost": true, "local": true, "internal": true, "intranet": true,
	"corp": true, "lan": true, "home": true, "private": true,
}

// ipAddress matches an IPv4 address.
var ipAddress = regexp.MustCompile(`^\d{1,3}(?:\.\d{1,3}){3}$`)

// isHost reports whether readers take names with dots for a host. Its last name
// must be a top-level domain, or have letters of another script, which may look
// like one. Two names that may be a file's, such as README.md, are a host only
// if it is certain, because a user comes before or a path or port after them.
func isHost(host string, certain bool) bool {
	names := strings.Split(strings.ToLower(host), ".")
	last := names[len(names)-1]
	switch {
	case names[0] == "www" || !isASCII(last) || privateEndings[last] || ipAddress.MatchString(host):
		return true
	case len(names) == 2 && fileEndings[last]:
		return certain
	}
	_, public := publicsuffix.PublicSuffix(last)
	return public
}

// leadsTo reports whether the address is the link's, or the link's host is in
// its domain. With a scheme or a port they must be equal.
func (a address) leadsTo(to string) bool {
	host := asciiHost(a.host)
	if a.exact {
		return sameHost(host, to)
	}
	user, domain, isMail := strings.Cut(to, "@")
	switch {
	case a.user != "" && isMail:
		return strings.EqualFold(a.user, user) && host == domain
	case a.user != "" && len(bareAddresses(a.user)) > 0:
		return false // a host as the name of a user
	case isMail:
		to = domain
	}
	host = strings.TrimPrefix(host, "www.")
	return to == host || strings.HasSuffix(to, "."+host)
}

func withoutPort(authority string) string {
	if host, _, err := net.SplitHostPort(authority); err == nil {
		return host
	}
	return strings.Trim(authority, "[]")
}

func sameHost(shown, to string) bool {
	return strings.TrimPrefix(asciiHost(shown), "www.") == strings.TrimPrefix(to, "www.")
}
