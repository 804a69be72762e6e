package blocks

import (
	"bytes"
	"sort"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// fences parses fenced code. In addition to CommonMark, text can follow the
// closing fence ("``` now."), code can end in it ("ls```"), and a fence of
// tildes can open and close on one line.
type fences struct{ parser.BlockParser }

// fence is the state of the open fence.
type fence struct {
	char    byte
	length  int
	oneLine bool // the opening line also has the closing fence
}

var (
	fenceKey    = parser.NewContextKey()
	marksKey    = parser.NewContextKey()
	hopelessKey = parser.NewContextKey()
)

func (f fences) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, at := reader.PeekLine()
	if closesCode(line[pc.BlockOffset():], parent, reader, pc) {
		return nil, parser.NoChildren
	}
	node, state := f.BlockParser.Open(parent, reader, pc)
	if node == nil {
		return nil, state
	}
	line = bytes.TrimSpace(line[pc.BlockOffset():])
	open := fence{char: line[0], length: leading(line, line[0])}
	if info := line[open.length:]; line[0] == '~' && trailing(info, '~') >= 3 && trailing(info, '~') < len(info) {
		open.oneLine = marksOf(reader, pc).after(at.Stop)%2 == 0
	}
	pc.Set(fenceKey, open)
	return node, state
}

// closesCode reports whether a fence closes code that a paragraph opened before,
// which an item of a list left open because its next line is not indented.
func closesCode(line []byte, parent ast.Node, reader text.Reader, pc parser.Context) bool {
	paragraph := pc.LastOpenedBlock().Node
	if paragraph == nil || !ast.IsParagraph(paragraph) || paragraph.Parent() == parent || len(bytes.TrimSpace(bytes.TrimLeft(line, "`"))) > 0 {
		return false
	}
	lines := paragraph.Lines()
	for i := lines.Len() - 1; i >= max(0, lines.Len()-20); i-- {
		line := lines.At(i)
		if openingIn(line.Value(reader.Source())) > 0 {
			return true
		}
	}
	return false
}

func (f fences) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	open, _ := pc.Get(fenceKey).(fence)
	if open.oneLine {
		return parser.Close
	}
	line, at := reader.PeekLine()
	if width, start := util.IndentWidth(line, reader.LineOffset()); width < 4 {
		if n := leading(line[start:], open.char); n >= open.length && endsBefore(line[start+n:]) {
			rest := line[start+n:]
			reader.Advance(start + n + len(rest) - len(bytes.TrimLeft(rest, " \t")))
			return parser.Close
		}
	}
	state := f.BlockParser.Continue(node, reader, pc)
	code := bytes.TrimRight(line, " \t\r\n")
	n := trailing(code, open.char)
	if state&parser.Continue == 0 || n != open.length || n == len(bytes.TrimSpace(code)) || marksOf(reader, pc).after(at.Stop)%2 != 0 {
		return state
	}
	lines := node.Lines()
	last := lines.At(lines.Len() - 1)
	lines.Set(lines.Len()-1, last.WithStop(at.Start+len(code)-n))
	return parser.Close
}

// endsBefore reports whether a closing fence stands before the rest of a line,
// which is text and not the language of another fence.
func endsBefore(rest []byte) bool {
	info := strings.TrimSpace(string(rest))
	if info == "" || strings.HasPrefix(info, "`") {
		return false
	}
	if lang, more := languageOf(info); lang != "" && attributes(more) {
		return false
	}
	return rest[0] == ' ' || rest[0] == '\t' || strings.ContainsAny(info, " \t") || strings.ContainsAny(info[:1], ".,;:!?)")
}

// textFences opens fences that stand at the end of a line of text ("Run ```"),
// if a line below closes them.
type textFences struct{ fences }

// Trigger returns nil: any line can end in a fence.
func (textFences) Trigger() []byte { return nil }

func (f textFences) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, at := reader.PeekLine()
	start := openingIn(line)
	if start <= 0 || closesCode(line[start:], parent, reader, pc) || !f.closes(parent, line[start:], at.Stop, reader, pc) {
		return nil, parser.NoChildren
	}
	before := at.WithStop(at.Start - at.Padding + start)
	before = before.TrimRightSpace(reader.Source())
	if last := pc.LastOpenedBlock().Node; last != nil && ast.IsParagraph(last) && last.Parent() == parent {
		last.Lines().Append(before)
	} else {
		paragraph := ast.NewParagraph()
		paragraph.Lines().Append(before.TrimLeftSpace(reader.Source()))
		parent.AppendChild(parent, paragraph)
	}
	reader.Advance(start)
	pc.SetBlockOffset(0)
	return f.fences.Open(parent, reader, pc)
}

