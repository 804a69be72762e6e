package blocks

import (
	"strings"
	"testing"
)

func TestSafeURL(t *testing.T) {
	for raw, want := range map[string]string{
		"https://x.example/a?b=1&c=2#d":      "https://x.example/a?b=1&c=2#d",
		"HTTP://X.example":                   "http://X.example",
		"https://x.example/a|b<c>":           "https://x.example/a%7Cb%3Cc%3E",
		"https://x.example/a (1).pdf":        "https://x.example/a%20%281%29.pdf",
		"https://x.example/?q=a|b<c>":        "https://x.example/?q=a%7Cb%3Cc%3E",
		"https://x.example/?q=[a]*`":         "https://x.example/?q=%5Ba%5D%2A%60",
		"https://x.example:8443/a%20b":       "https://x.example:8443/a%20b",
		"https://bücher.example/":            "https://bücher.example/",
		" mailto:a@x.example ":               "mailto:a@x.example",
		"javascript:alert(1)":                "",
		"JavaScript:alert(1)":                "",
		"java\nscript:alert(1)":              "",
		"data:text/html,x":                   "",
		"vbscript:x":                         "",
		"file:///etc/passwd":                 "",
		"ftp://x.example":                    "",
		"slack://open":                       "",
		"//x.example":                        "",
		"/relative":                          "",
		"#anchor":                            "",
		"":                                   "",
		"https://":                           "",
		"https:///path":                      "",
		"https:x.example":                    "",
		`https://good.example\@evil.example`: "",
		"https://[::1]/":                     "",
		"https://%22":                        "",
		"mailto:nobody":                      "",
		"https://x.example/" + strings.Repeat("a", urlLimit): "",
	} {
		got, ok := safeURL(raw)
		if ok != (want != "") || (ok && got != want) {
			t.Errorf("safeURL(%.60q) = %q, %v; want %q", raw, got, ok, want)
		}
	}
}

func TestMisleads(t *testing.T) {
	tests := []struct {
		label, url string
		want       bool
	}{
		{"the docs", "https://x.example", false},
		{"x.example", "https://x.example/a", false},
		{"www.x.example", "https://x.example", false},
		{"x.example", "https://docs.x.example", false},
		{"https://x.example/see/bank.example", "https://x.example/see/bank.example", false},
		{"jane@x.example", "mailto:jane@x.example", false},
		{"bank.example", "https://evil.example", true},
		{"Log in at BANK.example now", "https://evil.example", true},
		{"https://bank.example/login", "https://evil.example", true},
		{"bank\u3002example", "https://evil.example", true},
		{"ba\u200Bnk.example", "https://evil.example", true},
		{"b\u00ADank.exam\u00ADple", "https://evil.example", true},
		{"x.example", "https://x.example.evil.test", true},
		{"example", "https://evil.test", false},
		{"boss@bank.example", "mailto:thief@evil.example", true},
		{"sign in", "https://bank.example@evil.example/", true},
		{"https://intranet/login", "https://evil.example", true},
		{"https://intranet/login", "https://intranet/a", false},
		{"(see https://intranet)", "https://intranet", false},
		{"https://x.example", "https://x.example.evil.test", true},
		{"https://evil.example/ bank.example", "https://evil.example", true},
		{"https://evil.example@bank.example", "https://evil.example", true},
		{"https://evil.example\\@bank.example", "https://evil.example", false},
		{"https://x.example:8443/a", "https://x.example:8443/", false},
		{"localhost", "https://evil.example", true},
		{"localhost:8080/a", "https://evil.example", true},
		{"localhost", "http://localhost/a", false},
		{"intranet:8080/login", "https://evil.example", true},
		{"intranet:8080/login", "https://intranet:8080/login", false},
		{"[::1]", "https://evil.example", true},
		{"10.0.0.1", "https://evil.example", true},
		{"at 10:30, Room: 5, Step 3: a/b", "https://x.example", false},
		{"v1.2", "https://evil.example", false},
		{"bank\u034F.example", "https://evil.example", true},
		{"bank\uFE0F.example", "https://evil.example", true},
		{"bank\u2063.example", "https://evil.example", true},
		{"bank\u2066.\u2069example", "https://evil.example", true},
		{"bank\u200A.\u202Fexample", "https://evil.example", true},
		{"bank\uFE52example", "https://evil.example", true},
		{"bank\uA4F8example", "https://evil.example", true},
		{"bank\u00B7example", "https://evil.example", true},
		{"loc\u00ADalhost", "https://evil.example", true},
		{"paypal.com", "https://p\u0430ypal.com", true},
		{"p\u0430ypal.com", "https://p\u0430ypal.com", true},
		{"p\u0430ypal.com", "https://xn--pypal-4ve.com", true},
		{"log in", "https://p\u0430ypal.com", false},
		{"b\u00FCcher.example", "https://b\u00FCcher.example", false},
		{"BU\u0308CHER.example", "https://b\u00FCcher.example", false},
	}
	for _, tt := range tests {
		if got := misleads(tt.label, tt.url); got != tt.want {
			t.Errorf("misleads(%q, %q) = %v", tt.label, tt.url, got)
		}
	}
}

