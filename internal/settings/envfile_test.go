package settings

import (
	"slices"
	"strings"
	"testing"
)

// Ensure that env files are read as other programs read them, and that invalid lines
// are problems with their number and without their value.
func TestParseEnv(t *testing.T) {
	const v = "hunter2"
	for name, test := range map[string]struct {
		text, want, problem string
	}{
		"empty file":           {"", "", ""},
		"value":                {"A=hunter2", v, ""},
		"no line break at end": {"\nA=hunter2", v, ""},
		"CRLF":                 {"# comment\r\n\r\nA=hunter2\r\n", v, ""},
		"byte order mark":      {"\ufeffA=hunter2", v, ""},
		"spaces around":        {"  A= hunter2  ", v, ""},
		"export":               {"export A=hunter2", v, ""},
		"export and a tab":     {"export\tA=hunter2", v, ""},
		"comment":              {"#A=1\n  # B=2\nA=hunter2", v, ""},
		"double quotes":        {`A="hunter2"`, v, ""},
		"single quotes":        {`A='hunter2'`, v, ""},
		"spaces in quotes":     {`A=" hunter2 "  `, " hunter2 ", ""},
		"quotes in quotes":     {`A='"hunter2"'`, `"hunter2"`, ""},
		"quotes within":        {`A=it's`, "it's", ""},
		"escapes":              {`A="a\"b\\c\$d\ne"`, "a\"b\\c$d\ne", ""},
		"other backslashes":    {`A="C:\data"`, `C:\data`, ""},
		"no escapes in single": {`A='a\nb'`, `a\nb`, ""},
		"no interpolation":     {`A=${HOME}$HOME`, "${HOME}$HOME", ""},
		"= in the value":       {"A=a=b", "a=b", ""},
		"# in the value":       {"A=#a#b", "#a#b", ""},
		"# in quotes":          {`A="a # b"`, "a # b", ""},
		"empty value":          {"A=", "", ""},
		"empty quotes":         {`A=""`, "", ""},
		"several words":        {"A=What is the status of {id}?", "What is the status of {id}?", ""},

		"no =":                   {"\nxoxb-hunter2", "", "2 has no =: write NAME=value"},
		"export alone":           {"export A", "", "1 has no ="},
		"YAML":                   {"A: hunter2=", "", "1 does not begin with a name"},
		"no name":                {"=hunter2", "", "1 does not begin with a name"},
		"digit first":            {"1A=hunter2", "", "1 does not begin with a name"},
		"hyphen":                 {"A-B=hunter2", "", "1 does not begin with a name"},
		"space before =":         {"A =hunter2", "", "1 has a space before the =: remove it"},
		"open double quotes":     {`A="hunter2`, "", "1 sets A, but the quotes are not closed"},
		"open single quotes":     {"# x\nA='hunter2\n", "", "2 sets A, but the quotes are not closed"},
		"escaped quote at end":   {`A="hunter2\"`, "", "1 sets A, but the quotes are not closed"},
		"text after quotes":      {`A="hunter2"hunter2`, "", "1 sets A, but there is more after the quotes"},
		"comment after quotes":   {`A="hunter2" # hunter2`, "", "1 sets A, but there is more after the quotes"},
		"comment after value":    {"A=hunter2 # for now", "", "1 sets A, but there is a # after a space"},
		"comment in place of it": {"A= # hunter2", "", "1 sets A, but there is a # after a space"},
		"set twice":              {"A=hunter2\n\nA=hunter2", "", "3 sets A again, after line 1"},
		"UTF-16":                 {"A\x00=\x00h\x00", "", "1 is not text in UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			variables, problems := parseEnv(test.text)
			said := strings.Join(problems, "\n")
			switch {
			case test.problem != "" && (len(problems) != 1 || !strings.HasPrefix(said, test.problem) || strings.Contains(said, "hunter2")):
				t.Errorf("it has the problems %q, want %q", problems, test.problem)
			case test.problem == "" && len(problems) != 0:
				t.Errorf("it has the problems %q", problems)
			case test.problem == "" && test.text != "" && (len(variables) != 1 || variables[0].name != "A" || variables[0].value != test.want):
				t.Errorf("it has %v, want %q", variables, test.want)
			}
		})
	}
}

// Ensure that no text makes the parser panic, that everything it reads can be written and
// read again, and that problems do not show values.
func FuzzParseEnv(f *testing.F) {
	for _, text := range []string{"A=1\nexport B='2'\r\n# c\n", `A="a\"b\\c\$d\ne"`, "A=x # y", "A =1", "\ufeffA=\u00a0x", "A=\"\\\r\"", "A=\x85"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		variables, problems := parseEnv(text)
		var b strings.Builder
		for _, v := range variables {
			b.WriteString(envLine(v.name, v.value) + "\n")
		}
		again, unread := parseEnv(b.String())
		if len(unread) > 0 || !slices.EqualFunc(variables, again, func(a, b variable) bool { return a.name == b.name && a.value == b.value }) {
			t.Errorf("%v is written as %q and read as %v, %q", variables, b.String(), again, unread)
		}
		if len(problems) > 0 && len(problems)+len(variables) > 1+strings.Count(text, "\n") {
			t.Errorf("%d lines have %d variables and %d problems", 1+strings.Count(text, "\n"), len(variables), len(problems))
		}
	})
}

// envLine returns a line of an env file that sets a variable.
func envLine(name, value string) string {
	switch {
	case !strings.ContainsFunc(value, needsQuotes) && strings.TrimSpace(value) == value && !strings.Contains(value, " #"):
		return name + "=" + value
	case !strings.ContainsAny(value, "'\r\n"):
		return name + "='" + value + "'"
	}
	return name + `="` + strings.NewReplacer(`"`, `\"`, `\`, `\\`, "$", `\$`, "`", "\\`", "\n", `\n`, "\r", `\r`).Replace(value) + `"`
}

// needsQuotes reports whether a character has a meaning in env files or shells.
func needsQuotes(c rune) bool { return c < ' ' || strings.ContainsRune("\"'\\$`", c) }
