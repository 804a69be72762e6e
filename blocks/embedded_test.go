package blocks

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	"enjobridge/enjo"
)

// encoded returns so many random bytes as base64.
func encoded(n int) string {
	data := make([]byte, n)
	random := rand.NewChaCha8([32]byte{7})
	_, _ = random.Read(data)
	return base64.StdEncoding.EncodeToString(data)
}

// wrapped returns text in lines of 76 characters.
func wrapped(text string) string {
	var out strings.Builder
	for ; len(text) > 76; text = text[76:] {
		out.WriteString(text[:76] + "\n")
	}
	return out.String() + text
}

// Ensure that embedded data is shown as its beginning and its size, and that the text
// around it stays.
func TestEmbeddedDataIsShortened(t *testing.T) {
	image := "data:image/png;base64," + encoded(60_000)
	for name, test := range map[string]struct{ text, want string }{
		"image":              {"Click ![the green button](" + image + ") twice.", "Click the green button (embedded image, 60 kB) twice."},
		"image with a title": {"See ![a](" + image + ` "the title").`, "See a (embedded image, 60 kB) (the title)."},
		"image without text": {"See ![](" + image + ").", "See embedded image, 60 kB."},
		"image of HTML":      {`Click <img alt="the button" src="` + image + `"> twice.`, "Click the button (embedded image, 60 kB) twice."},
		"image in a link":    {"[![a](" + image + ")](https://x.example/y) b", "a (https://x.example/y) b"},
		"reference":          {"a " + image + " b", "a data:image/png;base64," + encoded(60_000)[:8] + "…\u00A0(60\u00A0kB) b"},
		"wrapped":            {"a data:image/png;base64,\n" + wrapped(encoded(600)) + "\nb", "a data:image/png;base64," + encoded(600)[:8] + "…\u00A0(1\u00A0kB)\nb"},
		"file":               {"[the log](data:text/plain;base64," + encoded(2_000_000) + ")", "the log (embedded file, 2.0 MB)"},
		"encoded by percent": {"a data:image/svg+xml," + strings.Repeat("%3Csvg%3E", 100) + " b", "a data:image/svg+xml,%3Csvg%3…\u00A0(1\u00A0kB) b"},
		"small image":        {"![dot](data:image/gif;base64,R0lGODlhAQABAAAAACw=)", "dot (embedded image, 1 kB)"},
		"base64":             {"a " + encoded(3000) + " b", "a " + encoded(3000)[:8] + "…\u00A0(3\u00A0kB) b"},
		"two":                {encoded(3000) + "|data:a/b;base64," + encoded(3000), encoded(3000)[:8] + "…\u00A0(3\u00A0kB)|data:a/b;base64," + encoded(3000)[:8] + "…\u00A0(3\u00A0kB)"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Answer(AnswerView{Reply: enjo.Reply{Text: test.text}}, Plain)[0].Blocks[:1]
			if shown := strings.TrimSpace(shown(Message{Blocks: got})); shown != test.want {
				t.Errorf("shown as %.300q, want %q", shown, test.want)
			}
			for _, as := range renderings[:AsFile] {
				if n := len(Answer(AnswerView{Reply: enjo.Reply{Text: test.text}}, as)); n != 1 {
					t.Errorf("%s: %d messages", as, n)
				}
			}
		})
	}
}

// Ensure that text that people copy stays whole: keys, tokens, code, numbers, words.
func TestTextThatIsCopiedIsNotShortened(t *testing.T) {
	for name, text := range map[string]string{
		"public key":      "ssh-rsa " + encoded(536) + " jane@x.example",
		"encoded command": "powershell -EncodedCommand " + encoded(1200),
		"code":            "```\n" + encoded(3000) + "\n```",
		"image in code":   "```html\n<img src=\"data:image/png;base64," + encoded(3000) + "\">\n```\nThat's it.",
		"number":          strings.Repeat("00ff", 600),
		"word":            strings.Repeat("a", 2500),
		"little data":     "data:image/png;base64," + encoded(150),
		"no data":         "metadata: data:, data:image/png;base64,R0lGODlhAQAB data:x",
	} {
		t.Run(name, func(t *testing.T) {
			if got := withoutEmbedded(text); got != text {
				t.Errorf("shortened to %.300q", got)
			}
		})
	}
}

// Ensure that the target of a link that is not active does not fill the answer.
func TestDeadTargetsAreShortened(t *testing.T) {
	long := strings.Repeat("abcdefghij", 300)
	for name, test := range map[string]struct{ text, want string }{
		"script":       {"[x](javascript:" + long + ")", "x (javascript:" + long[:122] + "…" + long[:50] + ")"},
		"too long":     {"[x](https://x.example/" + long + ")", "x (https://x.example/" + long[:115] + "…" + long[:50] + ")"},
		"in HTML":      {`<a href="ftp://x.example/` + long + `">x</a>`, "x (ftp://x.example/" + long[:117] + "…" + long[:50] + ")"},
		"label a link": {`<a href="file:` + long + `">x [y](https://y.example)</a>`, "x y (https://y.example) (file:" + long[:128] + "…" + long[:50] + ")"},
		"short":        {"[x](file://server/share/a)", "x (file://server/share/a)"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Answer(AnswerView{Reply: enjo.Reply{Text: test.text}}, Plain)[0].Blocks[:1]
			if shown := strings.TrimSpace(shown(Message{Blocks: got})); shown != test.want {
				t.Errorf("shown as %q, want %q", shown, test.want)
			}
		})
	}
}
