package slack_test

import (
	"strings"
	"testing"

	"enjobridge/sandbox/slack"
)

// Ensure that a forwarded message arrives as an attachment with its text, its blocks,
// its author and its files, beside the comment.
func TestForward(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		help := f.AddChannel(slack.Channel{Name: "help", Members: []string{f.ada, f.BotUserID()}})
		ts := f.post("is <@U0ABC> here & now?", slack.WithFiles(slack.File{Name: "a.txt"}))
		root, err := f.Post(help, f.ada, "root")
		if err != nil {
			t.Fatal(err)
		}
		new, err := f.Forward(f.ada, f.general, ts, help, "can you?", slack.InThread(root))
		if err != nil {
			t.Fatal(err)
		}
		raw := f.eventOf(new)
		want(t, raw, map[string]any{
			"event.text": "can you?", "event.thread_ts": root, "event.blocks.0.type": "rich_text", "event.subtype": nil,
		})
		for path, value := range map[string]any{
			"is_share": true, "is_msg_unfurl": true, "author_id": f.ada, "author_subname": "ada", "channel_id": f.general,
			"text": "is <@U0ABC> here &amp; now?", "ts": ts, "files.0.name": "a.txt", "footer": "Posted in #general", "id": 1,
			"fallback":                 "[March 2nd, 2026 12:00 PM] ada: is <@U0ABC> here & now?",
			"message_blocks.0.channel": f.general,
			"message_blocks.0.message.blocks.0.elements.0.elements.1.user_id": "U0ABC",
		} {
			want(t, raw, map[string]any{"event.attachments.0." + path: value})
		}
		if from, _ := at(raw, "event.attachments.0.from_url").(string); !strings.HasSuffix(from, "/archives/"+f.general+"/p"+strings.ReplaceAll(ts, ".", "")) {
			t.Errorf("from_url is %s", from)
		}
		bare, err := f.Forward(f.ada, f.general, ts, f.DM(f.ada), "")
		if err != nil {
			t.Fatal(err)
		}
		want(t, f.eventOf(bare), map[string]any{"event.text": "", "event.blocks": nil, "event.attachments.0.is_share": true})
	})
}

// Ensure that only members of both conversations can forward, and only messages that exist.
func TestForwardRefusals(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		secret := f.AddChannel(slack.Channel{Kind: slack.Private, Members: []string{f.AddUser(slack.User{Name: "bob"})}})
		ts := f.post("hello")
		for _, test := range []struct {
			from, ts, to, code string
		}{
			{f.general, ts, secret, "not_in_channel"},
			{secret, ts, f.general, "not_in_channel"},
			{f.general, "1.2", f.general, "message_not_found"},
			{"C0", ts, f.general, "channel_not_found"},
		} {
			_, err := f.Forward(f.ada, test.from, test.ts, test.to, "")
			wantCode(t, err, test.code)
		}
	})
}

// Ensure that pasted cells arrive as a table in an attachment, with rich text where a
// cell has a link.
func TestPasteTable(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		ts, err := f.PasteTable(f.general, f.ada, "why?", [][]string{{"Host", "State"}, {"https://a.example/", "a < b"}, {"only one"}})
		if err != nil {
			t.Fatal(err)
		}
		raw := f.eventOf(ts)
		want(t, raw, map[string]any{"event.text": "why?", "event.attachments.0.fallback": "[no preview available]", "event.attachments.0.id": 1})
		for path, value := range map[string]any{
			"type": "table", "rows.0.0.text": "Host", "rows.0.0.type": "raw_text", "rows.1.0.type": "rich_text", "rows.1.1.text": "a < b",
			"rows.1.0.elements.0.elements.0.url": "https://a.example/", "rows.2.1.text": "", "column_settings.1.is_wrapped": true,
		} {
			want(t, raw, map[string]any{"event.attachments.0.blocks.0." + path: value})
		}
		if _, err := f.PasteTable(f.general, f.ada, "", nil); err == nil {
			t.Error("an empty table is accepted")
		}
	})
}
