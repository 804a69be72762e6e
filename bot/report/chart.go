package report

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/go-analyze/charts"

	"enjobridge/blocks"
)

// The size of the chart in pixels: Slack shows it at about half of that.
const (
	chartWidth  = 1200
	chartHeight = 560
)

// maxChartDays is how many days a chart has room for.
const maxChartDays = 14

// Chart returns a PNG with the questions of each day, as many of the last days as there is room
// for. Its background is white, so that it is readable whatever is around it. Its font is
// embedded, and the same days are the same picture.
func Chart(days []Day) ([]byte, error) {
	days = days[max(0, len(days)-maxChartDays):]
	series, labels, highest := make([][]float64, 3), make([]string, len(days)), 0
	for i, d := range days {
		labels[i] = d.Date.Format("Mon 2 Jan")
		for s, n := range []int{d.Answered, d.Failed, d.Asked - d.Answered - d.Failed} {
			series[s] = append(series[s], float64(n))
		}
		highest = max(highest, d.Asked)
	}
	step := tickStep(highest)
	ticks := max(1, (highest+step-1)/step)

	words, text := blocks.WordsOfChart(), charts.FontStyle{FontSize: 14}
	chart := charts.NewBarChartOptionWithData(series)
	chart.Theme = chartTheme()
	chart.Padding = charts.NewBox(28, 22, 28, 18)
	chart.StackSeries = charts.Ptr(true)
	chart.BarSize = 0.6
	chart.Title = charts.TitleOption{Text: words.Title, FontStyle: charts.FontStyle{FontSize: 19}}
	chart.Legend = charts.LegendOption{
		SeriesNames: []string{words.Answered, words.NotAnswered, words.NotEnded},
		FontStyle:   text, Offset: charts.OffsetRight, Symbol: charts.SymbolSquare, Padding: charts.NewBox(0, 4, 0, 26),
	}
	chart.CategoryAxis = charts.CategoryAxisOption{Labels: labels, LabelFontStyle: text, Title: words.Day, TitleFontStyle: text}
	chart.ValueAxis = []charts.ValueAxisOption{{
		Title: words.Questions, TitleFontStyle: text, LabelFontStyle: text,
		Min: charts.Ptr(0.0), Max: charts.Ptr(float64(ticks * step)), LabelCount: ticks + 1,
		RangeValuePaddingScale: charts.Ptr(0.0), PreferNiceIntervals: charts.Ptr(false),
		ValueFormatter: func(n float64) string { return strconv.Itoa(int(n + 0.5)) },
	}}
	painter := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: chartWidth, Height: chartHeight})
	if err := painter.BarChart(chart); err != nil {
		return nil, fmt.Errorf("drawing a chart: %w", err)
	}
	return painter.Bytes()
}

// tickStep returns the distance between two lines of the chart, so that there are at most six:
// 1, 2 or 5 times a power of ten.
func tickStep(highest int) int {
	for power := 1; ; power *= 10 {
		for _, digit := range []int{1, 2, 5} {
			if step := digit * power; highest <= 5*step {
				return step
			}
		}
	}
}

// chartTheme returns the colours of the chart. The bars differ in lightness, too, for those who
// do not see colours.
func chartTheme() charts.ColorPalette {
	return charts.MakeTheme(charts.ThemeOption{
		BackgroundColor:    charts.ColorWhite,
		TextColor:          charts.ColorFromHex("#1d1c1d"),
		AxisStrokeColor:    charts.ColorFromHex("#868686"),
		AxisSplitLineColor: charts.ColorFromHex("#e1e1e1"),
		SeriesColors:       []charts.Color{charts.ColorFromHex("#1264a3"), charts.ColorFromHex("#ecb22e"), charts.ColorFromHex("#a8a8a8")},
	})
}

// ChartText describes a chart of days for those who cannot see it.
func ChartText(days []Day) string {
	asked, answered, busiest := 0, 0, Day{}
	for _, d := range days[max(0, len(days)-maxChartDays):] {
		asked, answered = asked+d.Asked, answered+d.Answered
		if d.Asked > busiest.Asked {
			busiest = d
		}
	}
	return blocks.ChartText(asked, answered, cmp.Or(busiest.Date, days[0].Date), busiest.Asked)
}
