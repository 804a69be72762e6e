package page_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"enjobridge/internal/browser"
	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/page"
)

// Ensure that a person can forward a message with a comment, and that it is shown as a
// quotation with its author and a link.
func TestForward(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.post(s.support, s.bob, "The *VPN* is down")
	tab := chromium.Open(t, s.at(s.alice, s.support))
	tab.Hover(".message .body")
	tab.Click(".tools [data-more]")
	tab.Click("[data-forward]")
	tab.CheckAccess("forwarding")
	tab.Pick(`dialog [name="to"]`, s.globex)
	tab.Type(`dialog [name="comment"]`, "Can you help, @carol?")
	tab.Click(`dialog [value="yes"]`)
	s.await("the message", func(v slack.View) bool { return len(v.Messages(s.globex)) == 1 })

	tab.Go(s.at(s.alice, s.globex))
	tab.See(".message .body", "Can you help, @carol?")
	for _, text := range []string{"Bob Berg", "The VPN is down", "Posted in #support"} {
		tab.See(".attachment", text)
	}
	tab.Click(`.attachment a[href*="/archives/"]`)
	tab.See(".message.sought .body", "The VPN is down")
}

// paste pastes into the composer of the channel, as from a spreadsheet or a page.
func paste(tab *browser.Tab, media, content string) {
	quoted, err := json.Marshal([]string{media, content})
	if err != nil {
		panic(err) // texts
	}
	tab.Await(`(() => {
		const clipboardData = new DataTransfer()
		clipboardData.setData(...` + string(quoted) + `)
		document.querySelector('#compose-text').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
		return true
	})()`)
}

// Ensure that cells pasted from a spreadsheet or a page become a table, that they can be
// removed before, and that other text does not.
func TestPaste(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	tab := chromium.Open(t, s.at(s.alice, s.support))
	tab.Focus("#compose-text")
	paste(tab, "text/plain", "a\tb\nc\td\n")
	tab.See(".chosen", "Table, 2 × 2")
	tab.CheckAccess("pasted table")
	tab.Click("[data-discard]")
	tab.Gone(".chosen [data-discard]")
	paste(tab, "text/plain", "no table\nhere")
	tab.Await(`!document.querySelector(".chosen [data-discard]")`)

	paste(tab, "text/html", "<table><tr><th>Host</th><th>State</th></tr><tr><td>db1</td><td> down </td></tr></table>")
	tab.Type("#compose-text", "Why?")
	tab.Press("Enter")
	tab.See(".message .bk-table", "db1")
	tab.See(".message .body", "Why?")
	paste(tab, "text/plain", "only\tcells")
	tab.Click(".send")
	s.await("both tables", func(v slack.View) bool { return len(v.Messages(s.support)) == 2 })
	m := s.Messages(s.support)[0]
	if !strings.Contains(string(m.Attachments), `{"text":"down","type":"raw_text"}`) {
		t.Errorf("attachments are %s", m.Attachments)
	}
}

// Ensure that a person can send a snippet and a clip, and that they are shown with the
// first lines and the transcript.
func TestSnippetAndClip(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	tab := chromium.Open(t, s.at(s.alice, s.support))
	tab.Type("#compose-text", "What is wrong?")
	tab.Click(`[data-attach="snippet"]`)
	tab.CheckAccess("snippet")
	tab.Type(`dialog [name="name"]`, "error.py")
	tab.Type(`dialog [name="snippet"]`, "1\n2\n3\n4\n5\n<6>\n7")
	tab.Click(`dialog [value="yes"]`)
	tab.See(".message .body", "What is wrong?")
	tab.See(".message .file", "error.py")
	tab.See(".snippet", "2 more lines")
	if got := browser.Eval[string](tab, `document.querySelector(".snippet pre").textContent`); got != "1\n2\n3\n4\n5" {
		t.Errorf("preview is %q", got)
	}

	recording := filepath.Join(t.TempDir(), "audio_message.m4a")
	if err := os.WriteFile(recording, []byte("sound"), 0o600); err != nil {
		t.Fatal(err)
	}
	tab.Click(`[data-attach="clip"]`)
	tab.CheckAccess("clip")
	tab.Upload(`dialog [name="file"]`, recording)
	tab.Type(`dialog [name="transcript"]`, "My VPN is down.")
	tab.Click(`dialog [value="yes"]`)
	tab.See(".transcript", "My VPN is down.")
	s.await("the clip", func(v slack.View) bool { return len(v.Messages(s.support)) == 2 })
	m := s.Messages(s.support)[1]
	if f := m.Files[0]; !f.Clip || f.Transcript != "My VPN is down." || f.Name != "audio_message.m4a" {
		t.Errorf("the file is %+v", f)
	}

	tab.Click(`[data-attach="snippet"]`)
	tab.Click(`dialog [value="yes"]`)
	tab.See("#notes", "There is nothing to send.")
	tab.Forgive("422")
}

// Ensure that attachments of other apps are shown whatever the types of their fields.
func TestOddAttachments(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	robot := s.AddUser(slack.User{Name: "watchdog", Bot: true})
	if err := s.Invite(s.support, robot); err != nil {
		t.Fatal(err)
	}
	s.post(s.support, robot, "", slack.WithAttachments(json.RawMessage(`[{"id": "1", "color": 1234567, "title": "CPU is high", "footer": 7}, "odd",
		{"color": "good", "text": "All is well"}]`)))
	tab := chromium.Open(t, s.at(s.alice, s.support))
	tab.See(".attachment", "CPU is high")
	tab.See(".attachment:last-child", "All is well")
	tab.Await(`document.querySelector('.bar rect[fill="#12d687"]')`)
}
