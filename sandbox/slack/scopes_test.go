package slack_test

import (
	"fmt"
	"slices"
	"testing"

	slackgo "github.com/slack-go/slack"

	"enjobridge/sandbox/slack"
)

// Ensure that exactly the scopes are reported that calls and events needed.
func TestScopesUsed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, scopes("files:read", "users:read.email"))
		var want []string
		check := func(what string, scopes ...string) {
			t.Helper()
			want = slices.Sorted(slices.Values(append(want, scopes...)))
			if got := f.ScopesUsed(); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("after %s: %v, want %v", what, got, want)
			}
		}
		check("nothing")
		f.call("auth.test")
		check("auth.test")
		f.post("hello")
		check("a message", "channels:history")
		f.mention("hello")
		check("a mention", "app_mentions:read")
		private := f.AddChannel(slack.Channel{Kind: slack.Private, Members: []string{f.ada, f.BotUserID()}})
		f.call("conversations.info", "channel", private)
		check("conversations.info of a private channel", "groups:read")
		f.call("users.info", "user", f.ada)
		check("users.info without an address", "users:read")
		f.call("users.info", "user", f.AddUser(slack.User{Email: "bob@example.com"}))
		check("users.info with an address", "users:read.email")
		f.call("conversations.list", "types", "public_channel,im")
		check("conversations.list", "channels:read", "im:read")
		f.call("assistant.threads.setStatus", "channel_id", f.general, "thread_ts", "1.2", "status", "x")
		check("a status", "chat:write")
		f.call("reactions.get", "channel", "C0")
		check("a failed call", "reactions:read")
		f.call("files.getUploadURLExternal")
		check("a call without its scope")
		if _, err := f.Command(f.ada, f.general, "/helper", ""); err != nil {
			t.Fatal(err)
		}
		check("a command", "commands")
	})
}

// Ensure that users.info has an address only with users:read.email.
func TestEmailScope(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		bob := f.AddUser(slack.User{Email: "bob@example.com"})
		for scope, want := range map[string]string{"users:read": "", "users:read.email": "bob@example.com"} {
			f.SetScopes("users:read", scope)
			u, err := f.api.GetUserInfoContext(f.ctx, bob)
			if err != nil || u.Profile.Email != want {
				t.Errorf("with %s: %q, error %v", scope, email(u), err)
			}
		}
	})
}

func email(u *slackgo.User) string {
	if u == nil {
		return ""
	}
	return u.Profile.Email
}
