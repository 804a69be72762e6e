package slackapi

import (
	"net/http"
	"testing"

	"enjobridge/blocks"
	"enjobridge/storage"
)

// oddities are fields that Slack could send one day, or that another app can plant in a
// message that Slack returns.
const oddities = `"attachments":[{"id":"1","color":7}],"blocks":[{"type":7}],"user":{},"text":[],"reactions":7,"icons":"x","edited":[1]`

// Ensure that calls succeed whatever else a response has: a post whose response cannot
// be decoded would be posted again.
func TestCalls_OddResponses(t *testing.T) {
	odd := `{"ok":true,"ts":"2.000001","warning":7,"errors":{"x":1},"response_metadata":"x","view":7,"files":{},"channel":{"id":"D1","topic":7},
		"message":{"ts":"2.000001","thread_ts":"1.000001",` + oddities + `}}`
	thread := storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.000001"}
	for name, call := range map[string]func(c *Client) error{
		"chat.postMessage": func(c *Client) error {
			ts, err := c.Post(t.Context(), "C1", thread.Root, testMessage, Marker{})
			if ts != "2.000001" {
				t.Errorf("the post has the timestamp %q", ts)
			}
			return err
		},
		"chat.postEphemeral":          func(c *Client) error { return c.PostEphemeral(t.Context(), "C1", "", "U1", testMessage) },
		"chat.update":                 func(c *Client) error { return c.Update(t.Context(), "C1", "2.000001", testMessage) },
		"chat.delete":                 func(c *Client) error { return c.Delete(t.Context(), "C1", "2.000001") },
		"reactions.add":               func(c *Client) error { return c.React(t.Context(), "C1", "2.000001", "eyes") },
		"reactions.remove":            func(c *Client) error { return c.Unreact(t.Context(), "C1", "2.000001", "eyes") },
		"assistant.threads.setStatus": func(c *Client) error { return c.SetStatus(t.Context(), thread, "is thinking…") },
		"agents.sessions.setStatus":   func(c *Client) error { return c.SetSession(t.Context(), thread, "active", "") },
		"views.open":                  func(c *Client) error { return c.OpenView(t.Context(), "1.2.3", blocks.Modal{}) },
		"views.publish":               func(c *Client) error { return c.PublishView(t.Context(), "U1", blocks.Home(blocks.HomeView{})) },
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := newTestClient(t, text(odd))
			if err := call(c); err != nil {
				t.Error(err)
			}
		})
	}
}

// Ensure that a post counts as one at the channel's top, which is deleted, only if Slack's
// response says so, and that the outcome is unknown without a timestamp.
func TestPost_Unclear(t *testing.T) {
	for body, want := range map[string]Class{
		`{"ok":true,"ts":"2.1","message":{"ts":"2.1"}}`:                  Inaccessible,
		`{"ok":true,"ts":"2.1","message":{"ts":"2.1","thread_ts":null}}`: Inaccessible,
		`{"ok":true,"ts":"2.1","message":{"ts":"2.1","thread_ts":1.1}}`:  "",
		`{"ok":true,"ts":"2.1","message":[]}`:                            "",
		`{"ok":true,"ts":"2.1","message":null}`:                          "",
		`{"ok":true,"ts":"2.1"}`:                                         "",
		`{"ok":true,"ts":2.1,"message":{"thread_ts":"1.000001"}}`:        Unknown,
		`{"ok":false}`: Unknown,
		`{"ok":1,"ts":"2.1","message":{"thread_ts":"1.000001"}}`: Unknown,
	} {
		responses := []func(http.ResponseWriter){text(body)}
		if want == Inaccessible {
			responses = append(responses, text(`{"ok":true}`)) // chat.delete
		}
		c, _ := newTestClient(t, responses...)
		if _, err := c.Post(t.Context(), "C1", testThread.Root, testMessage, Marker{}); Classify(err).Class != want {
			t.Errorf("%s: error %v", body, err)
		}
	}
}

// Ensure that odd fields do not hide who the bot is, a direct message's channel, or
// where a file and a connection go.
func TestCalls_OddFields(t *testing.T) {
	t.Run("auth.test", func(t *testing.T) {
		c, _ := newTestClient(t, text(`{"ok":true,"url":7,"team":{},"team_id":"T1","user_id":"U1","bot_id":"B1",
			"enterprise_id":null,"user":{},"is_enterprise_install":"x"}`))
		self, err := c.AuthTest(t.Context())
		if err != nil || self.TeamID != "T1" || self.UserID != "U1" || self.BotID != "B1" || self.EnterpriseID != "" {
			t.Errorf("got %+v, %v", self, err)
		}
	})
	t.Run("conversations.open", func(t *testing.T) {
		c, r := newTestClient(t,
			text(`{"ok":true,"channel":{"id":"D1","created":"x","latest":7,"is_im":"yes"},"no_op":7}`),
			text(`{"ok":true,"ts":"2.000001","message":7}`),
		)
		if _, _, err := c.DirectMessage(t.Context(), "U1", testMessage); err != nil || r.forms[1].Get("channel") != "D1" {
			t.Errorf("got %v, posted to %v", err, r.forms[1]["channel"])
		}
	})
	t.Run("files", func(t *testing.T) {
		c, r := newTestClient(t,
			text(`{"ok":true,"upload_url":"https://files.slack.com/upload/1","file_id":"F1","response_metadata":7}`), text("OK"),
			text(`{"ok":true,"files":{"id":7}}`),
		)
		to := Target{Thread: testThread}
		if err := c.UploadOnce(t.Context(), Upload{To: to, File: blocks.File{Name: "a.md", Title: "A", Content: "hello"}, Reference: "EB-1"}); err != nil {
			t.Error(err)
		}
		if got := r.requests[1].Header.Get("Authorization"); got != "" {
			t.Errorf("the token goes to the upload URL: %q", got)
		}
	})
	t.Run("apps.connections.open", func(t *testing.T) {
		c, _ := newTestClient(t, text(`{"ok":true,"url":"wss://wss.slack.com/link","debug":7,"response_metadata":[]}`))
		if url, err := c.OpenConnection(t.Context()); err != nil || url != "wss://wss.slack.com/link" {
			t.Errorf("got %q, %v", url, err)
		}
	})
}
