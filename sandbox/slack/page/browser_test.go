package page_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"enjobridge/internal/browser"
	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/page"
)

// Ensure that two people can talk, in the channel and in a thread, and see each
// other's messages without a reload.
func TestTalk(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	alice, bob := chromium.Open(t, s.at(s.alice, s.support)), chromium.Open(t, s.at(s.bob, s.support))

	alice.Type("#compose-text", "Is the *VPN* down? https://status.example.com")
	alice.Press("Enter")
	bob.See(".message .body", "Is the VPN down?")
	bob.See(".message .body strong", "VPN")
	bob.See(".message .by", "Alice Abara")
	bob.See(".day", "Today")
	bob.Await(`document.querySelector("#say").textContent.includes("Alice Abara: Is the")`)

	bob.Hover(".message .body")
	bob.Click(".tools [data-reply]")
	bob.Type("#reply-text", "It is back")
	bob.Press("Enter")
	bob.See("#replies .message .body", "It is back")
	bob.See("#reply-count", "1 reply")
	alice.See(".replies", "1 reply")
	alice.Click(".replies")
	alice.See("#thread .message", "It is back")
	alice.Press("Escape")
	alice.Gone("#thread")
	alice.Await(`document.activeElement.closest(".message")`)
}

// Ensure that a person can edit, delete and react to messages.
func TestOwnMessages(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.post(s.support, s.alice, "Hello @bob & <everyone>")
	tab := chromium.Open(t, s.at(s.alice, s.support))

	tab.Type("#compose-text", "")
	tab.Press("ArrowUp")
	tab.Await(`document.querySelector(".editor textarea").value === "Hello @bob & <everyone>"`)
	tab.Press("End")
	tab.Write("!")
	tab.Press("Enter")
	tab.See(".message .body", "Hello @bob & <everyone>!")
	tab.See(".edited", "(edited)")

	tab.Hover(".message .body")
	tab.Click(`.tools [data-quick="eyes"]`)
	tab.See(`.reaction[aria-pressed="true"]`, "👀")
	tab.Click(".reaction")
	tab.Gone(".reaction")
	tab.Click(".tools [data-pick]")
	tab.Type(".picker input", "tad")
	tab.Click(`.picker [data-emoji="tada"]`)
	tab.See(".reaction", "🎉")

	tab.Hover(".message .body")
	tab.Click(".tools [data-more]")
	tab.Click("[data-delete]")
	tab.See("dialog", "cannot be undone")
	tab.Click(`dialog [value="yes"]`)
	tab.Gone(".message")
	s.await("the deletion", func(v slack.View) bool { return len(v.Messages(s.support)) == 0 })
}

// Ensure that people, channels, commands and emoji are completed while typing.
func TestCompletion(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	tab := chromium.Open(t, s.at(s.alice, s.support))

	tab.Type("#compose-text", "@he")
	tab.See("#completions", "Helpdesk")
	tab.Press("Enter")
	tab.Write("ask @b")
	tab.See("#completions", "Bob Berg")
	tab.Press("Tab")
	tab.Write("in #sup")
	tab.See("#completions", "#support")
	tab.Press("Enter")
	tab.Write(":tad")
	tab.See("#completions", ":tada:")
	tab.Press("Enter")
	tab.Press("Enter")
	tab.See(".message .body", "@helpdesk ask @bob in #support 🎉")
	s.awaitDelivery("app_mention", s.BotUserID(), "\\u003c@UBOB\\u003e")

	tab.Type("#compose-text", "/")
	tab.See("#completions", "/ask [question]")
	tab.Press("ArrowDown", "Enter")
	tab.Await(`document.querySelector("#compose-text").value === "/ticket "`)
	for range "/ticket " {
		tab.Press("Backspace")
	}
	tab.Write("/ask how @b")
	tab.Press("Escape", "Enter")
	tab.See(".ephemeral .body", "You asked: how @b")
	tab.See(".ephemeral .only", "Only visible to you")
	tab.Click(".ephemeral [data-dismiss]")
	tab.Gone(".ephemeral")
}

// Ensure that every kind of message is shown, and that its interactive elements
// reach the app.
func TestBlocks(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	s.mustCall("chat.postMessage", map[string]string{"channel": s.support, "text": "All of it", "blocks": example(t, "message")})
	tab := chromium.Open(t, s.at(s.alice, s.support))
	tab.Await(`document.querySelectorAll(".message .bk > *").length > 8`)
	for _, block := range []string{".bk-header", ".bk-section", ".bk-divider", ".bk-context", ".bk-table", ".bk-rich", ".bk-markdown", ".bk-actions", ".bk-context-actions", ".bk-image"} {
		tab.Await(`document.querySelector("` + block + `")`)
	}
}

