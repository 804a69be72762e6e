package blocks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// The law of answers for HTML: all text is visible in order, except tags, and
// the content of elements that a browser does not show.

var (
	// tagLike finds possible tags, and maybeTag also the backslashes before one.
	tagLike  = regexp.MustCompile(`<(/?)([A-Za-z][A-Za-z0-9:-]*)((?:\s+/*[A-Za-z_@:][\w:.-]*\s*(?:=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>][^\s"'<>]*)?)?)*)\s*/?>`)
	maybeTag = regexp.MustCompile(`\\*` + tagLike.String())
	// cdata finds a section of data. Of its end, a bracket stays, which a backslash can escape.
	cdata = regexp.MustCompile(`(?s)<!\[CDATA\[(.*?)\]\]>`)
	// unshown finds comments, declarations and elements that are not shown, and tags, within
	// which nothing is one. In HTML, no backslash escapes them.
	unshown       = regexp.MustCompile(`(?is)(?:` + unshownParts + `)|(?P<tag>` + tagLike.String() + `)`)
	unshownInHTML = regexp.MustCompile(`(?is)\\*(?:` + unshownParts + `)|(?P<tag>` + tagLike.String() + `)`)
)

const unshownParts = `<!---?>|<!--.*?--!?>|<(?:!doctype\s|\?xml|!\[(?:end)?if)[^<>]*?(?P<line>\n?)[^<>\n]*>|<!\[CDATA\[|` +
	`<script[^<>]*>.*?</script\s*>?|<style[^<>]*>.*?</style\s*>?|<template[^<>]*>.*?</template\s*>?|<svg[^<>]*>.*?</svg\s*>?|` +
	`<colgroup.*?</colgroup\s*>?|<head[^<>]*>.*?(?:</head\s*>?|<body)|<title[^<>]*>.*?</title\s*>?|` +
	`<ac:parameter[^<>]*>.*?</ac:parameter\s*>?|<ac:task-(?:id|status|uuid)[^<>]*>.*?</ac:task-(?:id|status|uuid)\s*>?`

// holdsBlock reports whether a text has a possible start tag of a block.
func holdsBlock(text string) bool {
	return slices.ContainsFunc(tagLike.FindAllStringSubmatch(text, -1), func(m []string) bool {
		return m[1] == "" && elementOf(strings.ToLower(m[2]))&blockElement != 0
	})
}

// tagPlace stands for a tag or target that is removed: what is around it is not one piece
// of markup.
const tagPlace = "\x00"

// withoutTags removes possible tags of known elements, unless a tag needs a
// partner and has none in the whole text. After the tag of a block, a line begins.
func withoutTags(text string, inHTML bool) string {
	hidden := unshown
	if inHTML {
		hidden = unshownInHTML
	}
	text = replaceUnescaped(hidden, text, "${tag}${line}"+tagPlace)
	opened, closed := map[string]bool{}, map[string]bool{}
	for _, m := range tagLike.FindAllStringSubmatch(text, -1) {
		if m[1] == "/" {
			closed[strings.ToLower(m[2])] = true
		} else {
			opened[strings.ToLower(m[2])] = true
		}
	}
	// A document may leave any block open, and have end tags too many.
	document := strings.Contains(text, "</")
	return maybeTag.ReplaceAllStringFunc(text, func(raw string) string {
		m := tagLike.FindStringSubmatch(raw)
		name := strings.ToLower(m[2])
		escaped := leading([]byte(raw), '\\')%2 == 1
		switch element := elementOf(name); {
		case element == 0: // a placeholder
		case escaped && !inHTML:
		case element&(voidElement|optionalEnd) != 0, opened[name] && closed[name], document && (m[1] == "/" || element&blockElement != 0),
			strings.HasSuffix(raw, "/>"), name == "a":
			if escaped { // within a block of HTML, a backslash escapes nothing
				return ""
			}
			before := raw[:strings.IndexByte(raw, '<')]
			if element&blockElement != 0 || strings.Contains(raw, "\n") {
				return before + "\n"
			}
			return before + tagPlace
		}
		if start := len(raw) - len(strings.TrimLeft(raw, `\<`)); strings.Contains(raw[start:], "<") {
			return raw[:start] + withoutTags(raw[start:], inHTML) // it may be no tag, and what is in it one
		}
		return raw
	})
}

