package blocks

import "enjobridge/enjo"

// verbatimExamples are answers of which other converters lose text.
func verbatimExamples() []Example {
	var all []Message
	for _, as := range []Rendering{Rich, Mrkdwn, Plain} {
		all = append(all, Answer(AnswerView{Reply: enjo.Reply{Text: exampleVerbatim}}, as)...)
	}
	return []Example{messageExample("answer-verbatim", "Fences with text, paths, patterns and East Asian text; in three renderings.", all...)}
}

const exampleVerbatim = "Password:\n```hunter2\n```\nRun ```sh\nls -l\n``` now. " +
	"```python title=\"reset.py\" linenos\nprint(1)\n```\n" + `
Open \\fileserver\public, then C:\Users\bob\_tmp and %APPDATA%\.config as DOMAIN\_svc.
The pattern is \d+\.\d+, and the formula \( a^2 \). This is \*not bold\*, and snake\_case.

**注意：**请先备份，详见https://kb.example.com/backup。비밀번호**(필수)**를 입력하세요. ~~（削除）~~ **Note:**Please wait.

URL:https://kb.example.com/vpn or "https://kb.example.com/mfa" (https://kb.example.com/faq).
`