// Ensure that each interactive element of a message reaches the app.
func TestElements(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	s.mustCall("chat.postMessage", map[string]string{"channel": s.support, "text": "Elements", "blocks": elementBlocks})
	tab := chromium.Open(t, s.at(s.alice, s.support))

	tab.Click(`[data-action-id="plain"]`)
	s.awaitDelivery("block_actions", `"action_id":"plain"`, `"value":"v1"`)
	tab.Click(`[data-action-id="feedback"][data-value="good"]`)
	s.awaitDelivery("block_actions", `"action_id":"feedback"`, `"value":"good"`)
	tab.Await(`document.querySelector('[data-action-id="feedback"][data-value="good"]').ariaPressed === "true"`)
	tab.Click(`.bk-overflow summary`)
	tab.Click(`[data-action-id="overflow"][data-value="o2"]`)
	s.awaitDelivery("block_actions", `"action_id":"overflow"`, `"value":"o2"`)
	tab.Gone(".bk-menu")
	tab.Pick(`[data-action-id="select"]`, "s2")
	s.awaitDelivery("block_actions", `"action_id":"select"`, `"value":"s2"`)
	tab.Pick(`[data-action-id="people"]`, s.bob)
	s.awaitDelivery("block_actions", `"action_id":"people"`, `"selected_user":"UBOB"`)
	tab.Pick(`[data-action-id="channels"]`, s.support)
	s.awaitDelivery("block_actions", `"action_id":"channels"`, `"selected_channel":"CSUPPORT"`)
	tab.Pick(`[data-action-id="date"]`, "2026-12-24")
	s.awaitDelivery("block_actions", `"action_id":"date"`, `"selected_date":"2026-12-24"`)
	tab.Type(`[data-action-id="outside"]`, "from-outside")
	tab.Press("Tab")
	s.awaitDelivery("block_actions", `"action_id":"outside"`, `"value":"from-outside"`)
	tab.Click(`[data-action-id="boxes"] input[value="b2"]`)
	s.awaitDelivery("block_actions", `"action_id":"boxes"`, `"value":"b2"`)

	tab.Click(`[data-action-id="dangerous"]`)
	tab.See("dialog.bk-confirm[open]", "Really?")
	tab.Press("Escape")
	tab.Gone("dialog.bk-confirm")
	tab.Click(`[data-action-id="dangerous"]`)
	tab.Click(`dialog.bk-confirm[open] button[value="confirm"]`)
	s.awaitDelivery("block_actions", `"action_id":"dangerous"`)
	if n := s.deliveries("block_actions", `"action_id":"dangerous"`); n != 1 {
		t.Errorf("the app was informed %d times of a click that was confirmed once", n)
	}
}

const elementBlocks = `[
	{"type": "section", "block_id": "s", "text": {"type": "mrkdwn", "text": "Choose"}, "accessory": {"type": "button", "action_id": "plain", "value": "v1", "text": {"type": "plain_text", "text": "Click me"}}},
	{"type": "actions", "block_id": "a", "elements": [
		{"type": "button", "action_id": "dangerous", "style": "danger", "text": {"type": "plain_text", "text": "Delete"},
			"confirm": {"title": {"type": "plain_text", "text": "Really?"}, "text": {"type": "plain_text", "text": "It is gone then."}, "confirm": {"type": "plain_text", "text": "Yes"}, "deny": {"type": "plain_text", "text": "No"}}},
		{"type": "overflow", "action_id": "overflow", "options": [{"text": {"type": "plain_text", "text": "One"}, "value": "o1"}, {"text": {"type": "plain_text", "text": "Two"}, "value": "o2"}]},
		{"type": "static_select", "action_id": "select", "placeholder": {"type": "plain_text", "text": "Pick one"}, "options": [{"text": {"type": "plain_text", "text": "First"}, "value": "s1"}, {"text": {"type": "plain_text", "text": "Second"}, "value": "s2"}]},
		{"type": "users_select", "action_id": "people", "placeholder": {"type": "plain_text", "text": "Pick a person"}},
		{"type": "channels_select", "action_id": "channels", "placeholder": {"type": "plain_text", "text": "Pick a channel"}},
		{"type": "external_select", "action_id": "outside", "placeholder": {"type": "plain_text", "text": "Find one"}},
		{"type": "datepicker", "action_id": "date"},
		{"type": "checkboxes", "action_id": "boxes", "options": [{"text": {"type": "plain_text", "text": "First box"}, "value": "b1"}, {"text": {"type": "plain_text", "text": "Second box"}, "value": "b2"}]}]},
	{"type": "context_actions", "elements": [{"type": "feedback_buttons", "action_id": "feedback",
		"positive_button": {"text": {"type": "plain_text", "text": "Good"}, "value": "good"}, "negative_button": {"text": {"type": "plain_text", "text": "Bad"}, "value": "bad"}}]}]`

