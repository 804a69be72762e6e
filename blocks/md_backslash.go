package blocks

import (
	"bytes"
	"regexp"
	"unicode"
	"unicode/utf8"
)

// A backslash before punctuation is an escape in Markdown, but agents also write
// paths, accounts and patterns without code marks: \\server\share, DOMAIN\_svc,
// \d+\.\d+. The word around a backslash decides. In a literal word every
// backslash stays. A word is literal if
//
//   - it has a single backslash before a letter or a digit, which Markdown never
//     escapes: Users\bob\_tmp, \d+\.\d+;
//   - it starts like a path: C:\_a, \\server, ~\.ssh, ..\_x, %APPDATA%\.config,
//     $env:TEMP\_x, HKLM:\_x; or it continues a path with spaces: C:\Program
//     Files\*.log;
//   - it is an account whose domain is in capitals, or a host: DOMAIN\_svc,
//     corp.local\_svc;
//   - it is a regular expression by other signs: ^10\.0\., [a-z]+\.log, .*\.log;
//   - it is between the marks of a formula, \( … \), \[ … \] or $$ … $$.
//
// A path in which every backslash is doubled is escaped on purpose: C:\\Users is
// C:\Users.

// wordLimitAround limits how far the word around a backslash reaches to each
// side, so that time stays linear.
const wordLimitAround = 200

var (
	drivePath = regexp.MustCompile(`(?:^|[^A-Za-z0-9])(?:[A-Za-z]|(?i:HKLM|HKCU|HKCR|HKU|HKCC|Cert|Env|WSMan)):\\`)
	// pathStart matches the other starts of paths, at the start of a word.
	pathStart = regexp.MustCompile(`^(?:~|\.{1,2}|%[A-Za-z_][\w()]*%|\$(?:env:)?[A-Za-z_]\w*|\$\{[\w:]+\})\\|^\\\\[.?]\\`)
	// shareStart matches \\server\share, and a server without a share.
	shareStart = regexp.MustCompile(`^\\\\(?:[A-Za-z0-9$%{<\[][\w.$%{}<>\[\]:-]*\\|[A-Za-z0-9][\w.-]{2,}[^\w\\+*?({\[]*$)`)
	// brokenPath matches the start of a path up to a space in it.
	brokenPath = regexp.MustCompile(`(?:(?:^|[^A-Za-z0-9])[A-Za-z]:\\|(?:^|[\s\[("'*_])\\\\[A-Za-z0-9])[^\n:*?"<>|,;!]{0,80}[A-Za-z0-9)]$`)
	account    = regexp.MustCompile(`^(?:[A-Z][A-Z0-9-]{1,14}\\[_$][a-z]|[A-Za-z0-9][A-Za-z0-9.-]*\.(?:local|lan|internal|corp|com|net|org)\\[_$][A-Za-z])[^\\]*$`)
	pattern    = regexp.MustCompile(`^\^[^\s^].*\\[.\-/()\[\]{}+*?|$]|\\[.\-/()\[\]{}+*?|].*[^\\]\$$|(?:\.[*+]|[\])][*+?{])[^\s\\]{0,6}\\[.\-/]|\\\.\[[^\s\]]+\][+*?{$]|\\\.\([^\s()]*\|`)
	// singleBackslash matches a backslash after an odd number of others and before a
	// letter or a digit.
	singleBackslash = regexp.MustCompile(`(?:^|[^\\])(?:\\\\)*\\[\p{L}\p{N}]`)
)

// escapes decides about the backslashes of one text.
type escapes struct {
	source []byte
	inCell bool // in a table, where \| is always an escape
	// The last word that was judged.
	start, stop int
	literal     bool
	formulas    []formula
}

// keeps reports whether the backslash at an offset of the source is text.
func (e *escapes) keeps(at int) bool {
	if e.inCell && at+1 < len(e.source) && e.source[at+1] == '|' {
		return false
	}
	if inFormula(e.formulas, at) {
		return true
	}
	if at < e.start || at >= e.stop {
		e.start, e.stop = e.word(at)
		e.literal = e.isLiteral()
	}
	return e.literal
}

