package blocks

import "enjobridge/enjo"

// markupExamples are answers with markup that agents write although it is not
// correct Markdown.
func markupExamples() []Example {
	answer := func(name, description, text string) Example {
		view := AnswerView{Reply: enjo.Reply{Text: text}}
		var all []Message
		for _, as := range []Rendering{Rich, Mrkdwn, Plain} {
			all = append(all, Answer(view, as)...)
		}
		return messageExample(name, description, all...)
	}
	cited := AnswerView{Reply: enjo.Reply{Text: exampleCitations, Sources: exampleSources(3)}}
	var citations []Message
	for _, as := range []Rendering{Rich, Markdown, Mrkdwn, Plain} {
		citations = append(citations, Answer(cited, as)...)
	}
	return []Example{
		messageExample("answer-citations", "Markers that refer to sources; in four renderings.", citations...),
		answer("answer-links", "Links with spaces in their targets; in three renderings.", exampleLinks),
		answer("answer-emoji", "Emoji, and text that looks like them; in three renderings.", exampleEmoji),
		answer("answer-references", "Reference links and footnotes; in three renderings.", exampleReferences),
		answer("answer-thought", "What the model thought is hidden; in three renderings.", exampleThought),
		answer("answer-escaped", "An answer that is escaped as a whole; in three renderings.", exampleEscaped),
		answer("answer-mrkdwn-text", "An answer in Slack's own markup; in three renderings.", exampleMrkdwn),
		answer("answer-addresses", "Labels that look like another address have their target, others do not; in three renderings.", exampleAddresses),
		answer("answer-lists", "Lists as agents indent them; in three renderings.", exampleLists),
		answer("answer-items", "Items that start with a heading, code, a quote or a table; in three renderings.", exampleItems),
		answer("answer-table-pipes", "A table with too many pipes; in three renderings.", examplePipes),
	}
}

const exampleLinks = `Read the [VPN guide](https://acme.sharepoint.com/sites/IT/Shared Documents/VPN guide (2026).pdf "Version 3")
and the [form](<https://acme.sharepoint.com/sites/IT/Forms/New device.aspx>).`

const examplePipes = `Ports of the VPN:
| Port | Protocol |
|------|---|---|
| 443 | TCP ||
| 500 | UDP | IKE |
| 4500 | UDP |
Check with a command:
` + "| System | Command |\n|---|---|\n| Linux | `ss -tln | grep 443` |\n"

const exampleLists = `1. Open the settings
  - on Windows: **Start**, then **Settings**
  - on macOS: the Apple menu
    1. **System Settings**
    2. **Network**
2. Choose **VPN**
10. Restart
  - and wait
`

const exampleItems = "1. ### Install\n   Run the installer.\n2. ```sh\n   vpn connect\n   ```\n3. > Enter your PIN.\n\n   It is in the letter.\n" +
	"4. | Key | Use |\n   |---|---|\n   | F1 | Help |\n5. Done\n\n- a\n  - ```\n    nested code\n    ```\n  - b\n"

const exampleAddresses = `Install [Node.js](https://nodejs.org) as in [README.md](https://github.com/acme/vpn/blob/main/README.md), version [v1.2.3](https://dl.acme.com).
Ask [help.acme.com/vpn.html](https://help.acme.com/vpn.html) or [support+vpn@acme.com](mailto:support+vpn@acme.com).
Do not trust [bank.example/login](https://evil.example), [github.md/login](https://evil.example) or [boss@bank.example](mailto:thief@evil.example).`

const exampleCitations = `Choose **Forgot password** [1]. The link works for 15 minutes [2, 3].
Write to the service desk【4:1†How to reset a password, part 1】 or see【4:2†handbook.pdf】; list[1] is no source.`

const (
	exampleThought = "<think>The user wants a password.</think>\nUse *Self Service*."
	exampleEscaped = `Do this:\n\n1. Open **Settings**\n2. Choose C:\new\name\n\nDone.`
)

const exampleMrkdwn = `*Reset your password*
• Open <https://it.example.com/self|Self Service>
• Choose *Forgot password*, ~not~ _Change password_
   ◦ the link works for 15 minutes`

const exampleReferences = `Read [the guide][guide] first[^1], or the [FAQ].

[guide]: https://it.example.com/guide "Version 3"
[faq]: https://it.example.com/faq
[unused]: https://it.example.com/unused
[^1]: It takes *ten* minutes.`

const exampleEmoji = `## :rocket: Getting started

- :white_check_mark: Your account is **ready**
- :warning: At 10:30:45 the server fe80::a:b:c restarts
- :wave::skin-tone-3: Ask for ` + "`:param:`" + ` :custom_acme_logo:

| Step | State |
|---|---|
| 1 | :heavy_check_mark: |
`
