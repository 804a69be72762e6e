package page_test

import (
	"strings"
	"testing"

	"enjobridge/internal/browser"
	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/page"
)

// update has the app change the text and blocks of a message, and waits until a
// browser shows it.
func (s *scene) update(tab *browser.Tab, ts, text, blocks string) {
	s.t.Helper()
	s.mustCall("chat.update", map[string]string{"channel": s.support, "ts": ts, "text": text, "blocks": blocks})
	tab.See(".message .body", text)
}

// counted is a message with a text and a button with a confirmation.
func counted(text string) string {
	return `[{"type": "section", "text": {"type": "plain_text", "text": "` + text + `"}},
		{"type": "actions", "block_id": "b", "elements": [
			{"type": "button", "action_id": "once", "value": "v", "text": {"type": "plain_text", "text": "Once"}},
			{"type": "button", "action_id": "asks", "text": {"type": "plain_text", "text": "Asks"},
				"confirm": {"title": {"type": "plain_text", "text": "Really?"}, "text": {"type": "plain_text", "text": "Yes?"}, "confirm": {"type": "plain_text", "text": "Yes"}, "deny": {"type": "plain_text", "text": "No"}}},
			{"type": "overflow", "action_id": "more", "options": [{"text": {"type": "plain_text", "text": "One"}, "value": "o1"}, {"text": {"type": "plain_text", "text": "Two"}, "value": "o2"}]},
			{"type": "datepicker", "action_id": "date"}]}]`
}

// Ensure that a message that changes while somebody uses it loses nothing: a
// half-pressed button, the focus, an open dialog or fold, entered text.
func TestChangeUnderTheHands(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	ts, _ := s.mustCall("chat.postMessage", map[string]string{"channel": s.support, "text": "x", "blocks": counted("First")})["ts"].(string)
	tab := chromium.Open(t, s.at(s.alice, s.support))

	release := tab.Hold(`[data-action-id="once"]`)
	s.update(tab, ts, "Second", counted("Second"))
	release()
	s.awaitDelivery("block_actions", `"action_id":"once"`)

	tab.Pick(`[data-action-id="date"]`, "2026-12-24")
	s.awaitDelivery("block_actions", `"selected_date":"2026-12-24"`)
	tab.Click(".bk-overflow summary")
	s.update(tab, ts, "Third", counted("Third"))
	tab.See(".bk-menu", "Two")
	tab.Await(`document.activeElement.matches(".bk-overflow summary")`)
	tab.Press("Escape")
	tab.Gone(".bk-menu")

	tab.Click(`[data-action-id="asks"]`)
	tab.See("dialog.bk-confirm[open]", "Really?")
	s.mustCall("chat.update", map[string]string{"channel": s.support, "ts": ts, "text": "Fourth", "blocks": counted("Fourth")})
	tab.Await(`document.querySelector(".message .body").textContent.includes("Fourth")`)
	tab.Click(`dialog.bk-confirm[open] button[value="confirm"]`)
	s.awaitDelivery("block_actions", `"action_id":"asks"`)
	tab.Await(`document.querySelector('[data-action-id="date"]').value === "2026-12-24"`)
}

// away does something while the browser's window is hidden.
func away(tab *browser.Tab, do func()) {
	hide := func(hidden string) {
		browser.Eval[any](tab, `(() => { Object.defineProperty(document, "hidden", {value: `+hidden+`, configurable: true}); document.dispatchEvent(new Event("visibilitychange")) })()`)
	}
	hide("true")
	do()
	hide("false")
}

// Ensure that no element is replaced when a page that was hidden receives the
// whole state.
func TestEverythingAnew(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	root := s.post(s.support, s.bob, "A question")
	s.mustCall("chat.postMessage", map[string]string{"channel": s.support, "thread_ts": root, "text": "x", "blocks": elementBlocks})
	tab := chromium.Open(t, s.at(s.alice, s.support)+"?thread="+root)
	tab.See("#replies .body", "Click me")
	tab.Hover(`#replies .message:last-child .body`)
	tab.See("#replies .tools", "")
	release := tab.Hold(`#replies [data-action-id="plain"]`)
	browser.Eval[any](tab, `window.kept = [...document.querySelectorAll("#replies *, #messages *, #left *")], 0`)
	away(tab, func() { s.post(s.support, s.bob, "Another") })
	tab.See("#messages .body", "Another")
	if gone := browser.Eval[[]string](tab, `kept.filter(e => !e.isConnected).map(e => e.outerHTML)`); len(gone) > 0 {
		t.Errorf("%d elements were replaced, such as %s", len(gone), gone[0])
	}
	release()
	s.awaitDelivery("block_actions", `"action_id":"plain"`)
}

// Ensure that a modal that the app updates while it is filled in keeps its
// focus, and that inputs move with their elements.
func TestModalChanges(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	tab := chromium.Open(t, s.at(s.alice, s.support))
	tab.Click(`#compose summary[aria-label="Shortcuts"]`)
	tab.Click(`[data-callback="new_request"]`)
	tab.Type(`#modal [data-action-id="title"]`, "A tit")
	tab.Click(`#modal [data-action-id="prio"] input[value="high"]`)
	tab.Focus(`#modal [data-action-id="title"]`)
	view, open := s.Modal(s.alice)
	if !open {
		t.Fatal("no modal is open")
	}
	changed := strings.Replace(formView, `"blocks": [`, `"blocks": [
		{"type": "input", "block_id": "why", "optional": true, "label": {"type": "plain_text", "text": "Reason"}, "element": {"type": "plain_text_input", "action_id": "why"}},`, 1)
	s.mustCall("views.update", map[string]string{"view_id": view.ID, "view": changed})
	tab.See("#modal", "Reason")
	tab.Await(`document.activeElement.dataset.actionId === "title"`)
	tab.Press("End")
	tab.Write("le")
	tab.Press("Enter")
	tab.Gone("#modal")
	s.awaitDelivery("view_submission", `"value":"A title"`, `"value":"high"`)
}

// Ensure that a message that is being edited is updated after the edit.
func TestEditMeanwhile(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	ts := s.post(s.support, s.alice, "Hello")
	tab := chromium.Open(t, s.at(s.alice, s.support))
	tab.Focus("#compose-text")
	tab.Press("ArrowUp")
	tab.Type(".editor textarea", " you")
	if err := s.React(s.support, s.bob, ts, "eyes"); err != nil {
		t.Fatal(err)
	}
	s.post(s.support, s.bob, "Seen", slack.InThread(ts))
	tab.Await(`document.querySelector(".message.own").successor?.querySelector(".replies")`)
	tab.Await(`document.activeElement.matches(".editor textarea")`)
	tab.Press("Enter")
	tab.See(".message .body", "Hello you")
	tab.See(".message .replies", "1 reply")
	tab.Gone(".editor")
	tab.See(".reaction", "👀")
}
