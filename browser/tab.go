package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// patience is how long a step may take. It is long for slow machines: what works does not wait for it.
const patience = 20 * time.Second

// lookEvery is how often it is looked whether a page is as it has to be.
const lookEvery = 15 * time.Millisecond

// Tab is a page in a browser. Its methods fail the test if they cannot do what they say.
type Tab struct {
	t   testing.TB
	ctx context.Context

	mu    sync.Mutex
	wrong []string // what must not happen
}

// Size is how large a tab's window is, in CSS pixels.
type Size struct{ Width, Height int64 }

// The sizes for which pages are made.
var (
	Desktop = Size{1280, 800}
	Phone   = Size{390, 844}
)

// Options are the details of a tab. The zero value is a light desktop.
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
		tab.mu.Lock()
		defer tab.mu.Unlock()
		for _, w := range tab.wrong {
			t.Error(w)
		}
	})
	// The first step opens the tab, which lives as long as that step's context.
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

// emulate makes the tab one that its user looks at, in the theme of the options.
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

// watch notes errors in the console, and requests to other machines.
func (tab *Tab) watch() {
	console := chromedp.Console(tab.ctx)
	go func() {
		for m, err := range console {
			if err != nil {
				return // the tab is closed
			}
			if m.IsException() || m.Type == chromedp.ConsoleError {
				tab.complain("console: " + m.String())
			}
		}
	}()
	requests := chromedp.Events(tab.ctx, network.RequestWillBeSent)
	go func() {
		for r, err := range requests {
			if err != nil {
				return
			}
			if u, err := url.Parse(r.Request.URL); err != nil || u.Scheme != "data" && u.Scheme != "blob" && u.Hostname() != "127.0.0.1" {
				tab.complain("a request left this machine: " + r.Request.URL)
			}
		}
	}()
}

func (tab *Tab) complain(what string) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.wrong = append(tab.wrong, what)
}

// Forgive forgets what was complained of so far and contains the text: a test that provokes an error expects it.
func (tab *Tab) Forgive(text string) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	var left []string
	for _, w := range tab.wrong {
		if !strings.Contains(w, text) {
			left = append(left, w)
		}
	}
	tab.wrong = left
}

// do runs the actions within the test's patience.
func (tab *Tab) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		tab.t.Fatalf("%s: %v\n%s", what, err, tab.situation())
	}
}

// situation says what the page shows, for the messages of failed tests.
func (tab *Tab) situation() string {
	ctx, cancel := context.WithTimeout(tab.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\nfocus: " + (document.activeElement?.outerHTML ?? "").slice(0, 200) + "\n" + document.body.innerText.slice(0, 3000)`))
	if err != nil {
		return "what the page shows cannot be told: " + err.Error()
	}
	if picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot()); err == nil && os.Getenv("BROWSER_PICTURES") != "" {
		name := strings.NewReplacer("/", "-", " ", "-").Replace(tab.t.Name()) + ".png"
		_ = os.WriteFile(os.Getenv("BROWSER_PICTURES")+"/"+name, picture, 0o600) // the test has failed already
	}
	return "the page shows:\n" + text
}

// Await waits until the JavaScript expression is truthy.
func (tab *Tab) Await(expression string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		// While a page makes room for the next it cannot be asked.
		holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf("!!(%s)", expression)))
		if err == nil && holds {
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			tab.t.Fatalf("waiting for %s: %v\n%s", expression, err, tab.situation())
		}
	}
}

// See waits until the first element that matches the selector is visible and shows the text.
func (tab *Tab) See(selector, text string) {
	tab.t.Helper()
	tab.Await(fmt.Sprintf(`[...document.querySelectorAll(%s)].some(e => e.checkVisibility() && e.innerText.includes(%s))`, js(selector), js(text)))
}

// Gone waits until no element that matches the selector is visible.
func (tab *Tab) Gone(selector string) {
	tab.t.Helper()
	tab.Await(fmt.Sprintf(`![...document.querySelectorAll(%s)].some(e => e.checkVisibility())`, js(selector)))
}

// point is a place in the window.
type point struct{ X, Y float64 }

// middle waits until the first visible element that matches the selector rests,
// and nothing lies on it, and returns its middle.
func (tab *Tab) middle(selector string) point {
	tab.t.Helper()
	var last *point
	for range int(patience / lookEvery) {
		now := Eval[*point](tab, fmt.Sprintf(`(() => {
			const e = [...document.querySelectorAll(%s)].find(e => e.checkVisibility())
			e?.scrollIntoView({block: "nearest"})
			const b = e?.getBoundingClientRect(), x = b?.x + b?.width / 2, y = b?.y + b?.height / 2
			const hit = e && document.elementFromPoint(x, y)
			return hit && (e.contains(hit) || hit.contains(e)) ? {x, y} : null })()`, js(selector)))
		if now != nil && last != nil && *now == *last {
			return *now
		}
		last = now
		Eval[any](tab, "new Promise(done => setTimeout(done, 15))") // it may be moving
	}
	tab.t.Fatalf("%s cannot be pointed at\n%s", selector, tab.situation())
	return point{}
}

// Click clicks the middle of the first visible element that matches the selector.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	p := tab.middle(selector)
	tab.do("clicking "+selector, chromedp.MouseClickXY(p.X, p.Y))
}

// Type focuses the first element that matches the selector and types the text, key by key.
func (tab *Tab) Type(selector, text string) {
	tab.t.Helper()
	tab.do("typing into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text, chromedp.NodeVisible))
}

// Pick picks the value in a select, or enters it into a field, as a user does at once.
func (tab *Tab) Pick(selector, value string) {
	tab.t.Helper()
	tab.Await(fmt.Sprintf(`document.querySelector(%s)?.checkVisibility()`, js(selector)))
	Eval[any](tab, fmt.Sprintf(`(() => { const e = document.querySelector(%s); e.value = %s;
		e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})) })()`, js(selector), js(value)))
}

// Upload chooses files in a file input.
func (tab *Tab) Upload(selector string, paths ...string) {
	tab.t.Helper()
	tab.do("choosing files in "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), paths))
}

// Hover moves the mouse over the first element that matches the selector.
func (tab *Tab) Hover(selector string) {
	tab.t.Helper()
	p := tab.middle(selector)
	tab.do("pointing at "+selector, chromedp.MouseEvent("mouseMoved", p.X, p.Y))
}

// Eval returns the value of the JavaScript expression, awaited if it is a promise.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise, chromedp.EvalAsValue))
	if err != nil {
		tab.t.Fatalf("evaluating %s: %v", expression, err)
	}
	var value T
	if len(raw) == 0 {
		return value
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		tab.t.Fatalf("evaluating %s: %v in %s", expression, err, raw)
	}
	return value
}

// Screenshot returns the window as a PNG.
func (tab *Tab) Screenshot() []byte {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		tab.t.Fatalf("taking a screenshot: %v", err)
	}
	return picture
}

// js returns the text as a JavaScript literal.
func js(text string) string {
	literal, err := json.Marshal(text)
	if err != nil {
		panic("browser: " + err.Error()) // a string can always be encoded
	}
	return string(literal)
}
