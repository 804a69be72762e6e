package blocks

import "testing"

// Ensure that HTML is parsed like a browser shows it; as plain text with an
// empty line between blocks.
func TestHTML(t *testing.T) {
	for _, test := range []struct{ answer, want string }{
		{
			"<table>\n<thead>\n<tr>\n<th>System</th>\n<th>Takes</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>VPN</td>\n<td>5 min</td>\n</tr>\n</tbody>\n</table>",
			"System | Takes\n--------------\nVPN    | 5 min",
		},
		{"<table><tr><td colspan=2>a</td></tr><tr><td>b</td><td>c</td></tr></table>", "a | –\nb | c"},
		{
			"<table><tr><th>a</th><th>b</th></tr><tr><td rowspan=2>c</td><td>d</td></tr><tr><td>e</td></tr></table>",
			"a | b\n-----\nc | d\n– | e",
		},
		{"<ul><li>a</li><x>> b</ul>", "• a\n    <x>> b"},
		{"<dl><dt>a<dd>b</dd><x>> c</dl>", "a\nb\n\n<x>> c"},
		{"<table><tr><td>a</td><td>b</td></tr><tr><x>></tr></table>", "a    | b\n<x>> | –"},
		{"<table><tr><td>a</td></tr>b <x>> <b>c</b></table>", "a\n\nb <x>> c"},
		{
			"<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td><td>c</td></tr><tr><td>d</td><td>e</td></tr></table>",
			"a | b | c\nd     | e",
		},
		{
			"<ol><li><p>One.</p><p>More.</p></li><li><p>Two:</p><ul><li>x<ul><li>y</li></ul></li></ul></li></ol>",
			"1. One.\n    More.\n2. Two:\n    ◦ x\n        ▪ y",
		},
		{"<ol><li>a</li><ul><li>b</li></ul><li>c</li></ol>", "1. a\n    ◦ b\n2. c"},
		{"<pre><code class=\"language-sh\">ls  -l\n  x &lt; y</code></pre>", "ls  -l\n  x < y"},
		{"<blockquote><p>a</p><p>b</p></blockquote>", "> a\n> \n> b"},
		{"<details><summary>More</summary><p>Text</p></details>", "More\n\nText"},
		{"text <ul><li>a</li></ul>> *b*", "text\n\n• a\n\n> b"},
		{"<ol a=0\"><li>a</li></ol>", "<ol a=0\">\n\n• a\n\n</ol>"},
		{"<dl><dt>VPN</dt><dd>Use it.</dd><dt>SSO</dt><dd>Sign in.</dd></dl>", "VPN\nUse it.\n\nSSO\nSign in."},
		{"<p>10<sup>6</sup> H<sub>2</sub>O 1<sup>st</sup> 2<sup>a/b</sup></p>", "10⁶ H₂O 1st 2^(a/b)"},
		{"10<sup>6</sup> and H<sub>2</sub>O", "10⁶ and H₂O"},
		{
			"<!doctype html><html><head><title>T</title><style>p{}</style></head><body><!-- c --><p>a</p><script>x()</script></body></html>",
			"T\n\na",
		},
		{"<html><head><title>T</title></head><body><h1>H</h1></body></html>", "H"},
		{"<p>a\n   b\t c&nbsp;d</p>\n\n<p>e <b> f</b></p>", "a b c\u00a0d\n\ne f"},
		{"<ul><li><input type=checkbox checked> a</li><li><input type=checkbox> b</li></ul>", "• ☑ a\n• ☐ b"},
		{"<p><img src=\"https://x.example/i.png\" alt=\"plan\"></p>", "plan (https://x.example/i.png)"},
		{"<p><a href=\"https://evil.example\">bank.example</a></p>", "bank.example (https://evil.example) (evil.example)"},
		{"<p>a</p><hr><p>b</p>", "a\n\n———\n\nb"},
		{"<p>a <b><i>b</b></i></p>", "a b"},
		{"<p>a</p></b \"c>", "a\n\n</b \"c>"},
		{"<h1>a</h1><h2>b</h1>", "a\n\nb"},
		{"<div>\n\n**bold**\n\n- a\n- b\n\n</div>", "bold\n\n• a\n• b"},
		{"<p>Run `ls <dir>`.</p>", "Run ls <dir>."},
		{"<div><p>a</p><p>cut off", "a\n\ncut off"},
		{"<p>a <!-- never closed</p>", "a <!-- never closed"},
		{"<hr><?xml is the first line", "———\n\n<?xml is the first line"},
		{"<p>a</p><title>b", "a\n\nb"},
		{"<div>\n\na<!-->b <!-- c -->d\n\n</div>", "ab d"},
		{"<div><p>a</p>a<script>b</div>", "a\n\na<script>b"},
	} {
		if got := plainOf(test.answer); got != test.want {
			t.Errorf("%s\n got %q\nwant %q", test.answer, got, test.want)
		}
	}
}

