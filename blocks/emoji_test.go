package blocks

import (
	"strings"
	"testing"

	"enjobridge/enjo"
)

// Ensure that the short names of emoji are found, and nothing else.
func TestEmoji(t *testing.T) {
	for text, want := range map[string]string{
		":tada:":                          "(:tada:)",
		"Done :white_check_mark: now":     "Done (:white_check_mark:) now",
		":tada::tada: :+1:":               "(:tada:)(:tada:) (:+1:)",
		":wave::skin-tone-3: hi":          "(:wave::skin-tone-3:) hi",
		"**:warning: Note:** a":           "(:warning:) Note: a",
		"(:tada:), :100:.":                "((:tada:)), (:100:).",
		"好:tada:的":                        "好(:tada:)的",
		"- :x: a\n- b":                    "(:x:) a\nb",
		"|:tada:|a|\n|-|-|\n|:x:|b|":      "(:tada:)|a|\n(:x:)|b|",
		"# :tada: Title":                  "(:tada:) Title",
		"At 10:30:45, a:b:c":              "At 10:30:45, a:b:c",
		"std::vector::size":               "std::vector::size",
		"fe80::a:b:c and 2001:db8:ab:c::": "fe80::a:b:c and 2001:db8:ab:c::",
		"`:param:` ::x:: a:tada: :tada:a": ":param: ::x:: a:tada: :tada:a",
		"```\n:param:\n```":               ":param:",
		"[:tada:](https://x.example)":     ":tada:",
		":30: :Big: :a b:":                ":30: :Big: :a b:",
		"🎉 :":                             "🎉 :",
	} {
		if got := strings.TrimSpace(withMarkedEmoji(annotate(parse(text), nil))); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}

// withMarkedEmoji returns the text of blocks, with each emoji in brackets.
func withMarkedEmoji(blocks []block) string {
	var out strings.Builder
	add := func(spans []span) {
		for _, s := range spans {
			if s.emoji {
				s.text = "(" + s.text + ")"
			}
			out.WriteString(s.text)
		}
	}
	for _, b := range blocks {
		switch b := b.(type) {
		case paragraph:
			add(b.text)
		case heading:
			add(b.text)
		case code:
			out.WriteString(b.text)
		case list:
			for _, it := range b.items {
				out.WriteString(withMarkedEmoji(it.blocks))
			}
		case table:
			for _, row := range b.rows {
				for _, c := range row {
					add(c)
					out.WriteString("|")
				}
				out.WriteString("\n")
			}
		}
		if !strings.HasSuffix(out.String(), "\n") {
			out.WriteString("\n")
		}
	}
	return out.String()
}

// Ensure that emoji are emoji in each rendering, and that text that looks like
// them is text.
func TestEmojiInRenderings(t *testing.T) {
	for _, tt := range []struct {
		text string
		as   Rendering
		want string
	}{
		{"Done :tada: <b>x</b> a:b:c", Rich, `{"type":"emoji","name":"tada"}`},
		{"Done :tada:", Rich, `"text":"Done :tada:"`},
		{"1. # x\n2. :wave::skin-tone-3:", Rich, `{"type":"emoji","name":"wave","skin_tone":3}`},
		{"|a|\n|-|\n|:tada: a:b:c|", Rich, `{"type":"emoji","name":"tada"}`},
		{"# :tada: \\*a\\*", Rich, `"text":":tada: *a*","emoji":true`},
		{"Done :white_check_mark:", Mrkdwn, `"text":"Done :white_check_mark:"`},
		{"It is a:b:c.", Mrkdwn, "\"text\":\"It is a:\u200Bb:c.\""},
		{"At fe80::a:b:c.", Mrkdwn, "\"text\":\"At fe80::\u200Ba:\u200Bb:c.\""},
		{"Done :tada:", Plain, `"text":"Done :tada:","emoji":true`},
		{"Done :tada: at fe80::a:b:c.", Plain, "\"text\":\"Done :tada: at fe80::\u200Ba:\u200Bb:c.\""},
		{"```\n:param:\n```", Plain, "\"text\":\":\u200Bparam:\""},
		{"https://kb.example.com/:a:", Plain, `"text":"https://kb.example.com/:a:"`},
	} {
		m := Answer(AnswerView{Reply: enjo.Reply{Text: tt.text}}, tt.as)[0]
		if got := compact(t, m.Blocks[0]); !strings.Contains(got, tt.want) {
			t.Errorf("%q, %s: %s", tt.text, tt.as, got)
		}
	}
}
