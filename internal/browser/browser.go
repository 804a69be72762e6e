// Package browser drives web pages in Debian's Chromium, for tests. It does not
// know the pages: a test names elements by their CSS selectors.
//
//	var chromium browser.Browser // closed by TestMain
//
//	tab := chromium.Open(t, url)
//	tab.Type("#compose-text", "Hello")
//	tab.Press("Enter")
//	tab.Await(`document.querySelector(".message")`)
//
// Nothing sleeps: every step waits until the page is as it has to be, and says
// what it was instead when that does not come. A step gives up only when the
// test's time is over, as [Context] says, so go test's -timeout is how long a
// test waits in vain. At the end of its test each tab fails it for errors in
// the console and for requests that left this machine.
//
// Tests are skipped where there is no browser, unless ENJOBRIDGE_CI is 1.
package browser

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// startWithin is how long Chromium may take to start. It is far longer than any machine needs.
const startWithin = 5 * time.Minute

// Browser is a Chromium process, started when it is needed first. Its zero value is ready.
type Browser struct {
	start  sync.Once
	ctx    context.Context
	cancel context.CancelFunc
	err    error
}

// Close ends the process, if it was started.
func (b *Browser) Close() {
	if b.cancel != nil {
		b.cancel()
	}
}

// launch starts the browser, or skips the test if there is none.
func (b *Browser) launch(t testing.TB) {
	t.Helper()
	path := find()
	switch {
	case path == "" && os.Getenv("ENJOBRIDGE_CI") == "1":
		t.Fatal("no Chromium found: apt-get install chromium")
	case path == "":
		t.Skip("needs a browser: apt-get install chromium")
	}
	b.start.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(path),
			chromedp.NoSandbox, // tests may run as root, and open their own pages only
			chromedp.DisableGPU,
			chromedp.Flag("disable-background-networking", true),
			chromedp.Flag("enable-blink-features", "ComputedAccessibilityInfo"), // for roles and names
			chromedp.WSURLReadTimeout(startWithin),
		)
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, cancel := chromedp.NewContext(allocator)
		b.ctx, b.cancel = ctx, func() { cancel(); stop() }
		b.err = chromedp.Do(ctx)
	})
	if b.err != nil {
		t.Fatalf("starting %s: %v", path, b.err)
	}
}

// find returns where the browser is; empty if there is none.
func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
