package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// The limits of the lists in the text. JSON and CSV have everything.
const (
	groupsShown = 20
	gapsShown   = 10 // of each problem
)

// minute is how times are written in the text.
const minute = "2006-01-02 15:04"

// WriteText writes a report for people.
func WriteText(out io.Writer, r Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Questions from %s to %s (UTC)%s\n", r.From.Format(minute), r.Until.Format(minute), r.filters())
	if !r.Complete() {
		fmt.Fprintf(&b, "Incomplete: what ended before %s is deleted, see RETENTION\n", r.KeptSince.Format(minute))
	}
	b.WriteString("\n")
	r.Total.writeText(&b)
	r.writeGroups(&b)
	for _, list := range []struct {
		problem Problem
		title   string
	}{
		{Unanswered, "Not answered"},
		{Disliked, "Not helpful"},
		{Unsourced, "Answered without sources"},
	} {
		r.writeGaps(&b, list.problem, list.title)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// filters says what the report is limited to.
func (r Report) filters() (text string) {
	if r.Channel != "" {
		text += ", channel " + r.Channel
	}
	if r.Agent != "" {
		text += ", agent " + printable(r.Agent)
	}
	return text
}

// writeText writes the counts of everything.
func (c Counts) writeText(b *strings.Builder) {
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	line := func(name string, n int, details ...string) {
		count := strconv.Itoa(n)
		if len(details) > 0 {
			count += "\t" + strings.Join(details, ", ")
		}
		fmt.Fprintf(table, "%s\t%s\n", name, count)
	}
	line("Asked", c.Asked)
	line("  answered", c.Answered, share(c.Answered, c.Asked)...)
	line("  not answered", c.Failed, list(c.Failures)...)
	line("  offered a person", c.OfferedPerson)
	line("  stopped or deleted", c.Stopped)
	line("  asked with another one", c.Merged)
	line("  waiting", c.Waiting)
	line("Answered without sources", c.NoSources)
	line("Helpful", c.Helpful)
	line("Not helpful", c.NotHelpful, list(c.Reasons)...)
	line("Tickets created", c.Tickets)
	line("Talk to a person", c.Called)
	line("Private answers shared", c.Shared)
	_ = table.Flush() // a strings.Builder has no errors
	if c.Wait != nil {
		fmt.Fprintf(b, "Wait for an answer: %s\n", c.Wait)
		fmt.Fprintf(b, "  until the agent was asked: %s\n", c.UntilAsked)
	}
}

// share returns a part of a whole in percent; nothing if there is no whole.
func share(part, whole int) []string {
	if whole == 0 {
		return nil
	}
	return []string{strconv.Itoa(part*100/whole) + "%"}
}

// list returns counts by their names, the highest first.
func list(counts map[string]int) (texts []string) {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	for _, name := range names {
		texts = append(texts, printable(name)+" "+strconv.Itoa(counts[name]))
	}
	return texts
}

// String returns the times for people.
func (t *Times) String() string {
	if t == nil {
		return ""
	}
	return fmt.Sprintf("median %s, 90%% within %s, longest %s", seconds(t.Median), seconds(t.P90), seconds(t.Max))
}

// seconds returns a duration for people, such as 8.2s or 1h5m0s.
func seconds(n float64) string {
	d := duration(n)
	if d < time.Minute {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// writeGroups writes the counts of each place and agent.
func (r Report) writeGroups(b *strings.Builder) {
	if len(r.Groups) == 0 {
		return
	}
	b.WriteString("\nBy channel and agent\n")
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  WHERE\tAGENT\tASKED\tANSWERED\tFAILED\tNO SOURCES\tHELPFUL\tNOT HELPFUL\tTICKETS\tPERSON\tMEDIAN WAIT")
	for _, g := range r.Groups[:min(len(r.Groups), groupsShown)] {
		wait := "-"
		if g.Wait != nil {
			wait = seconds(g.Wait.Median)
		}
		fmt.Fprintf(table, "  %s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n", g.withID(), cmp.Or(printable(g.Agent), "-"),
			g.Asked, g.Answered, g.Failed, g.NoSources, g.Helpful, g.NotHelpful, g.Tickets, g.Called, wait)
	}
	_ = table.Flush() // a strings.Builder has no errors
	writeMore(b, len(r.Groups)-groupsShown)
}

// String returns the place for people: the channel's name, or else its ID.
func (p Place) String() string {
	switch {
	case p.Kind == InDirect:
		return "direct messages"
	case p.Kind == InPrivate:
		return "/enjo"
	case p.Name != "":
		return "#" + printable(p.Name)
	}
	return p.Channel
}

// withID returns the place for people, with the channel's name and ID.
func (p Place) withID() string {
	if p.Name == "" {
		return p.String()
	}
	return p.String() + " " + p.Channel
}

// writeGaps writes the questions with a problem.
func (r Report) writeGaps(b *strings.Builder, problem Problem, title string) {
	gaps := slices.DeleteFunc(slices.Clone(r.Gaps), func(g Gap) bool { return g.Problem != problem })
	if len(gaps) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s: %d\n", title, len(gaps))
	for _, g := range gaps[:min(len(gaps), gapsShown)] {
		g.writeText(b)
	}
	writeMore(b, len(gaps)-gapsShown)
}

// writeText writes a gap in a line, and a comment in another one.
func (g Gap) writeText(b *strings.Builder) {
	at := g.At.Format(minute)
	if g.Kind != InChannel {
		at = g.At.Format(time.DateOnly)
	}
	parts := []string{at, g.Place.String(), printable(g.Agent), printable(g.Failure), printable(strings.Join(g.Reasons, ", ")), g.Reference, g.Link}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	fmt.Fprintf(b, "  %s\n", strings.Join(parts, "  "))
	if g.Comment != "" {
		fmt.Fprintf(b, "    “%s”\n", printable(g.Comment))
	}
}

// writeMore says how many entries of a list are left out.
func writeMore(b *strings.Builder, more int) {
	if more > 0 {
		fmt.Fprintf(b, "  … and %d more: -format json or csv has all\n", more)
	}
}

// printable returns a text in one line, without what could control a terminal or reorder the line.
func printable(text string) string {
	clean := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(clean), " ")
}
