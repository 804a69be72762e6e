package blocks

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outline returns blocks as text in which code stands in brackets, after its
// language.
func outline(blocks []block) string {
	texts := make([]string, len(blocks))
	for i, b := range blocks {
		switch b := b.(type) {
		case code:
			texts[i] = b.lang + "[" + b.text + "]"
		case quote:
			texts[i] = "> " + outline(b.blocks)
		case list:
			var items []string
			for _, it := range b.items {
				items = append(items, "- "+outline(it.blocks))
			}
			texts[i] = strings.Join(items, " ")
		case paragraph:
			texts[i] = spansAsText(b.text)
		default:
			texts[i] = asPlain.write(b)
		}
	}
	return strings.Join(texts, " / ")
}

// spansAsText returns spans with backticks around code.
func spansAsText(spans []span) string {
	var out strings.Builder
	for _, s := range spans {
		if s.style.has(monospace) {
			s.text = "`" + s.text + "`"
		}
		out.WriteString(s.text)
	}
	return out.String()
}

// Ensure that no text on the line of a fence is lost, and that a language is
// not taken for text.
func TestFences(t *testing.T) {
	for markdown, want := range map[string]string{
		// An info string without a body is content.
		"Password:\n```hunter2\n```\nEnter it.":         "Password: / [hunter2] / Enter it.",
		"Password:\n~~~hunter2\n~~~\nEnter it.":         "Password: / [hunter2] / Enter it.",
		"> Password:\n> ```hunter2\n> ```\n> Enter it.": "> Password: / [hunter2] / Enter it.",
		"> > ~~~hunter2\n> > ~~~\n> Enter it.":          "> > [hunter2] / Enter it.",
		"- Password:\n  ```hunter2\n  ```\n  Enter it.": "- Password: / [hunter2] / Enter it.",
		"1. ```hunter2\n   ```\n2. Enter it.":           "- [hunter2] - Enter it.",
		"```ls -l /tmp\n```":                            "[ls -l /tmp]",
		"```ls -l /tmp\n\n\n```\na":                     "[ls -l /tmp] / a",
		"```python\n```":                                "[python]",
		"```7":                                          "[7]",
		"~~~ 7":                                         "[7]",
		"```hunter2":                                    "[hunter2]",
		"a\n```python":                                  "a / [python]",
		"```python title=\"x.py\"\n```":                 "[python title=\"x.py\"]",
		"```a\\*b &amp; c\n```":                         `[a\*b &amp; c]`,
		"~~~hunter2~~~\nEnter it.":                      "[hunter2] / Enter it.",
		"~~~ls -l~~~":                                   "[ls -l]",
		"~~~ aa ``` ~~~\nfoo\n~~~":                      "aa ``` ~~~ / [foo]",
		// One word is a language only if it is a known one.
		"```go\nx\n```":              "go[x]",
		"```Bash\nls\n```":           "Bash[ls]",
		"~~~ sh\nls\n~~~":            "sh[ls]",
		"```hunter2\nswordfish\n```": "hunter2 / [swordfish]",
		"```Password\nhunter2\n```":  "Password / [hunter2]",
		"```nginx.conf\nx\n```":      "nginx.conf / [x]",
		// A language with attributes is not text.
		"```python title=\"x.py\" linenos\nx\n```": "python[x]",
		"```sh {1,3}\nls\n```":                     "sh[ls]",
		"```js{1,3-5}\nx\n```":                     "js[x]",
		"```{.python .numberLines}\nx\n```":        "python[x]",
		"```{python}\nx\n```":                      "python[x]",
		"```language-json\nx\n```":                 "json[x]",
		"```bash copy\nx\n```":                     "bash[x]",
		"```yaml title='a b.yml' {2}\nx\n```":      "yaml[x]",
		// Other text stays, with its first word.
		"```how to do it\na\n```":       "how to do it / [a]",
		"```go to the store\nx\n```":    "go to the store / go[x]",
		"```sh {password}\nx\n```":      "sh {password} / sh[x]",
		"```python:app/main.py\nx\n```": "python:app/main.py / [x]",
		// Text after the closing fence.
		"```\nls\n``` now.":                 "[ls] / now.",
		"```sh\nls\n``` and press Enter.":   "sh[ls] / and press Enter.",
		"```sh\nls\n```, then wait.\nMore.": "sh[ls] / , then wait.\nMore.",
		"~~~\nls\n~~~ now.":                 "[ls] / now.",
		"> ```\n> ls\n> ``` now.\n\nMore":   "> [ls] / now. / More",
		"- ```\n  ls\n  ``` now.\n- b":      "- [ls] / now. - b",
		"```\nls\n``` and `pwd`\nMore":      "[ls] / and `pwd`\nMore",
		"````md\n```sh\nls\n```\n````":      "md[```sh\nls\n```]",
		"```md\n``` sh\nls\n```":            "md[``` sh\nls]",
		"````\n``` now.\n````":              "[``` now.]",
		// Code that ends in its fence.
		"```\nls -l```\nThen wait.":               "[ls -l] / Then wait.",
		"```sh\nls\npwd ```":                      "sh[ls\npwd]",
		"```\nls -l```\nThen\n```\npwd\n```\nend": "[ls -l] / Then / [pwd] / end",
		"```\na```\nb\n```\nend":                  "[a```\nb] / end",
		"~~~\nls~~~\nThen":                        "[ls] / Then",
		// A fence after text.
		"Run ```\nls\n``` now.":                      "Run / [ls] / now.",
		"Run ```\nls\n```\nThen wait.":               "Run / [ls] / Then wait.",
		"Run ```sh\n# list\n\n- ls\n```\nThen wait.": "Run / sh[# list\n\n- ls] / Then wait.",
		"First\nrun: ```ls -l\n``` now":              "First\nrun: / [ls -l] / now",
		"Run ~~~\nls\n~~~ now.":                      "Run / [ls] / now.",
		"> Run ```\n> ls\n> ``` now.":                "> Run / [ls] / now.",
		"- Run ```\n  ls\n  ``` now.\n- b":           "- Run / [ls] / now. - b",
		"Run `a` and ```\nls\n```":                   "Run `a` and / [ls]",
		"Run ```\nls\n\nno end":                      "Run ```\nls / no end",
		"Use `` ``` `` as a fence.\n```\nls\n```":    "Use ````` as a fence. / [ls]",
		"Use ```a``` and ```b```.\n```\nls\n```":     "Use `a` and `b`. / [ls]",
		"Write \\```\n```\nls\n```":                  "Write ``` / [ls]",
		"1. Run ```\nls -l\n```\nDone":               "- Run `ls -l`\nDone",
		"1. Run ```sh\nls -l\n```\nDone":             "- Run `ls -l`\nDone",
		"1. a```C\n ```":                             "- a`C`",
		"- a```\n```\nb```\nc\n```":                  "- a\nb`c`",
		// Code on one line stays in the text.
		"```ls -l```":          "`ls -l`",
		"Run ```ls -l``` now.": "Run `ls -l` now.",
		// Fences without an end.
		"```\nls\npwd":        "[ls\npwd]",
		"```sh\nls\n\n":       "sh[ls]",
		"> ```\n> ls\n\nText": "> [ls] / Text",
		"```\n```":            "```\n```",
	} {
		if diff := cmp.Diff(want, outline(parse(clean(markdown)))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", markdown, diff)
		}
	}
}
