package settings

import (
	"fmt"
	"strings"
)

// variable is a line of an env file.
type variable struct {
	name, value string
	line        int
}

// parseEnv parses an env file: lines NAME=value, empty lines, and comments, which begin
// with #. Values are taken as they are, without interpolation. A value can be in quotes:
// everything in single quotes stands for itself; in double quotes \n and \r are line breaks,
// and a backslash before one of "\$` stands for that character. The problems contain the
// number of the line and no value.
func parseEnv(text string) (variables []variable, problems []string) {
	text = strings.TrimPrefix(text, "\ufeff") // of editors on Windows
	if strings.ContainsRune(text, 0) {
		return nil, []string{"1 is not text in UTF-8: save the file in this encoding"}
	}
	lines := make(map[string]int)
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, problem := parseEnvLine(line)
		if first := lines[name]; problem == "" && first > 0 {
			problem = fmt.Sprintf("sets %s again, after line %d: remove one of them", name, first)
		}
		if problem != "" {
			problems = append(problems, fmt.Sprintf("%d %s", number, problem))
			continue
		}
		lines[name] = number
		variables = append(variables, variable{name, value, number})
	}
	return variables, problems
}

// parseEnvLine parses a line without spaces around it. If it is invalid, problem says how.
func parseEnvLine(line string) (name, value, problem string) {
	if rest, ok := strings.CutPrefix(line, "export"); ok && strings.TrimLeft(rest, " \t") != rest {
		line = strings.TrimLeft(rest, " \t")
	}
	name, value, ok := strings.Cut(line, "=")
	switch {
	case !ok:
		return "", "", "has no =: write NAME=value, or # before a comment"
	case isName(strings.TrimSpace(name)) && !isName(name):
		return "", "", "has a space before the =: remove it"
	case !isName(name):
		return "", "", "does not begin with a name: names consist of letters, digits and _"
	}
	value, problem = envValue(value)
	if problem != "" {
		problem = "sets " + name + ", but " + problem
	}
	return name, value, problem
}

// isName reports whether text can be the name of an environment variable.
func isName(text string) bool {
	if text == "" || isDigit(rune(text[0])) {
		return false
	}
	return !strings.ContainsFunc(text, func(c rune) bool { return c != '_' && !isDigit(c) && !isLetter(c) })
}

func isDigit(c rune) bool { return '0' <= c && c <= '9' }

func isLetter(c rune) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// envValue returns the value that the text after the = stands for.
func envValue(text string) (value, problem string) {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return "", ""
	}
	if quote := trimmed[0]; quote == '"' || quote == '\'' {
		value, rest, closed := unquote(trimmed[1:], quote)
		switch {
		case !closed:
			return "", `the quotes are not closed: add a quote at the end of the line; in double quotes, \n is a line break`
		case strings.TrimSpace(rest) != "":
			return "", "there is more after the quotes: put the comment on a separate line"
		}
		return value, ""
	}
	// The # could also be a part of the value.
	if strings.Contains(text, " #") || strings.Contains(text, "\t#") {
		return "", "there is a # after a space: put the comment on a separate line, or the value in quotes"
	}
	return trimmed, ""
}

// unquote returns the text up to the closing quote, and the rest after it.
func unquote(text string, quote byte) (value, rest string, closed bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == quote:
			return b.String(), text[i+1:], true
		case c == '\\' && quote == '"' && i+1 < len(text) && strings.IndexByte("\"\\$`nr", text[i+1]) >= 0:
			i++
			b.WriteByte(escaped(text[i]))
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}

// escaped returns what a character stands for after a backslash.
func escaped(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	}
	return c
}
