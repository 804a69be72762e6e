package blocks

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Nobody can read an image as base64, and one of 60 kB would fill six messages.
// Such data is shown as its beginning and its size, a link to it as "embedded
// image, 60 kB". Code stays as it is, because people copy it.

const (
	// embeddedLimit limits the data of a data: URI, in bytes.
	embeddedLimit = 200
	// base64Limit limits base64 without a data: URI, in bytes. Public keys, tokens
	// and encoded commands, which people copy, are shorter.
	base64Limit = 2000
	// embeddedShown is how much of longer data is shown, in bytes.
	embeddedShown = 8
	// wrappedLine is the least length of a further line of wrapped base64.
	wrappedLine = 40
	// deadLimit limits the target of a link that may not be active, in characters.
	deadLimit = 200
)

// withoutEmbedded shortens the data that is embedded in a text, outside of
// fenced code.
func withoutEmbedded(text string) string {
	if !strings.Contains(text, "data:") && longBase64(text, 0) < 0 {
		return text
	}
	var out strings.Builder
	start, at, fenced := 0, 0, false
	for line := range strings.Lines(text) {
		end := at + len(line)
		switch opens := strings.TrimLeft(line, " \t>"); {
		case !strings.HasPrefix(opens, "```") && !strings.HasPrefix(opens, "~~~"):
		case fenced:
			out.WriteString(text[start:end])
			start, fenced = end, false
		default:
			out.WriteString(shortenData(text[start:at]))
			start, fenced = at, true
		}
		at = end
	}
	out.WriteString(shortenData(text[start:]))
	return out.String()
}

// dataHeader matches what precedes the data of a data: URI. See
// https://www.rfc-editor.org/rfc/rfc2397.
var dataHeader = regexp.MustCompile(`^data:[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+(?:;[A-Za-z0-9=._+-]+)*,`)

// dataHeaderLimit limits what is examined as a header, so that time stays linear.
const dataHeaderLimit = 200

// shortenData shortens the data of data: URIs, and long base64.
func shortenData(text string) string {
	var out strings.Builder
	for {
		start := strings.Index(text, "data:")
		if start < 0 {
			out.WriteString(shortenBase64(text))
			return out.String()
		}
		out.WriteString(shortenBase64(text[:start]))
		text = text[start:]
		header := dataHeader.FindString(text[:min(len(text), dataHeaderLimit)])
		if header == "" {
			header = "data:"
		}
		out.WriteString(header)
		text = text[len(header):]
		if n := dataLength(text, strings.HasSuffix(header, ";base64,")); n > embeddedLimit && header != "data:" {
			out.WriteString(summary(text[:n]))
			text = text[n:]
		}
	}
}

// dataLength returns the length of the data at the start of a text. Base64 can
// be wrapped into lines.
func dataLength(text string, isBase64 bool) int {
	if !isBase64 {
		return prefixLength(text, isURLByte)
	}
	n := prefixLength(text, isBase64Byte)
	for n < len(text) && text[n] == '\n' {
		more := prefixLength(text[n+1:], isBase64Byte)
		if more < wrappedLine {
			break
		}
		n += 1 + more
	}
	return n
}

// prefixLength returns how many bytes at the start of a text are accepted.
func prefixLength(text string, accepts func(byte) bool) int {
	for i := range len(text) {
		if !accepts(text[i]) {
			return i
		}
	}
	return len(text)
}

func isBase64Byte(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '='
}

func isURLByte(c byte) bool {
	return isBase64Byte(c) || strings.IndexByte("-_.~%!$&*,;:@?#", c) >= 0
}

// shortenBase64 shortens long base64 that is in no data: URI.
func shortenBase64(text string) string {
	var out strings.Builder
	for from := 0; ; {
		start := longBase64(text, from)
		if start < 0 {
			out.WriteString(text)
			return out.String()
		}
		end := start + prefixLength(text[start:], isBase64Byte)
		if from = end; !looksEncoded(text[start:end]) {
			continue
		}
		out.WriteString(text[:start] + summary(text[start:end]))
		text, from = text[end:], 0
	}
}

// longBase64 returns where more than base64Limit bytes of base64 start; -1 if
// they start nowhere after from. It looks at few of the other bytes.
func longBase64(text string, from int) int {
	for last := from + base64Limit; last < len(text); last += base64Limit + 1 {
		start := last
		for start > from && isBase64Byte(text[start]) {
			start--
		}
		if !isBase64Byte(text[start]) {
			start++
		}
		if start <= last && prefixLength(text[start:], isBase64Byte) > base64Limit {
			return start
		}
	}
	return -1
}

// looksEncoded reports whether a long text has all kinds of characters that
// base64 has: a word or a number in base 16 does not.
func looksEncoded(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r >= 'A' && r <= 'Z' }) &&
		strings.ContainsFunc(text, func(r rune) bool { return r >= 'g' && r <= 'z' }) &&
		strings.ContainsFunc(text, func(r rune) bool { return r >= '0' && r <= '9' })
}

// summary returns the beginning of data, and its size. It contains no ordinary
// space, so that it can be a part of the target of a link.
func summary(data string) string {
	return strings.TrimLeft(data, "\n")[:embeddedShown] + "…\u00A0(" + strings.ReplaceAll(dataSize(len(data)), " ", "\u00A0") + ")"
}

// dataSize returns the size of what so many bytes of base64 encode.
func dataSize(encoded int) string {
	kB := max(1, (encoded*3/4+500)/1000)
	if kB < 1000 {
		return fmt.Sprintf("%d kB", kB)
	}
	return fmt.Sprintf("%.1f MB", float64(kB)/1000)
}

// summarySize finds the size in a summary.
var summarySize = regexp.MustCompile(`…\s*\x{A0}?\(([0-9.]+[\s\x{A0}][kM]B)\)$`)

// deadTarget returns how the target of a link that may not be active is shown.
func deadTarget(dest string) string {
	head := strings.ToLower(dest[:min(len(dest), dataHeaderLimit)])
	kind := labelEmbeddedFile
	if strings.HasPrefix(head, "data:image/") {
		kind = labelEmbeddedImage
	}
	found := summarySize.FindStringSubmatch(dest)
	switch {
	case !strings.HasPrefix(head, "data:"):
		return shortenMiddle(dest)
	case found != nil:
		return kind.Text("size", strings.ReplaceAll(found[1], "\u00A0", " "))
	case kind == labelEmbeddedImage || len(dest) > deadLimit:
		return kind.Text("size", dataSize(len(dest)))
	}
	return dest
}

// shortenMiddle returns s without its middle if it is longer than deadLimit.
func shortenMiddle(s string) string {
	if utf8.RuneCountInString(s) <= deadLimit {
		return s
	}
	runes := []rune(s)
	return string(runes[:deadLimit*2/3]) + "…" + string(runes[len(runes)-deadLimit/4:])
}
