package blocks

import "testing"

// Ensure that the escapes of an answer that is escaped as a whole are resolved,
// and no others.
func TestEscapedAnswers(t *testing.T) {
	for text, want := range map[string]string{
		`Line one\nLine two\n- a`:                      "Line one\nLine two\n- a",
		`Do this:\n\n1. Open it\n2. Close it`:          "Do this:\n\n1. Open it\n2. Close it",
		`# Title\n\nText\twith \"quotes\"`:             "# Title\n\nText\twith \"quotes\"",
		`Open \\\\srv\\share:\n\n- a\n- b`:             "Open \\\\srv\\share:\n\n- a\n- b",
		`Run:\n\n` + "```" + `\nls\n` + "```":          "Run:\n\n```\nls\n```",
		`Line one.\r\nLine two.\r\nLine three.`:        "Line one.\nLine two.\nLine three.",
		`"Line one\nline two"`:                         "Line one\nline two",
		`"A \"b\"\n\nc"`:                               "A \"b\"\n\nc",
		`See C:\new\name:\n\n- a`:                      "See C:\\new\\name:\n\n- a",
		`Run this:\n\nC:\\new\\temp\n- %APPDATA%\\new`: "Run this:\n\nC:\\new\\temp\n- %APPDATA%\\new",
		// With other escapes of JSON.
		`He said \"ok\"\n\tthen`:                               "He said \"ok\"\n\tthen",
		`Click \"OK\"\nthen wait`:                              "Click \"OK\"\nthen wait",
		`Run:\n\tipconfig`:                                     "Run:\n\tipconfig",
		`Say \"yes\":\n1. caf\u00e9 \ud83d\ude00 1\/2`:         "Say \"yes\":\n1. café 😀 1/2",
		`Bitte \u00f6ffnen:\n\n- \u4f60`:                       "Bitte öffnen:\n\n- 你",
		`Open C:\new\table now.\n- Say \"yes\".\n- D:\\new\\x`: "Open C:\\new\\table now.\n- Say \"yes\".\n- D:\\new\\x",
		`Match \b1\b in:\n\n- \"a\"`:                           "Match \\b1\\b in:\n\n- \"a\"",
		// Not escaped as a whole.
		`Path C:\new\table is \"old\".`:         `Path C:\new\table is \"old\".`,
		`Set-Item HKLM:\new\table -Name \"x\".`: `Set-Item HKLM:\new\table -Name \"x\".`,
		`printf(\"%s\n\", x); puts(\"a\nb\")`:   `printf(\"%s\n\", x); puts(\"a\nb\")`,
		`Run .\new.ps1 \"x\" in docs\new`:       `Run .\new.ps1 \"x\" in docs\new`,
		`Say "a":\nB \"c\"`:                     `Say "a":\nB \"c\"`,
		`Open C:\new\table. Say \"yes\"`:        `Open C:\new\table. Say \"yes\"`,
		`Open C:\\new\\name and D:\\notes\\new`: `Open C:\\new\\name and D:\\notes\\new`,
		`Open C:\new\name\notes`:                `Open C:\new\name\notes`,
		`Open \\server\new\name and D:\n`:       `Open \\server\new\name and D:\n`,
		`Open %APPDATA%\new\name\nice`:          `Open %APPDATA%\new\name\nice`,
		"Use `\\n` and `\\r\\n\\n` for lines":   "Use `\\n` and `\\r\\n\\n` for lines",
		`Split at \n or at \n twice`:            `Split at \n or at \n twice`,
		`One\nTwo`:                              `One\nTwo`,
		"a\\n\\nb\nc":                           "a\\n\\nb\nc",
		`"a" and "b"`:                           `"a" and "b"`,
	} {
		if got := unescaped(text); got != want {
			t.Errorf("%s\n got %q\nwant %q", text, got, want)
		}
	}
}
