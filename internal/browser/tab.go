package browser

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Tab is a page in a browser. Its methods fail the test on errors.
type Tab struct {
	t   testing.TB
	ctx context.Context

	watching sync.WaitGroup // the goroutines that collect problems

	mu       sync.Mutex
	problems []string // console errors and requests to other machines
}

// Size is the size of a tab's window, in CSS pixels.
type Size struct{ Width, Height int64 }

// The sizes that pages are designed for.
var (
	Desktop = Size{1280, 800}
	Phone   = Size{390, 844}
)

// Options configure a tab. The zero value is a desktop window in the light theme.
type Options struct {
	Size Size
	Dark bool
}

// Open opens the address in a new tab, which is closed at the end of the test.
func (b *Browser) Open(t testing.TB, address string, options ...Options) *Tab {
	t.Helper()
	b.launch(t)
	o := Options{Size: Desktop}
	for _, given := range options {
		o = given
	}
	if o.Size == (Size{}) {
		o.Size = Desktop
	}
	ctx, cancel := chromedp.NewContext(b.ctx)
	tab := &Tab{t: t, ctx: ctx}
	t.Cleanup(func() {
		cancel()
		tab.watching.Wait()
		tab.mu.Lock()
		defer tab.mu.Unlock()
		for _, problem := range tab.problems {
			t.Error(problem)
		}
	})
	// The first action opens the tab, which lives as long as the action's context.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(o.Size.Width, o.Size.Height)); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	tab.emulate(o)
	tab.watch()
	tab.Go(address)
	return tab
}

// Go opens another address in the tab.
func (tab *Tab) Go(address string) {
	tab.t.Helper()
	tab.do("opening "+address, chromedp.Navigate(address))
}

// emulate gives the tab the focus and the theme of the options.
func (tab *Tab) emulate(o Options) {
	tab.t.Helper()
	theme := "light"
	if o.Dark {
		theme = "dark"
	}
	_, err := chromedp.Call(tab.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	if err == nil {
		_, err = chromedp.Call(tab.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
	}
	if err != nil {
		tab.t.Fatalf("preparing the tab: %v", err)
	}
}

// watch collects errors in the console and requests to other machines.
func (tab *Tab) watch() {
	console := chromedp.Console(tab.ctx)
	tab.watching.Go(func() {
		for m, err := range console {
			if err != nil {
				return // the tab is closed
			}
			if m.IsException() || m.Type == chromedp.ConsoleError {
				tab.addProblem("console: " + m.String())
			}
		}
	})
	requests := chromedp.Events(tab.ctx, network.RequestWillBeSent)
	tab.watching.Go(func() {
		for r, err := range requests {
			if err != nil {
				return
			}
			if u, err := url.Parse(r.Request.URL); err != nil || u.Scheme != "data" && u.Scheme != "blob" && u.Hostname() != "127.0.0.1" {
				tab.addProblem("request to another machine: " + r.Request.URL)
			}
		}
	})
}

func (tab *Tab) addProblem(problem string) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.problems = append(tab.problems, problem)
}

// Forgive drops the problems so far that contain the text, for a test that causes them on purpose.
func (tab *Tab) Forgive(text string) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.problems = slices.DeleteFunc(tab.problems, func(problem string) bool { return strings.Contains(problem, text) })
}
