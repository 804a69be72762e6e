package report

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// chartOf returns the chart of days with these numbers of answered, failed and other questions.
func chartOf(t *testing.T, numbers ...[3]int) []byte {
	t.Helper()
	var days []Day
	for i, n := range numbers {
		days = append(days, Day{Date: monday.AddDate(0, 0, i), Asked: n[0] + n[1] + n[2], Answered: n[0], Failed: n[1]})
	}
	picture, err := Chart(days)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func decoded(t *testing.T, picture []byte) image.Image {
	t.Helper()
	decoded, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

var busyDays = [][3]int{{31, 2, 0}, {28, 0, 0}, {40, 3, 1}, {22, 1, 1}, {35, 6, 2}, {2, 0, 0}, {4, 1, 0}}

// Ensure that the same days are the same picture, and that it is the one that was reviewed.
// Other processors can round differently, so single pixels may differ a little from that.
func TestChart(t *testing.T) {
	picture := chartOf(t, busyDays...)
	if !bytes.Equal(picture, chartOf(t, busyDays...)) {
		t.Error("the same days are another picture")
	}
	path := filepath.Join("testdata", "week.png")
	if *update {
		if err := os.WriteFile(path, picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	reviewed, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run go test ./bot/report -update", err)
	}
	got, want := decoded(t, picture), decoded(t, reviewed)
	if got.Bounds() != want.Bounds() || got.Bounds().Dx() != chartWidth || got.Bounds().Dy() != chartHeight {
		t.Fatalf("the picture has the size %v, want %v", got.Bounds(), want.Bounds())
	}
	if n := differing(got, want); n > chartWidth*chartHeight/1000 {
		t.Errorf("%d pixels differ from %s", n, path)
	}
	if _, _, _, opaque := got.At(0, 0).RGBA(); opaque != 0xffff || !isWhite(got.At(0, 0)) {
		t.Error("the background is not white")
	}
	if n := differing(decoded(t, chartOf(t, [3]int{1, 0, 0})), want); n < chartWidth*chartHeight/100 {
		t.Errorf("another chart differs by %d pixels only", n)
	}
}

// differing counts the pixels that differ visibly.
func differing(a, b image.Image) (n int) {
	const tolerance = 0x2000
	far := func(x, y uint32) bool { return max(x, y)-min(x, y) > tolerance }
	for y := range chartHeight {
		for x := range chartWidth {
			r, g, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			if far(r, r2) || far(g, g2) || far(b1, b2) {
				n++
			}
		}
	}
	return n
}

func isWhite(c color.Color) bool {
	r, g, b, _ := c.RGBA()
	return r == 0xffff && g == 0xffff && b == 0xffff
}

// Ensure that any numbers can be drawn, and that more days than there is room for are left out.
func TestChart_Extremes(t *testing.T) {
	for name, numbers := range map[string][][3]int{
		"nothing": {{}, {}, {}}, "one day": {{1, 0, 0}}, "many": {{1_000_000, 3, 0}, {1, 0, 0}}, "a year": make([][3]int, 366),
	} {
		if size := decoded(t, chartOf(t, numbers...)).Bounds().Size(); size != (image.Point{chartWidth, chartHeight}) {
			t.Errorf("%s: the picture has the size %v", name, size)
		}
	}
	var days []Day
	for n := range 40 {
		days = append(days, Day{Date: monday.AddDate(0, 0, n), Asked: n, Answered: n})
	}
	all, err := Chart(days)
	last, err2 := Chart(days[40-maxChartDays:])
	if err != nil || err2 != nil || !bytes.Equal(all, last) {
		t.Errorf("the chart of many days is not that of the last ones, %v, %v", err, err2)
	}
}

// Ensure that the lines of a chart are at round numbers, and that there are few of them.
func TestTickStep(t *testing.T) {
	for highest, want := range map[int]int{0: 1, 1: 1, 5: 1, 6: 2, 10: 2, 11: 5, 44: 10, 51: 20, 1_000_000: 200_000} {
		if got := tickStep(highest); got != want {
			t.Errorf("up to %d: a line each %d, want %d", highest, got, want)
		}
	}
}

// Ensure that those who cannot see the chart learn what it shows.
func TestChartText(t *testing.T) {
	days := busyWeek(week).Days
	text := ChartText(days)
	for _, want := range []string{"22 asked, 17 answered", "Wed 25 November: 10"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
}
