package blockkit

import (
	"strings"
	"testing"
)

// Ensure that mrkdwn becomes the right HTML, ignoring classes.
func TestMrkdwn(t *testing.T) {
	for _, test := range [][2]string{
		{"plain", "plain"},
		{"*bold*", "<strong>bold</strong>"},
		{"_italic_", "<em>italic</em>"},
		{"~struck~", "<s>struck</s>"},
		{"`code`", "<code>code</code>"},
		{"*_~all~_*", "<strong><em><s>all</s></em></strong>"},
		{"*bold*, _italic_.", "<strong>bold</strong>, <em>italic</em>."},
		{"(*bold*)", "(<strong>bold</strong>)"},
		{"*two words*", "<strong>two words</strong>"},
		{"**not bold**", "**not bold**"},
		{"2 * 3 * 4", "2 * 3 * 4"},
		{"a*b*c", "a*b*c"},
		{"snake_case_name", "snake_case_name"},
		{"*open", "*open"},
		{"*over\nlines*", "*over<br>lines*"},
		{"* space*", "* space*"},
		{"*space *", "*space *"},
		{"*bold _and italic* crossed_", "<strong>bold _and italic</strong> crossed_"},
		{"*<https://example.com|a*b>*", `<strong><a href="https://example.com">a*b</a></strong>`},
		{"`*not bold*`", "<code>*not bold*</code>"},
		{"`a &lt; b`", "<code>a &lt; b</code>"},
		{"``", "``"},
		{"```pre\n*x*```", "<pre>pre\n*x*</pre>"},
		{"before ```pre``` after", "before <pre>pre</pre> after"},
		{"```not closed", "```not closed"},
		{"&gt; quote", "<blockquote>quote</blockquote>"},
		{"> quote\n> *more*\nnot", "<blockquote>quote<br><strong>more</strong></blockquote>not"},
		{"a\n&gt;b\nc\n&gt;d", "a<blockquote>b</blockquote>c<blockquote>d</blockquote>"},
		{"&gt;&gt;&gt; all\nthe rest", "<blockquote>all<br>the rest</blockquote>"},
		{"&gt;", "&gt;"},
		{"a &gt; b", "a &gt; b"},
		{"<@U1> <@U9> <@U9|joe>", `<span>@Ada</span> <span>@U9</span> <span>@joe</span>`},
		{"<#C1> <#C9|random>", `<span>#general</span> <span>#random</span>`},
		{"<!here> <!channel|channel> <!everyone>", `<span>@here</span> <span>@channel</span> <span>@everyone</span>`},
		{"<!subteam^S1> <!subteam^S9|@ops>", `<span>@on-call</span> <span>@ops</span>`},
		{"<!date^1700000000^{date_num}|x>", `<time datetime="2023-11-14T22:13:20Z">2023-11-14</time>`},
		{"<!date^1700000000^{date_num}^https://example.com|x>", `<time datetime="2023-11-14T22:13:20Z"><a href="https://example.com">2023-11-14</a></time>`},
		{"<!date^999999999999^{date}|then>", "then"},
		{"<!foo|label>", "label"},
		{"<!foo>", "&lt;!foo&gt;"},
		{"<https://example.com>", `<a href="https://example.com">https://example.com</a>`},
		{"<https://example.com/?a=1&amp;b=2|x &amp; y>", `<a href="https://example.com/?a=1&amp;b=2">x &amp; y</a>`},
		{"<mailto:a@example.com>", `<a href="mailto:a@example.com">a@example.com</a>`},
		{"<javascript:alert(1)|x>", "x &lt;javascript:alert(1)&gt;"},
		{"<tel:123|call>", "call &lt;tel:123&gt;"},
		{"<not a link>", "&lt;not a link&gt;"},
		{"<", "&lt;"},
		{"<>", "&lt;&gt;"},
		{"<<@U1>>", "&lt;<span>@Ada</span>&gt;"},
		{"https://example.com/a_b_c.", `<a href="https://example.com/a_b_c">https://example.com/a_b_c</a>.`},
		{"(https://example.com)", `(<a href="https://example.com">https://example.com</a>)`},
		{"*https://example.com*", `<strong><a href="https://example.com">https://example.com</a></strong>`},
		{"https://example.com?a=1&amp;b&gt;", `<a href="https://example.com?a=1&amp;b">https://example.com?a=1&amp;b</a>&gt;`},
		{"xhttps://example.com https://", "xhttps://example.com https://"},
		{"&amp;lt; &lt;b&gt; &copy;", "&amp;lt; &lt;b&gt; &amp;copy;"},
		{"a\r\nb", "a<br>b"},
		{":tada: :+1::skin-tone-2: 10:30:45 :nosuch:", "<span>🎉</span> <span>👍🏻</span> 10:30:45 :nosuch:"},
		{"`<@U1>`", "<code><span>@Ada</span></code>"},
	} {
		w := &htmlWriter{r: workspace{}}
		w.nodes(parseMrkdwn(test[0]))
		if got := bare(w.b.String()); got != test[1] {
			t.Errorf("%q\n got %s\nwant %s", test[0], got, test[1])
		}
		isSafe(t, w.b.String())
	}
}

// bare removes the attributes that all elements of a kind have, and those that
// have separate tests.
func bare(s string) string {
	for _, cut := range []string{` target="_blank" rel="noopener noreferrer nofollow"`} {
		s = strings.ReplaceAll(s, cut, "")
	}
	for _, name := range []string{"class", "data-id", "role", "aria-label", "title", "tabindex"} {
		for {
			i := strings.Index(s, " "+name+`="`)
			if i < 0 {
				break
			}
			value := i + len(name) + 3
			s = s[:i] + s[value+strings.IndexByte(s[value:], '"')+1:]
		}
	}
	return s
}

// Ensure that a line of only delimiters is parsed in linear time: 200,000 of
// them take milliseconds, and minutes in quadratic time.
func TestMrkdwnOfDelimiters(t *testing.T) {
	for _, piece := range []string{"*a ", "_a ", "~a ", "`a ", "<a ", "*_~a ", ":a ", "*a_ ", "&gt;", "```", "<!date^1^"} {
		parseMrkdwn(strings.Repeat(piece, 200_000/len(piece)))
	}
}