// Ensure that text in HTML that only looks like a tag stays visible.
func TestPlaceholdersInHTML(t *testing.T) {
	for _, test := range []struct{ answer, want string }{
		{"<p>ssh <server> -p <port> or <code> from your phone</p>", "ssh <server> -p <port> or <code> from your phone"},
		{"<p>UPDATE <table> SET List<String></p>", "UPDATE <table> SET List<String>"},
		{"<p>if a <b and c> d</p>", "if a <b and c> d"},
	} {
		if got := plainOf(test.answer); got != test.want {
			t.Errorf("%s\n got %q\nwant %q", test.answer, got, test.want)
		}
	}
}

// Ensure that Markdown stays Markdown, and that the HTML in it is parsed.
func TestHTMLInMarkdown(t *testing.T) {
	for _, test := range []struct{ answer, want string }{
		{
			"**Steps** are here:\n\n<table>\n<tr><th>a</th><th>b</th></tr>\n\n<tr><td>**c**</td><td>d</td></tr>\n</table>\n\n- e",
			"Steps are here:\n\na | b\n-----\nc | d\n\n• e",
		},
		{"# Log\n\n<details>\n<summary>More</summary>\n\n```\n<div>\n```\n\n</details>\n\nEnd *now*.", "Log\n\nMore\n\n<div>\n\nEnd now."},
		{"Do this: <ul><li>a</li><li>b</li></ul> and *that*.", "Do this:\n\n• a\n• b\n\nand that."},
		{"- item\n\n  <ul><li>a</li></ul>\n\n> <p>q</p>\n> *r*", "• item\n    ◦ a\n\n> q\n> \n> r"},
		{"| a |\n|---|\n| x<br>y |\n| <ul><li>b</li><li>c</li></ul> |", "a\n-------\nx y\n• b • c"},
		{"<!-- source: kb -->\nText <!-- inline -->", "Text <!-- inline -->"},
		{"<table> is a table. Enter the <code>.", "<table> is a table. Enter the <code>."},
		{"Use <table> and end it with </table>.", "Use <table> and end it with </table>."},
		{"`<p>` a </p>", "<p> a </p>"},
		{"```html\n<p>a</p>\n```", "<p>a</p>"},
	} {
		if got := plainOf(test.answer); got != test.want {
			t.Errorf("%s\n got %q\nwant %q", test.answer, got, test.want)
		}
	}
}

// Ensure that Confluence's storage format loses no text.
func TestConfluence(t *testing.T) {
	for _, test := range []struct{ answer, want string }{
		{
			`<p>Run:</p><ac:structured-macro ac:name="code"><ac:parameter ac:name="language">sh</ac:parameter>` +
				`<ac:plain-text-body><![CDATA[if a < b && c; then <x>]]></ac:plain-text-body></ac:structured-macro>`,
			"Run:\n\nif a < b && c; then <x>",
		},
		{
			`<ac:structured-macro ac:name="info"><ac:parameter ac:name="title">Note</ac:parameter><ac:rich-text-body><p>a</p></ac:rich-text-body></ac:structured-macro>`,
			"> Note\n> \n> a",
		},
		{
			`<p>See <ac:link><ri:page ri:content-title="VPN setup" /></ac:link> ` +
				`and <ac:link><ri:page ri:content-title="x" /><ac:link-body>this</ac:link-body></ac:link>.</p>`,
			"See VPN setup and this.",
		},
		{
			`<p>Is <ac:structured-macro ac:name="status"><ac:parameter ac:name="colour">Green</ac:parameter>` +
				`<ac:parameter ac:name="title">DONE</ac:parameter></ac:structured-macro></p>`,
			"Is DONE",
		},
		{
			`<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body>a</ac:task-body></ac:task></ac:task-list><p>b</p>`,
			"• ☑ a\n\nb",
		},
	} {
		if got := plainOf(test.answer); got != test.want {
			t.Errorf("%s\n got %q\nwant %q", test.answer, got, test.want)
		}
	}
}
