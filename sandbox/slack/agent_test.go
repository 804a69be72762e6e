package slack_test

import (
	"strings"
	"testing"

	"enjobridge/sandbox/slack"
)

// Ensure that people see the manifest's prompts until the app has set others, which need
// to be without a thread.
func TestManifestPrompts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, func(c *slack.Config) {
			const view = "agent_view: {agent_description: Helps."
			c.Manifest = []byte(strings.ReplaceAll(manifest, view, view+", suggested_prompts: [{title: VPN, message: Fix my VPN}]"))
		})
		dm := f.DM(f.ada)
		ts, err := f.Post(dm, f.ada, "hello")
		if err != nil {
			t.Fatal(err)
		}
		see := func(want string) {
			t.Helper()
			if p := f.Prompts(dm); len(p) != 1 || p[0].Message != want || len(f.Prompts(f.general)) != 0 {
				t.Errorf("prompts are %+v, want %s", p, want)
			}
		}
		see("Fix my VPN")
		const prompts = `[{"title": "Mail", "message": "Fix my mail"}]`
		f.call("assistant.threads.setSuggestedPrompts", "channel_id", dm, "prompts", prompts, "thread_ts", ts)
		see("Fix my VPN")
		f.call("assistant.threads.setSuggestedPrompts", "channel_id", dm, "prompts", prompts)
		see("Fix my mail")
	})
}

// Ensure that the app gets optional scopes only if they are granted.
func TestOptionalScopes(t *testing.T) {
	for without, want := range map[bool]string{false: "users:read,files:read", true: "users:read"} {
		bubbles(t, want, func(t *testing.T) {
			f := open(t, func(c *slack.Config) {
				c.WithoutOptional = without
				c.Manifest = []byte("display_information: {name: x}\noauth_config: {scopes: {bot: [users:read], bot_optional: [files:read]}}")
			})
			if got := f.call("auth.test").header.Get("X-OAuth-Scopes"); got != want {
				t.Errorf("scopes are %s, want %s", got, want)
			}
		})
	}
}

// Ensure that a new session gets its title and initiator, that those of an old one stay,
// and that Slack's limits hold.
func TestSessionArguments(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		ts := f.post("hello")
		set := func(args ...string) answer {
			return f.call("agents.sessions.setStatus", append([]string{"channel_id", f.general, "thread_ts", ts, "status", "active"}, args...)...)
		}
		want(t, set("title", strings.Repeat("x", 201)).raw, map[string]any{"error": "invalid_arguments"})
		want(t, set("initiator_user_id", "U0").raw, map[string]any{"error": "user_not_in_channel"})
		want(t, set("icon_emoji", ":robot_face:").raw, map[string]any{"error": "missing_scope", "needed": "chat:write.customize"})
		if _, known := f.Session(f.general, ts); known {
			t.Error("a refused call made a session")
		}
		set("title", "VPN", "initiator_user_id", f.ada)
		want(t, set("title", "Mail").raw, map[string]any{"title": "VPN"})
		if s, _ := f.Session(f.general, ts); s.Title != "VPN" || s.Initiator != f.ada {
			t.Errorf("session is %+v", s)
		}
	})
}

// Ensure that an edit says who edited and when, in message_changed, and in the
// app_mention of a mention that the edit added.
func TestEditEvents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		ts := f.post("hello")
		if err := f.Edit(f.general, f.ada, ts, "hello "+slack.Mention(f.BotUserID())); err != nil {
			t.Fatal(err)
		}
		m, _ := f.Message(f.general, ts)
		want(t, f.lastEvent("message"), map[string]any{
			"event.subtype": "message_changed", "event.message.edited.user": f.ada, "event.message.edited.ts": m.Edited.TS, "event.previous_message.text": "hello",
		})
		want(t, f.lastEvent("app_mention"), map[string]any{"event.edited.user": f.ada, "event.edited.ts": m.Edited.TS, "event.ts": ts})
		if err := f.Edit(f.general, f.ada, ts, "bye "+slack.Mention(f.BotUserID())); err != nil {
			t.Fatal(err)
		}
		if n := len(attempts(f.View, "app_mention")); n != 1 {
			t.Errorf("%d mentions", n)
		}
	})
}
