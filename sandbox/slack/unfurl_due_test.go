package slack

import (
	"slices"
	"testing"
)

// Ensure that each address in a text is found once, up to five, without email
// addresses.
func TestLinksIn(t *testing.T) {
	for text, want := range map[string][]string{
		"hello":                        nil,
		"<mailto:ada@b.co|ada@b.co>":   nil,
		"<https://a.example|a> (x)":    {"https://a.example"},
		"(http://a.example/x)":         {"http://a.example/x"},
		"<https://a.example/?x&amp;y>": {"https://a.example/?x&y"},
		"https://a.example <https://a.example> https://b.example": {"https://a.example", "https://b.example"},
		"http://1.x http://2.x http://3.x http://4.x http://5.x http://6.x": {
			"http://1.x", "http://2.x", "http://3.x", "http://4.x", "http://5.x",
		},
	} {
		if got := linksIn(text); !slices.Equal(got, want) {
			t.Errorf("%q has %q, want %q", text, got, want)
		}
	}
}

// Ensure that a message that was meanwhile deleted, or whose link was removed
// by an edit, gets no preview.
func TestUnfurlTooLate(t *testing.T) {
	w := newWorkspace(Config{Speed: 1, History: 10}, manifest{open: true})
	w.closed = true // nothing runs in the background
	c := w.addChannel(Channel{})
	for name, test := range map[string]struct {
		happens func(*Message)
		want    bool
	}{
		"nothing happens": {func(*Message) {}, true},
		"edited":          {func(m *Message) { m.Text = "never mind" }, false},
		"deleted":         {func(m *Message) { m.Deleted = true }, false},
		"forgotten":       {func(m *Message) { delete(c.byTS, m.TS) }, false},
	} {
		m := &Message{Text: "<https://a.example>"}
		w.add(c, m)
		test.happens(m)
		w.unfurlDue(c, m)
		if m.Unfurled != test.want || (m.Attachments != nil) != test.want {
			t.Errorf("%s: attached is %s", name, m.Attachments)
		}
	}
}
