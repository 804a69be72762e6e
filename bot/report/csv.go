package report

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// WriteJSON writes a report with everything in it.
func WriteJSON(out io.Writer, r Report) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}

// csvHeader names the columns. A row has one measure, or one gap, whose measure is its
// problem.
var csvHeader = []string{"row", "place", "channel", "channel_name", "agent", "measure", "value", "time", "reasons", "comment", "reference", "link"}

// WriteCSV writes a report as one table, for spreadsheets: the period, the counts of all, of
// each group and of each day, and the gaps.
func WriteCSV(out io.Writer, r Report) error {
	table := csv.NewWriter(out)
	write := func(row string, place Place, agent, measure, value string, rest ...string) {
		cells := append([]string{row, string(place.Kind), place.Channel, place.Name, agent, measure, value}, rest...)
		cells = append(cells, make([]string, len(csvHeader)-len(cells))...)
		for i := range cells {
			cells[i] = literal(cells[i])
		}
		_ = table.Write(cells) // Flush keeps its error
	}
	_ = table.Write(csvHeader)
	for _, bound := range []struct {
		name string
		at   time.Time
	}{{"from", r.From}, {"until", r.Until}, {"kept_since", r.KeptSince}} {
		write("period", Place{}, "", bound.name, bound.at.Format(time.RFC3339))
	}
	for _, m := range r.Total.measures() {
		write("total", Place{}, "", m.name, m.value)
	}
	for _, g := range r.Groups {
		for _, m := range g.measures() {
			write("group", g.Place, g.Agent, m.name, m.value)
		}
	}
	for _, d := range r.Days {
		for _, m := range []measure{number("asked", d.Asked), number("answered", d.Answered), number("failed", d.Failed)} {
			write("day", Place{}, "", m.name, m.value, d.Date.Format(time.DateOnly))
		}
	}
	for _, g := range r.Gaps {
		at := g.At.Format(time.RFC3339)
		if g.Kind != InChannel {
			at = g.At.Format(time.DateOnly)
		}
		write("gap", g.Place, g.Agent, string(g.Problem), g.Failure, at, strings.Join(g.Reasons, " "), g.Comment, g.Reference, g.Link)
	}
	table.Flush()
	return table.Error()
}

// measure is a value with its name.
type measure struct{ name, value string }

func number(name string, n int) measure { return measure{name, strconv.Itoa(n)} }

// measures returns the counts in a fixed order.
func (c Counts) measures() []measure {
	all := []measure{
		number("asked", c.Asked), number("answered", c.Answered), number("offered_person", c.OfferedPerson), number("failed", c.Failed),
		number("stopped", c.Stopped), number("merged", c.Merged), number("waiting", c.Waiting), number("no_sources", c.NoSources),
		number("helpful", c.Helpful), number("not_helpful", c.NotHelpful), number("tickets_created", c.Tickets),
		number("talk_to_a_person", c.Called), number("shared", c.Shared),
	}
	for _, by := range []struct {
		prefix string
		counts map[string]int
	}{{"failed_", c.Failures}, {"reason_", c.Reasons}} {
		for _, name := range slices.Sorted(maps.Keys(by.counts)) {
			all = append(all, number(by.prefix+name, by.counts[name]))
		}
	}
	for _, by := range []struct {
		prefix string
		times  *Times
	}{{"wait_", c.Wait}, {"wait_until_asked_", c.UntilAsked}} {
		if by.times == nil {
			continue
		}
		for _, t := range []struct {
			name    string
			seconds float64
		}{{"median", by.times.Median}, {"p90", by.times.P90}, {"max", by.times.Max}} {
			all = append(all, measure{by.prefix + t.name + "_seconds", strconv.FormatFloat(t.seconds, 'f', -1, 64)})
		}
	}
	return all
}

// formulaSigns begin a formula in some spreadsheets, which can send what other cells contain
// to a website.
// https://owasp.org/www-community/attacks/CSV_Injection
const formulaSigns = "=+-@＝＋－＠"

// literal returns a cell that no spreadsheet takes for a formula, and no terminal for a command.
func literal(cell string) string {
	cell = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return ' '
		}
		return r
	}, cell)
	begin := strings.TrimLeftFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
	if begin != "" && strings.ContainsRune(formulaSigns, []rune(begin)[0]) {
		return "'" + cell
	}
	return cell
}
