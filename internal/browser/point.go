package browser

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

//go:embed point.js
var pointing string

// goal is an element that a step is for, as a JavaScript expression that looks it up.
type goal struct{ what, find string }

// ready holds once a page can be used: before, its scripts do not listen yet.
const ready = `document.readyState === "complete"`

// visible is a goal among the visible elements that match the selector.
func visible(what, selector, method, condition string) goal {
	return goal{what, fmt.Sprintf(`%s && [...document.querySelectorAll(%s)].%s(e => %s && e.checkVisibility()) || null`, ready, js(selector), method, condition)}
}

// first is the first visible element that matches the selector.
func first(selector string) goal { return visible(selector, selector, "find", "true") }

// last is the last visible element that matches the selector.
func last(selector string) goal { return visible("the last "+selector, selector, "findLast", "true") }

// named is the last visible element with the role and the name by which
// assistive technology knows it.
func named(role, name string) goal {
	return visible(fmt.Sprintf("the %s %q", role, name), "*", "findLast",
		fmt.Sprintf("e.computedRole === %s && e.computedName === %s", js(role), js(name)))
}

// point is a place in the window, and why it cannot be used; empty if it can.
type point struct {
	X, Y float64
	Why  string
}

// aim returns a try to find the goal where the try before found it, with
// nothing on it, and to do something there.
func aim(g goal, do func(context.Context, point) error) func(context.Context) error {
	before := point{Why: "nobody has looked yet"}
	return func(ctx context.Context) error {
		now, err := evaluate[point](ctx, fmt.Sprintf("%s.where(() => %s)", strings.TrimSpace(pointing), g.find))
		steady := now == before
		before = now
		switch {
		case err != nil:
			return err
		case now.Why != "":
			return notYet(now.Why)
		case !steady:
			return notYet("it is moving")
		}
		return do(ctx, now)
	}
}

// Click clicks the first visible element that matches the selector.
//
// As long as something lies on it, or it moves, it waits. What comes in between at the last
// moment is not clicked in its place: such a press reaches nothing, and is tried again.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.click(first(selector))
}

// ClickLast is Click for the last visible element that matches the selector.
func (tab *Tab) ClickLast(selector string) {
	tab.t.Helper()
	tab.click(last(selector))
}

// ClickNamed is Click for the last visible element of the role, such as button,
// that has the name: what a screen reader calls it.
func (tab *Tab) ClickNamed(role, name string) {
	tab.t.Helper()
	tab.click(named(role, name))
}

func (tab *Tab) click(g goal) {
	tab.t.Helper()
	tab.insist("clicking "+g.what, aim(g, func(ctx context.Context, p point) error {
		if err := moveTo(ctx, p); err != nil {
			return err
		}
		if _, err := evaluate[any](ctx, fmt.Sprintf("%s.guard(() => %s)", strings.TrimSpace(pointing), g.find)); err != nil {
			return err
		}
		if err := chromedp.Do(ctx, chromedp.MouseClickXY(p.X, p.Y)); err != nil {
			return err
		}
		// There is no guard any more if the click has led to another page.
		missed, err := evaluate[string](ctx, `window.releaseGuard?.() ?? ""`)
		if err == nil && missed != "" {
			err = notYet(missed)
		}
		return err
	}))
}

func moveTo(ctx context.Context, p point) error {
	return chromedp.Do(ctx, chromedp.MouseEvent(chromedp.MouseMoved, p.X, p.Y))
}

// Hover moves the mouse over the first visible element that matches the selector.
func (tab *Tab) Hover(selector string) {
	tab.t.Helper()
	g := first(selector)
	tab.insist("pointing at "+g.what, aim(g, func(ctx context.Context, p point) error {
		if err := moveTo(ctx, p); err != nil {
			return err
		}
		over, err := evaluate[bool](ctx, fmt.Sprintf(`!!(%s)?.matches(":hover")`, g.find))
		if err == nil && !over {
			err = notYet("it has moved away")
		}
		return err
	}))
}

// Hold presses the mouse's button on the first visible element that matches the
// selector, and returns what lets it go in the same place.
func (tab *Tab) Hold(selector string) (release func()) {
	tab.t.Helper()
	g := first(selector)
	var held point
	tab.insist("holding "+g.what, aim(g, func(ctx context.Context, p point) error {
		held = p
		if err := moveTo(ctx, p); err != nil {
			return err
		}
		return mouse(ctx, chromedp.MousePressed, p)
	}))
	return func() {
		tab.t.Helper()
		ctx, cancel := until(tab.ctx, tab.t)
		defer cancel()
		if err := mouse(ctx, chromedp.MouseReleased, held); err != nil {
			tab.t.Fatalf("letting go of %s: %v", g.what, err)
		}
	}
}

// mouse does something with the left button of the mouse.
func mouse(ctx context.Context, kind input.DispatchMouseEventType, p point) error {
	return chromedp.Do(ctx, chromedp.MouseEvent(kind, p.X, p.Y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
}
