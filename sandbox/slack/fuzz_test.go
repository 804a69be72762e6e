package slack

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzTyped checks that typed text contains no markup outside of entities, and
// that rich text has the same content.
func FuzzTyped(f *testing.F) {
	for _, seed := range []string{
		"hello", "<@U012> & <b>", "https://a.example/?q=<x>&y|z", "a@b.co", "<!channel> <!here|x>", "<#C1|a>", "&lt;", "<<@U1>>", "\x00\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		stored := typed(text)
		rest := token.ReplaceAllString(stored, "")
		if strings.ContainsAny(rest, "<>") {
			t.Errorf("%q becomes %q", text, stored)
		}
		for _, found := range token.FindAllString(stored, -1) {
			inside := found[1:]
			if !strings.HasPrefix(inside, "http") && !strings.HasPrefix(inside, "mailto:") && !strings.Contains(text, found) {
				t.Errorf("%q gets the entity %s", text, found)
			}
		}
		var blocks []any
		if err := json.Unmarshal(richText(stored, "b"), &blocks); err != nil || len(blocks) != 1 {
			t.Errorf("rich text of %q: %v", stored, err)
		}
	})
}

// FuzzRequest checks that the parser of requests fails only with an error.
func FuzzRequest(f *testing.F) {
	f.Add("application/json", `{"channel":"C1","blocks":[],"as_user":true,"n":1,"x":null}`)
	f.Add("application/json", `[]`)
	f.Add("application/x-www-form-urlencoded", "token=x&channel=C1&%zz")
	f.Add("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n")
	f.Add("text/plain;;", "x")
	f.Fuzz(func(t *testing.T, media, body string) {
		r := httptest.NewRequest(http.MethodPost, "/api/auth.test", strings.NewReader(body))
		r.Header.Set("Content-Type", media)
		req, err := parseRequest(r, false)
		if err != nil {
			return
		}
		if _, leaked := req.args["token"]; leaked {
			t.Error("the token is among the arguments")
		}
		for key := range req.args {
			_, _ = req.json(key, "wrong")
			_, _ = req.limit(1, 2)
			_ = req.list(key)
		}
	})
}

// FuzzAcknowledge fuzzes the parser of socket messages.
func FuzzAcknowledge(f *testing.F) {
	f.Add([]byte(`{"envelope_id":"known"}`))
	f.Add([]byte(`{"envelope_id":"known","payload":{"text":"x"}}`))
	f.Add([]byte(`{"envelope_id":1}`))
	f.Fuzz(func(t *testing.T, message []byte) {
		w := newWorkspace(Config{Speed: 1, History: 10}, manifest{open: true})
		a := &attempt{record: &Envelope{}, acked: make(chan json.RawMessage, 1)}
		w.pending["known"] = a
		w.acknowledge(message)
		w.acknowledge(message) // the second call must find nothing and not block
		if a.record.Outcome == Acked && w.pending["known"] != nil {
			t.Error("acknowledged and still pending")
		}
	})
}

// FuzzManifest checks that the manifest parser accepts only what Slack would
// accept.
func FuzzManifest(f *testing.F) {
	f.Add([]byte("display_information: {name: x}"))
	f.Add([]byte(`{"display_information":{"name":"x"},"features":{"slash_commands":[{"command":"/x y"}]}}`))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := parseManifest(src)
		if err == nil && src != nil && (m.Display.Name == "" || utf8.RuneCountInString(m.Display.Name) > 35) {
			t.Errorf("accepted the name %q", m.Display.Name)
		}
	})
}

// FuzzElements fuzzes the search for interactive elements in an app's blocks.
func FuzzElements(f *testing.F) {
	f.Add([]byte(`[{"type":"actions","elements":[{"type":"button","action_id":"a","value":"v"}]}]`), "v")
	f.Add([]byte(`[{"type":"input","element":{"type":"checkboxes","action_id":"a","options":[{"value":"x"}],"initial_options":[{"value":"x"}]}}]`), "x")
	f.Add([]byte(`[{"type":"section","accessory":{"type":"datetimepicker","action_id":"a"}}]`), "1700000000")
	f.Fuzz(func(t *testing.T, blocks []byte, value string) {
		for _, e := range elements(blocks) {
			answer, err := e.answer([]string{value})
			for _, report := range []object{e.untouched(), answer} {
				if err == nil && report["type"] == nil {
					t.Errorf("a report without a type: %v", report)
				}
			}
		}
	})
}
