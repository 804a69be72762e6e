package blockkit

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// Laws for any input. The fuzz targets search for inputs that break them; the
// properties generate inputs with a structure that fuzzing does not find.

// lawsOfCheck: every refusal has a reason that reads like Slack's.
func lawsOfCheck(t testing.TB, raw []byte) {
	for _, s := range []Surface{Message, Modal, Home} {
		lawsOfProblems(t, Check(raw, s))
	}
	lawsOfProblems(t, CheckView(raw))
}

func lawsOfProblems(t testing.TB, problems []Problem) {
	if len(problems) > 2*maxProblems {
		t.Errorf("%d problems", len(problems))
	}
	for _, p := range problems {
		if p.Code == "" || !strings.HasPrefix(p.Pointer, "/blocks") && !strings.HasPrefix(p.Pointer, "/view") ||
			!strings.HasPrefix(p.Message, "[ERROR] ") || !strings.HasSuffix(p.Message, "[json-pointer:"+p.Pointer+"]") {
			t.Errorf("problem is not Slack's: %+v", p)
		}
	}
}

// lawsOfHTML: it is safe, and everything that Slack accepts is rendered as
// known.
func lawsOfHTML(t testing.TB, raw []byte) {
	s := string(HTML(raw, workspace{}))
	isSafe(t, s)
	unknown := strings.Contains(s, "bk-unknown") && !strings.Contains(s, "data_visualization")
	if unknown && len(raw) > 0 && Check(raw, Message) == nil {
		t.Errorf("accepted, but not shown: %s", raw)
	}
}

// lawsOfText: no control characters except tabs and line ends.
func lawsOfText(t testing.TB, raw []byte) {
	s := Text(raw, workspace{})
	if i := strings.IndexFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); i >= 0 {
		t.Errorf("control character in %q", s)
	}
}

// lawsOfMarkup: all parsed nodes are rendered safely, in both ways.
func lawsOfMarkup(t testing.TB, nodes []node) {
	w := &htmlWriter{r: workspace{}}
	w.nodes(nodes)
	isSafe(t, w.b.String())
	textWriter{r: workspace{}}.nodes(nodes)
}

// words are the letters and digits of text, in order, which no markup may lose.
func words(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// Ensure that mrkdwn without references, emoji and escapes keeps all its words.
func lawOfKeptWords(t testing.TB, s string) {
	if strings.ContainsAny(s, "<&:") {
		return
	}
	nodes := parseMrkdwn(s)
	w := &htmlWriter{r: workspace{}}
	w.nodes(nodes)
	want := words(s)
	if got := words(shown(parseHTML(t, w.b.String()))); got != want {
		t.Errorf("HTML of %q has the words %q", s, got)
	}
	if got := words(textWriter{r: workspace{}}.nodes(nodes)); got != want {
		t.Errorf("text of %q has the words %q", s, got)
	}
}

// Ensure that any Markdown keeps its words in order.
func TestMarkdownKeepsWords(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var words []string
		word := func() string {
			w := rapid.StringMatching(`[a-z]{2,8}`).Draw(rt, "word")
			words = append(words, w)
			return w
		}
		var b strings.Builder
		for range rapid.IntRange(1, 8).Draw(rt, "lines") {
			prefix := rapid.SampledFrom([]string{"", "# ", "- ", "> ", "\n", "- [x] ", "    "}).Draw(rt, "prefix")
			delimiter := rapid.SampledFrom([]string{"", "*", "**", "`", "~~", "_"}).Draw(rt, "delimiter")
			b.WriteString(prefix + word() + " " + delimiter + word() + delimiter + " [" + word() + "](https://x.example)\n")
		}
		raw, err := json.Marshal([]map[string]string{{"type": "markdown", "text": b.String()}})
		if err != nil {
			rt.Fatal(err)
		}
		shownHTML, text := shown(parseHTML(t, string(HTML(raw, workspace{})))), Text(raw, workspace{})
		for _, w := range words {
			var okHTML, okText bool
			_, shownHTML, okHTML = strings.Cut(shownHTML, w)
			_, text, okText = strings.Cut(text, w)
			if !okHTML || !okText {
				rt.Fatalf("%q is lost (HTML %v, text %v) in %q", w, okHTML, okText, b.String())
			}
		}
	})
}