// Ensure that a modal opens from a message's menu, requires missing inputs,
// shows the app's errors, and closes when it is submitted.
func TestModal(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	s.post(s.support, s.bob, "My screen is black")
	tab := chromium.Open(t, s.at(s.alice, s.support))

	tab.Hover(".message .body")
	tab.Click(".tools [data-more]")
	tab.Click(`[data-shortcut="make_ticket"]`)
	tab.See("#modal[open]", "New request")
	tab.Await(`document.activeElement.dataset.actionId === "title"`)
	tab.Click("[data-modal-submit]")
	tab.Await(`document.querySelector('#modal [data-action-id="title"]:invalid')`)

	tab.Type(`#modal [data-action-id="title"]`, "bad")
	tab.Press("Enter")
	tab.See(".field-error", "Choose another title")
	tab.Await(`document.querySelector('#modal [data-action-id="title"]').value === "bad"`)
	tab.Await(`document.activeElement.getAttribute("aria-describedby") === document.querySelector(".field-error").id`)

	tab.Press("Backspace", "Backspace", "Backspace")
	tab.Write("Black screen")
	tab.Click(`#modal [data-action-id="prio"] input[value="high"]`)
	tab.Pick(`#modal [data-action-id="who"]`, s.bob)
	tab.Pick(`#modal [data-action-id="when"]`, "2026-12-24T18:30")
	tab.Click("[data-modal-submit]")
	tab.Gone("#modal")
	s.awaitDelivery("view_submission", `"value":"Black screen"`, `"value":"high"`, `"selected_user":"UBOB"`, `"selected_date_time":1798133400`)
}

// Ensure that modals can be stacked, can be updated by the app while they are
// filled in, and close without being submitted.
func TestModalStack(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	tab := chromium.Open(t, s.at(s.alice, s.support))

	tab.Click(`#compose summary[aria-label="Shortcuts"]`)
	tab.Click(`[data-callback="new_request"]`)
	tab.Type(`#modal [data-action-id="title"]`, "push")
	tab.Press("Enter")
	tab.See("#modal[open]", "Second step")
	tab.Press("Escape")
	tab.See("#modal[open]", "New request")
	tab.Await(`document.querySelector('#modal [data-action-id="title"]').value === "push"`)

	tab.Click(`#modal [data-action-id="change-form"]`)
	tab.See("#modal[open]", "Changed request")
	tab.See("#modal[open]", "Details")
	tab.Await(`document.querySelector('#modal [data-action-id="title"]').value === "push"`)
	tab.Click("[data-modal-close]")
	tab.Gone("#modal")
}

// Ensure that the Home tab is published when it is opened, and works.
func TestHome(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	tab := chromium.Open(t, s.at(s.alice, s.support))
	tab.Click(`a[id="side-` + s.DM(s.alice) + `"]`)
	tab.See("#head", "Messages")
	tab.Click(`.tabs a[href$="/home"]`)
	tab.See("#home", "Your requests")
	s.awaitDelivery("app_home_opened", `"tab":"messages"`)
	s.awaitDelivery("app_home_opened", `"tab":"home"`)
	tab.Click(`#home [data-action-id="open-form"]`)
	tab.See("#modal[open]", "New request")
	tab.Click("[data-modal-close]")
	tab.Gone("#modal")
	s.awaitDelivery("view_closed")
}

