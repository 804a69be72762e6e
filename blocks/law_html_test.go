package blocks

import (
	"regexp"
	"strings"
	"testing"
)

// The law of answers for HTML: all text is visible in order, except tags, and
// the content of elements that a browser does not show.

var (
	// tagLike finds possible tags, and maybeTag also the backslashes before one.
	tagLike  = regexp.MustCompile(`<(/?)([A-Za-z][A-Za-z0-9:-]*)((?:\s+[^\s"'=<>]+\s*(?:=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>]+))?)*)\s*/?>`)
	maybeTag = regexp.MustCompile(`\\*` + tagLike.String())
	// unshown finds comments, declarations and elements that are not shown.
	unshown = regexp.MustCompile(`(?is)<!--.*?--!?>|<!-->|<!doctype\s[^>]*>|<\?xml[^>]*>|<!\[(?:end)?if[^>]*>|<!\[CDATA\[|\]\]>|` +
		`<script[^>]*>.*?</script\s*>?|<style[^>]*>.*?</style\s*>?|<template[^>]*>.*?</template\s*>?|<svg[^>]*>.*?</svg\s*>?|` +
		`<colgroup.*?</colgroup\s*>?|<head[^>]*>.*?(?:</head\s*>?|<body)|<title[^>]*>.*?</title\s*>?|` +
		`<ac:parameter[^>]*>.*?</ac:parameter\s*>?|<ac:task-(?:id|status|uuid)[^>]*>.*?</ac:task-(?:id|status|uuid)\s*>?`)
)

// withoutTags removes possible tags of known elements, unless a tag needs a
// partner and has none in the whole text.
func withoutTags(text string) string {
	text = unshown.ReplaceAllString(text, "")
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
		if leading([]byte(raw), '\\')%2 == 1 {
			return raw // it is escaped
		}
		m := tagLike.FindStringSubmatch(raw)
		name := strings.ToLower(m[2])
		switch element := elementOf(name); {
		case element == 0: // a placeholder
		case element&(voidElement|optionalEnd) != 0, opened[name] && closed[name], document && (m[1] == "/" || element&blockElement != 0),
			strings.HasSuffix(raw, "/>"), name == "a":
			return raw[:strings.IndexByte(raw, '<')]
		}
		return raw
	})
}

// lined returns text with raised and lowered characters on the line.
func lined(text string) string {
	return strings.Map(func(r rune) rune {
		for _, chars := range []map[rune]rune{superscripts, subscripts} {
			for on, moved := range chars {
				if r == moved {
					return on
				}
			}
		}
		return r
	}, text)
}

// Ensure that the law tells tags from placeholders.
func TestWithoutTags(t *testing.T) {
	for text, want := range map[string]string{
		"<p>a</p>":                    "a",
		"ssh <server> -p <port>":      "ssh <server> -p <port>",
		"the <code> from your phone":  "the <code> from your phone",
		"<div>a<!-- b -->c</div>":     "ac",
		"<style>a</style><p>b</p>":    "b",
		"a <b and c> d":               "a <b and c> d",
		"<server>a</server>":          "<server>a</server>",
		"<td nowrap class='x'>a</td>": "a",
	} {
		if got := withoutTags(text); got != want {
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
