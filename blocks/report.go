package blocks

import (
	"regexp"
	"strconv"
	"time"

	"github.com/slack-go/slack"
)

// ReportView is what became of the questions of a week.
type ReportView struct {
	From, Until time.Time // the first and the last day
	// KeptSince is since when the numbers are complete; zero if they are.
	KeptSince time.Time
	// Asked counts questions without those that were asked together with another one.
	Asked, Answered, Failed int
	NoSources               int // of Answered
	Helpful, NotHelpful     int
	Tickets, Called         int
	// MedianWait and MostWait are how long half of the people and 90% of them waited at most;
	// zero without answers.
	MedianWait, MostWait time.Duration
	Places               []ReportPlace // the busiest first
	Gaps                 []ReportGap   // all of them, the latest first
}

// ReportPlace is what became of the questions in a place.
type ReportPlace struct {
	Channel         string // the ID; empty if only the askers can read their questions
	Direct          bool   // says of such a place that it is direct messages
	Asked, Answered int
}

// ReportGap is a question that needs a look.
type ReportGap struct {
	Channel string // the ID
	Link    string // to the question
	Failed  bool   // it was not answered; otherwise the answer was not helpful
	At      time.Time
}

// The limits of the lists in a report.
const (
	reportPlaces = 5
	reportGaps   = 8
)

// The layouts of days in a report.
const (
	dayLayout     = "Mon 2 January"
	dayYearLayout = "Mon 2 January 2006"
)

// Report renders what became of the questions of a week. It pings nobody.
func Report(v ReportView) Message {
	days := sayReportDays.Text("from", v.From.Format(dayLayout), "until", v.Until.Format(dayYearLayout))
	head := []slack.Block{
		slack.NewHeaderBlock(plainObject(titleReport.Text())),
		slack.NewContextBlock("", plainObject(days)),
	}
	spoken := titleReport.Text() + ", " + days + ": "
	if v.Asked == 0 {
		quiet := slack.NewSectionBlock(plainObject(sayReportQuiet.Text()), nil, nil)
		return Message{Text: fallbackText(spoken + sayReportQuiet.Text()), Blocks: append(head, quiet)}
	}
	spoken += sayReportFallback.Text("asked", strconv.Itoa(v.Asked), "answered", strconv.Itoa(v.Answered), "failed", strconv.Itoa(v.Failed))
	content := append(head, slack.NewSectionBlock(nil, v.fields(), nil))
	content = append(content, asBlocks(lineSections(v.busiest(), mrkdwnObject))...)
	if gaps := v.gaps(); len(gaps) > 1 {
		content = append(content, asBlocks(lineSections(gaps, mrkdwnObject))...)
	}
	rest := sayReportRest.Text()
	if !v.KeptSince.IsZero() {
		rest = sayReportPart.Text("day", v.KeptSince.UTC().Format(dayLayout)) + "\n" + rest
	}
	content = append(content, slack.NewContextBlock("", plainObject(rest)))
	return Message{Text: fallbackText(spoken), Blocks: content}
}

// fields returns the numbers of a report.
func (v ReportView) fields() []*slack.TextBlockObject {
	field := func(label Key, value string) *slack.TextBlockObject {
		return mrkdwnObject("*" + label.Text() + "*\n" + value)
	}
	fields := []*slack.TextBlockObject{
		field(labelAsked, strconv.Itoa(v.Asked)),
		field(labelAnswered, sayPart.Text("n", strconv.Itoa(v.Answered), "percent", strconv.Itoa(v.Answered*100/v.Asked))),
		field(labelNotAnswered, strconv.Itoa(v.Failed)),
		field(labelUnsourced, strconv.Itoa(v.NoSources)),
		field(labelRatings, sayRatings.Text("good", strconv.Itoa(v.Helpful), "bad", strconv.Itoa(v.NotHelpful))),
	}
	if v.MostWait > 0 {
		fields = append(fields, field(labelTypicalWait, sayTypicalWait.Text("time", roughly(v.MedianWait), "most", roughly(v.MostWait))))
	}
	return append(fields, field(labelTicketsOpened, strconv.Itoa(v.Tickets)), field(labelPeopleCalled, strconv.Itoa(v.Called)))
}

// busiest returns the lines about the places with the most questions.
func (v ReportView) busiest() []string {
	lines := []string{"*" + titleBusiest.Text() + "*"}
	for _, p := range v.Places[:min(len(v.Places), reportPlaces)] {
		lines = append(lines, sayBusy.Text("place", p.mrkdwn(), "asked", strconv.Itoa(p.Asked), "answered", strconv.Itoa(p.Answered)))
	}
	return withMore(lines, len(v.Places)-reportPlaces)
}

func (p ReportPlace) mrkdwn() string {
	switch {
	case p.Channel != "":
		return channelMrkdwn(p.Channel)
	case p.Direct:
		return labelDirect.Text()
	}
	return labelPrivate.Text()
}

// gaps returns the lines about the questions that need a look, after a title.
func (v ReportView) gaps() []string {
	lines, more := []string{"*" + titleGaps.Text() + "*"}, 0
	for _, g := range v.Gaps {
		link, ok := webURL(g.Link)
		if !ok {
			continue
		}
		if len(lines) > reportGaps {
			more++
			continue
		}
		what := g.word().Text()
		lines = append(lines, sayGap.Text("what", "<"+escape(link)+"|"+what+">", "place", channelMrkdwn(g.Channel), "day", g.At.UTC().Format(dayLayout)))
	}
	return withMore(lines, more)
}

// word says what is wrong with the question.
func (g ReportGap) word() Key {
	if g.Failed {
		return labelNotAnswered
	}
	return buttonNotHelpful
}

// plainID matches the ID of a channel.
var plainID = regexp.MustCompile(`^[A-Z0-9]+$`)

// channelMrkdwn returns the link to a channel, which Slack shows with its name.
func channelMrkdwn(id string) string {
	if !plainID.MatchString(id) {
		return escape(id)
	}
	return "<#" + id + ">"
}

// ChartWords are the words on a chart of questions.
type ChartWords struct{ Title, Day, Questions, Answered, NotAnswered, NotEnded string }

// WordsOfChart returns the words on a chart of questions.
func WordsOfChart() ChartWords {
	return ChartWords{
		titleChart.Text(), labelDay.Text(), labelQuestions.Text(), labelAnswered.Text(), labelNotAnswered.Text(), labelNotEnded.Text(),
	}
}

// ChartText describes a chart of questions for those who cannot see it, with the day that has
// the most.
func ChartText(asked, answered int, busiest time.Time, most int) string {
	return sayChart.Text("asked", strconv.Itoa(asked), "answered", strconv.Itoa(answered),
		"day", busiest.Format(dayLayout), "n", strconv.Itoa(most))
}
