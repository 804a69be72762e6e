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

// goal is the element of a step, with the JavaScript expression that finds it.
type goal struct{ what, find string }

// ready is true once a page can be used. Before that, its scripts do not listen yet.
const ready = `document.readyState === "complete"`

// visible returns a goal among the visible elements that match the selector.
func visible(what, selector, method, condition string) goal {
	return goal{what, fmt.Sprintf(`%s && [...document.querySelectorAll(%s)].%s(e => %s && e.checkVisibility()) || null`, ready, js(selector), method, condition)}
}

// first returns the first visible element that matches the selector.
func first(selector string) goal { return visible(selector, selector, "find", "true") }

// last returns the last visible element that matches the selector.
func last(selector string) goal { return visible("the last "+selector, selector, "findLast", "true") }

// named returns the last visible element with the accessible role and name.
func named(role, name string) goal {
	return visible(fmt.Sprintf("the %s %q", role, name), "*", "findLast",
		fmt.Sprintf("e.computedRole === %s && e.computedName === %s", js(role), js(name)))
}

// point is a position in the window. Why says why it cannot be used; empty if it can.
type point struct {
	X, Y float64
	Why  string
}

// aim returns a step for [Tab.insist]. It calls do once the goal is uncovered and
// at the same position as in the previous attempt.
func aim(g goal, do func(context.Context, point) error) func(context.Context) error {
	before := point{Why: "the first attempt"}
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
// Click waits while the element is covered or moving. If another element takes its place
// at the last moment, the press is blocked and Click tries again.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.click(first(selector))
}

// ClickLast is Click for the last visible element that matches the selector.
func (tab *Tab) ClickLast(selector string) {
	tab.t.Helper()
	tab.click(last(selector))
}

// ClickNamed is Click for the last visible element with the accessible role, such as
// button, and the accessible name.
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
		// The guard is gone if the click opened another page.
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
			err = notYet("it moved away")
		}
		return err
	}))
}

// Hold presses the mouse's button on the first visible element that matches the
// selector, and returns a function that releases it at the same position.
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
			tab.t.Fatalf("releasing the mouse on %s: %v", g.what, err)
		}
	}
}

// mouse presses or releases the left mouse button.
func mouse(ctx context.Context, kind input.DispatchMouseEventType, p point) error {
	return chromedp.Do(ctx, chromedp.MouseEvent(kind, p.X, p.Y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
}
