package blocks

import (
	"strings"
	"testing"

	"enjobridge/enjo"
)

// describedPlain returns a text of a ticket as plain text, with an empty line
// between blocks.
func describedPlain(text string) string {
	var got []string
	for _, b := range describe(text) {
		got = append(got, asPlain.write(b))
	}
	return strings.Join(got, "\n\n")
}

// Ensure that a text of a ticket is parsed as the markup that it is in.
func TestDescribe(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"h2. Steps\n# a\n#* b\n## c\n# d", "Steps\n\n1. a\n    ◦ b\n    1. c\n2. d"},
		{"{code:java|title=A.java}\nif (a < b) *x*;\n{code}", "A.java\n\nif (a < b) *x*;"},
		{"{noformat}\n  h1. a\n{noformat}\nb", "  h1. a\n\nb"},
		{"Use {code}ls -l{code} now, {{cd}} too.", "Use ls -l now, cd too."},
		{"{quote}a\nb{quote}\nbq. c", "> a\n> b\n\n> c"},
		{"{panel:title=T|bgColor=#fff}\n* a\n* b\n{panel}", "T\n\n• a\n• b"},
		{"||a||b||\n|c|[x|https://x.example]|", "a | b\n-------------------------\nc | x (https://x.example)"},
		{"||a||b||\n|c|d\ne|\n|f|g|", "a | b\n-------\nc | d e\nf | g"},
		{"||a||b||\n|c|* d\n* e|\n|f|g|", "a | b\n-----------\nc | • d • e\nf | g"},
		{"||a||\n|c\n\nd|", "a\n\n|c\n\nd|"},
		{"||a||\n|c\n|d|", "a\n\n|c\n\nd"},
		{"{color:red}a{color} *b* _c_ -d- +e+ 10^6^ H~2~O ??f??", "a b c d e 10⁶ H₂O f"},
		{"See [~accountid:5f] or [https://x.example].\n----\nEnd", "See @5f or https://x.example.\n\n———\n\nEnd"},
		{"h1. a\nb \\\\ c :)\n!shot.png|thumbnail!", "a\n\nb\nc :)\nshot.png"},
		{"h1. a\n\\\\fileserver\\public and C:\\_tmp and \\*b\\*", "a\n\n\\\\fileserver\\public and C:\\_tmp and *b*"},
		{"<p>a <b>b</b></p><ul><li>c</li></ul>", "a b\n\n• c"},
		{"# a\n\n**b** and `c`", "a\n\nb and c"},
		{"a\n  b {{c}} d: e", "a\nb c d: e"},
		{"Error: x\n  at y", "Error: x\nat y"},
		{"[bank.example|https://evil.example] h", "bank.example (https://evil.example) (evil.example) h"},
	} {
		if got := describedPlain(test.text); got != test.want {
			t.Errorf("%q\n got %q\nwant %q", test.text, got, test.want)
		}
	}
}

// Ensure that a summary is one line without markup, and that a long text is cut
// outside of markup.
func TestSummaryLine(t *testing.T) {
	if got, want := describedLine("h1. Black screen\n* *a*\n* [b|https://x.example]"), "Black screen • a • b (https://x.example)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got := describedMrkdwn("<p>a</p><pre>"+strings.Repeat("line\n", 200)+"</pre>", 500)
	if !strings.HasSuffix(got, "\n```\n_(shortened)_") || length(got) > 600 {
		t.Errorf("got %q", got)
	}
}

// Ensure that a change of the markup alone is no change of a ticket.
func TestChangeOfMarkup(t *testing.T) {
	before := enjo.Ticket{ID: "IT-1", Description: "*a* [b|https://x.example] {{c}}"}
	after := enjo.Ticket{ID: "IT-1", Description: "<p><b>a</b> <a href='https://x.example'>b</a> <code>c</code></p>"}
	if m, changed := TicketChange(before, after); changed {
		t.Errorf("got %q", m.Text)
	}
	after.Description = "<p>d</p>"
	if m, changed := TicketChange(before, after); !changed || !strings.Contains(m.Text, " Description changed.") {
		t.Errorf("got %q, %t", m.Text, changed)
	}
}
