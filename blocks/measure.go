package blocks

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Slack does not document which characters it counts. These are UTF-16 code
// units; a text has at least as many of them as of any other kind of character.

// length returns how many characters Slack may count in s.
func length(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// lengthEscaped is an upper bound of the length of s when written in any of the
// markups, where an escaped character takes up to five characters.
func lengthEscaped(s string) int {
	n := 0
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		n += runeCost(r)
		i += size
	}
	return n
}

func runeCost(r rune) int {
	switch r {
	case '&', '<', '>', '*', '_', '~', '`':
		return 5
	case ':': // in mrkdwn a zero-width space may follow
		return 2
	}
	return max(1, utf16.RuneLen(r))
}

// cut divides s so that the cost of head is at most room: after a line break or
// a word if there is one in the second half, else between grapheme clusters.
// Head is never empty. A cluster is cut, between characters, only if it alone
// exceeds room.
func cut(s string, room int, cost func(rune) int) (head, tail string) {
	end, words, n := 0, 0, 0
	for end < len(s) {
		size, c := clusterAt(s[end:], cost, room)
		if n+c > room && end > 0 {
			if words > end/2 {
				end = words
			}
			return s[:end], s[end:]
		}
		n += c
		end += size
		if c := s[end-1]; c == '\n' || c == ' ' || c == '\t' {
			words = end
		}
	}
	return s, ""
}

// clusterAt returns the size in bytes and the cost of the first grapheme
// cluster of s, or of the part of it that fits room.
func clusterAt(s string, cost func(rune) int, room int) (size, n int) {
	// There is always a boundary between two ASCII characters, except in "\r\n".
	if len(s) > 1 && s[0] < utf8.RuneSelf && s[1] < utf8.RuneSelf && s[0] != '\r' {
		return 1, cost(rune(s[0]))
	}
	// A cluster can be as long as the whole text; examine only as much as could
	// fit.
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(s[:min(len(s), utf8.UTFMax*(room+1))], -1)
	for i, r := range cluster {
		if c := cost(r); n+c <= room || i == 0 {
			n += c
			_, width := utf8.DecodeRuneInString(s[i:])
			size = i + width
			continue
		}
		break
	}
	return size, n
}

// shorten returns s if its cost is at most limit, else its beginning and an
// ellipsis.
func shorten(s string, limit int, cost func(rune) int) string {
	if costsAtMost(s, limit, cost) { // most texts; cut has to find clusters
		return s
	}
	if _, tail := cut(s, limit, cost); tail == "" {
		return s
	}
	head, _ := cut(s, limit-1, cost)
	return strings.TrimRightFunc(head, unicode.IsSpace) + "…"
}

func costsAtMost(s string, limit int, cost func(rune) int) bool {
	for _, r := range s {
		if limit -= cost(r); limit < 0 {
			return false
		}
	}
	return true
}

// plainCost counts a character as it is, for cut and shorten.
func plainCost(r rune) int { return max(1, utf16.RuneLen(r)) }

// escapedCost counts a character as escape writes it.
func escapedCost(r rune) int {
	switch r {
	case '&':
		return len("&amp;")
	case '<', '>':
		return len("&lt;")
	}
	return plainCost(r)
}
