package slack_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"

	"enjobridge/sandbox/slack"
)

// Ensure that reading page by page returns everything once.
func TestPages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		root := f.post("root")
		want := 1
		for range 7 {
			f.post("reply", slack.InThread(root))
			f.post("more")
			want++
		}
		for method, total := range map[string]int{"conversations.history": want, "conversations.replies": 8} {
			seen := map[string]bool{}
			cursor, pages := "", 0
			for {
				a := f.call(method, "channel", f.general, "ts", root, "limit", "3", "cursor", cursor)
				if !a.OK || a.HasMore != (a.Metadata.NextCursor != "") {
					t.Fatalf("%s: %s", method, pretty(a))
				}
				for _, m := range a.Messages {
					seen[m.TS] = true
				}
				pages++
				if cursor = a.Metadata.NextCursor; cursor == "" {
					break
				}
			}
			if len(seen) != total || pages != 3 {
				t.Errorf("%s: %d messages on %d pages, want %d on 3", method, len(seen), pages, total)
			}
		}
		members, next, err := f.api.GetUsersInConversationContext(f.ctx, &slackgo.GetUsersInConversationParameters{ChannelID: f.general, Limit: 1})
		if err != nil || len(members) != 1 || next == "" {
			t.Errorf("members %v, next %q, error %v", members, next, err)
		}
	})
}

// Ensure that a thread begins with its oldest replies, at most 1,000 on a page, each
// page after the root, and that the ts of a reply returns only that.
func TestReplies_Pages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		root := f.post("root")
		var replies []string
		for range 1002 {
			replies = append(replies, f.post("reply", slack.InThread(root)))
		}
		first := f.call("conversations.replies", "channel", f.general, "ts", root, "limit", "1000")
		if n := len(first.Messages); n != 1001 || !first.HasMore || first.Messages[0].TS != root || first.Messages[1000].TS != replies[999] {
			t.Fatalf("the first page has %d messages, more %v", n, first.HasMore)
		}
		last := f.call("conversations.replies", "channel", f.general, "ts", root, "limit", "1000", "cursor", first.Metadata.NextCursor)
		if len(last.Messages) != 3 || last.HasMore || last.Messages[0].TS != root || last.Messages[2].TS != replies[1001] {
			t.Errorf("the last page is %s", pretty(last))
		}
		one := f.call("conversations.replies", "channel", f.general, "ts", replies[7])
		if len(one.Messages) != 1 || one.Messages[0].TS != replies[7] {
			t.Errorf("a reply's ts returns %s", pretty(one))
		}
		if a := f.call("conversations.replies", "channel", f.general, "ts", root, "limit", "2000"); a.OK && len(a.Messages) > 1001 {
			t.Errorf("a page of 2000 has %d messages", len(a.Messages))
		}
	})
}

// Ensure that what another app posts is delivered as it is, and that people cannot
// post it.
func TestRawMessages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		robot := f.AddUser(slack.User{Name: "robot", Bot: true})
		if err := f.Invite(f.general, robot); err != nil {
			t.Fatal(err)
		}
		attachments, blocks := json.RawMessage(`[{"id":"1","color":7}]`), json.RawMessage(`[{"type":"future"}]`)
		raw := []slack.PostOption{
			slack.WithAttachments(attachments), slack.WithBlocks(blocks), slack.WithFiles(slack.File{}),
			slack.WithMetadata(slack.Metadata{EventType: "copied", EventPayload: json.RawMessage(`{"id":"42"}`)}),
		}
		if _, err := f.Post(f.general, robot, "", raw...); err != nil {
			t.Fatal(err)
		}
		response := string(f.call("conversations.history", "channel", f.general, "include_all_metadata", "true").raw)
		for _, want := range []string{string(attachments), string(blocks), `"event_payload":{"id":"42"}`, `"file_access":"check_file_info"`} {
			if !strings.Contains(response, want) {
				t.Errorf("history lacks %s: %s", want, response)
			}
		}
		if _, err := f.api.GetConversationHistoryContext(f.ctx, &slackgo.GetConversationHistoryParameters{ChannelID: f.general}); err == nil {
			t.Error("slack-go can decode it: the test is of no use")
		}
		if _, err := f.Post(f.general, f.ada, "hi", raw[0]); err == nil {
			t.Error("a person posts attachments")
		}
		for _, option := range []slack.PostOption{
			slack.WithBlocks(json.RawMessage(`{}`)), slack.WithMetadata(slack.Metadata{EventPayload: json.RawMessage(`{`)}),
		} {
			if _, err := f.Post(f.general, robot, "hi", option); err == nil {
				t.Error("what is no array, or no JSON, is posted")
			}
		}
	})
}

