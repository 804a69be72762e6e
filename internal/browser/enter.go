package browser

import (
	"context"
	"fmt"

	"github.com/chromedp/chromedp"
)

// Focus moves the focus to the first visible element that matches the selector.
func (tab *Tab) Focus(selector string) {
	tab.t.Helper()
	g := first(selector)
	tab.insist("focusing "+g.what, func(ctx context.Context) error {
		has, err := evaluate[bool](ctx, fmt.Sprintf(`(e => { if (document.activeElement !== e) e?.focus(); return !!e && document.activeElement === e })(%s)`, g.find))
		if err == nil && !has {
			err = notYet("it cannot be focused")
		}
		return err
	})
}

// Type focuses the first visible element that matches the selector and types
// the text, key by key.
func (tab *Tab) Type(selector, text string) {
	tab.t.Helper()
	tab.Focus(selector)
	tab.Write(text)
}

// Pick picks the value in a select, or enters it into a field in one step.
func (tab *Tab) Pick(selector, value string) {
	tab.t.Helper()
	g := first(selector)
	tab.insist(fmt.Sprintf("picking %q in %s", value, g.what), func(ctx context.Context) error {
		picked, err := evaluate[bool](ctx, fmt.Sprintf(`(e => {
			if (!e || e.disabled) return false
			const before = e.value
			e.value = %[2]s
			if (e.value !== %[2]s) { e.value = before; return false } // not offered yet
			e.dispatchEvent(new Event("input", {bubbles: true}))
			e.dispatchEvent(new Event("change", {bubbles: true}))
			return true })(%[1]s)`, g.find, js(value)))
		if err == nil && !picked {
			err = notYet("it does not offer that")
		}
		return err
	})
}

// Upload chooses files in the first file input that matches the selector. The input may be invisible.
func (tab *Tab) Upload(selector string, paths ...string) {
	tab.t.Helper()
	tab.insist("choosing files in "+selector, func(ctx context.Context) error {
		return chromedp.Do(ctx, chromedp.SetUploadFiles(chromedp.CSS(selector), paths))
	})
}
