package blocks

import (
	"encoding/json"
	"regexp"
	"strings"
)

// Some agents send an answer as it is in JSON: in one line, with "\n" for line
// breaks.

var (
	// windowsPath matches paths with single backslashes, as in C:\new\name. In
	// C:\\new\\name they are escaped.
	windowsPath = regexp.MustCompile(`(?:\b(?:[A-Za-z]|(?i:HKLM|HKCU|HKCR|HKU|HKCC|Cert|Env|WSMan)):|%\w+%|(?:^|[\s"'(])\\\\[\w.$-]+)\\(?:[^\\\s"'<>|:*?]+\\?)+`)
	// brokenLine matches an escaped line break that is certainly one: doubled,
	// before a tab or a marker of a list or heading, or between a sentence and the
	// next.
	brokenLine = regexp.MustCompile(`\S\\n(?:\\[nt]|[-*•#>|] ?|\d+[.)] |\p{Lu})`)
	// endedLine matches one after the end of a sentence.
	endedLine = regexp.MustCompile(`[\pL\pN][.,:;!?)]+\\n`)
	// singleCode matches code within a line.
	singleCode = regexp.MustCompile("(?:^|[^`])`[^`]+`(?:[^`]|$)")
)

// unescaped returns the text of an answer that is entirely escaped; other text
// as it is.
func unescaped(whole string) string {
	text := strings.TrimSpace(whole)
	if strings.Contains(text, "\n") || !strings.Contains(text, `\n`) {
		return whole
	}
	var decoded string
	if text[0] == '"' && json.Unmarshal([]byte(text), &decoded) == nil {
		return clean(decoded)
	}
	prose := strings.ReplaceAll(singleCode.ReplaceAllString(windowsPath.ReplaceAllString(text, ""), ""), `\\`, "")
	if (strings.Count(prose, `\n`) < 2 || !brokenLine.MatchString(prose)) && !isInnerJSON(prose) {
		return whole
	}
	var out strings.Builder
	end := 0
	for _, at := range windowsPath.FindAllStringIndex(text, -1) {
		out.WriteString(withBreaks(text[end:at[0]]))
		out.WriteString(text[at[0]:at[1]])
		end = at[1]
	}
	out.WriteString(withBreaks(text[end:]))
	return out.String()
}

// isInnerJSON reports whether a text is what is between the quotes of a string in JSON:
// one that has quotes or tabs, and a line break outside its quotes.
func isInnerJSON(text string) bool {
	if (!strings.Contains(text, `\"`) && !strings.Contains(text, `\n\t`)) || !json.Valid([]byte(`"`+text+`"`)) {
		return false
	}
	for i, part := range strings.Split(text, `\"`) {
		if i > 0 { // a quote ends a line like a sentence
			part = "a." + part
		}
		if i%2 == 0 && endedLine.MatchString(part) {
			return true
		}
	}
	return false
}

// withBreaks resolves the escapes of JSON, but not those that only patterns have: \b and
// \f.
func withBreaks(text string) string {
	var decoded string
	if !strings.Contains(text, `\b`) && !strings.Contains(text, `\f`) && json.Unmarshal([]byte(`"`+text+`"`), &decoded) == nil {
		return clean(decoded)
	}
	return strings.NewReplacer(`\\`, `\`, `\r\n`, "\n", `\n`, "\n", `\t`, "\t", `\"`, `"`).Replace(text)
}
