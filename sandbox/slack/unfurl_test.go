package slack_test

import (
	"encoding/json"
	"testing"

	"enjobridge/sandbox/slack"
)

// previewed returns the addresses of the message's attachments, in order; empty
// for one that is not a preview.
func (f *fixture) previewed(ts string) []string {
	f.t.Helper()
	m, _ := f.Message(f.general, ts)
	var attached []struct {
		ID      int
		FromURL string `json:"from_url"`
	}
	if m.Attachments != nil {
		if err := json.Unmarshal(m.Attachments, &attached); err != nil {
			f.t.Fatal(err)
		}
	}
	var addresses []string
	for _, a := range attached {
		addresses = append(addresses, a.FromURL)
	}
	return addresses
}

// awaitPreviews waits until the message has its previews.
func (f *fixture) awaitPreviews(ts string) {
	f.t.Helper()
	f.await("the previews", func(v slack.View) bool { m, _ := v.Message(f.general, ts); return m.Unfurled })
}

// Ensure that a message with links gets a preview of each, and that the app
// receives a message_changed with the same text.
func TestUnfurlsByItself(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		l := f.listen(nil)
		ts := f.post("see https://a.example/?x=1&y=2, https://b.example and https://b.example, or ask ada@b.example")
		f.awaitPreviews(ts)
		if got := f.previewed(ts); len(got) != 2 || got[0] != "https://a.example/?x=1&y=2" || got[1] != "https://b.example" {
			t.Errorf("the previews are of %v", got)
		}
		got := f.events(l, 2)
		if m, _ := f.Message(f.general, ts); got[1].Event.Subtype != "message_changed" || got[1].Event.Message.Text != m.Text {
			t.Errorf("the app got %s", pretty(got[1]))
		}
	})
}

// Ensure that previews are added once, and after other attachments.
func TestUnfurlsOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		ts := f.post("https://a.example")
		for range 2 {
			if err := f.Unfurl(f.general, ts); err != nil {
				t.Fatal(err)
			}
		}
		if got := f.previewed(ts); len(got) != 1 {
			t.Errorf("the previews are of %v", got)
		}
		a := f.call("chat.postMessage", "channel", f.general, "text", "see https://b.example", "attachments", `[{"text": "mine"}]`)
		if !a.OK {
			t.Fatal(pretty(a))
		}
		if err := f.Unfurl(f.general, a.TS); err != nil {
			t.Fatal(err)
		}
		if got := f.previewed(a.TS); len(got) != 2 || got[0] != "" || got[1] != "https://b.example" {
			t.Errorf("attached is %v", got)
		}
		never := f.call("chat.postMessage", "channel", f.general, "text", "https://b.example", "unfurl_links", "false", "unfurl_media", "false")
		wantCode(t, f.Unfurl(f.general, never.TS), "unfurl_forbidden")
		if got := f.previewed(never.TS); got != nil {
			t.Errorf("attached is %v", got)
		}
	})
}
