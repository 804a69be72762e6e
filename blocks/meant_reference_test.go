package blocks

import "testing"

// Ensure that used references become links and used footnotes readable, and
// that nothing else changes.
func TestReferences(t *testing.T) {
	for text, want := range map[string]string{
		"[][test] or a[][1].\n\n[test]: https://x.example\n[1]: https://y.example": "test (https://x.example) or a[][1] (https://y.example).",
		"See [the guide][1].\n\n[1]: https://x.example":                            "See the guide (https://x.example).",
		"See [Guide][].\n\n[guide]: https://x.example \"Title\"":                   "See Guide (https://x.example) (Title).",
		"See [guide].\n\n[Guide]: <https://x.example/a b>":                         "See guide (https://x.example/a%20b).",
		"See [1] and [2].\n[1]: https://x.example\n[2]: https://y.example":         "See [1] (https://x.example) and [2] (https://y.example).",
		"![a][i]\n\n[i]: https://x.example/i.png":                                  "a (https://x.example/i.png)",
		"[i]: https://x.example\n\nSee [a][I].":                                    "See a (https://x.example).",
		"> See [a][1].\n>\n> [1]: https://x.example":                               "> See a (https://x.example).",
		"- See [a][1].\n\n[1]: www.x.example":                                      "• See a (www.x.example).",
		"**[a][1]**\n\n[1]: https://x.example":                                     "a (https://x.example)",
		"Text[^1].\n\n[^1]: The note.":                                             "Text¹.\n\n¹ The note.",
		"A[^a], b[^b].\n\n[^a]: One.\n[^b]: See [it](https://x.example).":          "A¹, b².\n\n¹ One.\n² See it (https://x.example).",
		"A[^12] b[^12]\n\n[^12]: x":                                                "A¹² b¹²\n\n¹² x",
		// Unused, undefined, in code, and definitions of other things.
		"Text.\n\n[1]: https://x.example":                            "Text.\n\n[1]: https://x.example",
		"Text.\n\n[^1]: The note.":                                   "Text.\n\n[^1]: The note.",
		"See [a][2] and [3].\n\n[1]: https://x.example":              "See [a][2] and [3].\n\n[1]: https://x.example",
		"See [^2].\n\n[^1]: x":                                       "See [^2].\n\n[^1]: x",
		"`[a][1]`\n\n[1]: https://x.example":                         "[a][1]\n\n[1]: https://x.example",
		"```\n[a][1]\n```\n[1]: https://x.example":                   "[a][1]\n\n[1]: https://x.example",
		"[a](https://y.example) x\n\n[a]: https://x.example":         "a (https://y.example) x\n\n[a]: https://x.example",
		"[INFO] a\n[INFO]: started":                                  "[INFO] a\n[INFO]: started",
		"See [a].\n\n[a]: https://x.example\n[a]: https://y.example": "See a (https://x.example).\n\n[a]: https://y.example",
	} {
		if got := shownAsPlain(parse(meant(text))); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}
