package explain

import (
	"strings"
	"testing"
)

// Ensure that links, pairs and references name their message.
func TestParseLink(t *testing.T) {
	top := Target{Channel: "C0123", TS: "1712345678.901234"}
	reply := Target{Channel: "C0123", TS: "1712345678.901234", Thread: "1712345600.000100"}
	for link, want := range map[string]Target{
		"https://acme.slack.com/archives/C0123/p1712345678901234":                                       top,
		"  https://acme.slack.com/archives/C0123/p1712345678901234\n":                                   top,
		"<https://acme.slack.com/archives/C0123/p1712345678901234|link>":                                top,
		"https://acme.enterprise.slack.com/archives/C0123/p1712345678901234/":                           top,
		"https://acme.slack.com/archives/C0123/p1712345678901234?thread_ts=1712345678.901234&cid=C0123": top,
		"https://acme.slack.com/archives/C0123/p1712345678901234?thread_ts=1712345600.000100&cid=C0123": reply,
		"https://acme.slack.com/archives/C0123/p1712345678901234?thread_ts=nonsense":                    top,
		"http://127.0.0.1:8080/u/U1/archives/C0123/p1712345678901234":                                   top,
		"https://app.slack.com/client/T0123/C0123/p1712345678901234":                                    top,
		"https://app.slack.com/client/T0123/C0123/thread/C0123-1712345678.901234":                       top,
		"slack://channel?team=T0123&id=C0123&message=1712345678.901234":                                 top,
		"slack://channel?team=T0123&id=C0123&message=1712345678.901234&thread_ts=1712345600.000100":     reply,
		"C0123/1712345678.901234":                           top,
		"T0123/C0123/1712345678.901234":                     top,
		"D0123/1712345678.901234":                           {Channel: "D0123", TS: "1712345678.901234"},
		"T0123/C0123/0.0#0123456789abcdef01234567":          {Channel: "C0123", TS: "0.0#0123456789abcdef01234567"},
		"T0123/C0123/1712345678.901234#status/U1/171234567": {Channel: "C0123", TS: "1712345678.901234#status/U1/171234567"},
		"EB-ABC234": {Reference: "EB-ABC234"},
		"eb-abc234": {Reference: "EB-ABC234"},
	} {
		if got, err := ParseLink(link); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", link, got, err, want)
		}
	}
}

// Ensure that an error says what to do.
func TestParseLink_Bad(t *testing.T) {
	for link, want := range map[string]string{
		"":                                      "Copy link",
		"EB-ABC":                                "Copy link",
		"hello":                                 "Copy link",
		"C0123":                                 "Copy link",
		"C0123/yesterday":                       "Copy link",
		"U0123/1712345678.901234":               "Copy link",
		"C0123/1712345678.901234#\x00":          "Copy link",
		"https://example.com/C0123":             "Copy link",
		"https://acme.slack.com/archives/C0123": "not to a message",
		"https://acme.slack.com/archives/C0123/files":                      "not to a message",
		"https://acme.slack.com/archives/U0123/p1712345678901234":          "Copy link",
		"https://app.slack.com/client/T0123/C0123":                         "not to a message",
		"https://app.slack.com/client/T0123/later":                         "Copy link",
		"slack://channel?team=T0123&id=C0123":                              "not to a message",
		"slack://user?team=T0123&id=U0123":                                 "Copy link",
		"mailto://C0123/1712345678.901234":                                 "Copy link",
		"https://acme.slack.com/archives/C0123/p12":                        "not to a message",
		"https://[::1/archives/C0123/p1712345678901234":                    "Copy link",
		"https://acme.slack.com/archives/C0123/p1712345678901234567890123": "not to a message",
	} {
		if got, err := ParseLink(link); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v, want %q", link, got, err, want)
		}
	}
}

// Ensure that no link is accepted whose identifiers cannot be keys.
func FuzzParseLink(f *testing.F) {
	f.Add("https://acme.slack.com/archives/C0123/p1712345678901234?thread_ts=1712345600.000100&cid=C0123")
	f.Add("T0123/C0123/0.0#0123")
	f.Fuzz(func(t *testing.T, link string) {
		got, err := ParseLink(link)
		if err != nil || got.Reference != "" {
			return
		}
		if len(got.TS) > 300 || !channelFormat.MatchString(got.Channel) || strings.ContainsAny(got.TS+got.Thread, " \n\x00<>") {
			t.Errorf("%q: %+v", link, got)
		}
	})
}
