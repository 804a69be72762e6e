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
	windowsPath = regexp.MustCompile(`(?:\b[A-Za-z]:|%\w+%|(?:^|[\s"'(])\\\\[\w.$-]+)\\(?:[^\\\s"'<>|:*?]+\\?)+`)
	// brokenLine matches an escaped line break that is certainly one: doubled,
	// before a marker of a list or heading, or between a sentence and the next.
	brokenLine = regexp.MustCompile(`\S\\n(?:\\n|[-*•#>|] ?|\d+[.)] |\p{Lu})`)
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
	if strings.Count(prose, `\n`) < 2 || !brokenLine.MatchString(prose) {
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

// withBreaks resolves the escapes of JSON that mean something in a text.
func withBreaks(text string) string {
	return strings.NewReplacer(`\\`, `\`, `\r\n`, "\n", `\n`, "\n", `\t`, "\t", `\"`, `"`).Replace(text)
}