// Ensure that history can be read from and up to a timestamp.
func TestWindow(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		ts := []string{f.post("a"), f.post("b"), f.post("c")}
		for name, test := range map[string]struct {
			args []string
			want string
		}{
			"all":             {nil, "cba"},
			"oldest":          {[]string{"oldest", ts[0]}, "cb"},
			"oldest included": {[]string{"oldest", ts[0], "inclusive", "true"}, "cba"},
			"latest":          {[]string{"latest", ts[2]}, "ba"},
			"both":            {[]string{"oldest", ts[0], "latest", ts[2]}, "b"},
			"one":             {[]string{"latest", ts[1], "inclusive", "1", "limit", "1"}, "b"},
			"whole seconds":   {[]string{"latest", "1000000000"}, ""},
		} {
			got := ""
			for _, m := range f.call("conversations.history", append(test.args, "channel", f.general)...).Messages {
				got += m.Text
			}
			if got != test.want {
				t.Errorf("%s: %q, want %q", name, got, test.want)
			}
		}
	})
}

// Ensure that metadata is stored, and returned on request.
func TestMetadata(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		root := f.post("root")
		metadata := slackgo.MsgOptionMetadata(slackgo.SlackMetadata{EventType: "answer", EventPayload: map[string]any{"id": "42"}})
		_, ts, err := f.api.PostMessageContext(f.ctx, f.general, slackgo.MsgOptionText("x", false), slackgo.MsgOptionTS(root), metadata)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := f.api.UpdateMessageContext(f.ctx, f.general, ts, slackgo.MsgOptionText("y", false)); err != nil {
			t.Fatal(err)
		}
		replies, _, _, err := f.api.GetConversationRepliesContext(f.ctx, &slackgo.GetConversationRepliesParameters{
			ChannelID: f.general, Timestamp: root, IncludeAllMetadata: true,
		})
		if err != nil || replies[1].Metadata.EventPayload["id"] != "42" || replies[1].Text != "y" {
			t.Errorf("replies are %s, error %v", pretty(replies), err)
		}
		if a := f.call("conversations.replies", "channel", f.general, "ts", root); a.Messages[1].Metadata != nil {
			t.Error("metadata was returned without a request")
		}
		if m, _ := f.Message(f.general, ts); m.Metadata == nil || string(m.Metadata.EventPayload) != `{"id":"42"}` {
			t.Errorf("message is %s", pretty(m))
		}
	})
}

// Ensure that an update with only a text removes the blocks, and one with only
// blocks keeps the text.
func TestUpdate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		a := f.call("chat.postMessage", "channel", f.general, "text", "fallback", "blocks", `[{"type":"divider"}]`)
		f.call("chat.update", "channel", f.general, "ts", a.TS, "blocks", `[{"type":"divider"},{"type":"divider"}]`)
		if m, _ := f.Message(f.general, a.TS); m.Text != "fallback" || strings.Count(string(m.Blocks), "divider") != 2 || m.Edited != nil {
			t.Errorf("blocks alone: %s", pretty(m))
		}
		f.call("chat.update", "channel", f.general, "ts", a.TS, "text", "plain")
		if m, _ := f.Message(f.general, a.TS); m.Text != "plain" || m.Blocks != nil || m.Edited == nil {
			t.Errorf("text alone: %s", pretty(m))
		}
	})
}

// Ensure that a text of more than 40,000 characters is truncated between
// characters.
func TestTruncation(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		f.call("chat.postMessage", "channel", f.general, "text", strings.Repeat("ß", 40_001))
		if m := f.Messages(f.general); m[0].Text != strings.Repeat("ß", 40_000) {
			t.Errorf("%d bytes are left", len(m[0].Text))
		}
	})
}

