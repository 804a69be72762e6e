package slack_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"
	"pgregory.net/rapid"

	"enjobridge/sandbox/slack"
)

// Ensure that text arrives as from a client: escaped, with links marked up and
// mentions unchanged.
func TestTypedText(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		for typed, want := range map[string]string{
			"a < b && c > d":                    "a &lt; b &amp;&amp; c &gt; d",
			"<@U0ABC> and @ada":                 "<@U0ABC> and @ada",
			"<script> <@nobody> <!channel>":     "&lt;script&gt; &lt;@nobody&gt; <!channel>",
			"<#C012|general> <!subteam^S01>":    "<#C012|general> <!subteam^S01>",
			"see https://a.example/?a=1&b=2.":   "see <https://a.example/?a=1&amp;b=2>.",
			"(https://a.example/x) ada@b.co":    "(<https://a.example/x>) <mailto:ada@b.co|ada@b.co>",
			"<https://a.example|click me>":      "&lt;<https://a.example>|click me&gt;",
			"&lt;already&gt;":                   "&amp;lt;already&amp;gt;",
			"<!subteam^S01|@x> <!date^1^{d}|x>": "&lt;!subteam^S01|@x&gt; &lt;!date^1^{d}|x&gt;",
		} {
			ts := f.post(typed)
			if m, _ := f.Message(f.general, ts); m.Text != want {
				t.Errorf("%q becomes %q, want %q", typed, m.Text, want)
			}
		}
	})
}

// Ensure that people can do only what Slack allows.
func TestRefusals(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		ts := f.post("hello")
		bob := f.AddUser(slack.User{Name: "bob"})
		guest := f.AddUser(slack.User{Name: "guest", Guest: true})
		old := f.AddChannel(slack.Channel{Members: []string{f.ada}})
		if err := f.Archive(old); err != nil {
			t.Fatal(err)
		}
		post := func(channel, user, text string, opts ...slack.PostOption) error {
			_, err := f.Post(channel, user, text, opts...)
			return err
		}
		for _, test := range []struct {
			want slack.Error
			err  error
		}{
			{slack.ErrChannelNotFound, post("C0", f.ada, "x")},
			{slack.ErrUserNotFound, post(f.general, "U0", "x")},
			{slack.ErrNotInChannel, post(f.general, bob, "x")},
			{slack.ErrIsArchived, post(old, f.ada, "x")},
			{slack.ErrNoText, post(f.general, f.ada, "")},
			{slack.ErrThreadNotFound, post(f.general, f.ada, "x", slack.InThread("1.2"))},
			{slack.ErrAppAccessRestricted, post(f.DM(guest), guest, "x")},
			{slack.ErrMessageNotFound, f.Edit(f.general, f.ada, "1.2", "x")},
			{slack.ErrNotInChannel, f.Edit(f.general, bob, ts, "x")},
			{slack.ErrMessageNotFound, f.Delete(f.general, "1.2")},
			{slack.ErrMessageNotFound, f.React(f.general, f.ada, "1.2", "eyes")},
			{slack.ErrNoReaction, f.Unreact(f.general, f.ada, ts, "eyes")},
			{slack.ErrMessageNotFound, f.Unfurl(f.general, "1.2")},
			{slack.ErrChannelNotFound, f.Invite("C0", bob)},
			{slack.ErrUserNotFound, f.Invite(f.general, "U0")},
			{slack.ErrNotInChannel, f.Kick(f.general, bob)},
			{slack.ErrChannelNotFound, f.Archive("C0")},
			{slack.ErrNotStoppable, f.Stop(f.general, f.ada, ts)},
		} {
			if !errors.Is(test.err, test.want) {
				t.Errorf("error is %v, want %s", test.err, test.want)
			}
		}
		if err := f.Invite(f.general, bob); err != nil {
			t.Fatal(err)
		}
		wantCode(t, f.Edit(f.general, bob, ts, "x"), "cant_update_message")
	})
}

