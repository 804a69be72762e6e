package slack_test

import (
	"fmt"
	"testing"

	"enjobridge/sandbox/slack"
)

// Ensure that a message with files never has a team, in no event and not in history.
func TestFileShareWithoutTeam(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, func(c *slack.Config) { c.MentionTeam = slack.Always })
		shared := f.AddChannel(slack.Channel{Name: "shared", Shared: true, Members: []string{f.ada, f.BotUserID()}})
		if _, err := f.Post(shared, f.ada, slack.Mention(f.BotUserID()), slack.WithFiles(slack.File{Name: "x"})); err != nil {
			t.Fatal(err)
		}
		history := f.call("conversations.history", "channel", shared).raw
		for _, field := range []string{"team", "user_team", "source_team"} {
			want(t, f.lastEvent("message"), map[string]any{"event." + field: nil})
			want(t, f.lastEvent("app_mention"), map[string]any{"event." + field: nil})
			want(t, history, map[string]any{"messages.0." + field: nil})
		}
		want(t, f.lastEvent("message"), map[string]any{"team_id": f.TeamID(), "event.user": f.ada})
	})
}

// Ensure that a mention has a team or not, by chance or always or never.
func TestTeamOfMention(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for presence, wanted := range map[slack.Presence]string{slack.Sometimes: "both", slack.Always: "with", slack.Never: "without"} {
			f := open(t, func(c *slack.Config) { c.MentionTeam = presence })
			seen := map[bool]bool{}
			for n := range 20 {
				f.mention(fmt.Sprint(n))
				team := at(f.lastEvent("app_mention"), "event.team")
				if team != nil && team != f.TeamID() {
					t.Errorf("team is %v", team)
				}
				seen[team != nil] = true
			}
			got := map[bool]string{true: "with", false: "without"}[seen[true]]
			if len(seen) == 2 {
				got = "both"
			}
			if got != wanted {
				t.Errorf("mentions are %s a team, want %s", got, wanted)
			}
		}
	})
}

// Ensure that direct messages have a team, unless the workspace leaves it out.
func TestTeamOfDirectMessage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for _, without := range []bool{false, true} {
			f := open(t, func(c *slack.Config) { c.DirectWithoutTeam = without })
			ts, err := f.Post(f.DM(f.ada), f.ada, "hello")
			if err != nil {
				t.Fatal(err)
			}
			if got := at(f.eventOf(ts), "event.team"); (got == nil) != without {
				t.Errorf("team is %v", got)
			}
		}
	})
}

// Ensure that the ts of a reply finds only that message, and that of a root the oldest
// replies first, after the root.
func TestRepliesOfReply(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		root := f.post("root")
		var replies []string
		for n := range 3 {
			replies = append(replies, f.post(fmt.Sprint(n), slack.InThread(root)))
		}
		want(t, f.call("conversations.replies", "channel", f.general, "ts", replies[1]).raw, map[string]any{
			"messages.0.ts": replies[1], "messages.0.thread_ts": root, "messages.1": nil, "has_more": false,
		})
		want(t, f.call("conversations.replies", "channel", f.general, "ts", root, "limit", "2").raw, map[string]any{
			"messages.0.ts": root, "messages.1.ts": replies[0], "messages.2.ts": replies[1], "messages.3": nil, "has_more": true,
		})
	})
}