// Ensure that an ephemeral message is visible to its reader only, and not in
// the API or in events.
func TestEphemeral(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		if _, err := f.api.PostEphemeralContext(f.ctx, f.general, f.ada, slackgo.MsgOptionText("psst", false)); err != nil {
			t.Fatal(err)
		}
		if m := f.Messages(f.general); len(m) != 1 || m[0].EphemeralTo != f.ada {
			t.Errorf("messages are %s", pretty(m))
		}
		if a := f.call("conversations.history", "channel", f.general); len(a.Messages) != 0 {
			t.Errorf("history is %s", pretty(a.Messages))
		}
		if n := len(f.Traffic()); n != 0 {
			t.Errorf("%d envelopes", n)
		}
	})
}

// Ensure that slack-go can parse the workspace's directory.
func TestDirectory(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, func(c *slack.Config) { c.Manifest, c.TeamName = nil, "Acme & Sons" })
		group := f.AddUserGroup(slack.UserGroup{Handle: "support", Users: []string{f.ada}})
		team, err := f.api.GetTeamInfoContext(f.ctx)
		if err != nil || team.ID != f.TeamID() || team.Domain != "acme-sons" {
			t.Errorf("team is %+v, error %v", team, err)
		}
		bot, err := f.api.GetBotInfoContext(f.ctx, slackgo.GetBotInfoParameters{Bot: f.BotID()})
		if err != nil || bot.AppID != f.AppID() || bot.UserID != f.BotUserID() {
			t.Errorf("bot is %+v, error %v", bot, err)
		}
		info, err := f.api.GetConversationInfoContext(f.ctx, &slackgo.GetConversationInfoInput{ChannelID: f.general, IncludeNumMembers: true})
		if err != nil || info.Name != "general" || !info.IsMember || info.NumMembers != 2 {
			t.Errorf("channel is %+v, error %v", info, err)
		}
		list, _, err := f.api.GetConversationsContext(f.ctx, &slackgo.GetConversationsParameters{Types: []string{"public_channel", "im"}})
		if err != nil || len(list) != 1 {
			t.Errorf("channels are %+v, error %v", list, err)
		}
		mine, _, err := f.api.GetConversationsForUserContext(f.ctx, &slackgo.GetConversationsForUserParameters{UserID: f.ada})
		if err != nil || len(mine) != 1 {
			t.Errorf("ada's channels are %+v, error %v", mine, err)
		}
		users, err := f.api.GetUsersContext(f.ctx)
		if err != nil || len(users) != 3 {
			t.Errorf("users are %+v, error %v", users, err)
		}
		groups, err := f.api.GetUserGroupsContext(f.ctx, slackgo.GetUserGroupsOptionIncludeUsers(true))
		if err != nil || len(groups) != 1 || groups[0].ID != group || len(groups[0].Users) != 1 {
			t.Errorf("user groups are %+v, error %v", groups, err)
		}
		members, err := f.api.GetUserGroupMembersContext(f.ctx, group)
		if err != nil || len(members) != 1 {
			t.Errorf("the group's members are %v, error %v", members, err)
		}
		if _, err := f.api.GetEmojiContext(f.ctx); err != nil {
			t.Error(err)
		}
	})
}

// Ensure that conversations open once, and that the app can join public ones.
func TestOpenAndJoin(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, func(c *slack.Config) { c.Manifest = nil })
		bob := f.AddUser(slack.User{})
		for _, users := range []string{f.ada, f.ada + "," + bob} {
			first := f.call("conversations.open", "users", users, "return_im", "true")
			again := f.call("conversations.open", "users", users)
			if !first.OK || !again.NoOp {
				t.Errorf("%s: %s, %s", users, pretty(first), pretty(again))
			}
		}
		if _, _, err := f.api.PostMessageContext(f.ctx, f.ada, slackgo.MsgOptionText("hello", false)); err != nil {
			t.Error(err)
		}
		if m := f.Messages(f.DM(f.ada)); len(m) != 1 {
			t.Errorf("a post to a user: %s", pretty(m))
		}
		channel := f.AddChannel(slack.Channel{})
		if _, _, _, err := f.api.JoinConversationContext(f.ctx, channel); err != nil {
			t.Error(err)
		}
		if c, _ := f.Channel(channel); len(c.Members) != 1 {
			t.Errorf("members are %v", c.Members)
		}
	})
}

