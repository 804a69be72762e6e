package slack_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"enjobridge/sandbox/slack"
)

// at returns the value at a path such as "event.files.0.name"; nil if there is none.
func at(raw json.RawMessage, path string) any {
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return nil
	}
	for key := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// want fails the test unless the values at the paths are these, as [fmt.Sprint] shows them.
func want(t *testing.T, raw json.RawMessage, values map[string]any) {
	t.Helper()
	for path, value := range values {
		if got := at(raw, path); fmt.Sprint(got) != fmt.Sprint(value) {
			t.Errorf("%s is %v, want %v in %s", path, got, value, raw)
		}
	}
}

// lastEvent returns the payload of the last event of this type.
func (f *fixture) lastEvent(inner string) json.RawMessage {
	f.t.Helper()
	all := attempts(f.View, inner)
	if len(all) == 0 {
		f.t.Fatalf("no %s", inner)
	}
	return all[len(all)-1].Payload
}

// Ensure that a snippet arrives with the preview of its first lines, in the event, in
// history and in files.info, and that only files.info says where it is shared.
func TestSnippet(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages, scopes("files:read"))
		root := f.post("look")
		text := strings.TrimSuffix(strings.Repeat("a < b\n", 8), "\n")
		ts := f.post("this", slack.InThread(root), slack.WithFiles(slack.File{Name: "x.py", Snippet: text}))
		shown := map[string]any{
			"mode": "snippet", "filetype": "python", "pretty_type": "Python", "lines": 8, "lines_more": 3, "editable": true,
			"preview_is_truncated": true, "preview": strings.Repeat("a < b\n", 4) + "a < b", "user_team": f.TeamID(), "is_public": true, "size": len(text),
		}
		info := f.call("files.info", "file", f.lastFile().ID).raw
		for where, raw := range map[string][]byte{
			"event.files.0": f.eventOf(ts), "messages.1.files.0": f.call("conversations.replies", "channel", f.general, "ts", root).raw, "file": info,
		} {
			for key, value := range shown {
				want(t, raw, map[string]any{where + "." + key: value})
			}
			if got := fmt.Sprint(at(raw, where+".preview_highlight")); !strings.Contains(got, "<pre>a &lt; b</pre>") {
				t.Errorf("highlight is %q", got)
			}
			if got := at(raw, where+".shares"); (got != nil) != (where == "file") {
				t.Errorf("%s has shares %v", where, got)
			}
		}
		share := "file.shares.public." + f.general + ".0."
		want(t, info, map[string]any{
			share + "ts": ts, share + "thread_ts": root, share + "channel_name": "general", share + "team_id": f.TeamID(), "file.channels": []string{f.general},
		})
	})
}

// lastFile returns the file of the last message in the channel.
func (f *fixture) lastFile() slack.File {
	all := f.Messages(f.general)
	return all[len(all)-1].Files[0]
}

// eventOf returns the payload of the event about the new message.
func (f *fixture) eventOf(ts string) json.RawMessage {
	f.t.Helper()
	for _, e := range attempts(f.View, "message") {
		if at(e.Payload, "event.ts") == ts {
			return e.Payload
		}
	}
	f.t.Fatalf("no event about %s", ts)
	return nil
}

// scopes grants the app more scopes.
func scopes(more ...string) func(*slack.Config) {
	return func(c *slack.Config) {
		c.Manifest = []byte(strings.ReplaceAll(string(c.Manifest), "bot: [", "bot: ["+strings.Join(more, ", ")+", "))
	}
}

// Ensure that a clip has a transcript once Slack is done with it, of which the message
// has only the beginning.
func TestClip(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages, scopes("files:read"))
		for _, test := range []struct {
			file    slack.File
			subtype string
			status  string
			more    any
		}{
			{slack.File{Name: "audio_message.m4a", Mimetype: "audio/mp4", Transcript: "My VPN is down."}, "slack_audio", "complete", false},
			{slack.File{Name: "clip.mp4", Mimetype: "video/mp4", Transcript: strings.Repeat("down ", 100)}, "slack_video", "complete", true},
			{slack.File{Name: "audio_message.m4a", Mimetype: "audio/mp4", Clip: true}, "slack_audio", "processing", nil},
		} {
			raw := f.eventOf(f.post("", slack.WithFiles(test.file)))
			want(t, raw, map[string]any{
				"event.files.0.subtype": test.subtype, "event.files.0.transcription.status": test.status,
				"event.files.0.transcription.preview.has_more": test.more, "event.text": "", "event.blocks": nil,
			})
			if vtt, _ := at(raw, "event.files.0.vtt").(string); vtt != "" {
				var content strings.Builder
				if err := f.api.GetFileContext(f.ctx, vtt, &content); err != nil || !strings.Contains(content.String(), test.file.Transcript) {
					t.Errorf("transcript %q, error %v", content.String(), err)
				}
			} else if test.file.Transcript != "" {
				t.Error("no vtt")
			}
		}
	})
}