// events connects an app without app_mention and returns its events in a short
// form.
func (f *fixture) events(l *listener, n int) []callback {
	f.t.Helper()
	var all []callback
	for range n {
		all = append(all, decode(f.t, l.next(f).Payload))
	}
	return all
}

// Ensure that edits, unfurls and replies all arrive as message_changed, and
// only an edit changes the text.
func TestMessageChanged(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		l := f.listen(nil)
		ts := f.post("see https://example.com/")
		f.events(l, 1)
		if err := f.Unfurl(f.general, ts); err != nil {
			t.Fatal(err)
		}
		f.post("a reply", slack.InThread(ts))
		if err := f.Edit(f.general, f.ada, ts, "see there"); err != nil {
			t.Fatal(err)
		}
		got := f.events(l, 4)
		for i, want := range []struct {
			subtype, text string
			replies       int
		}{
			{"message_changed", "see <https://example.com/>", 0},
			{"", "", 0},
			{"message_changed", "see <https://example.com/>", 1},
			{"message_changed", "see there", 1},
		} {
			e := got[i].Event
			if e.Subtype != want.subtype || e.Message.Text != want.text || e.Message.ReplyCount != want.replies {
				t.Errorf("event %d is %s", i, pretty(e))
			}
		}
		if m, _ := f.Message(f.general, ts); m.Edited == nil || m.Edited.User != f.ada || !m.Unfurled {
			t.Errorf("message is %s", pretty(m))
		}
	})
}

// Ensure that an edit that adds the mention is a mention, and an edit that
// keeps it is not.
func TestEditedMention(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		ts := f.post("hello")
		f.events(l, 1)
		for range 2 {
			if err := f.Edit(f.general, f.ada, ts, slack.Mention(f.BotUserID())+" hello"); err != nil {
				t.Fatal(err)
			}
		}
		var kinds []string
		for _, e := range f.events(l, 3) {
			kinds = append(kinds, e.String())
		}
		if got := strings.Join(kinds, " "); got != "message/message_changed app_mention/ message/message_changed" {
			t.Errorf("events are %s", got)
		}
	})
}

// Ensure that replies to a deleted root are posted to the channel itself, and
// that a deleted root with replies leaves a tombstone.
func TestDeletedRoot(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		l := f.listen(nil)
		alone, asked := f.post("alone"), f.post("asked")
		reply := f.post("answered", slack.InThread(asked))
		f.events(l, 4)
		for _, ts := range []string{alone, asked} {
			if err := f.Delete(f.general, ts); err != nil {
				t.Fatal(err)
			}
		}
		got := f.events(l, 2)
		if e := got[0].Event; e.Subtype != "message_deleted" || e.DeletedTS != alone {
			t.Errorf("deleting a lone message is %s", pretty(e))
		}
		if e := got[1].Event; e.Subtype != "message_changed" || e.Message.Subtype != "tombstone" {
			t.Errorf("deleting a root with replies is %s", pretty(e))
		}

		_, _, late, err := f.api.PostMessageWithResponseContext(f.ctx, f.general, slackgo.MsgOptionText("late", false), slackgo.MsgOptionTS(alone))
		if err != nil || late.ThreadTimestamp != "" {
			t.Errorf("a reply to a deleted message has thread_ts %q, error %v", late.ThreadTimestamp, err)
		}
		_, _, buried, err := f.api.PostMessageWithResponseContext(f.ctx, f.general, slackgo.MsgOptionText("late", false), slackgo.MsgOptionTS(asked))
		if err != nil || buried.ThreadTimestamp != asked {
			t.Errorf("a reply to a tombstone has thread_ts %q, error %v", buried.ThreadTimestamp, err)
		}

		for _, ts := range []string{reply, buried.Timestamp} {
			if err := f.Delete(f.general, ts); err != nil {
				t.Fatal(err)
			}
		}
		if m, _ := f.Message(f.general, asked); !m.Deleted {
			t.Error("the tombstone outlives its replies")
		}
		wantCode(t, f.Delete(f.general, asked), "message_not_found")
	})
}

