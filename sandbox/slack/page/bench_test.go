package page_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"enjobridge/internal/browser"
	"enjobridge/sandbox/slack/page"
)

// history fills #support with this many messages, each with a preview of its
// link.
func (s *scene) history(n int) {
	s.t.Helper()
	for i := range n {
		user := []string{s.alice, s.bob}[i/3%2]
		ts := s.post(s.support, user, fmt.Sprintf("Message %d says *something* about `code` and https://example.com/%d, at some length, so that it takes a line or two", i, i))
		if err := s.Unfurl(s.support, ts); err != nil { // now, so that it is not part of what is measured
			s.t.Fatal(err)
		}
	}
}

// BenchmarkRender measures the server's part of showing a channel with 2,000
// messages.
func BenchmarkRender(b *testing.B) {
	s := open(b, page.Options{})
	s.history(2000)
	p := page.New(s.Workspace, page.Options{})
	for b.Loop() {
		rw := httptest.NewRecorder()
		p.ServeHTTP(rw, httptest.NewRequest("GET", "http://127.0.0.1/u/UALICE/c/CSUPPORT", nil))
		if rw.Code != http.StatusOK {
			b.Fatal(rw.Code)
		}
		b.SetBytes(int64(rw.Body.Len()))
	}
}

// BenchmarkPatch measures the time from a message to its patch in a browser.
func BenchmarkPatch(b *testing.B) {
	s := open(b, page.Options{})
	s.history(2000)
	f := s.follow("UALICE", "channel=CSUPPORT")
	for i := 0; b.Loop(); i++ {
		text := fmt.Sprintf("Live message %d.", i)
		s.post(s.support, s.bob, text)
		f.await(text, func(p patch) bool { return p.In == "messages" && containsAll(p.HTML, []string{text}) })
	}
}

// BenchmarkLoad measures how long a browser takes to load a channel with 2,000
// messages, by its own clock: until the first paint, and until the page is
// ready.
func BenchmarkLoad(b *testing.B) {
	s := open(b, page.Options{})
	s.history(2000)
	tab := chromium.Open(b, s.at(s.alice, s.globex))
	var loaded, painted []float64
	for b.Loop() {
		tab.Go(s.at(s.alice, s.support))
		tab.See(".message", "Message 1999 says")
		tab.Await(`performance.getEntriesByType("navigation")[0].loadEventEnd > 0 && performance.getEntriesByName("first-contentful-paint")[0]`)
		loaded = append(loaded, browser.Eval[float64](tab, `performance.getEntriesByType("navigation")[0].loadEventEnd`))
		painted = append(painted, browser.Eval[float64](tab, `performance.getEntriesByName("first-contentful-paint")[0].startTime`))
	}
	// The minimum is the page's own time; the rest is other work of the machine.
	b.ReportMetric(slices.Min(loaded), "ms-loaded-least")
	b.ReportMetric(median(loaded), "ms-loaded-median")
	b.ReportMetric(slices.Min(painted), "ms-painted-least")
	b.ReportMetric(median(painted), "ms-painted-median")
}

func median(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }

// BenchmarkHistory measures a browser with all 2,000 messages in its page: the
// longest time without a reaction during scrolling, typing, and incoming
// messages.
func BenchmarkHistory(b *testing.B) {
	s := open(b, page.Options{})
	s.history(2000)
	tab := chromium.Open(b, s.at(s.alice, s.globex))
	for b.Loop() {
		tab.Go(s.at(s.alice, s.support))
		tab.Await(`document.querySelectorAll("#messages > .message").length >= 100`)
		report(b, "older", tab.Trace(func() {
			browser.Eval[any](tab, `(async () => {
				while (document.querySelector("[data-older]")) {
					document.querySelector("#scroll").scrollTop = 0
					await new Promise(done => setTimeout(done, 20))
				} })()`)
		}))
		if n := browser.Eval[int](tab, `document.querySelectorAll("#messages > .message").length`); n < 2000 {
			b.Fatalf("the page holds %d messages", n)
		}
		// Not quite to the end, where the page removes messages far above.
		report(b, "scroll", tab.Trace(func() {
			browser.Eval[any](tab, `(async () => { const s = document.querySelector("#scroll")
				for (let i = 0; i <= 100; i++) { s.scrollTop = i / 100 * (s.scrollHeight - s.clientHeight - 200); await new Promise(requestAnimationFrame) } })()`)
		}))
		report(b, "type", tab.Trace(func() { tab.Type("#compose-text", "What is typed is there at once, key by key") }))
		report(b, "live", tab.Trace(func() {
			browser.Eval[any](tab, `document.querySelector("#scroll").scrollTop = 1000`)
			tab.Await(`!document.querySelector("#scroll").following`)
			for i := range 50 {
				s.post(s.support, s.bob, fmt.Sprintf("Live message %d.", i))
			}
			tab.Await(`document.querySelectorAll("#messages > .message").length >= 2050`)
		}))
		b.ReportMetric(browser.Eval[float64](tab, `performance.memory.usedJSHeapSize / 1e6`), "MB-heap")
	}
}

// report reports a trace with a name.
func report(b *testing.B, name string, t browser.Trace) {
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	b.ReportMetric(ms(t.Longest), "ms-longest-"+name)
	b.ReportMetric(float64(t.Long), "long-tasks-"+name)
	b.ReportMetric(ms(t.Layout), "ms-layout-"+name)
	b.ReportMetric(ms(t.Script), "ms-script-"+name)
}
