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

// The times between two looks at a page: short at first, longer where there is much to wait for.
const (
	lookFirst = 10 * time.Millisecond
	lookLast  = 160 * time.Millisecond
)

// notYet is why a page does not let a step be done yet.
type notYet string

func (why notYet) Error() string { return string(why) }

// insist tries a step again and again, until it is done or the test's time is
// over. Whatever a try finds is to be found anew by the next one, because the
// page may have put something else in its place.
func (tab *Tab) insist(what string, try func(ctx context.Context) error) {
	tab.t.Helper()
	ctx, cancel := until(tab.ctx, tab.t)
	defer cancel()
	gone, err := chromedp.Detached(tab.ctx)
	for pause := lookFirst; err == nil; pause = min(2*pause, lookLast) {
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
			err = errors.New("the tab has crashed or was closed")
		case <-ctx.Done():
			err = failed
		}
	}
	tab.t.Fatalf("%s: %v\n%s", what, err, tab.situation())
}

// hopeless says whether an error is a mistake in the test, which no waiting mends.
// All others may be the page's, which makes room for the next one and cannot be asked now.
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
		holds, err := evaluate[bool](ctx, fmt.Sprintf("!!(%s)", expression))
		if err == nil && !holds {
			err = notYet("it is not so")
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
// promise. It looks once: of what may be about to change, wait for the change first.
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

// situation says what the page shows, for the messages of failed tests.
func (tab *Tab) situation() string {
	ctx, cancel := context.WithTimeout(tab.ctx, toTell/2)
	defer cancel()
	text, err := evaluate[string](ctx, `location.href + "\nfocus: " + (document.activeElement?.outerHTML ?? "").slice(0, 200) + "\n" + document.body.innerText.slice(0, 3000)`)
	if err != nil {
		return "what the page shows cannot be told: " + err.Error()
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
