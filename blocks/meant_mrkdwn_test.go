package blocks

import "testing"

// Ensure that an answer in mrkdwn is shown as in Slack, and one in Markdown is
// not changed.
func TestAnswersInMrkdwn(t *testing.T) {
	for text, want := range map[string]string{
		"*Steps:*\nOpen <https://x.example|the guide>, _now_ or ~never~.": "*Steps:*\nOpen <https://x.example|the guide>, _now_ or ~never~.",
		"Do *this* <https://x.example|here> and *that*.":                  "Do *this* <https://x.example|here> and *that*.",
		"*Title*\n• *a* b\n• c":                                           "*Title*\n• *a* b\n• c",
		"*Title*\n`*x*` and\n```\n*y*\n```":                               "*Title*\n`*x*` and\n```\n*y*\n```",
		"*Note:* 5*3*2 and *x":                                            "*Note:* 5*3*2 and *\u200Ax",
		"• a\n• b":                                                        "• a\n• b",
		"a:\n• b\n   ◦ c\n• d":                                            "a:\n• b\n    ◦ c\n• d",
		"•a\n•b":                                                          "• a\n• b",
		// Markdown.
		"*Important*\n":                          "_Important_",
		"Restart it.\n\n*This takes a minute.*":  "Restart it.\n_This takes a minute._",
		"This is *important*.":                   "This is _important_.",
		"**a** and *b* <https://x.example|here>": "*a* and _b_ <https://x.example|here>",
		"*a* [b](https://x.example)":             "_a_ <https://x.example|b>",
		"# Title\n*a*":                           "*Title*\n_a_",
		"* *a*\n* b":                             "• _a_\n• b",
		"```\n• a\n```":                          "```\n• a\n```",
		"a • b":                                  "a • b",
		"\n    • code":                           "```\n• code\n```",
	} {
		got := ""
		for i, b := range parse(meant(text)) {
			if i > 0 {
				got += "\n"
			}
			got += asMrkdwn.write(b)
		}
		if got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}
