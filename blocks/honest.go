package blocks

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// A link must not show a different host than its target. The label is judged as
// a reader sees it: together with adjacent links, without invisible characters,
// and with every dot-like character as a dot.

// honest adds the real target after each misleading link. The spans are tidy.
func honest(spans []span) []span {
	if !hasLink(spans) {
		return spans
	}
	seen, at := seenOf(spans)
	var out []span
	for i := 0; i < len(spans); {
		end := i + 1
		for end < len(spans) && spans[end].url == spans[i].url {
			end++
		}
		out = append(out, spans[i:end]...)
		if to := spans[i].url; to != "" {
			label := strings.Join(seen[at[i]:at[end]], "")
			word := besideLabel(wordBefore(seen[:at[i]]), label, wordAfter(seen[at[end]:]))
			if misleads(label, to) || misleads(word, to) {
				out = append(out, span{text: " (" + target(to) + ")"})
			}
		}
		i = end
	}
	return merge(out)
}

// seenOf returns the visible texts of spans as a reader sees them, and the
// offset of each span in them. It omits spans without visible text.
func seenOf(spans []span) (seen []string, at []int) {
	at = make([]int, len(spans)+1)
	for i, s := range spans {
		if text := plainly(s.text); text != "" {
			seen = append(seen, text)
		}
		at[i+1] = len(seen)
	}
	return seen, at
}

// wordLimit limits the examined part of a word that contains a link. The
// beginning of a longer host is enough to recognise it as a host.
const wordLimit = 64

// wordBefore returns the end of texts after the last space.
func wordBefore(texts []string) string {
	word := ""
	for i := len(texts) - 1; i >= 0 && len(word) < wordLimit; i-- {
		s := texts[i][max(0, len(texts[i])-wordLimit):]
		if space := strings.LastIndexFunc(s, unicode.IsSpace); space >= 0 {
			return strings.TrimLeftFunc(s[space:], unicode.IsSpace) + word
		}
		word = s + word
	}
	return word
}

// wordAfter returns the start of texts before the first space.
func wordAfter(texts []string) string {
	word := ""
	for i := 0; i < len(texts) && len(word) < wordLimit; i++ {
		s := texts[i][:min(len(texts[i]), wordLimit)]
		if space := strings.IndexFunc(s, unicode.IsSpace); space >= 0 {
			return word + s[:space]
		}
		word += s
	}
	return word
}

// misleads reports whether a label shows a different host than the link's
// target, or one that could be mistaken for another.
func misleads(label, safe string) bool {
	u, err := url.Parse(safe)
	if err != nil {
		return false
	}
	if u.User != nil {
		return true
	}
	to := addressOf(u)
	for word := range strings.FieldsSeq(plainly(label)) {
		for _, a := range addressesIn(word) {
			if !a.leadsTo(to) || isLookalike(to) {
				return true
			}
		}
	}
	return false
}

// target returns the part of a safe URL that identifies its target: the host,
// or the address of a mailto link. Of a long one it returns the end, which
// identifies the owner.
func target(safe string) string {
	u, err := url.Parse(safe)
	if err != nil {
		return safe[:min(len(safe), targetLimit)]
	}
	address := addressOf(u)
	for cost := lengthEscaped(address); cost > targetLimit; {
		r, size := utf8.DecodeRuneInString(address)
		address, cost = address[size:], cost-runeCost(r)
		if cost <= targetLimit {
			return "…" + address
		}
	}
	return address
}

// targetLimit limits the result of target, in characters as written.
const targetLimit = 90

func addressOf(u *url.URL) string {
	if u.Scheme == "mailto" {
		if address, err := url.PathUnescape(u.Opaque); err == nil {
			return asciiHost(address)
		}
		return asciiHost(u.Opaque)
	}
	return asciiHost(u.Hostname())
}

// lookup parses a host as browsers do.
var lookup = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// asciiHost returns a host as in DNS, in which a Cyrillic "а" cannot be
// mistaken for a Latin one. See https://www.unicode.org/reports/tr46/.
func asciiHost(host string) string {
	host = strings.ToLower(host)
	if isASCII(host) || len(host) > urlLimit {
		return host
	}
	if ascii, err := lookup.ToASCII(host); err == nil {
		return ascii
	}
	if ascii, err := idna.Punycode.ToASCII(host); err == nil {
		return ascii
	}
	return host
}

// isLookalike reports whether a host in ASCII has non-Latin letters, which may
// look like those of another host.
func isLookalike(host string) bool {
	if !strings.Contains(host, "xn--") {
		return false
	}
	shown, err := idna.Punycode.ToUnicode(host)
	return err != nil || strings.ContainsFunc(shown, func(r rune) bool {
		return r >= utf8.RuneSelf && !unicode.Is(unicode.Latin, r)
	})
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// plainly returns a label as a reader sees it.
func plainly(label string) string {
	if isASCII(label) {
		return label
	}
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(oddDots, r):
			return '.'
		case unseen(r):
			return -1
		}
		return r
	}, label)
}

// oddDots are characters that browsers or readers may take for a dot.
const oddDots = "\u3002\uFF0E\uFF61\u2024\uFE52\uA4F8\u00B7\u0387\u2022\u2027\u2219\u22C5\u2E31\u2E33\u30FB\uFF65\u0701\u0702\u06D4\u1427\uA78F\u05C5\u16EB\u0660\u06F0"

// unseen reports whether a character is invisible or nearly so: format
// characters, variation selectors and other fillers, and the thinnest spaces.
func unseen(r rune) bool {
	switch {
	case r < 0x80:
		return false
	case r == '\u034F', r == '\u115F', r == '\u1160', r == '\u3164', r == '\uFFA0', r == '\u2800', r == '\u17B4', r == '\u17B5':
		return true
	case r >= '\u2004' && r <= '\u200A', r == '\u202F', r == '\u205F':
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector)
}
