package blocks

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	gfm "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// emphasisParser parses *, _ and ~ like CommonMark and GFM, with four
// differences.
//
//   - Next to characters of East Asia, punctuation does not prevent emphasis:
//     **注意：**请. These are the CJK-friendly amendments of CommonMark; see
//     https://github.com/tats-u/markdown-cjk-friendly/blob/main/specification.md.
//   - Two or three delimiters after punctuation and before a letter close what
//     as many at the start of a word opened: **Note:**Please.
//   - The delimiters of names stay: __init__.py, "*.o,*.a", *_old.log, /etc/*.d/*.
//   - A star within a word is a sign, and so are two at a digit and a single
//     tilde: 5*x, 2**8, Nutzer*innen, C:\PROGRA~1\MICROS~1.
type emphasisParser struct{}

// Trigger returns the delimiters.
func (emphasisParser) Trigger() []byte { return []byte("*_~") }

func (emphasisParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, at := block.PeekLine()
	start, n := at.Start, leading(line, line[0])
	before, sequence := precedingIn(block)
	if line[0] == '~' && (n > 2 || before == '~') {
		return nil
	}
	after := rune('\n')
	if n < len(line) {
		after, _ = utf8.DecodeRune(line[n:])
	}
	inWord := line[0] == '*' && inSpacedWord(before) && inSpacedWord(after)
	if n == 1 && inWord {
		return nil
	}
	run := newRun(before, after, sequence)
	lenient := (n == 2 || n == 3) && line[0] != '_' && !run.right && run.endsPunctuation()
	opens, closes := run.left, run.right || lenient
	if line[0] == '_' {
		opens = run.left && (!run.right || isPunctuation(before))
		closes = run.right && (!run.left || isPunctuation(after))
	}
	if n == 1 && isPunctuation(before) || n == 2 && line[0] == '_' {
		closes = closes && !continuesName(line[n:])
	}
	if n == 1 && line[0] == '*' {
		opens = opens && !strings.ContainsRune("/.)]}$%", before) && !strings.ContainsRune("/,;:)]}|", after)
		closes = closes && before != '('
	}
	if n == 1 && line[0] == '~' {
		opens = opens && !isASCIIWord(before) && after != '/' && after != '$'
		closes = closes && !isASCIIWord(after) && before != '/'
	}
	if n == 1 && before == '*' && endsPath(parent, block, after, pc) {
		at = at.WithStart(at.Start - 1)
		n, opens, closes, lenient = 2, false, true, false
	}
	pair := delimiterPair{
		strike: line[0] == '~', lenient: lenient, startsWord: unicode.IsSpace(before) || isCJK(before),
		power: inWord && n == 2 && (isDigit(before) || isDigit(after)), before: before, after: after,
	}
	d := parser.NewDelimiter(opens, closes, n, line[0], pair)
	d.Segment = at.WithStop(at.Start + n)
	block.Advance(at.Start + n - start)
	pc.PushDelimiter(d)
	return d
}

// endsPath reports whether a star, and the one before it, close bold text that
// ends in a path: **C:\Users\**. The backslash would escape the star before it,
// which is taken back from the text.
func endsPath(parent ast.Node, block text.Reader, after rune, pc parser.Context) bool {
	_, at := block.Position()
	if at.Start < 2 || block.Source()[at.Start-2] != '\\' || after == '\\' || isWord(after) {
		return false
	}
	for d := pc.LastDelimiter(); d != nil; d = d.PreviousDelimiter {
		if d.Char == '*' {
			e := escapes{source: block.Source()}
			return d.CanOpen && d.Length == 2 && e.keeps(at.Start-2) && takeBack(parent, at.Start-1, at.Start, pc)
		}
	}
	return false
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// inSpacedWord reports whether a character is of a word with spaces around it.
func inSpacedWord(r rune) bool {
	return isASCIIWord(r) || unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek)
}