// Ensure that a reply can also be sent to the channel, and that history then
// contains it.
func TestBroadcast(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		l := f.listen(nil)
		root := f.post("root")
		f.post("quiet", slack.InThread(root))
		loud := f.post("loud", slack.InThread(root), slack.Broadcast())
		events := f.events(l, 4)
		if e := events[3].Event; e.Subtype != "thread_broadcast" || e.ThreadTS != root {
			t.Errorf("event is %s", pretty(e))
		}
		history, err := f.api.GetConversationHistoryContext(f.ctx, &slackgo.GetConversationHistoryParameters{ChannelID: f.general})
		if err != nil {
			t.Fatal(err)
		}
		if len(history.Messages) != 2 || history.Messages[0].Timestamp != loud || history.Messages[1].Timestamp != root {
			t.Errorf("history is %s", pretty(history.Messages))
		}
	})
}

// Ensure that a file arrives as a file_share, and that downloading it requires
// a token with files:read.
func TestFiles(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		l := f.listen(nil)
		f.post("look", slack.WithFiles(slack.File{Name: "error.txt", Content: []byte("boom")}))
		if e := f.events(l, 1)[0].Event; e.Subtype != "file_share" || len(e.Files) != 1 || e.Files[0].Name != "error.txt" {
			t.Errorf("event is %s", pretty(e))
		}
		file := f.Messages(f.general)[0].Files[0]
		if full, ok := f.File(file.ID); !ok || string(full.Content) != "boom" {
			t.Errorf("file is %+v", full)
		}
		if got := f.download(file.URL); got != http.StatusFound {
			t.Errorf("without files:read: status %d", got)
		}
		f.SetScopes("files:read")
		var content strings.Builder
		if err := f.api.GetFileContext(f.ctx, file.URL, &content); err != nil || content.String() != "boom" {
			t.Errorf("content %q, error %v", content.String(), err)
		}
	})
}

// download returns the HTTP status of a download with the bot token.
func (f *fixture) download(url string) int {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.ctx, http.MethodGet, url, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+f.BotToken())
	response, err := f.client.Transport.RoundTrip(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// Ensure that the app receives its own messages and those of others, each in
// the right format.
func TestAuthors(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		l := f.listen(nil)
		robot := f.AddUser(slack.User{Name: "robot", Bot: true})
		if err := f.Invite(f.general, robot); err != nil {
			t.Fatal(err)
		}
		if err := f.SetTopic(f.general, f.ada, "robots"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.say(f.ctx); err != nil {
			t.Fatal(err)
		}
		for _, opts := range [][]slack.PostOption{nil, {slack.AsApp()}} {
			if _, err := f.Post(f.general, robot, "beep", opts...); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []string{"channel_join", "channel_topic"} {
			if e := f.events(l, 1)[0].Event; e.Subtype != want {
				t.Errorf("event is %s, want %s", pretty(e), want)
			}
		}
		events := f.events(l, 3)
		if e := events[0].Event; e.BotID != f.BotID() || e.User != f.BotUserID() || e.Subtype != "" {
			t.Errorf("own message is %s", pretty(e))
		}
		if e := events[1].Event; e.BotID == "" || e.User != "" || e.Subtype != "bot_message" {
			t.Errorf("classic message is %s", pretty(e))
		}
		if e := events[2].Event; e.BotID == "" || e.User != robot || e.Subtype != "" {
			t.Errorf("another app's message is %s", pretty(e))
		}
	})
}

// Ensure that nothing arrives from channels without the app, and nothing
// without scope or subscription.
func TestWhatArrives(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		elsewhere := f.AddChannel(slack.Channel{Members: []string{f.ada}})
		secret := f.AddChannel(slack.Channel{Kind: slack.Group, Members: []string{f.ada, f.BotUserID()}})
		for _, channel := range []string{elsewhere, secret} { // not a member; message.mpim is not subscribed
			if _, err := f.Post(channel, f.ada, "unheard"); err != nil {
				t.Fatal(err)
			}
		}
		f.SetScopes("chat:write")
		f.mention("unheard")
		f.SetScopes("im:history", "channels:history")
		if err := f.Kick(f.general, f.BotUserID()); err != nil {
			t.Fatal(err)
		}
		f.post("unheard")
		direct := f.DM(f.ada)
		if _, err := f.Post(direct, f.ada, slack.Mention(f.BotUserID())+" heard"); err != nil {
			t.Fatal(err)
		}
		if e := f.events(l, 1)[0].Event; e.Channel != direct || e.Type != "message" {
			t.Errorf("event is %s", pretty(e))
		}
		if n := len(f.Traffic()); n != 1 {
			t.Errorf("%d envelopes were sent, want 1: in direct messages a mention is only a message", n)
		}
	})
}