// Ensure that an agent's prompts, status, title and Stop button are shown.
func TestAgent(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	dm := s.DM(s.alice)
	s.mustCall("assistant.threads.setSuggestedPrompts", map[string]string{"channel_id": dm, "prompts": `[{"title": "Reset my VPN", "message": "How do I reset my VPN password?"}]`})
	tab := chromium.Open(t, s.at(s.alice, dm))
	tab.Click(".prompts button")
	tab.See("#thread .message .body", "How do I reset my VPN password?")
	root := browser.Eval[string](tab, `document.querySelector("#app").dataset.thread`)
	s.mustCall("assistant.threads.setStatus", map[string]string{"channel_id": dm, "thread_ts": root, "status": "is reading the handbook…"})
	s.mustCall("agents.sessions.setStatus", map[string]string{"channel_id": dm, "thread_ts": root, "status": "processing", "title": "VPN"})
	tab.See("#working", "Helpdesk is reading the handbook…")
	tab.See("#thread-head", "VPN")
	tab.Click("#working .stop")
	s.awaitDelivery("agent_session_stopped", root)
	s.mustCall("agents.sessions.setStatus", map[string]string{"channel_id": dm, "thread_ts": root, "status": "active"})
	s.mustCall("chat.postMessage", map[string]string{"channel": dm, "thread_ts": root, "text": "Go to the portal."})
	tab.See("#replies .message", "Go to the portal.")
	tab.Await(`document.querySelector("#working").innerText === ""`)
}

// Ensure that files can be sent and downloaded.
func TestFiles(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	tab := chromium.Open(t, s.at(s.alice, s.support))
	path := filepath.Join(t.TempDir(), "log.txt")
	if err := os.WriteFile(path, []byte("all green"), 0o600); err != nil {
		t.Fatal(err)
	}
	tab.Upload("#compose input[type=file]", path)
	tab.See(".chosen", "log.txt")
	tab.Type("#compose-text", "Here is the log")
	tab.Press("Enter")
	tab.See(".file", "log.txt")
	if got := browser.Eval[string](tab, `fetch(document.querySelector(".file").href).then(r => r.text())`); got != "all green" {
		t.Errorf("the file holds %q", got)
	}
}

// Ensure that a message that notifies many people shows a warning, and that
// unread messages are marked.
func TestWarningsAndUnread(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.post(s.globex, s.alice, "Hello?")
	tab := chromium.Open(t, s.at(s.alice, s.globex))
	tab.See(".message", "Hello?")
	tab.Click("#side-CSUPPORT")
	tab.See("#head h1", "support")
	s.mustCall("chat.postMessage", map[string]string{"channel": s.globex, "text": "x", "blocks": `[{"type": "markdown", "text": "Look <!channel> and <@UALICE>"}]`})
	tab.See(`#side-CGLOBEX.unread .badge`, "1")
	tab.Await(`document.title.startsWith("(1) ")`)
	tab.Click("#side-CGLOBEX")
	tab.See(".new", "New")
	tab.See(".pings.loud", "everyone in #with-globex (2 people), @alice")
	tab.Await(`!document.querySelector("#side-CGLOBEX.unread")`)
	tab.See(".head .label", "Shared with Globex")
}

// Ensure that a failed request can be repeated, and that the page stays up to
// date meanwhile.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	for i := range 150 {
		s.post(s.support, s.bob, fmt.Sprintf("Message %d.", i))
	}
	tab := chromium.Open(t, s.at(s.alice, s.support))
	tab.See("#messages .message", "Message 149.")
	browser.Eval[any](tab, `window.reach = window.fetch; window.fetch = async () => { throw new TypeError("Failed to fetch") }`)
	tab.Click("#side-CGLOBEX")
	tab.See("#notes", "The workspace does not answer")
	tab.Click("[data-older]")
	tab.Await(`!document.querySelector("[data-older]").disabled`)
	s.post(s.support, s.bob, "Still here")
	tab.Await(`document.querySelector("#messages").textContent.includes("Still here")`)
	browser.Eval[any](tab, `window.fetch = window.reach`)
	tab.Click("[data-older]")
	tab.Await(`document.querySelector("#messages").textContent.includes("Message 0.")`)
	tab.Click("#side-CGLOBEX")
	tab.See("#head h1", "with-globex")
}

// Ensure that the viewer can switch to another person, who sees only their own
// content.
func TestSwitch(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	tab := chromium.Open(t, s.at(s.alice, s.globex))
	tab.Click(".who summary")
	tab.See(".who .menu-items", "@carol · Globex")
	tab.Click(`.who a[href^="/u/UCAROL"]`)
	tab.See(".who summary", "Carol Cruz")
	tab.See("#side-CGLOBEX[aria-current]", "with-globex")
	tab.Gone("#side-CSUPPORT")
	tab.Type("#compose-text", "Hello from outside")
	tab.Press("Enter")
	tab.See(".message .by", "Carol Cruz")
}
