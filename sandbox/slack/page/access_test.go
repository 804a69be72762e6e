package page_test

import (
	"testing"

	"enjobridge/internal/browser"
	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/page"
)

// Ensure that everything on the page has a role, a name and enough contrast, in
// both themes and on a phone.
func TestAccess(t *testing.T) {
	t.Parallel()
	for _, look := range []struct {
		name    string
		options browser.Options
	}{
		{"light", browser.Options{}},
		{"dark", browser.Options{Dark: true}},
		{"phone", browser.Options{Size: browser.Phone}},
	} {
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, page.Options{Panels: []page.Panel{{Name: "Agent", Buttons: []page.Button{{Label: "Slow"}}}}})
			s.startApp()
			s.furnish()
			checkChannel(t, s, look.options)
			checkModal(t, s, look.options)
			checkDrawer(t, s, look.options)
		})
	}
}

// furnish fills #support with one of everything.
func (s *scene) furnish() {
	s.t.Helper()
	root := s.post(s.support, s.bob, "Does *anyone* know `vpn`? @here", slack.WithFiles(slack.File{Name: "log.txt", Content: []byte("x")}))
	if err := s.React(s.support, s.alice, root, "eyes"); err != nil {
		s.t.Fatal(err)
	}
	s.mustCall("chat.postMessage", map[string]string{"channel": s.support, "thread_ts": root, "text": "All of it", "blocks": example(s.t, "message")})
	s.mustCall("chat.postMessage", map[string]string{"channel": s.support, "thread_ts": root, "text": "Elements", "blocks": elementBlocks})
	s.mustCall("chat.postEphemeral", map[string]string{"channel": s.support, "user": s.alice, "text": "Only you"})
	s.mustCall("chat.postMessage", map[string]string{
		"channel": s.support, "text": "x", "blocks": `[{"type": "markdown", "text": "Look <!channel>"}]`,
		"attachments": `[{"color": "#36a64f", "title": "An attachment", "text": "With *text*", "footer": "and a foot"}]`,
	})
	for _, f := range []slack.File{
		{Name: "error.py", Snippet: "1\n2\n3\n4\n5\n6"}, {Name: "audio_message.m4a", Mimetype: "audio/mp4", Transcript: "My VPN is down."}, {Name: "clip.mp4", Clip: true},
	} {
		s.post(s.support, s.bob, "", slack.WithFiles(f))
	}
	if _, err := s.Forward(s.bob, s.support, root, s.support, "Again"); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.PasteTable(s.support, s.bob, "", [][]string{{"Host", "State"}, {"db1", "down"}}); err != nil {
		s.t.Fatal(err)
	}
	s.mustCall("assistant.threads.setStatus", map[string]string{"channel_id": s.support, "thread_ts": root, "status": "is thinking…"})
	s.post(s.globex, s.carol, "Hello from outside, "+slack.Mention(s.alice))
	s.call("chat.postMessage", map[string]string{"channel": s.support, "blocks": `[{"type": "section"}]`})
}

func checkChannel(t *testing.T, s *scene, options browser.Options) {
	tab := chromium.Open(t, s.at(s.alice, s.support), options)
	tab.See(".message", "Only visible to you")
	tab.CheckAccess("channel")
	tab.Hover(".message.ephemeral .body")
	tab.Hover(".message .body")
	tab.Click(".tools [data-more]")
	tab.See(".menu-items.context", "Show as JSON")
	tab.CheckAccess("message menu")
	tab.Press("Escape")
	tab.Click(".replies")
	tab.See("#thread", "is thinking…")
	tab.CheckAccess("thread")
	if options.Size == browser.Phone {
		tab.Click("#thread-head .back")
		tab.Click("#head .back")
		tab.See("#sidebar", "with-globex")
		tab.CheckAccess("list of conversations")
		return
	}
	tab.Type("#compose-text", "@")
	tab.See("#completions", "Bob Berg")
	tab.CheckAccess("completions")
	tab.Press("Escape")
	tab.Click(".who summary")
	tab.CheckAccess("people")
}

func checkModal(t *testing.T, s *scene, options browser.Options) {
	tab := chromium.Open(t, s.at(s.alice, s.support), options)
	tab.Click(`#compose summary[aria-label="Shortcuts"]`)
	tab.CheckAccess("shortcuts")
	tab.Click(`[data-callback="new_request"]`)
	tab.Type(`#modal [data-action-id="title"]`, "bad")
	tab.Press("Enter")
	tab.See(".field-error", "Choose another title")
	tab.CheckAccess("modal")
	tab.Press("Escape")
	tab.Gone("#modal")
}

func checkDrawer(t *testing.T, s *scene, options browser.Options) {
	tab := chromium.Open(t, s.at(s.alice, s.support), options)
	tab.Click(`[data-drawer="inspector"]`)
	tab.Click("#log .bad summary")
	tab.See("#log .detail .bad", "must define either")
	tab.CheckAccess("inspector")
	tab.Click(`[data-drawer="faults"]`)
	tab.Click(`[data-name="limit"]`)
	tab.See(".card", "429: the next chat.postMessage")
	tab.CheckAccess("faults")
}
