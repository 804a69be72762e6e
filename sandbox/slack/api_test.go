package slack_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"enjobridge/sandbox/slack"
)

// answer has the fields of a Web API response that the tests check.
type answer struct {
	OK                      bool
	Error, Needed, Provided string
	TS, Text                string
	MessageTS               string `json:"message_ts"`
	Warning                 string
	NoOp                    bool   `json:"no_op"`
	ReqMethod               string `json:"req_method"`
	HasMore                 bool   `json:"has_more"`
	Message                 struct{ ThreadTS, Subtype string }
	Messages                []struct {
		TS, Text string
		Metadata json.RawMessage
	}
	Members  []any
	Errors   []struct{ Code, Message, Pointer string }
	Metadata struct {
		Messages   []string
		NextCursor string `json:"next_cursor"`
	} `json:"response_metadata"`

	header http.Header
	status int
	raw    []byte
}

// call calls a method with the bot token, or with the token argument.
func (f *fixture) call(method string, args ...string) answer {
	f.t.Helper()
	form := url.Values{}
	for i := 0; i < len(args); i += 2 {
		form.Set(args[i], args[i+1])
	}
	if !form.Has("token") {
		form.Set("token", f.BotToken())
	}
	return f.send(method, "application/x-www-form-urlencoded", form.Encode(), "")
}

// send calls a method with this body.
func (f *fixture) send(method, media, body, bearer string) answer {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.ctx, http.MethodPost, f.APIURL()+method, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Content-Type", media)
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	response, err := f.client.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	a := answer{header: response.Header, status: response.StatusCode}
	if a.raw, err = io.ReadAll(response.Body); err != nil {
		f.t.Fatal(err)
	}
	if err := json.Unmarshal(a.raw, &a); err != nil {
		f.t.Fatal(err)
	}
	return a
}

