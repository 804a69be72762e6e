package browser

import (
	"context"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// key is a special key, such as Enter.
type key struct {
	code int64
	text string // the character it types; empty if none
}

// keys are the special keys by name.
var keys = map[string]key{
	"Enter": {13, "\r"}, "Tab": {9, ""}, "Escape": {27, ""}, "Backspace": {8, ""}, "Delete": {46, ""}, "Space": {32, " "},
	"ArrowUp": {38, ""}, "ArrowDown": {40, ""}, "ArrowLeft": {37, ""}, "ArrowRight": {39, ""},
	"Home": {36, ""}, "End": {35, ""}, "F6": {117, ""},
}

// Press presses keys one after the other, such as "Enter", "Shift+Tab" or "e", where the focus is.
func (tab *Tab) Press(names ...string) {
	tab.t.Helper()
	tab.Await(ready)
	for _, name := range names {
		tab.do("pressing "+name, press(name))
	}
}

// press presses a key as hardware does, so that a page can prevent the default action.
func press(name string) chromedp.Action[chromedp.Void] {
	name, shifted := strings.CutPrefix(name, "Shift+")
	var modifiers int64
	if shifted {
		modifiers = int64(chromedp.ModifierShift)
	}
	k, special := keys[name]
	if !special {
		k = key{int64(strings.ToUpper(name)[0]), name}
	}
	shownKey := name
	if name == "Space" {
		shownKey = " "
	}
	down := input.DispatchKeyEventTypeKeyDown
	if k.text == "" {
		down = input.DispatchKeyEventTypeRawKeyDown
	}
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, kind := range []input.DispatchKeyEventType{down, input.DispatchKeyEventTypeKeyUp} {
			event := input.DispatchKeyEventParams{
				Type: kind, Key: shownKey, Code: name, Modifiers: modifiers, WindowsVirtualKeyCode: k.code, NativeVirtualKeyCode: k.code,
			}
			if kind == input.DispatchKeyEventTypeKeyDown {
				event.Text = k.text
			}
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, event); err != nil {
				return err
			}
		}
		return nil
	})
}

// Write types text where the focus is.
func (tab *Tab) Write(text string) {
	tab.t.Helper()
	tab.Await(ready)
	tab.do("writing", chromedp.KeyEvent(text))
}