// word returns the word around an offset.
func (e *escapes) word(at int) (start, stop int) {
	start, stop = at, at
	for start > max(0, at-wordLimitAround) {
		r, n := utf8.DecodeLastRune(e.source[:start])
		if e.endsWord(r) {
			break
		}
		start -= n
	}
	for stop < min(len(e.source), at+wordLimitAround) {
		r, n := utf8.DecodeRune(e.source[stop:])
		if e.endsWord(r) {
			break
		}
		stop += n
	}
	if i := bytes.Index(e.source[at:stop], []byte("](")); i >= 0 { // the end of a link's label
		stop = at + i
	}
	return start, stop
}

func (e *escapes) endsWord(r rune) bool {
	return unicode.IsSpace(r) || (e.inCell && r == '|') || (isCJK(r) && unicode.IsPunct(r))
}

// isLiteral judges the word.
func (e *escapes) isLiteral() bool {
	word := bytes.Trim(e.source[e.start:e.stop], "*_\"'`()[]<>,;")
	switch {
	case onlyDoubled(word):
		return shareStart.Match(word)
	case string(word) == `\`: // find … {} \;
		return bytes.HasPrefix(e.source[e.start:e.stop], []byte(`\;`)) && bytes.HasSuffix(e.source[:e.start], []byte("{} "))
	}
	return singleBackslash.Match(word) || drivePath.Match(word) || pathStart.Match(word) || shareStart.Match(word) ||
		account.Match(word) || pattern.Match(word) || e.continuesPath()
}

// onlyDoubled reports whether all backslashes of a word are in pairs.
func onlyDoubled(word []byte) bool {
	for len(word) > 0 {
		n := leading(word, '\\')
		if n%2 == 1 {
			return false
		}
		word = word[max(n, 1):]
	}
	return true
}

// continuesPath reports whether the word continues a path with spaces.
func (e *escapes) continuesPath() bool {
	i := bytes.IndexByte(e.source[e.start:e.stop], '\\')
	line := e.source[max(0, e.start-wordLimitAround) : e.start+max(i, 0)]
	return i > 0 && brokenPath.Match(line[bytes.LastIndexByte(line, '\n')+1:])
}

// formula is the range of a formula in a source.
type formula struct{ start, stop int }

var (
	formulaMarks = regexp.MustCompile(`\\\(|\\\)|\\\[|\\\]|\$\$`)
	// looksMath matches what is in a formula and hardly in brackets of prose.
	looksMath = regexp.MustCompile(`\\[A-Za-z]|[\^=]|^\s[^\n]*\s$|^\s*\n`)
	// symbols matches text without words: x, y_1, 2x+3.
	symbols = regexp.MustCompile(`^[^A-Za-z\n]{0,20}[A-Za-z](?:[^A-Za-z\n]+[A-Za-z]?){0,20}$`)
)

// formulasIn returns the formulas of a text: \( … \), \[ … \] and $$ … $$.
func formulasIn(source []byte) []formula {
	if !bytes.Contains(source, []byte(`\(`)) && !bytes.Contains(source, []byte(`\[`)) && !bytes.Contains(source, []byte("$$")) {
		return nil
	}
	var all []formula
	closing := map[string]string{`\(`: `\)`, `\[`: `\]`, "$$": "$$"}
	open, from := "", 0
	for _, m := range formulaMarks.FindAllIndex(source, -1) {
		mark := string(source[m[0]:m[1]])
		if open != "" && mark == closing[open] {
			inner := source[from+2 : m[0]]
			if (looksMath.Match(inner) || (open == `\(` && symbols.Match(inner))) && !bytes.Contains(inner, []byte("\n\n")) {
				all = append(all, formula{from, m[1]})
			}
			open = ""
		} else if closing[mark] != "" {
			open, from = mark, m[0]
		}
	}
	return all
}

func inFormula(all []formula, at int) bool {
	for len(all) > 0 {
		mid := len(all) / 2
		switch f := all[mid]; {
		case at < f.start:
			all = all[:mid]
		case at >= f.stop:
			all = all[mid+1:]
		default:
			return true
		}
	}
	return false
}
