package blocks

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"enjobridge/enjo"
)

// typical is a typical agent's answer, about 1 kB.
const typical = `## Reset your password

To reset **your own** password, open [Self Service](https://it.example.com/self?lang=en) and do this:

1. Choose *Forgot password*.
2. Enter your e-mail address, such as ` + "`jane@example.com`" + `.
3. Follow the link within 15 minutes:
   - on a laptop, in any browser;
   - on a phone, in **Safari** or **Chrome**.

> The link works once. Ask for another if it has expired.

If that fails, run this on your machine and send us what it prints:

` + "```sh\nsudo authctl status --user \"$USER\" > auth.txt\ncat auth.txt\n```" + `

| System | Where | Takes |
|---|---|--:|
| E-mail | Self Service | 1 min |
| VPN | IT portal | 5 min |
| SAP | by phone | 1 day |

See also https://it.example.com/faq and <https://it.example.com/vpn|the guide to VPN>.
`

func render(b *testing.B, text string) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Answer(AnswerView{Reply: enjo.Reply{Text: text}, Question: "q"}, Rich)
	}
}

func BenchmarkAnswer(b *testing.B) {
	for _, size := range []int{1_000, 10_000, 100_000, 1_000_000} {
		text := strings.Repeat(typical, size/len(typical)+1)[:size]
		b.Run(fmt.Sprintf("%dkB", size/1000), func(b *testing.B) { render(b, text) })
	}
}

// BenchmarkHostile shows that time grows linearly with the size of a text: both
// sizes should take the same time per byte.
func BenchmarkHostile(b *testing.B) {
	for _, size := range []int{100_000, 1_000_000} {
		texts := hostile(size)
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			b.Run(fmt.Sprintf("%s/%dkB", strings.ReplaceAll(name, " ", "-"), size/1000), func(b *testing.B) {
				render(b, texts[name])
			})
		}
	}
}
