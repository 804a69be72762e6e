package slack_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"enjobridge/sandbox/slack"
)

// Ensure that fields of undocumented types arrive in events and in history, and change
// nothing for the people in the workspace.
func TestFields(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		ts := f.post("hello", slack.WithFields(map[string]any{"reactions": nil, "edited": true, "blocks": map[string]any{}, "metadata": []int{1}}))
		event := string(f.Traffic()[0].Payload)
		history := f.call("conversations.history", "channel", f.general)
		for where, text := range map[string]string{"the event": event, "history": string(history.raw)} {
			for _, field := range []string{`"reactions":null`, `"edited":true`, `"blocks":{}`, ts} {
				if !strings.Contains(text, field) {
					t.Errorf("%s lacks %s: %s", where, field, text)
				}
			}
			if got := strings.Contains(text, "metadata\":["); got != (where == "the event") {
				t.Errorf("%s has metadata: %t", where, got)
			}
		}
		if with := f.call("conversations.history", "channel", f.general, "include_all_metadata", "true"); !strings.Contains(string(with.raw), `"metadata":[1]`) {
			t.Errorf("history lacks the metadata: %s", with.raw)
		}
		if m, _ := f.Message(f.general, ts); m.Text != "hello" || m.Edited != nil {
			t.Errorf("people see %q, edited %v", m.Text, m.Edited)
		}
	})
}

// Ensure that a redirect has a status and an address, and that the call is not processed.
func TestRedirect(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		f.Faults().OnCall(slack.Calls{Times: 1}, slack.Redirect(http.StatusTemporaryRedirect, "http://192.0.2.1/api/chat.postMessage"))
		request, err := http.NewRequestWithContext(f.ctx, http.MethodPost, f.APIURL()+"chat.postMessage", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := f.client.Transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		if to := response.Header.Get("Location"); response.StatusCode != http.StatusTemporaryRedirect || to != "http://192.0.2.1/api/chat.postMessage" {
			t.Errorf("status %d, Location %q", response.StatusCode, to)
		}
		if err := response.Body.Close(); err != nil {
			t.Error(err)
		}
		if n := len(f.Messages(f.general)); n != 0 {
			t.Errorf("%d messages", n)
		}
	})
}

// Ensure that a response can be changed, and that errors are not.
func TestRewrite(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		f.Faults().OnCall(slack.Calls{Method: "users.info"}, slack.Rewrite(func(body map[string]any) { body["user"] = "nobody" }))
		if a := f.call("users.info", "user", f.ada); !a.OK || !strings.Contains(string(a.raw), `"user":"nobody"`) {
			t.Errorf("the response is %s", a.raw)
		}
		if a := f.call("users.info", "user", "U0"); a.OK || strings.Contains(string(a.raw), "nobody") {
			t.Errorf("the error is %s", a.raw)
		}
	})
}

// Ensure that each page leads to itself, also a page that needs no cursor, and that
// methods without pages do not change.
func TestRepeatPage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		root := f.post("root")
		f.post("one", slack.InThread(root))
		last := f.post("two", slack.InThread(root))
		alone := f.post("without replies")
		f.Faults().OnCall(slack.Calls{}, slack.RepeatPage())
		repeat := func(method string, args ...string) answer {
			t.Helper()
			first := f.call(method, args...)
			second := f.call(method, append(args, "cursor", first.Metadata.NextCursor)...)
			if !second.OK || first.Metadata.NextCursor == "" || second.Metadata.NextCursor != first.Metadata.NextCursor {
				t.Errorf("%s: the pages are %s and %s", method, first.raw, second.raw)
			}
			return second
		}
		if again := repeat("conversations.replies", "channel", f.general, "ts", root); len(again.Messages) != 2 || again.Messages[1].TS != last {
			t.Errorf("the page is %s", again.raw)
		}
		repeat("conversations.history", "channel", f.general)
		repeat("users.conversations")
		if a := f.call("conversations.replies", "channel", f.general, "ts", alone); !a.OK || a.Metadata.NextCursor != "" {
			t.Errorf("a thread without replies has the page %s", a.raw)
		}
		if a := f.call("auth.test"); !a.OK || strings.Contains(string(a.raw), "cursor") {
			t.Errorf("auth.test returns %s", a.raw)
		}
	})
}

// Ensure that a payload can be changed before it is delivered.
func TestAltered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		l := f.listen(nil)
		f.Faults().OnEvent(slack.Events{Type: "message", Times: 1}, slack.Altered(func(payload map[string]any) {
			delete(payload["event"].(map[string]any), "user")
		}))
		f.post("one")
		f.post("two")
		var authors []string
		for range 2 {
			var c struct{ Event struct{ User string } }
			if err := json.Unmarshal(l.next(f).Payload, &c); err != nil {
				t.Fatal(err)
			}
			authors = append(authors, c.Event.User)
		}
		if !slices.Equal(authors, []string{"", f.ada}) {
			t.Errorf("the authors are %q", authors)
		}
	})
}
