package blocks

import (
	"strings"
	"testing"
)

// words returns blocks as plain text.
func words(blocks []block) string {
	texts := make([]string, len(blocks))
	for i, b := range blocks {
		texts[i] = asPlain.write(b)
	}
	return strings.Join(texts, "\n\n")
}

func withoutZeroWidth(s string) string {
	return strings.NewReplacer(zeroWidth, "", hairSpace, "").Replace(s)
}

// Ensure that backslashes stay in paths, accounts, patterns and formulas.
func TestBackslashesStay(t *testing.T) {
	for _, text := range []string{
		`\\fileserver\public`,
		`Open \\fileserver\public, then \\fileserver\_archive.`,
		`(\\fs01.corp.local\it\_tools)`,
		`"\\fileserver"`,
		`\\10.0.0.5\c$\_tmp`,
		`\\%SERVER%\share`,
		`\\<server>\share\_x`,
		`\\.\pipe\_app`,
		`\\?\C:\_very\_long`,
		`C:\Users\bob\_tmp`,
		`C:\_tmp`,
		`c:\*.log`,
		`D:\-backup`,
		`C:\Program Files\*.log`,
		`C:\Program Files (x86)\_old\*.dll`,
		`\\fs01\Team Docs\_archive`,
		`C:\Users\Jürgen\_tmp`,
		`C:\用户\_tmp`,
		`file:///C:\_tmp`,
		`DOMAIN\_svc`,
		`CORP-EU\_backup`,
		`corp.local\_svc`,
		`CORP\$svc`,
		`CORP\bob\_admin`,
		`%APPDATA%\.config`,
		`%ProgramFiles(x86)%\_x`,
		`~\.ssh`,
		`.\_build`,
		`..\.git`,
		`$env:TEMP\_x`,
		`$HOME\.config`,
		`${env:ProgramData}\_x`,
		`HKLM:\_Software`,
		`HKLM\Software\.x`,
		`Cert:\*`,
		`\d+\.\d+`,
		`^\d{3}\-\d{4}$`,
		`^10\.0\.0\.`,
		`[a-z]+\.log`,
		`.*\.log`,
		`192\.168\.\d+`,
		`a\.b\.c$`,
		`\.(jpg|png)`,
		`\w+@\w+\.com`,
		`\bfoo\_bar\b`,
		`\( x \)`,
		`\(x\)`,
		`\(y_1\)`,
		`\(2x+3\)`,
		`\(E = mc^2\)`,
		`\[ \frac{a}{b} \]`,
		`\(a\,b = c\)`,
		`$$a\;b = \frac12$$`,
		`find . -name x -exec rm {} \;`,
		`find . \( -name a -o -name b \) -print`,
	} {
		for before, after := range map[string]string{"": "", "a ": " b", "- ": "", "# ": "", "|a|\n|-|\n| ": " |", "[": "](https://x.example)"} {
			if strings.HasPrefix(before, "|") && strings.Contains(text, "|") {
				continue // a bar ends the cell
			}
			if got := words(parse(before + text + after)); !strings.Contains(got, text) {
				t.Errorf("%q became %q", before+text+after, got)
			}
		}
	}
}

// Ensure that the escapes of prose lose their backslash.
func TestBackslashesOfProse(t *testing.T) {
	for text, want := range map[string]string{
		`\*not bold\*`:                   `*not bold*`,
		`5 \* 3`:                         `5 * 3`,
		`\_mark\_`:                       `_mark_`,
		`1\. x`:                          `1. x`,
		`Wow\!`:                          `Wow!`,
		`snake\_case`:                    `snake_case`,
		`my\_file\_name.txt`:             `my_file_name.txt`,
		`MAX\_VALUE`:                     `MAX_VALUE`,
		`API\_KEY=1`:                     `API_KEY=1`,
		`\*\*a\*\*`:                      `**a**`,
		`\# Not a heading`:               `# Not a heading`,
		`\- not an item`:                 `- not an item`,
		`\> not a quote`:                 `> not a quote`,
		`\[x\]`:                          `[x]`,
		`\[see the note\]`:               `[see the note]`,
		`a\]`:                            `a]`,
		`\(optional\)`:                   `(optional)`,
		"\\`code\\`":                     "`code`",
		`\<b\>`:                          `<b>`,
		`\&amp;`:                         `&amp;`,
		`a \& b`:                         `a & b`,
		`\\`:                             `\`,
		`\\n`:                            `\n`,
		`C:\\Users\\bob`:                 `C:\Users\bob`,
		`\\\\server\\share`:              `\\server\share`,
		`\\d+\\.\\d+`:                    `\d+\.\d+`,
		`costs \$5`:                      `costs $5`,
		`\~5 to \~6`:                     `~5 to ~6`,
		`50\%`:                           `50%`,
		`a \| b`:                         `a | b`,
		`Hello\. Bye\.`:                  `Hello. Bye.`,
		`\{name\}`:                       `{name}`,
		`x\=y`:                           `x=y`,
		`v1\.2`:                          `v1.2`,
		`\"quoted\"`:                     `"quoted"`,
		`it\'s`:                          `it's`,
		`bob\@corp.example`:              `bob@corp.example`,
		`**bold\!**`:                     `bold!`,
		`*a\*b*`:                         `a*b`,
		`[a\_b](https://x.example)`:      `a_b (https://x.example)`,
		`\[[a](https://x.example)\]`:     `[a (https://x.example)]`,
		`\(see [a](https://x.example)\)`: `(see a (https://x.example))`,
		`请\*注意\*`:                        `请*注意*`,
		`打开C:\tmp，\*现在\*`:                `打开C:\tmp，*现在*`,
		`Save C:\tmp, \*now\*.`:          `Save C:\tmp, *now*.`,
		`see C:\a b\nc. 5 \* 3`:          `see C:\a b\nc. 5 * 3`,
		"a\\\nb":                         "a\nb",
		"Open C:\\Users\\\nnow":          "Open C:\\Users\\\nnow",
		"|a|\n|-|\n|x\\|y|":              "a\n---\nx|y",
		"|a|\n|-|\n|C:\\a\\|b|":          "a\n------\nC:\\a|b",
	} {
		if got := words(parse(text)); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// Ensure that an escaped delimiter in a path does not open emphasis, and that
// others do.
func TestBackslashesAndEmphasis(t *testing.T) {
	for text, want := range map[string]string{
		`C:\*.log and D:\*.log`: `C:\*.log and D:\*.log`,
		`*C:\Users\_tmp*`:       `_C:\Users\_tmp_`,
		`**DOMAIN\_svc**`:       `*DOMAIN\_svc*`,
		`\*a *b* c\*`:           `*a _b_ c*`,
	} {
		var got string
		for _, b := range parse(text) {
			got += asMrkdwn.write(b)
		}
		if got = withoutZeroWidth(got); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
