package blocks

import (
	"fmt"
	"time"
)

// reportExamples are the reports of a week.
func reportExamples() []Example {
	day := func(n int) time.Time { return time.Date(2026, 11, 23+n, 14, 3, 0, 0, time.UTC) }
	quiet := ReportView{From: day(0), Until: day(6)}
	full := quiet
	full.Asked, full.Answered, full.Failed, full.NoSources = 128, 113, 6, 9
	full.Helpful, full.NotHelpful, full.Tickets, full.Called = 21, 3, 4, 2
	full.MedianWait, full.MostWait = 5200*time.Millisecond, 14*time.Second
	full.Places = []ReportPlace{
		{Channel: "C012345", Asked: 61, Answered: 55}, {Channel: "C067890", Asked: 30, Answered: 28}, {Direct: true, Asked: 25, Answered: 19}, {Asked: 12, Answered: 11},
	}
	link := "https://acme.slack.com/archives/C012345/p17000000000001"
	full.Gaps = []ReportGap{
		{Channel: "C012345", Link: link + "00", Failed: true, At: day(5)}, {Channel: "C067890", Link: link + "01?thread_ts=1700000000.000100&cid=C067890", At: day(2)},
	}
	many := full
	many.Places, many.Gaps = nil, nil
	for n := range 30 {
		many.Places = append(many.Places, ReportPlace{Channel: fmt.Sprintf("C0%d", n), Asked: 90 - n, Answered: 80 - n})
		many.Gaps = append(many.Gaps, ReportGap{Channel: fmt.Sprintf("C0%d", n), Link: link + fmt.Sprintf("%02d", n), Failed: n%2 == 0, At: day(6)})
	}
	odd := ReportView{
		From: day(0), Until: day(6), KeptSince: day(5), Asked: 1, Failed: 1, Places: []ReportPlace{{Channel: "<!channel>", Asked: 1}},
		Gaps: []ReportGap{{Channel: "<!here>", Link: link, Failed: true, At: day(0)}, {Channel: "C012345", Link: "javascript:alert(1)"}},
	}
	report := func(name, description string, v ReportView) Example {
		e := messageExample(name, description, Report(v))
		for _, p := range v.Places {
			e.Calls = append(e.Calls, p.Channel)
		}
		return e
	}
	return []Example{
		report("report", "The report of a week; a chart follows.", full),
		report("report-many", "The same with more channels and questions than it lists.", many),
		report("report-quiet", "The report of a week without questions.", quiet),
		report("report-odd", "No answers, identifiers and links that are none, and a store that has only some of the days.", odd),
	}
}