// openingIn returns where in a line a fence opens after text; -1 for nowhere.
func openingIn(line []byte) int {
	if len(line) > headingLimit {
		return -1 // such a paragraph would have to be cut
	}
	for _, char := range []byte("`~") {
		if !bytes.Contains(line, []byte{char, char, char}) {
			continue
		}
		line := bytes.TrimRight(line, " \t\r\n")
		start := bytes.LastIndexByte(line, char) + 1
		run := trailing(line[:start], char)
		before := bytes.TrimSpace(line[:start-run])
		closed := unpaired(before, run, char)
		if run >= 3 && len(before) > 0 && !closed && !bytes.Contains(line[start:], []byte("|")) && before[len(before)-1] != '\\' {
			return start - run
		}
	}
	return -1
}

// unpaired reports whether a line has an odd number of runs of this length.
func unpaired(line []byte, length int, char byte) bool {
	odd := false
	for len(line) > 0 {
		n := leading(line, char)
		if n == length {
			odd = !odd
		}
		line = line[max(n, 1):]
	}
	return odd
}

// closes reports whether the next line that starts with a fence closes this
// opening, and everything up to there is in the same list item or quote.
func (textFences) closes(parent ast.Node, opening []byte, from int, reader text.Reader, pc parser.Context) bool {
	next, ok := marksOf(reader, pc).next(from)
	if !ok || pc.Get(hopelessKey) == next.start {
		return false
	}
	source := reader.Source()
	run := leading(opening, opening[0])
	rest := source[next.start+next.length : next.stop]
	good := next.char == opening[0] && next.length >= run && (len(bytes.TrimSpace(rest)) == 0 || endsBefore(rest))
	quotes, space := nesting(parent)
	for good && from < next.stop {
		line := source[from:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		from += len(line)
		inner := bytes.TrimLeft(line, " \t>")
		prefix := line[:len(line)-len(inner)]
		good = bytes.Count(prefix, []byte(">")) >= quotes && (quotes > 0 || len(prefix) >= space || len(bytes.TrimSpace(inner)) == 0)
	}
	if !good {
		pc.Set(hopelessKey, next.start) // so that no other line looks that far again
	}
	return good
}

// nesting returns the quotes and the space before a line in a block.
func nesting(parent ast.Node) (quotes, space int) {
	for n := parent; n != nil; n = n.Parent() {
		switch n := n.(type) {
		case *ast.Blockquote:
			quotes++
		case *ast.ListItem:
			space += n.Offset
		}
	}
	return quotes, space
}

// mark is a fence at the start of a line, after its space and quote markers.
type mark struct {
	start, stop int // of the fence and of its line
	char        byte
	length      int
}

// marks are all the fences of a text at the start of a line.
type marks []mark

// marksOf returns the fences of a text. They are searched for once.
func marksOf(reader text.Reader, pc parser.Context) marks {
	if all, ok := pc.Get(marksKey).(marks); ok {
		return all
	}
	var all marks
	source := reader.Source()
	for start := 0; start < len(source); {
		stop := len(source)
		if i := bytes.IndexByte(source[start:], '\n'); i >= 0 {
			stop = start + i + 1
		}
		line := bytes.TrimLeft(source[start:stop], " \t>")
		if len(line) > 0 && (line[0] == '`' || line[0] == '~') && leading(line, line[0]) >= 3 {
			all = append(all, mark{stop - len(line), stop, line[0], leading(line, line[0])})
		}
		start = stop
	}
	pc.Set(marksKey, all)
	return all
}

// after returns the number of fences at or after an offset. If it is even, they
// are pairs, and none of them closes a fence before the offset.
func (m marks) after(offset int) int {
	return len(m) - sort.Search(len(m), func(i int) bool { return m[i].start >= offset })
}

// next returns the first fence at or after an offset.
func (m marks) next(offset int) (mark, bool) {
	if n := m.after(offset); n > 0 {
		return m[len(m)-n], true
	}
	return mark{}, false
}

// leading returns how often a character stands at the start of a line.
func leading(line []byte, char byte) int {
	n := 0
	for n < len(line) && line[n] == char {
		n++
	}
	return n
}

// trailing returns how often a character stands at the end of a line.
func trailing(line []byte, char byte) int {
	n := 0
	for n < len(line) && line[len(line)-1-n] == char {
		n++
	}
	return n
}
