package blockkit

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// storybook is a page with every example, as a page of the sandbox would show
// it: with a policy that allows neither scripts nor inline styles.
func storybook(t testing.TB, theme string) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><html lang="en" data-theme=%q><meta charset="utf-8"><meta name="viewport" content="width=device-width">`, theme)
	b.WriteString(`<title>Block Kit</title><link rel="stylesheet" href="/blockkit.css"><link rel="stylesheet" href="/page.css"><body>`)
	for _, name := range examples() {
		fmt.Fprintf(&b, "<h2>%s</h2><form>%s</form>", html.EscapeString(name), HTML(example(t, name), workspace{}))
	}
	return b.String()
}

const pageCSS = `
html { background: #fff; color: #1d1c1d; font-family: sans-serif; }
html[data-theme="dark"] { background: #1a1d21; color: #d1d2d3; }
body { max-width: 720px; margin: 16px auto; padding: 0 16px; }
h2 { font-size: 12px; text-transform: uppercase; }
`

// serveStorybook serves the page for each theme.
func serveStorybook(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'none'")
		switch r.URL.Path {
		case "/blockkit.css":
			w.Header().Set("Content-Type", "text/css")
			_, _ = w.Write(CSS)
		case "/page.css":
			w.Header().Set("Content-Type", "text/css")
			_, _ = w.Write([]byte(pageCSS))
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(storybook(t, strings.TrimPrefix(r.URL.Path, "/"))))
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// browser finds Chromium, or skips the test; where tests must not be skipped,
// it fails.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const advice = "no browser found: install chromium (apt-get install chromium) to look at the page"
	if os.Getenv("ENJOBRIDGE_CI") == "1" {
		t.Fatal(advice)
	}
	t.Skip(advice)
	return ""
}

// Ensure that the page is accessible and fits in a browser: wide and narrow,
// light and dark. Save the pictures with go test -artifacts.
func TestStorybook(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	path := browser(t)
	address := serveStorybook(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	ctx, stop := chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true)))
	defer stop()

	pictures := t.ArtifactDir()
	for _, theme := range []string{"light", "dark"} {
		for _, width := range []int64{390, 900} {
			t.Run(fmt.Sprintf("%s %d", theme, width), func(t *testing.T) {
				if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 1200), chromedp.Navigate(address+"/"+theme)); err != nil {
					t.Fatal(err)
				}
				for name, script := range map[string]string{"contrast": contrastScript, "names": namesScript, "overflow": overflowScript} {
					found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](script))
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					if len(found) > 0 {
						t.Errorf("%s: %q", name, found)
					}
				}
				picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(90))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(pictures, fmt.Sprintf("%s-%d.jpg", theme, width)), picture, 0o644); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// contrastScript finds text with a contrast below 4.5 : 1
// (https://www.w3.org/TR/WCAG22/#contrast-minimum).
const contrastScript = `(() => {
	const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
	const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
		.map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = e => {
		for (; e; e = e.parentElement) {
			const c = parse(getComputedStyle(e).backgroundColor);
			if (c.length === 3 || c[3] === 1) return c;
		}
		return [255, 255, 255];
	};
	const found = [];
	for (const e of document.querySelectorAll('.bk *')) {
		const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
		if (!own || e.closest('option, svg') || !e.checkVisibility()) continue;
		const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))];
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5) found.push(e.className + ' ' + ratio.toFixed(2) + ' ' + e.textContent.slice(0, 30));
	}
	return found;
})()`

// namesScript finds controls without a name for screen readers.
const namesScript = `[...document.querySelectorAll('.bk :is(button, a, select, textarea, input, summary, dialog, fieldset, [role=img], [role=region])')]
	.filter(e => !(e.getAttribute('aria-label') || e.getAttribute('aria-hidden') || e.textContent.trim() || [...(e.labels || [])].some(l => l.textContent.trim())))
	.map(e => e.outerHTML.slice(0, 200))`

// overflowScript finds what makes the page wider than the window.
const overflowScript = `document.documentElement.scrollWidth <= window.innerWidth ? [] :
	[...document.querySelectorAll('.bk, .bk *')].filter(e => e.getBoundingClientRect().right > window.innerWidth).map(e => e.className).slice(0, 5)`