// withoutTargetsInTags removes from possible tags and addresses in angle brackets what
// looks like a part of a target: they come before links.
func withoutTargetsInTags(text string) string {
	brackets := strings.NewReplacer("(", ".", ")", ".")
	return angled.ReplaceAllStringFunc(tagLike.ReplaceAllStringFunc(text, brackets.Replace), brackets.Replace)
}

// lined returns text with raised and lowered characters on the line.
func lined(text string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII && onLine[r] != 0 {
			return onLine[r]
		}
		return r
	}, text)
}

// onLine returns the characters that raised and lowered ones stand for.
var onLine = func() map[rune]rune {
	all := make(map[rune]rune)
	for _, chars := range []map[rune]rune{superscripts, subscripts} {
		for on, moved := range chars {
			all[moved] = on
		}
	}
	return all
}()

// Ensure that the law tells tags from placeholders.
func TestWithoutTags(t *testing.T) {
	for text, want := range map[string]string{
		"<p>a</p>":                    "a",
		`<p>\</p>`:                    "",
		`\<b>a</b>`:                   `\<b>a`,
		"ssh <server> -p <port>":      "ssh <server> -p <port>",
		"the <code> from your phone":  "the <code> from your phone",
		"<div>a<!-- b -->c</div>":     "ac",
		"<style>a</style><p>b</p>":    "b",
		"a <b and c> d":               "a <b and c> d",
		"a]]>b":                       "a]]>b",
		"<server>a</server>":          "<server>a</server>",
		"<td nowrap class='x'>a</td>": "a",
		"<td class=a=b title=>a</td>": "a",
		"<ol a=><li>b</ol>":           "b",
	} {
		if got := strings.NewReplacer("\n", "", tagPlace, "").Replace(withoutTags(text, holdsBlock(text))); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// plainOf returns an answer as plain text, with an empty line between blocks.
func plainOf(answer string) string {
	var got []string
	for _, b := range parse(clean(answer)) {
		got = append(got, asPlain.write(b))
	}
	return strings.Join(got, "\n\n")
}

// htmlPieces are pieces of HTML and Markdown that tests put together at random.
var htmlPieces = []string{
	"<p>", "</p>", "<div>", "</div>", "<ul>", "</ul>", "<ol start=3>", "</ol>", "<li>", "</li>", "<table>", "</table>", "<tr>",
	"</tr>", "<td>", "</td>", "<th colspan=2>", "</th>", "<td rowspan=2>", "<b>", "</b>", "<i>", "</i>", "<code>", "</code>",
	"<a href='https://x.example'>", "</a>",
	"<h2>", "</h2>",
	"<blockquote>", "</blockquote>", "<pre>", "</pre>",
	"<br>", "<hr>", "<details>", "<summary>", "</summary>", "</details>", "<dl>", "<dt>", "<dd>", "</dl>", "<sup>", "</sup>", "<!-- ", " -->", "<server>",
	"\n", "\n\n", "- ", "**", "`", "```\n", "> ", "# ",
	"<select>", "<option>", "</select>", "| ", "|-|\n", "<input type=checkbox>", "<tbody>", "</tbody>", "<caption>",
	"<ac:structured-macro ac:name='info'>", "</ac:structured-macro>", "<span>", "</span>", "<center>",
}

// Ensure that no word is lost, whatever tags are around it.
func TestWordsStayInHTML(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		words := 0
		for _, piece := range rapid.SliceOfN(rapid.SampledFrom(htmlPieces), 1, 60).Draw(t, "pieces") {
			text.WriteString(piece)
			if rapid.Bool().Draw(t, "word") {
				words++
				fmt.Fprintf(&text, "w%dw ", words)
			}
		}
		rest := plainOf(text.String())
		visible := unshown.ReplaceAllString(text.String(), "${tag}")
		for i := range words {
			word := fmt.Sprintf("w%dw", i+1)
			_, after, ok := strings.Cut(rest, word)
			if !ok && strings.Contains(visible, word) {
				t.Fatalf("%q: %s is not shown, or not in its place:\n%s", text.String(), word, plainOf(text.String()))
			}
			if ok {
				rest = after
			}
		}
	})
}
