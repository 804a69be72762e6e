package slackevent

import "testing"

// Ensure that a link leads to a message or a reply, and that nothing else becomes one.
func TestIdentity_Link(t *testing.T) {
	self := Identity{URL: "https://acme.slack.com/"}
	for _, test := range []struct {
		self              Identity
		channel, ts, root string
		want              string
	}{
		{self, "C1", "1700000000.000100", "", "https://acme.slack.com/archives/C1/p1700000000000100"},
		{self, "C1", "1700000000.000100", "1700000000.000100", "https://acme.slack.com/archives/C1/p1700000000000100"},
		{self, "C1", "1700000002.000300", "1700000000.000100", "https://acme.slack.com/archives/C1/p1700000002000300?thread_ts=1700000000.000100&cid=C1"},
		{self, "C1", "1700000002.000300", "0.0#a1b2", "https://acme.slack.com/archives/C1/p1700000002000300"},
		{Identity{}, "C1", "1700000000.000100", "", ""},
		{self, "c1/..", "1700000000.000100", "", ""},
		{self, "C1", "1700000000.000100#ticket", "", ""},
		{self, "C1", "0.0", "", ""},
	} {
		if got := test.self.Link(test.channel, test.ts, test.root); got != test.want {
			t.Errorf("%s %s %s: %q, want %q", test.channel, test.ts, test.root, got, test.want)
		}
	}
}

// Ensure that only the address of a website is taken for the address of a workspace.
func TestDecodeIdentity_URL(t *testing.T) {
	for given, want := range map[string]string{
		"https://acme.slack.com/":             "https://acme.slack.com/",
		"https://acme.slack.com":              "https://acme.slack.com/",
		"http://127.0.0.1:8099/":              "http://127.0.0.1:8099/",
		"javascript:alert(1)":                 "",
		"https://user:secret@acme.slack.com/": "",
		"https://acme.slack.com/?a=b":         "",
		"":                                    "",
	} {
		o, err := DecodeObject([]byte(`{"team_id": "T1", "user_id": "U1", "url": "` + given + `"}`))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := DecodeIdentity(o); err != nil || got.URL != want {
			t.Errorf("%q: %q, %v; want %q", given, got.URL, err, want)
		}
	}
}
