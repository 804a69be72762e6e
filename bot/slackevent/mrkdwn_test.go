package slackevent

import (
	"strings"
	"testing"
	"unicode/utf8"
)

var known = Names{
	User: func(id string) string {
		return map[string]string{"U1": "Alice", "U2": "Bob"}[id]
	},
	Channel: func(id string) string {
		return map[string]string{"C1": "support"}[id]
	},
}

func TestPlainText(t *testing.T) {
	for in, want := range map[string]string{
		"<@UBOT> how are you?":                             "how are you?",
		"hey <@UBOT|bot>, how are you?":                    "hey, how are you?",
		"<@U1> and <@U3>":                                  "@Alice and @U3",
		"<@U3|carol>":                                      "@carol",
		"see <#C1> and <#C2|general> and <#C3>":            "see #support and #general and #C3",
		"<https://a.example/x?a=1&amp;b=2>":                "https://a.example/x?a=1&b=2",
		"<https://a.example|the page>":                     "the page (https://a.example)",
		"<https://a.example|https://a.example>":            "https://a.example",
		"<mailto:a@b.example|a@b.example>":                 "a@b.example",
		"<http://example.com|example.com>":                 "example.com",
		"<https://example.com/|Example.com>":               "Example.com",
		"<http://www.a.example/x|www.a.example/x>":         "www.a.example/x",
		"<http://a.example?x=1&amp;y|a.example?x=1&amp;y>": "a.example?x=1&y",
		"<https://b.example|a.example>":                    "a.example (https://b.example)",
		"<mailto:a@b.example|write us>":                    "write us (a@b.example)",
		"<tel:+4930123456|+49 30 123-456>":                 "+49 30 123-456",
		"<tel:+4930123456>":                                "+4930123456",
		"<!here|here> <!everyone|@everyone>":               "@here @everyone",
		"<!date^1392734382^{date}>":                        "2014-02-18 14:39 UTC",
		"<!date>":                                          "@date",
		"<!here> <!channel> <!everyone>":                   "@here @channel @everyone",
		"<!subteam^S1|@it-team> <!subteam^S2>":             "@it-team @S2",
		"<!date^1392734382^{date}|Feb 18, 2014>":           "Feb 18, 2014",
		"a &lt;b&gt; &amp;&amp; c":                         "a <b> && c",
		"&amp;lt; stays what was typed":                    "&lt; stays what was typed",
		"&lt;@U1&gt; was typed, not picked":                "<@U1> was typed, not picked",
		"if a &lt; b then <https://a.example|x>":           "if a < b then x (https://a.example)",
		"<unclosed and <https://a.example> and a > too":    "<unclosed and https://a.example and a > too",

		"  spaced  ": "spaced",
		"<>":         "",
	} {
		if got := PlainText(in, "UBOT", known); got != want {
			t.Errorf("%q reads %q, want %q", in, got, want)
		}
	}
}

// Ensure that valid text stays valid, and that an escaped text stays as it was typed.
func FuzzPlainText(f *testing.F) {
	for _, seed := range []string{"<@UBOT> a &lt; b", "<https://a.example|x>", "<!subteam^S|@x>", "<<@UBOT>>", "&amp;lt;", "<|>", strings.Repeat("<@U1>", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := PlainText(text, "UBOT", known)
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("%q became broken text %q", text, got)
		}
		escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
		if got := PlainText(escaped, "UBOT", known); got != strings.TrimSpace(text) {
			t.Errorf("%q, as Slack escapes it, reads %q", text, got)
		}
	})
}

func TestMentions(t *testing.T) {
	if Mentions("<@UBOT2> hi", "UBOT") || Mentions("hi", "") || !Mentions("hi <@UBOT>", "UBOT") {
		t.Error("a mention is confused with a similar text")
	}
}
