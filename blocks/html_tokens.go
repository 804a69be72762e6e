package blocks

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// htmlToken is a tag or text.
type htmlToken struct {
	raw   string // as written
	start int    // its offset in the source
	kind  tokenKind
	name  string // of a tag, in lower case
	attrs []html.Attribute

	// Of a start tag, set by match: the index of the token at which its element
	// ends, and whether that is its end tag.
	end    int
	closed bool
	state  tagState
}

type tokenKind int

const (
	textToken  tokenKind = iota
	openTag              // of an element with content
	closeTag             // its end
	emptyTag             // of an element without content
	hiddenText           // a comment or a declaration
)

// tagState says whether an apparent tag is one.
type tagState int

const (
	unknownTag tagState = iota // it is text
	realTag
	impliedTag // without its end tag; it is real in the right parent
)

// isReal reports whether a token is markup.
func (t htmlToken) isReal() bool { return t.kind == hiddenText || t.state != unknownTag }

func (t htmlToken) attr(name string) string {
	for _, a := range t.attrs {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// restartLimit limits how often the tokenizer starts again after something that
// has no end, so that time stays linear. The rest is text.
const restartLimit = 16

// tokenize divides a source into tokens. Nothing is lost: an unfinished tag or
// comment is text.
func tokenize(source string) []htmlToken {
	t := tokenizer{source: source, literal: literalIn(source)}
	for t.at < len(source) {
		if t.restarts > restartLimit {
			t.add(htmlToken{raw: source[t.at:]})
			break
		}
		t.run()
	}
	return t.tokens
}

// tokenizer collects the tokens of html.Tokenizer.
type tokenizer struct {
	source   string
	literal  [][]int // what is left of literalIn
	at       int     // the end of the last token
	tokens   []htmlToken
	restarts int
	unclosed bool // a <script> or <style> has no end
}

func (t *tokenizer) add(token htmlToken) {
	token.start = t.at
	t.at += len(token.raw)
	t.tokens = append(t.tokens, token)
}

// run reads tokens up to the end, or until the tokenizer has to start again.
func (t *tokenizer) run() {
	z := html.NewTokenizer(strings.NewReader(t.source[t.at:]))
	z.AllowCDATA(true)
	for {
		kind := z.Next()
		raw := string(z.Raw())
		switch {
		case kind == html.ErrorToken:
			if t.at < len(t.source) { // a tag without its ">"
				t.restarts++
				t.add(htmlToken{raw: t.source[t.at : t.at+1]})
			}
			return
		case kind == html.TextToken:
			t.add(htmlToken{raw: raw})
		case t.skipLiteral():
			return
		case kind == html.CommentToken || kind == html.DoctypeToken:
			if !t.hidden(raw) {
				return
			}
		default:
			if !t.tag(z, kind, raw) {
				return
			}
		}
	}
}

// skipLiteral makes text of literal Markdown that contains the next tag.
func (t *tokenizer) skipLiteral() bool {
	for len(t.literal) > 0 && t.literal[0][1] <= t.at {
		t.literal = t.literal[1:]
	}
	if len(t.literal) == 0 || t.at < t.literal[0][0] {
		return false
	}
	t.add(htmlToken{raw: t.source[t.at:t.literal[0][1]]})
	return true
}

var declaration = regexp.MustCompile(`(?is)^<(?:!doctype\s|\?xml|!\[(?:end)?if)[^<]*>$`)

// hidden adds a comment or a declaration; false if it has no end.
func (t *tokenizer) hidden(raw string) bool {
	switch {
	case !strings.HasPrefix(raw, "<!--"):
		kind := textToken
		if declaration.MatchString(raw) {
			kind = hiddenText
		}
		t.add(htmlToken{raw: raw, kind: kind})
	case !strings.HasSuffix(raw, "-->") && !strings.HasSuffix(raw, "--!>"):
		t.restarts++
		t.add(htmlToken{raw: "<!--"})
		return false
	default:
		t.add(htmlToken{raw: raw, kind: hiddenText})
	}
	return true
}

// tag adds a tag; false if the tokenizer has to start again after it.
func (t *tokenizer) tag(z *html.Tokenizer, kind html.TokenType, raw string) bool {
	tag := z.Token()
	token := htmlToken{raw: raw, name: tag.Data, attrs: tag.Attr}
	script := tag.Data == "script" || tag.Data == "style"
	if !script || t.unclosed {
		z.NextIsNotRawText()
	}
	element := elementOf(tag.Data)
	switch {
	case element == 0 || !plausible(token, kind == html.EndTagToken):
		token.name = ""
	case kind == html.EndTagToken:
		token.kind = closeTag
	case kind == html.SelfClosingTagToken || element&voidElement != 0:
		token.kind, token.state = emptyTag, realTag
	default:
		token.kind = openTag
	}
	t.add(token)
	if script && kind == html.StartTagToken && !t.unclosed && !scriptEnd.MatchString(t.source[t.at:]) {
		t.unclosed = true
		return false
	}
	return true
}

var scriptEnd = regexp.MustCompile(`(?i)</(?:script|style)`)

// bareAttributes may have no value. "<b and c>" is a comparison.
const bareAttributes = "allowfullscreen async autofocus autoplay border checked compact controls default defer disabled hidden ismap itemscope loop " +
	"multiple muted nohref noshade nowrap novalidate open readonly required reversed selected"

// wellFormed matches a tag with a name and attributes that have whole values, unlike
// <li//> and a=0".
var wellFormed = regexp.MustCompile(`^</?[A-Za-z][A-Za-z0-9:-]*(?:\s+[^\s"'=<>]+\s*(?:=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>][^\s"'<>]*)?)?)*\s*/?>$`)

var attributeName = regexp.MustCompile(`^[a-z_@:][\w:.-]*$`)

// plausible reports whether a tag has the attributes of a tag.
func plausible(t htmlToken, isEnd bool) bool {
	element := elementOf(t.name)
	if !wellFormed.MatchString(t.raw) {
		return false
	}
	if isEnd {
		return strings.TrimSpace(t.raw[len("</")+len(t.name):]) == ">"
	}
	if element&needsAttribute != 0 && len(t.attrs) == 0 {
		return false
	}
	if t.name == "img" && t.attr("src") == "" && t.attr("alt") == "" {
		return false
	}
	for _, a := range t.attrs {
		if !attributeName.MatchString(a.Key) {
			return false
		}
		if a.Val == "" && !within(bareAttributes, a.Key) && !strings.Contains(strings.ToLower(t.raw), a.Key+"=") {
			return false
		}
	}
	return true
}

var (
	fenceLine  = regexp.MustCompile("(?m)^[ \t]*(?:> ?)*[ \t]*(```+|~~~+)([^\n]*)$")
	codeInline = regexp.MustCompile("`[^`\n]+`")
)

// literalIn returns the ranges of a source that are code in Markdown, in which
// tags are text: closed fences, and code within a line.
func literalIn(source string) [][]int {
	if !strings.Contains(source, "`") && !strings.Contains(source, "~~~") {
		return nil
	}
	all := slices.DeleteFunc(codeInline.FindAllStringIndex(source, -1), func(at []int) bool {
		return !strings.Contains(source[at[0]:at[1]], "<")
	})
	var open []int
	for _, m := range fenceLine.FindAllStringSubmatchIndex(source, -1) {
		fence, after := source[m[2]:m[3]], strings.TrimSpace(source[m[4]:m[5]])
		switch {
		case open == nil && !strings.Contains(after, "`"):
			open = m
		case open == nil: // code within a line
		case fence[0] == source[open[2]] && len(fence) >= open[3]-open[2] && after == "":
			all = append(all, []int{open[0], m[1]})
			open = nil
		}
	}
	slices.SortFunc(all, func(a, b []int) int { return a[0] - b[0] })
	return all
}
