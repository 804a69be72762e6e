package blocks

import (
	"encoding/json"
	"strings"
	"testing"

	"enjobridge/enjo"
)

// cited are the sources of the answers below.
var cited = []enjo.Source{
	{Name: "VPN guide", URL: "https://kb.example/vpn"},
	{Name: "vpn.pdf", URL: "https://kb.example/files/1"},
	{Name: "The handbook"},
	{Name: "Policy", URL: "https://kb.example/IT%20policy.docx"},
	{Name: "bank.example", URL: "https://evil.example"},
	{},
}

// Ensure that markers of sources become citations, and nothing else does.
func TestCitations(t *testing.T) {
	for markdown, want := range map[string]string{
		"Use it [1].":             "Use it <https://kb.example/vpn|[1]>.",
		"Use it.[1][2]":           "Use it.<https://kb.example/vpn|[1]><https://kb.example/files/1|[2]>",
		"Use it [1, 2] and [^1^]": "Use it <https://kb.example/vpn|[1]><https://kb.example/files/1|[2]> and <https://kb.example/vpn|[1]>",
		"Use it [1-2]":            "Use it <https://kb.example/vpn|[1]><https://kb.example/files/1|[2]>",
		"Use it [^2]":             "Use it <https://kb.example/files/1|[2]>",
		"**Use it [1]**":          "*Use it* *<https://kb.example/vpn|[1]>*",
		"(see [1])":               "(see <https://kb.example/vpn|[1]>)",
		"Use it\n[1]":             "Use it\n<https://kb.example/vpn|[1]>",
		"设置[1]。":                  "设置<https://kb.example/vpn|[1]>。",
		"See [3].":                "See [3: The handbook].",
		"Use it【4:0†vpn.pdf】.":    "Use it <https://kb.example/files/1|[vpn.pdf]>.",
		"Use it 【4:0†VPN.pdf】【4:1†vpn.pdf】": "Use it <https://kb.example/files/1|[VPN.pdf]><https://kb.example/files/1|[vpn.pdf]>",
		"Use it【1†source】":                  "Use it <https://kb.example/vpn|[1]>",
		"Use it【1】":                         "Use it <https://kb.example/vpn|[1]>",
		"Use it【1†L12-L20】":                 "Use it <https://kb.example/vpn|[1]>",
		"Use it【7†vpn.pdf†L12-L20】":         "Use it <https://kb.example/files/1|[vpn.pdf]>",
		"Use it【0:1†IT policy.docx】":        "Use it <https://kb.example/IT%20policy.docx|[IT policy.docx]>",
		"Use it【0:1†VPN guide.md】":          "Use it <https://kb.example/vpn|[VPN guide.md]>",
		"Use it【0:1†The handbook】":          "Use it [The handbook]",
		"Use it【0:1†bank.example】":          "Use it <https://evil.example|[bank.example]> (evil.example)",
		"- a [1]\n- b":                      "• a <https://kb.example/vpn|[1]>\n• b",
		"> a [1]":                           ">a <https://kb.example/vpn|[1]>",
		"# a [1]":                           "*a* *<https://kb.example/vpn|[1]>*",
		// Not a citation: of no source, in code, in a word, a link.
		"Use it 【4:0†other.pdf】.":    "Use it (other.pdf).",
		"Use it【4:0†source】":         "Use it (source)",
		"Use it【2††0】【2†a†0】":        "Use it【2††0】【2†a†0】",
		"Use it【9】":                  "Use it【9】",
		"Use it [7] [0] [6]":         "Use it [7] [0] [6]",
		"Use it [1, 7]":              "Use it [1, 7]",
		"Use it [2-1]":               "Use it [2-1]",
		"`a[1]` and list[1] a[0][1]": "`a[1]` and list[1] a[0][1]",
		"```\n[1]\n```":              "```\n[1]\n```",
		"[1](https://y.example)":     "<https://y.example|1>",
		"[a] [x] [1a] [01]":          "[a] [x] [1a] [01]",
	} {
		got := ""
		for _, b := range annotate(parse(markdown), cited) {
			got += asMrkdwn.write(b)
		}
		if got != want {
			t.Errorf("%s\n got %q\nwant %q", markdown, got, want)
		}
	}
}

// Ensure that "[1]" without sources is text.
func TestCitationsWithoutSources(t *testing.T) {
	const text = "Use it [1][2] and [^1^]."
	if got := shownAsPlain(annotate(parse(text), nil)); got != text {
		t.Errorf("got %q", got)
	}
}

// Ensure that a citation is Slack's element only in the first rendering, and
// has the source's name where there are no links.
func TestCitationsInRenderings(t *testing.T) {
	reply := enjo.Reply{Text: "Use it [1] now.", Sources: cited}
	for as, want := range map[Rendering]string{
		Rich:     `{"type":"citation","url":"https://kb.example/vpn","text":"1","index":1,"details":{"citation_type":"web","display_name":"VPN guide"}}`,
		Markdown: `{"type":"link","url":"https://kb.example/vpn","text":"[1]"}`,
		Mrkdwn:   `"Use it \u003chttps://kb.example/vpn|[1]\u003e now."`,
		Plain:    `"Use it [1: VPN guide] now."`,
	} {
		m := Answer(AnswerView{Reply: reply}, as)[0]
		if got := compact(t, m.Blocks[0]); !strings.Contains(got, want) {
			t.Errorf("%s: %s", as, got)
		}
		if !strings.HasPrefix(m.Text, "Use it [1: VPN guide] now.") {
			t.Errorf("%s: the text is %q", as, m.Text)
		}
	}
}

func compact(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