// Ensure that plain text is rendered unchanged.
func TestPlainTextIsLiteral(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`[a-zA-Z0-9 <>&*_~'"/\\!@#\[\]()é-]{1,60}`).Draw(rt, "text")
		raw, err := json.Marshal([]any{map[string]any{"type": "header", "text": map[string]any{"type": "plain_text", "text": text}}})
		if err != nil {
			rt.Fatal(err)
		}
		if got := shown(parseHTML(t, string(HTML(raw, workspace{})))); got != text {
			rt.Fatalf("%q is shown as %q", text, got)
		}
		if got := Text(raw, workspace{}); got != strings.TrimRight("# "+text, "\n") {
			rt.Fatalf("%q is shown as %q", text, got)
		}
	})
}

func addExamples(f *testing.F) {
	for _, name := range examples() {
		var blocks []json.RawMessage
		if err := json.Unmarshal(example(f, name), &blocks); err != nil {
			f.Fatal(err)
		}
		for _, b := range blocks { // small seeds mutate fast
			f.Add([]byte("[" + string(b) + "]"))
		}
	}
	for _, s := range []string{"", "null", "[]", "{}", "[[[[", `[{"type":"section","text":{"type":"mrkdwn","text":"<!here> *x*"}}]`, `[{"type":7,"elements":[[{}]]}]`} {
		f.Add([]byte(s))
	}
	for _, l := range append(limitsOfBlocks(), limitsOfElements()...) {
		if l.most < 30 {
			f.Add([]byte(block(l.json(l.most))))
		}
	}
}

func FuzzCheck(f *testing.F) {
	addExamples(f)
	f.Fuzz(func(t *testing.T, raw []byte) { lawsOfCheck(t, raw) })
}

func FuzzHTML(f *testing.F) {
	addExamples(f)
	f.Fuzz(func(t *testing.T, raw []byte) { lawsOfHTML(t, raw) })
}

func FuzzText(f *testing.F) {
	addExamples(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		lawsOfText(t, raw)
		Pings(raw, string(raw))
	})
}

func FuzzMrkdwn(f *testing.F) {
	for _, s := range []string{"*a* _b_ ~c~ `d` ```e```", "> q\n&gt; r", "<@U1> <!here> <https://x.example|y>", ":tada::skin-tone-2:", "<!date^1^{date}^https://x.example|f>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		lawsOfMarkup(t, parseMrkdwn(s))
		lawOfKeptWords(t, strings.ToValidUTF8(s, ""))
	})
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"# a\n**b** [c](https://x.example)", "|a|b|\n|-|:-:|\n|1|2|", "- [x] a\n  1. b\n> c", "<!here> <b> &lt;", "```\nx\n```", "[a]: https://x.example\n[a]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { lawsOfMarkup(t, parseMarkdown(s)) })
}

// Ensure that the laws hold for valid blocks with one damaged part, like those
// of a faulty bot.
func TestLawsOfDamagedBlocks(t *testing.T) {
	var blocks []any
	for _, name := range []string{"message", "modal", "home", "agent", "menus"} {
		v, err := decode(example(t, name))
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, v.([]any)...)
	}
	rapid.Check(t, func(rt *rapid.T) {
		block := rapid.SampledFrom(blocks).Draw(rt, "block")
		damaged := damage(rt, block)
		raw, err := json.Marshal([]any{damaged})
		if err != nil {
			rt.Fatal(err)
		}
		lawsOfCheck(t, raw)
		lawsOfHTML(t, raw)
		lawsOfText(t, raw)
		if t.Failed() {
			rt.Fatalf("broken by %s", raw)
		}
	})
}

// damage returns a copy of a JSON value with one part replaced.
func damage(rt *rapid.T, v any) any {
	if rapid.IntRange(0, 5).Draw(rt, "here") == 0 {
		return rapid.SampledFrom([]any{
			nil, true, json.Number("-1"), json.Number("1e400"), "", "<script>alert(1)</script>", "javascript:alert(1)", "\x1b[31m\u202e\x00",
			[]any{},
			[]any{nil, "x"},
			map[string]any{},
			map[string]any{"type": "button"},
			map[string]any{"type": "rich_text", "elements": []any{nil}},
			map[string]any{"type": "mrkdwn", "text": "<!here> *x* `y` ```z```\n> q"},
		}).Draw(rt, "value")
	}
	switch v := v.(type) {
	case map[string]any:
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(v))).Draw(rt, "name")
		copied := maps.Clone(v)
		copied[name] = damage(rt, v[name])
		return copied
	case []any:
		i := rapid.IntRange(0, len(v)-1).Draw(rt, "index")
		copied := slices.Clone(v)
		copied[i] = damage(rt, v[i])
		return copied
	}
	return rapid.SampledFrom([]any{nil, "other", json.Number("7"), strings.Repeat("x", 3001)}).Draw(rt, "leaf")
}
