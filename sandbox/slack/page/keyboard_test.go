package page_test

import (
	"strings"
	"testing"

	"enjobridge/internal/browser"
	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/page"
)

// Ensure that a conversation is possible with only the keyboard.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	first := s.post(s.support, s.bob, "First question")
	s.post(s.support, s.bob, "Second question")
	s.mustCall("chat.postMessage", map[string]string{"channel": s.support, "text": "Elements", "blocks": elementBlocks})
	tab := chromium.Open(t, s.at(s.alice, s.support))
	focus := func(selector string) {
		t.Helper()
		tab.Await(`document.activeElement.matches(` + "`" + selector + "`" + `)`)
	}

	// The composer has the focus; new lines need Shift.
	focus("#compose-text")
	tab.Write("One")
	tab.Press("Shift+Enter")
	tab.Write("two")
	tab.Await(`document.querySelector("#compose-text").value === "One\ntwo"`)
	tab.Press("Enter")
	tab.See(".message.own .body", "One\ntwo")

	// F6 moves between panes, arrows between messages.
	tab.Press("Shift+F6")
	focus(".message.own .row")
	tab.Press("Home")
	focus(`[id="m` + first + `"] .row`)
	tab.Press("ArrowDown", "ArrowDown")
	focus(`.row:has([data-action-id="plain"])`)
	tab.Press("Tab")
	focus(`[data-action-id="plain"]`)
	tab.Press("Enter")
	s.awaitDelivery("block_actions", `"action_id":"plain"`)

	// t opens the thread, Escape closes it and returns to the message.
	tab.Press("Shift+Tab")
	focus(`.row:has([data-action-id="plain"])`)
	tab.Press("Home", "t")
	focus("#reply-text")
	tab.Write("An answer")
	tab.Press("Enter")
	tab.See("#replies .own .body", "An answer")
	tab.Press("Escape")
	focus(`[id="m` + first + `"] .row`)

	// The tools of a message come after its content; menus work with arrows.
	tab.Press("r")
	focus(".picker input")
	tab.Write("eyes")
	tab.See(".picked", "👀")
	tab.Press("ArrowDown", "Enter")
	tab.See(".reaction", "👀")

	// An overflow menu opens with the arrow and closes with Escape.
	browser.Eval[any](tab, `document.querySelector(".bk-overflow summary").focus()`)
	tab.Press("ArrowDown")
	focus(`[data-action-id="overflow"][data-value="o1"]`)
	tab.Press("ArrowDown", "Escape")
	tab.Gone(".bk-menu")
	focus(".bk-overflow summary")

	// Conversations are reachable with arrows, too.
	browser.Eval[any](tab, `document.querySelector("#side-CSUPPORT").focus()`)
	tab.Press("ArrowDown", "Enter")
	tab.See("#head h1", "with-globex")
	focus("#compose-text")
}

// wholeName is true if the conversation's name is not cut off.
const wholeName = `(h => h.scrollWidth <= h.clientWidth)(document.querySelector("#head h1"))`

// Ensure that in a small window with a thread, a conversation's name is
// visible, and ends in an ellipsis only if there is no room for it.
func TestNarrowHead(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	if err := s.SetTopic(s.support, s.alice, "Mention @helpdesk with your question, and it answers in a thread"); err != nil {
		t.Fatal(err)
	}
	root := s.post(s.support, s.alice, "A question")
	shared := s.post(s.globex, s.alice, "Another")
	long := s.AddChannel(slack.Channel{Name: strings.Repeat("very-", 15) + "long", Topic: "A topic", Members: []string{s.alice}})
	tab := chromium.Open(t, s.at(s.alice, s.support)+"?thread="+root, browser.Options{Size: browser.Size{Width: 900, Height: 700}})
	tab.See("#head h1", "support")
	tab.Await(wholeName)
	tab.Go(s.at(s.alice, s.globex) + "?thread=" + shared)
	tab.See("#head h1", "with-globex")
	tab.Await(wholeName)
	tab.Go(s.at(s.alice, long))
	tab.See("#head h1", "very-")
	tab.Await("!" + wholeName)
	tab.Await(`getComputedStyle(document.querySelector("#head h1")).textOverflow === "ellipsis" && document.querySelector("#head").scrollWidth <= document.querySelector("#head").clientWidth`)
}

// Ensure that a phone shows one pane at a time, with a way back from each.
func TestPhone(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	if err := s.SetTopic(s.support, s.alice, "Mention @helpdesk with your question, and it answers in a thread"); err != nil {
		t.Fatal(err)
	}
	root := s.post(s.support, s.alice, "A question")
	s.mustCall("chat.postMessage", map[string]string{"channel": s.support, "thread_ts": root, "text": "A reply", "blocks": example(t, "message")})
	tab := chromium.Open(t, s.at(s.alice, s.support), browser.Options{Size: browser.Phone})
	fits := func() {
		t.Helper()
		tab.Await(`document.documentElement.scrollWidth <= 390 && [...document.querySelectorAll(".scroll")].every(e => e.scrollWidth <= e.clientWidth)`)
	}
	tab.See("#messages", "A question")
	tab.Gone("#sidebar")
	fits()
	tab.Await(wholeName)
	tab.Click(".replies")
	tab.See("#replies", "A question")
	tab.Gone("#messages")
	fits()
	tab.Type("#reply-text", "Thanks")
	tab.Press("Enter")
	tab.See("#replies .own", "Thanks")
	tab.Click("#thread-head .back")
	tab.See("#messages", "2 replies")
	tab.Click("#head .back")
	tab.See("#sidebar", "with-globex")
	tab.Gone("#messages")
	tab.Click("#side-CGLOBEX")
	tab.See("#head h1", "with-globex")
	tab.Await(wholeName)
	tab.Gone("#sidebar")
	tab.Click(`[data-drawer="faults"]`)
	tab.See("#drawer", "Cut all sockets")
	fits()
}