// Ensure that slack-go's upload arrives as a file in a message.
func TestUpload(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, func(c *slack.Config) { c.Manifest = nil })
		summary, err := f.api.UploadFileContext(f.ctx, slackgo.UploadFileParameters{
			Content: "log", Filename: "a.log", FileSize: 3, Title: "Log", Channel: f.general, InitialComment: "see",
		})
		if err != nil {
			t.Fatal(err)
		}
		m := f.Messages(f.general)
		if len(m) != 1 || m[0].Text != "see" || m[0].Files[0].Title != "Log" {
			t.Errorf("messages are %s", pretty(m))
		}
		if file, _ := f.File(summary.ID); string(file.Content) != "log" {
			t.Errorf("content is %q", file.Content)
		}
		if info, _, _, err := f.api.GetFileInfoContext(f.ctx, summary.ID, 0, 0); err != nil || info.Title != "Log" {
			t.Errorf("info is %+v, error %v", info, err)
		}
	})
}

// Ensure that a picture has its description for those who cannot see it, which has a limit.
func TestUpload_AltText(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, func(c *slack.Config) { c.Manifest = nil })
		const alt = "A chart of the questions per day"
		summary, err := f.api.UploadFileContext(f.ctx, slackgo.UploadFileParameters{Content: "png", Filename: "a.png", FileSize: 3, AltTxt: alt, Channel: f.general})
		if err != nil {
			t.Fatal(err)
		}
		if file, _ := f.File(summary.ID); file.AltText != alt {
			t.Errorf("it is described as %q", file.AltText)
		}
		want(t, f.call("files.info", "file", summary.ID).raw, map[string]any{"file.alt_txt": alt})
		long := strings.Repeat("é", 1001)
		if a := f.call("files.getUploadURLExternal", "filename", "a.png", "length", "3", "alt_txt", long); a.Error != "alt_txt_too_large" {
			t.Errorf("a description that is too long: %s", a.raw)
		}
		if a := f.call("files.getUploadURLExternal", "filename", "a.png", "length", "3", "alt_txt", long[:2000]); !a.OK {
			t.Errorf("a description of 1,000 characters: %s", a.raw)
		}
	})
}

// Ensure that the app can link to, read and delete its own messages.
func TestLinkAndDelete(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		root := f.post("root")
		a := f.call("chat.postMessage", "channel", f.general, "text", "x", "thread_ts", root)
		link, err := f.api.GetPermalinkContext(f.ctx, &slackgo.PermalinkParameters{Channel: f.general, Ts: a.TS})
		if want := f.URL() + "/archives/" + f.general + "/p" + strings.ReplaceAll(a.TS, ".", "") + "?thread_ts=" + root + "&cid=" + f.general; err != nil || link != want {
			t.Errorf("link is %q, want %q, error %v", link, want, err)
		}
		if err := f.React(f.general, f.ada, a.TS, "tada"); err != nil {
			t.Fatal(err)
		}
		item, err := f.api.GetReactionsContext(f.ctx, slackgo.NewRefToMessage(f.general, a.TS), slackgo.NewGetReactionsParameters())
		if err != nil || len(item.Reactions) != 1 || item.Reactions[0].Name != "tada" || item.Reactions[0].Users[0] != f.ada {
			t.Errorf("reactions are %+v, error %v", item, err)
		}
		if _, _, err := f.api.DeleteMessageContext(f.ctx, f.general, a.TS); err != nil {
			t.Fatal(err)
		}
		if thread := f.Thread(f.general, root); len(thread) != 1 || thread[0].ReplyCount != 0 || thread[0].ThreadTS != "" {
			t.Errorf("thread is %s", pretty(thread))
		}
	})
}

// Ensure that only the last calls are logged, in order, without long responses.
func TestCallLog(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, func(c *slack.Config) { c.History = 10 })
		for n := range 25 {
			f.call("api.test", "n", fmt.Sprint(n))
		}
		calls := f.Calls()
		for i, c := range calls {
			if want := fmt.Sprint(15 + i); len(calls) != 10 || c.Args["n"] != want || c.Status != http.StatusOK {
				t.Errorf("call %d of %d is %s, want %s", i, len(calls), pretty(c), want)
			}
		}
		f.call("api.test", "text", strings.Repeat("x", 100_000))
		if last := f.LastCalls(1)[0]; len(last.Response) > 1000 {
			t.Errorf("%d bytes of response are logged", len(last.Response))
		}
	})
}
