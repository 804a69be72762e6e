package slack_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"enjobridge/sandbox/slack"
)

// subscribed subscribes the app to more events.
func subscribed(events ...string) func(*slack.Config) {
	return func(c *slack.Config) {
		c.Manifest = []byte(strings.ReplaceAll(string(c.Manifest), "bot_events: [", "bot_events: ["+strings.Join(events, ", ")+", "))
	}
}

// Ensure that the app learns that somebody, or it, was added, and by whom; that it does
// not learn that it was removed; and that it then cannot post.
func TestMembership(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, org, subscribed("member_joined_channel", "member_left_channel"))
		bob := f.AddUser(slack.User{Name: "bob"})
		if err := f.InviteBy(f.general, f.ada, bob); err != nil {
			t.Fatal(err)
		}
		want(t, f.lastEvent("member_joined_channel"), map[string]any{
			"event.user": bob, "event.inviter": f.ada, "event.channel": f.general, "event.channel_type": "C", "event.team": f.TeamID(), "event.enterprise": "E0ACME",
		})
		want(t, f.lastEvent("message"), map[string]any{"event.subtype": "channel_join", "event.inviter": f.ada})
		if err := f.Kick(f.general, bob); err != nil {
			t.Fatal(err)
		}
		want(t, f.lastEvent("member_left_channel"), map[string]any{"event.user": bob})
		before := len(f.Traffic())
		if err := f.Kick(f.general, f.BotUserID()); err != nil {
			t.Fatal(err)
		}
		if after := len(f.Traffic()); after != before {
			t.Errorf("%d events about its removal", after-before)
		}
		want(t, f.call("chat.postMessage", "channel", f.general, "text", "x").raw, map[string]any{"error": "not_in_channel"})
		if err := f.InviteBy(f.general, f.ada, f.BotUserID()); err != nil {
			t.Fatal(err)
		}
		want(t, f.lastEvent("member_joined_channel"), map[string]any{"event.user": f.BotUserID(), "event.inviter": f.ada})
		wantCode(t, f.InviteBy(f.general, bob, bob), "not_in_channel")
		wantCode(t, f.InviteBy(f.general, f.ada, "U0"), "user_not_found")
	})
}

// Ensure that a restricted channel refuses the posts of the app and of people who are no
// admins, with Slack's code.
func TestRestrictedPosting(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		boss := f.AddUser(slack.User{Name: "boss", Admin: true})
		if err := f.Invite(f.general, boss); err != nil {
			t.Fatal(err)
		}
		ts := f.post("hello")
		for _, test := range []struct {
			rule            slack.Posting
			atTop, inThread string
			flag            string
		}{
			{slack.ReadOnly, "restricted_action_read_only_channel", "restricted_action_read_only_channel", "is_read_only"},
			{slack.RepliesOnly, "restricted_action_thread_only_channel", "", "is_thread_only"},
			{slack.NoReplies, "", "restricted_action_non_threadable_channel", "is_non_threadable"},
		} {
			if err := f.Restrict(f.general, test.rule); err != nil {
				t.Fatal(err)
			}
			if got := f.call("chat.postMessage", "channel", f.general, "text", "x").Error; got != test.atTop {
				t.Errorf("%s: a post answers %q", test.rule, got)
			}
			if got := f.call("chat.postMessage", "channel", f.general, "text", "x", "thread_ts", ts).Error; got != test.inThread {
				t.Errorf("%s: a reply answers %q", test.rule, got)
			}
			want(t, f.call("conversations.info", "channel", f.general).raw, map[string]any{"channel." + test.flag: true})
			if _, err := f.Post(f.general, f.ada, "x"); (err == nil) != (test.atTop == "") {
				t.Errorf("%s: a person's post: %v", test.rule, err)
			}
			if _, err := f.Post(f.general, boss, "x"); err != nil {
				t.Errorf("%s: an admin's post: %v", test.rule, err)
			}
		}
		wantCode(t, f.Restrict("C0", slack.ReadOnly), "channel_not_found")
	})
}

// Ensure that a channel with a new ID is known only by that, with its messages, threads
// and sessions.
func TestChangeChannelID(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, subscribed("channel_id_changed"))
		ts := f.mention("hello")
		f.call("agents.sessions.setStatus", "channel_id", f.general, "thread_ts", ts, "status", "processing", "title", "Hello")
		id, err := f.ChangeChannelID(f.general)
		if err != nil {
			t.Fatal(err)
		}
		want(t, f.lastEvent("channel_id_changed"), map[string]any{"event.old_channel_id": f.general, "event.new_channel_id": id})
		want(t, f.call("chat.postMessage", "channel", f.general, "text", "x").raw, map[string]any{"error": "channel_not_found"})
		want(t, f.call("conversations.info", "channel", f.general).raw, map[string]any{"error": "channel_not_found"})
		want(t, f.call("conversations.history", "channel", id).raw, map[string]any{"messages.0.ts": ts})
		if s, known := f.Session(id, ts); !known || s.Title != "Hello" || s.Channel != id {
			t.Errorf("the session is %+v", s)
		}
		if _, err := f.Post(id, f.ada, "still here", slack.InThread(ts)); err != nil {
			t.Error(err)
		}
		_, err = f.ChangeChannelID("C0")
		wantCode(t, err, "channel_not_found")
	})
}

// Ensure that while events are limited the app gets only app_rate_limited, and events
// again afterwards.
func TestLimitEvents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		f.listen(nil)
		f.Faults().LimitEvents(2 * time.Minute)
		for range 3 {
			f.post("lost")
			time.Sleep(30 * time.Second)
		}
		notices := attempts(f.View, "app_rate_limited")
		if len(notices) != 2 {
			t.Fatalf("%d notices, want one a minute", len(notices))
		}
		want(t, notices[0].Payload, map[string]any{
			"type": "app_rate_limited", "event": nil, "team_id": f.TeamID(), "api_app_id": f.AppID(),
			"minute_rate_limited": float64(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC).Unix()),
		})
		for _, e := range attempts(f.View, "message") {
			if e.Outcome != slack.Swallowed {
				t.Errorf("an event is %s", e.Outcome)
			}
		}
		time.Sleep(time.Minute)
		f.post("delivered")
		f.await("the event", func(v slack.View) bool {
			all := attempts(v, "message")
			return all[len(all)-1].Outcome == slack.Acked
		})
		if status := f.call("auth.test").status; status != http.StatusOK {
			t.Errorf("status %d", status)
		}
	})
}