// Ensure that each mistake gets Slack's error code.
func TestErrors(t *testing.T) {
	f := openOutside(t)
	ts := f.post("hello")
	secret := f.AddChannel(slack.Channel{Kind: slack.Private, Members: []string{f.ada}})
	elsewhere := f.AddChannel(slack.Channel{Members: []string{f.ada}})
	old := f.AddChannel(slack.Channel{Members: []string{f.BotUserID()}})
	if err := f.Archive(old); err != nil {
		t.Fatal(err)
	}
	own, err := f.say(f.ctx)
	if err != nil {
		t.Fatal(err)
	}
	eyes := []string{"channel", f.general, "timestamp", ts, "name", "eyes"}
	if a := f.call("reactions.add", eyes...); !a.OK {
		t.Fatal(a.Error)
	}
	for _, test := range []struct {
		want, method string
		args         []string
	}{
		{"unknown_method", "chat.shout", nil},
		{"not_authed", "auth.test", []string{"token", ""}},
		{"invalid_auth", "auth.test", []string{"token", "xoxb-wrong"}},
		{"not_allowed_token_type", "auth.test", []string{"token", f.AppToken()}},
		{"not_allowed_token_type", "apps.connections.open", nil},
		{"missing_scope", "team.info", nil},
		{"missing_scope", "conversations.list", []string{"types", "mpim"}},
		{"missing_scope", "chat.postMessage", []string{"channel", f.general, "text", "x", "username", "Bob"}},
		{"channel_not_found", "chat.postMessage", []string{"channel", "C0", "text", "x"}},
		{"channel_not_found", "chat.postMessage", []string{"channel", secret, "text", "x"}},
		{"not_in_channel", "chat.postMessage", []string{"channel", elsewhere, "text", "x"}},
		{"is_archived", "chat.postMessage", []string{"channel", old, "text", "x"}},
		{"no_text", "chat.postMessage", []string{"channel", f.general}},
		{"no_text", "chat.postMessage", []string{"channel", f.general, "blocks", "[]"}},
		{"invalid_blocks_format", "chat.postMessage", []string{"channel", f.general, "blocks", "{"}},
		{"invalid_blocks", "chat.postMessage", []string{"channel", f.general, "blocks", `[{"type":"alert"}]`}},
		{"msg_blocks_too_long", "chat.postMessage", []string{"channel", f.general, "blocks", sections(10, 2900)}},
		{"markdown_text_conflict", "chat.postMessage", []string{"channel", f.general, "text", "x", "markdown_text", "y"}},
		{"invalid_metadata_format", "chat.postMessage", []string{"channel", f.general, "text", "x", "metadata", "["}},
		{"invalid_metadata_schema", "chat.postMessage", []string{"channel", f.general, "text", "x", "metadata", `{"event_type":"a"}`}},
		{"invalid_attachments", "chat.postMessage", []string{"channel", f.general, "attachments", `{}`}},
		{"user_not_in_channel", "chat.postEphemeral", []string{"channel", f.general, "user", "U0", "text", "x"}},
		{"message_not_found", "chat.update", []string{"channel", f.general, "ts", "1.2", "text", "x"}},
		{"cant_update_message", "chat.update", []string{"channel", f.general, "ts", ts, "text", "x"}},
		{"no_text", "chat.update", []string{"channel", f.general, "ts", own}},
		{"msg_too_long", "chat.update", []string{"channel", f.general, "ts", own, "text", strings.Repeat("x", 4001)}},
		{"cant_delete_message", "chat.delete", []string{"channel", f.general, "ts", ts}},
		{"message_not_found", "chat.delete", []string{"channel", f.general, "ts", "1.2"}},
		{"message_not_found", "chat.getPermalink", []string{"channel", f.general, "message_ts", "1.2"}},
		{"not_in_channel", "conversations.history", []string{"channel", elsewhere}},
		{"channel_not_found", "conversations.history", []string{"channel", secret}},
		{"invalid_cursor", "conversations.history", []string{"channel", f.general, "cursor", "!"}},
		{"invalid_cursor", "conversations.history", []string{"channel", f.general, "cursor", "bmV4dF90czoxLjI="}},
		{"invalid_limit", "conversations.history", []string{"channel", f.general, "limit", "many"}},
		{"thread_not_found", "conversations.replies", []string{"channel", f.general, "ts", "1.2"}},
		{"invalid_types", "conversations.list", []string{"types", "secret"}},
		{"invalid_cursor", "conversations.members", []string{"channel", f.general, "cursor", "aWQ6VTA="}},
		{"users_list_not_supplied", "conversations.open", nil},
		{"user_not_found", "conversations.open", []string{"users", "U0"}},
		{"user_not_found", "users.info", []string{"user", "U0"}},
		{"bot_not_found", "bots.info", []string{"bot", "B0"}},
		{"already_reacted", "reactions.add", eyes},
		{"no_reaction", "reactions.remove", []string{"channel", f.general, "timestamp", ts, "name", "tada"}},
		{"invalid_name", "reactions.add", []string{"channel", f.general, "timestamp", ts, "name", "not a name"}},
		{"message_not_found", "reactions.add", []string{"channel", f.general, "timestamp", "1.2", "name", "eyes"}},
		{"no_item_specified", "reactions.add", []string{"channel", f.general, "name", "eyes"}},
		{"invalid_thread_ts", "assistant.threads.setStatus", []string{"channel_id", f.general, "thread_ts", "1.2", "status", "x"}},
		{"invalid_arguments", "assistant.threads.setStatus", []string{"channel_id", f.general, "thread_ts", ts}},
		{"invalid_arguments", "agents.sessions.setStatus", []string{"channel_id", f.general, "thread_ts", ts, "status", "busy"}},
		{"session_not_found", "agents.sessions.rename", []string{"channel_id", f.general, "thread_ts", ts, "title", "x"}},
		{"invalid_trigger_id", "views.open", []string{"trigger_id", "1.2.3", "view", "{}"}},
		{"user_not_found", "views.publish", []string{"user_id", "U0", "view", "{}"}},
		{"invalid_arguments", "views.publish", []string{"user_id", f.ada, "view", `{"type":"modal"}`}},
		{"not_found", "views.update", []string{"view_id", "V0", "view", "{}"}},
		{"boom", "api.test", []string{"error", "boom"}},
	} {
		t.Run(test.method+" "+test.want, func(t *testing.T) {
			if a := f.call(test.method, test.args...); a.OK || a.Error != test.want || a.status != http.StatusOK {
				t.Errorf("response is %s", pretty(a))
			}
		})
	}
}

// sections returns n section blocks with this many characters each.
func sections(n, characters int) string {
	blocks := make([]string, n)
	for i := range blocks {
		blocks[i] = fmt.Sprintf(`{"type":"section","text":{"type":"mrkdwn","text":%q}}`, strings.Repeat("x", characters))
	}
	return "[" + strings.Join(blocks, ",") + "]"
}