func isASCIIWord(r rune) bool { return r < unicode.MaxASCII && isWord(r) }

// continuesName reports whether the text after delimiters continues a name, as
// in __init__.py, __init__() and "*.o,*.a".
func continuesName(after []byte) bool {
	return len(after) > 1 && (after[0] == '(' && after[1] == ')' || after[0] == '.' && isWord(rune(after[1])))
}

// precedingIn returns the character before the current position of a block. A
// variation selector belongs to the character before it; sequence reports
// whether there is one that makes punctuation one of East Asia.
func precedingIn(block text.Reader) (before rune, sequence bool) {
	before = block.PrecendingCharacter()
	if before < 0xFE00 || before > 0xFE0E {
		return before, unicode.Is(ideographicSelectors, before)
	}
	_, at := block.Position()
	source := block.Source()[:at.Start]
	base, _ := utf8.DecodeLastRune(source[:len(source)-utf8.RuneLen(before)])
	return base, isCJK(base) || (before == 0xFE01 && strings.ContainsRune("‘’“”", base))
}

var ideographicSelectors = &unicode.RangeTable{R32: []unicode.Range32{{Lo: 0xE0100, Hi: 0xE01EF, Stride: 1}}}

// run is a run of delimiters between two characters.
type run struct {
	before, after rune
	left, right   bool // flanking, as in the specification
}

func newRun(before, after rune, sequence bool) run {
	beforeCJK := sequence || isCJK(before)
	punctBefore := isPunctuation(before) && !beforeCJK
	punctAfter := isPunctuation(after) && !isCJK(after)
	spaceBefore, spaceAfter := util.IsSpaceRune(before), util.IsSpaceRune(after)
	return run{
		before: before, after: after,
		left:  !spaceAfter && (!punctAfter || spaceBefore || punctBefore || beforeCJK),
		right: !spaceBefore && (!punctBefore || spaceAfter || punctAfter || isCJK(after)),
	}
}

// endsPunctuation reports whether the run stands after punctuation that ends
// something, and before a letter or a digit. A digit after a bracket could be an
// exponent.
func (r run) endsPunctuation() bool {
	switch {
	case unicode.IsLetter(r.after):
		return isPunctuation(r.before) && !strings.ContainsRune(`*_~\/([{<=$@#+-&|`, r.before)
	case unicode.IsDigit(r.after):
		return strings.ContainsRune(":.,;!?", r.before)
	}
	return false
}

func isPunctuation(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

// delimiterPair decides which delimiters are a pair.
type delimiterPair struct {
	strike     bool
	lenient    bool // as a closing delimiter, it needs an opening one that starts a word
	startsWord bool
	power      bool // it could be the operator
	before     rune
	after      rune
}

func (delimiterPair) IsDelimiter(b byte) bool { return b == '*' || b == '_' || b == '~' }

func (delimiterPair) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	if opener.Char != closer.Char || (opener.OriginalLength != closer.OriginalLength && opener.Char == '~') {
		return false
	}
	first, _ := opener.Processor.(delimiterPair)
	second, _ := closer.Processor.(delimiterPair)
	switch {
	case second.lenient:
		return first.startsWord && opener.OriginalLength == closer.OriginalLength
	case first.power && second.power:
		return false
	case opener.OriginalLength > 1:
		return true
	case opener.Char == '*':
		return !isOpen(opener.NextSibling(), '_') && !(first.after == '.' && second.before == '/')
	}
	return !isOpen(opener.PreviousSibling(), '*')
}

// isOpen reports whether a node is a single delimiter without a partner so far.
func isOpen(n ast.Node, char byte) bool {
	d, ok := n.(*parser.Delimiter)
	return ok && d.Char == char && d.OriginalLength == 1
}

// OnMatch returns the node of a pair.
func (p delimiterPair) OnMatch(consumed int) ast.Node {
	if p.strike {
		return gfm.NewStrikethrough()
	}
	return ast.NewEmphasis(consumed)
}