// Ensure that the events of external users in shared channels contain their
// team.
func TestSlackConnect(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		l := f.listen(nil)
		eve := f.AddUser(slack.User{Name: "eve", Team: "T0OTHER"})
		shared := f.AddChannel(slack.Channel{Shared: true, Members: []string{f.ada, eve, f.BotUserID()}})
		for _, user := range []string{eve, f.ada} {
			if _, err := f.Post(shared, user, "hello"); err != nil {
				t.Fatal(err)
			}
		}
		f.post("at home")
		events := f.events(l, 3)
		for i, want := range []struct {
			team, userTeam string
			shared         bool
		}{{"T0OTHER", "T0OTHER", true}, {f.TeamID(), f.TeamID(), true}, {f.TeamID(), "", false}} {
			e := events[i]
			if e.TeamID != want.team || e.ContextTeamID != f.TeamID() || e.Shared != want.shared || e.Event.UserTeam != want.userTeam {
				t.Errorf("event %d is %s", i, pretty(e))
			}
		}
		info, err := f.api.GetUserInfoContext(f.ctx, eve)
		if err != nil || !info.IsStranger || info.TeamID != "T0OTHER" {
			t.Errorf("eve is %+v, error %v", info, err)
		}
	})
}

// Ensure that after any actions, roots count their replies, threads are in
// order, and timestamps are unique.
func TestThreadsAddUp(t *testing.T) {
	f := openOutside(t, func(c *slack.Config) { c.Manifest, c.History = nil, 10 })
	rapid.Check(t, func(t *rapid.T) {
		channel := f.AddChannel(slack.Channel{Members: []string{f.ada}})
		var all []string
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			target := ""
			if len(all) > 0 {
				target = rapid.SampledFrom(all).Draw(t, "target")
			}
			switch rapid.SampledFrom([]string{"post", "post", "reply", "edit", "delete", "react"}).Draw(t, "step") {
			case "post":
				ts, err := f.Post(channel, f.ada, "x")
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, ts)
			case "reply":
				if ts, err := f.Post(channel, f.ada, "x", slack.InThread(target)); err == nil {
					all = append(all, ts)
				}
			case "edit":
				_ = f.Edit(channel, f.ada, target, "y") // may be deleted
			case "delete":
				_ = f.Delete(channel, target) // may be deleted
			case "react":
				_ = f.React(channel, f.ada, target, "eyes") // may exist already
			}
		}
		last := ""
		messages := f.Messages(channel)
		if len(messages) > 10 {
			t.Fatalf("%d messages are stored", len(messages))
		}
		for _, m := range messages {
			if m.TS <= last {
				t.Fatalf("%s comes after %s", m.TS, last)
			}
			last = m.TS
			if m.ThreadTS == m.TS && len(f.Thread(channel, m.TS)) < m.ReplyCount {
				t.Fatalf("root %s counts %d replies of %d messages", m.TS, m.ReplyCount, len(f.Thread(channel, m.TS)))
			}
			if m.Subtype == "tombstone" && m.ReplyCount == 0 {
				t.Fatalf("an empty tombstone stays: %s", pretty(m))
			}
		}
	})
}