// Ensure that a missing scope is reported as in Slack, also to slack-go.
func TestScopes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		f.SetScopes("users:read", "team:read")
		a := f.call("chat.postMessage", "channel", f.general, "text", "x")
		if a.Needed != "chat:write" || a.Provided != "users:read,team:read" {
			t.Errorf("response is %s", pretty(a))
		}
		if got := a.header.Get("X-Oauth-Scopes"); got != "users:read,team:read" {
			t.Errorf("x-oauth-scopes is %q", got)
		}
		_, err := f.say(f.ctx)
		var failed slackgo.SlackErrorResponse
		if !errors.As(err, &failed) || failed.Err != "missing_scope" {
			t.Errorf("slack-go's error is %v", err)
		}
		test, err := f.api.AuthTestContext(f.ctx)
		if err != nil || test.Header.Get("X-Oauth-Scopes") != "users:read,team:read" || test.BotID != f.BotID() || test.UserID != f.BotUserID() {
			t.Errorf("auth.test is %+v, error %v", test, err)
		}
		if a := f.call("apps.connections.open", "token", f.AppToken()); a.header.Get("X-Oauth-Scopes") != "connections:write" {
			t.Errorf("the app token's scopes are %q", a.header.Get("X-Oauth-Scopes"))
		}
	})
}

// Ensure that arguments are accepted wherever Slack accepts them, and that the
// token is not accepted in JSON.
func TestArguments(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		const form, js = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
		body := fmt.Sprintf(`{"channel":%q,"blocks":[{"type":"divider","block_id":"line"}],"reply_broadcast":true,"thread_ts":null}`, f.general)
		if a := f.send("chat.postMessage", js, body, f.BotToken()); !a.OK {
			t.Errorf("JSON: %s", a.Error)
		}
		if m := f.Messages(f.general); len(m) != 1 || string(m[0].Blocks) != `[{"type":"divider","block_id":"line"}]` {
			t.Errorf("messages are %s", pretty(m))
		}
		if a := f.send("auth.test", js, fmt.Sprintf(`{"token":%q}`, f.BotToken()), ""); a.Error != "not_authed" {
			t.Errorf("a token in JSON: %+v", a)
		}
		if a := f.send("auth.test?token="+f.BotToken(), form, "", ""); !a.OK {
			t.Errorf("a token in the query: %s", a.Error)
		}
		if a := f.send("auth.test", js, `{`, f.BotToken()); a.Error != "invalid_form_data" {
			t.Errorf("broken JSON: %+v", a)
		}
		if a := f.send("auth.test", form, strings.Repeat("x", 5<<20), f.BotToken()); a.Error != "invalid_form_data" {
			t.Errorf("a body without end: %+v", a)
		}
		for _, c := range f.Calls() {
			if c.Args["token"] != "" {
				t.Errorf("the log of %s has the token", c.Method)
			}
		}
	})
}

// Ensure that posts to a channel, updates of a message and calls of a method
// are rate limited.
func TestPace(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, func(c *slack.Config) { c.Manifest = nil })
		count := func(call func() error) (passed int, wait time.Duration) {
			for range 200 {
				err := call()
				var limited *slackgo.RateLimitedError
				if errors.As(err, &limited) {
					return passed, limited.RetryAfter
				}
				if err != nil {
					t.Fatal(err)
				}
				passed++
			}
			return passed, 0
		}
		passed, wait := count(func() error { _, err := f.say(f.ctx); return err })
		if passed != 4 || wait != time.Second {
			t.Errorf("chat.postMessage: %d passed, then Retry-After %v", passed, wait)
		}
		own := f.Messages(f.general)[0].TS
		passed, wait = count(func() error {
			_, _, _, err := f.api.UpdateMessageContext(f.ctx, f.general, own, slackgo.MsgOptionText("x", false))
			return err
		})
		if passed != 3 || wait != 3*time.Second {
			t.Errorf("chat.update: %d passed, then Retry-After %v", passed, wait)
		}
		passed, wait = count(func() error { // slack-go's Client.GetUsers would wait by itself
			_, err := f.api.GetUserGroupsContext(f.ctx)
			return err
		})
		if passed != 20 || wait != 3*time.Second {
			t.Errorf("usergroups.list: %d passed, then Retry-After %v", passed, wait)
		}
		elsewhere := f.AddChannel(slack.Channel{Members: []string{f.BotUserID()}})
		if a := f.call("chat.postMessage", "channel", elsewhere, "text", "x"); !a.OK {
			t.Errorf("another channel: %s", a.Error)
		}
	})
}