// Ensure that links are rendered correctly; each block is one line of plain
// text.
func TestLinks(t *testing.T) {
	for markdown, want := range map[string]string{
		"[a](https://x.example)":                                                             "a (https://x.example)",
		"[a](<https://x.example/b c>)":                                                       "a (https://x.example/b%20c)",
		`[a](https://x.example "b")`:                                                         "a (https://x.example) (b)",
		"[bank.example](https://evil.example)":                                               "bank.example (https://evil.example) (evil.example)",
		"[a](javascript:alert(1))":                                                           "a (javascript:alert(1))",
		"[a](/docs)":                                                                         "a (/docs)",
		"[](https://x.example)":                                                              "https://x.example",
		"![a](https://x.example/i.png)":                                                      "a (https://x.example/i.png)",
		"![](https://x.example/i.png)":                                                       "https://x.example/i.png",
		"[![a](https://x.example/i.png)](https://y.example)":                                 "a (https://y.example)",
		"[a **b** c](https://x.example)":                                                     "a b c (https://x.example)",
		"[a <https://y.example> b](https://x.example)":                                       "a https://y.example b (https://x.example) (x.example)",
		"[see https://y.example](https://x.example)":                                         "see https://y.example (https://x.example) (x.example)",
		`[![a](https://x.example/i.png "t")](https://y.example)`:                             "a (t) (https://y.example)",
		`<a href="https://x.example">a <https://y.example> b</a>`:                            "a https://y.example b (https://x.example) (x.example)",
		`<a href="https://x.example/a">https://x.example/a</a>`:                              "https://x.example/a",
		`<a href="https://x.example/secret">read [this](https://y.example) first</a>`:        "read this (https://y.example) first (https://x.example/secret)",
		`<a href="javascript:x">read [this](https://y.example) first</a>`:                    "read this (https://y.example) first (javascript:x)",
		`[read <a href="https://y.example">this</a>](https://x.example "t")`:                 "read this (https://y.example) (https://x.example) (t)",
		"[bank](https://evil.example)[.example/login](https://evil.example)":                 "bank.example/login (https://evil.example) (evil.example)",
		"[bank](https://evil.example/1)[.example](https://evil.example/2)":                   "bank (https://evil.example/1) (evil.example).example (https://evil.example/2) (evil.example)",
		"[bank.](https://evil.example)**[example](https://evil.example)**":                   "bank.example (https://evil.example) (evil.example)",
		"https://bank.[example/login](https://evil.example)":                                 "https://bank.example/login (https://evil.example) (evil.example)",
		"[bank](https://evil.example).example":                                               "bank (https://evil.example) (evil.example).example",
		`<a href="https://evil.example">bank</a><a href="https://evil.example">.example</a>`: "bank.example (https://evil.example) (evil.example)",
		"[p\u0430ypal.com](https://p\u0430ypal.com)":                                         "p\u0430ypal.com (https://p\u0430ypal.com) (xn--pypal-4ve.com)",
		"<https://x.example>":                                                                "https://x.example",
		"<https://x.example|two words>":                                                      "two words (https://x.example)",
		"<mailto:a@x.example|write>":                                                         "write (mailto:a@x.example)",
		"<a@x.example>":                                                                      "a@x.example",
		"see https://x.example/a_b_c, then":                                                  "see https://x.example/a_b_c, then",
		"www.x.example":                                                                      "www.x.example (http://www.x.example)",
		`<a href="https://x.example?a=1&amp;b=2">c</a>`:                                      "c (https://x.example?a=1&b=2)",
		`<a href='javascript:x'>c</a>`:                                                       "c (javascript:x)",
		`<a name="x">c</a>`:                                                                  "c",
		`<a href="https://x.example">c`:                                                      "c (https://x.example)",
		`<img alt="c" src="https://x.example/i.png">`:                                        "c (https://x.example/i.png)",
		"[a][b]\n\n[b]: https://x.example":                                                   "[a][b]\n[b]: https://x.example",
	} {
		var got []string
		for _, b := range parse(markdown) {
			got = append(got, asPlain.write(b))
		}
		if s := strings.Join(got, "\n"); s != want {
			t.Errorf("%s\n got %q\nwant %q", markdown, s, want)
		}
	}
}

// Ensure that the shown target of a link is the host as in DNS, or the end of a
// long one.
func TestTarget(t *testing.T) {
	for url, want := range map[string]string{
		"https://X.example:8443/a":                               "x.example",
		"mailto:a@x.example":                                     "a@x.example",
		"https://p\u0430ypal.com":                                "xn--pypal-4ve.com",
		"https://\uFF58.example":                                 "x.example",
		"https://" + strings.Repeat("a", 1400) + ".evil.example": "…" + strings.Repeat("a", targetLimit-13) + ".evil.example",
	} {
		if got := target(url); got != want {
			t.Errorf("target(%.60q) = %q, want %q", url, got, want)
		}
	}
}
