// Package browser drives web pages in Debian's Chromium, for tests. It does not
// know the pages: a test names elements with CSS selectors.
//
//	var chromium browser.Browser // closed by TestMain
//
//	tab := chromium.Open(t, url)
//	tab.Type("#compose-text", "Hello")
//	tab.Press("Enter")
//	tab.Await(`document.querySelector(".message")`)
//
// Nothing sleeps: every step waits until the page is in the expected state, and
// otherwise reports the actual state. A step gives up only when the test's time
// is over, as described at [Context], so go test's -timeout limits how long a
// failing test waits. A tab fails its test at the end if there were errors in the
// console or requests to other machines.
//
// Tests are skipped if there is no browser, unless ENJOBRIDGE_CI is 1.
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

// startWithin is the timeout for starting Chromium. It is far longer than any machine needs.
const startWithin = 5 * time.Minute

// Browser is a Chromium process that starts on first use. The zero value is ready to use.
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
			chromedp.NoSandbox, // tests can run as root, and open only their own pages
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

// find returns the path of the browser; empty if there is none.
func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
