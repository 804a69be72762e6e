package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Level says how serious a finding is.
type Level string

// The levels of findings.
const (
	OK      Level = "ok"
	Warning Level = "warning" // enjobridge works, but not all of it, or not for long
	Error   Level = "error"   // enjobridge does not work, or a setting is wrong
)

// Finding is the result of one check. It never contains a secret.
type Finding struct {
	Check   string `json:"check"` // such as scopes
	Level   Level  `json:"level"`
	Message string `json:"message"`
	Fix     string `json:"fix,omitempty"` // empty if nothing is wrong
}

// Print writes the findings as text, one line each, with the fix on a second line.
func Print(out io.Writer, findings []Finding) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, f := range findings {
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.Level, f.Check, oneLine(f.Message))
		if f.Fix != "" {
			fmt.Fprintf(table, "\t\t  fix: %s\n", oneLine(f.Fix))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%s\n", summary(findings))
	return err
}

// oneLine keeps what Slack or Enjo answered on one line.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// PrintJSON writes the findings as an array in JSON.
func PrintJSON(out io.Writer, findings []Finding) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(findings)
}

// Count returns how many findings have a level.
func Count(findings []Finding, level Level) int {
	n := 0
	for _, f := range findings {
		if f.Level == level {
			n++
		}
	}
	return n
}

// summary returns the number of errors and warnings in words.
func summary(findings []Finding) string {
	failed, warned := Count(findings, Error), Count(findings, Warning)
	if failed+warned == 0 {
		return "No problems."
	}
	return counted(failed, "error") + ", " + counted(warned, "warning") + "."
}

// counted returns a number with a noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
