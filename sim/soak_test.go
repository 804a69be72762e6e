package sim_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

var (
	soakMinutes = flag.Float64("soak.minutes", 0, "how long TestSoak runs; 0 skips it")
	soakPlot    = flag.String("soak.plot", "", "the SVG file for the plot of memory and goroutines")
)

const (
	// soakEvents is the number of events a second. One in soakAsks is a question.
	soakEvents = 50
	soakAsks   = 12
)

// Ensure that neither memory nor the number of goroutines grows over a long time.
func TestSoak(t *testing.T) {
	length := time.Duration(*soakMinutes * float64(time.Minute))
	if length == 0 {
		t.Skip("go test ./sim -run Soak -soak.minutes=30 -timeout 1h runs it")
	}
	c := newChaos(t, 1, 400)
	c.process.settings.Watch = 5 * time.Second
	c.process.start()
	pace := rate.NewLimiter(soakEvents, soakEvents)
	events := 0
	for begin := time.Now(); time.Since(begin) < length; events++ {
		if err := pace.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if events%soakAsks == 0 {
			c.crowd.question()
		} else {
			c.crowd.chat()
		}
	}
	c.judge()

	log, err := os.ReadFile(c.process.log.Name())
	if err != nil {
		t.Fatal(err)
	}
	used := usages(log)
	if len(used) < 8 {
		t.Fatalf("the process printed its usage only %d times", len(used))
	}
	early, late := used[len(used)/4:len(used)/2], used[len(used)*3/4:]
	t.Logf("%d events and %d questions in %v", events, len(c.crowd.questions), length)
	for name, of := range measures {
		before, after := median(early, of), median(late, of)
		t.Logf("%s: %.1f in the second quarter, %.1f in the last, %.1f at most", name, before, after, of(slices.MaxFunc(used, func(a, b usage) int { return cmp.Compare(of(a), of(b)) })))
		if after > before*1.25+growthAllowed[name] {
			t.Errorf("%s: grew from %.1f to %.1f", name, before, after)
		}
	}
	if *soakPlot != "" {
		if err := os.WriteFile(*soakPlot, plot(used), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// growthAllowed is how much each measure may grow beyond a quarter. The mapped memory grows
// with the content of the store.
var growthAllowed = map[string]float64{
	"goroutines":                      8,
	"heap in use, MiB":                1,
	"anonymous resident memory, MiB":  4,
	"resident memory from files, MiB": 8,
}

// measures are the values that must not grow.
var measures = map[string]func(usage) float64{
	"goroutines":                      func(u usage) float64 { return float64(u.Goroutines) },
	"heap in use, MiB":                func(u usage) float64 { return u.HeapMiB },
	"anonymous resident memory, MiB":  func(u usage) float64 { return u.RSSMiB },
	"resident memory from files, MiB": func(u usage) float64 { return u.MappedMiB },
}

func median(used []usage, of func(usage) float64) float64 {
	values := make([]float64, len(used))
	for i, u := range used {
		values[i] = of(u)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// usages returns the usages that the first process printed.
func usages(log []byte) []usage {
	var used []usage
	lines := bufio.NewScanner(bytes.NewReader(log))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var u usage
		if !strings.HasPrefix(lines.Text(), `{"Second"`) || json.Unmarshal(lines.Bytes(), &u) != nil {
			continue
		}
		if len(used) > 0 && u.Second < used[len(used)-1].Second {
			break // another process
		}
		used = append(used, u)
	}
	return used
}

// plot draws usages as an SVG with one curve per measure, each scaled to its maximum.
func plot(used []usage) []byte {
	const width, height, left, top = 720, 160, 60, 30
	var svg bytes.Buffer
	names := []string{"goroutines", "heap in use, MiB", "anonymous resident memory, MiB", "resident memory from files, MiB"}
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width+left+20, len(names)*(height+top)+40)
	fmt.Fprintf(&svg, `<rect width="100%%" height="100%%" fill="#fff"/>`+"\n")
	last := float64(used[len(used)-1].Second)
	for i, name := range names {
		of := measures[name]
		most := of(slices.MaxFunc(used, func(a, b usage) int { return cmp.Compare(of(a), of(b)) }))
		base := (i+1)*(height+top) + 4
		fmt.Fprintf(&svg, `<text x="%d" y="%d">%s (at most %.0f)</text>`+"\n", left, base-height-8, name, most)
		fmt.Fprintf(&svg, `<path d="M%d %dh%dM%d %dv-%d" stroke="#999" fill="none"/>`+"\n", left, base, width, left, base, height)
		fmt.Fprintf(&svg, `<text x="%d" y="%d" text-anchor="end">%.0f</text><text x="%d" y="%d" text-anchor="end">0</text>`+"\n", left-6, base-height+10, most, left-6, base)
		svg.WriteString(`<polyline fill="none" stroke="#2563eb" stroke-width="1.5" points="`)
		for _, u := range used {
			fmt.Fprintf(&svg, "%.1f,%.1f ", left+width*float64(u.Second)/last, float64(base)-float64(height)*of(u)/most)
		}
		svg.WriteString("\"/>\n")
	}
	fmt.Fprintf(&svg, `<text x="%d" y="%d" text-anchor="end">%.0f minutes</text>`+"\n</svg>\n", left+width, len(names)*(height+top)+26, last/60)
	return svg.Bytes()
}
