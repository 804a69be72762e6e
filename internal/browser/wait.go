package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// The pause between two attempts doubles from the first to the longest.
const (
	firstPause   = 10 * time.Millisecond
	longestPause = 160 * time.Millisecond
)

// notYet is the reason why a step cannot be done yet.
type notYet string

func (why notYet) Error() string { return string(why) }

// insist repeats a step until it is done or the test's time is over. Each attempt
// must find its elements again, because the page may have replaced them.
func (tab *Tab) insist(what string, try func(ctx context.Context) error) {
	tab.t.Helper()
	ctx, cancel := until(tab.ctx, tab.t)
	defer cancel()
	gone, err := chromedp.Detached(tab.ctx)
	for pause := firstPause; err == nil; pause = min(2*pause, longestPause) {
		failed := try(ctx)
		if failed == nil {
			return
		}
		if hopeless(failed) {
			err = failed
			break
		}
		select {
		case <-time.After(pause):
		case <-gone:
			err = errors.New("the tab crashed or was closed")
		case <-ctx.Done():
			err = failed
		}
	}
	tab.t.Fatalf("%s: %v\n%s", what, err, tab.situation())
}

// hopeless reports whether an error is a mistake in the test, which waiting does not
// fix. Other errors may be temporary, for example while the tab opens another page.
func hopeless(err error) bool { return strings.Contains(err.Error(), "SyntaxError") }

// do runs an action once.
func (tab *Tab) do(what string, action chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := until(tab.ctx, tab.t)
	defer cancel()
	if err := chromedp.Do(ctx, action); err != nil {
		tab.t.Fatalf("%s: %v\n%s", what, err, tab.situation())
	}
}

// Await waits until the JavaScript expression is truthy.
func (tab *Tab) Await(expression string) {
	tab.t.Helper()
	tab.insist("waiting for "+expression, func(ctx context.Context) error {
		truthy, err := evaluate[bool](ctx, fmt.Sprintf("!!(%s)", expression))
		if err == nil && !truthy {
			err = notYet("it is false")
		}
		return err
	})
}

// See waits until an element that matches the selector is visible and shows the text.
func (tab *Tab) See(selector, text string) {
	tab.t.Helper()
	tab.Await(fmt.Sprintf(`[...document.querySelectorAll(%s)].some(e => e.checkVisibility() && e.innerText.includes(%s))`, js(selector), js(text)))
}

// Gone waits until no element that matches the selector is visible.
func (tab *Tab) Gone(selector string) {
	tab.t.Helper()
	tab.Await(fmt.Sprintf(`![...document.querySelectorAll(%s)].some(e => e.checkVisibility())`, js(selector)))
}

// Eval returns the value of the JavaScript expression, awaited if it is a
// promise. It evaluates once: wait first for any change that may still happen.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	ctx, cancel := until(tab.ctx, tab.t)
	defer cancel()
	value, err := evaluate[T](ctx, expression)
	if err != nil {
		tab.t.Fatalf("evaluating %s: %v\n%s", expression, err, tab.situation())
	}
	return value
}

// evaluate returns the value of the JavaScript expression, awaited if it is a promise.
func evaluate[T any](ctx context.Context, expression string) (value T, err error) {
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise, chromedp.EvalAsValue))
	if err != nil || len(raw) == 0 {
		return value, err
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return value, fmt.Errorf("%w in %s", err, raw)
	}
	return value, nil
}

// situation describes what the page shows, for the messages of failed tests.
func (tab *Tab) situation() string {
	ctx, cancel := context.WithTimeout(tab.ctx, reportTime/2)
	defer cancel()
	text, err := evaluate[string](ctx, `location.href + "\nfocus: " + (document.activeElement?.outerHTML ?? "").slice(0, 200) + "\n" + document.body.innerText.slice(0, 3000)`)
	if err != nil {
		return "the page could not be read: " + err.Error()
	}
	if dir := os.Getenv("BROWSER_PICTURES"); dir != "" {
		if picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot()); err == nil {
			name := strings.NewReplacer("/", "-", " ", "-").Replace(tab.t.Name()) + ".png"
			_ = os.WriteFile(dir+"/"+name, picture, 0o600) // the test has failed already
		}
	}
	return "the page shows:\n" + text
}

// Screenshot returns the window as a PNG.
func (tab *Tab) Screenshot() []byte {
	tab.t.Helper()
	ctx, cancel := until(tab.ctx, tab.t)
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
