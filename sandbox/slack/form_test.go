package slack_test

import "testing"

// Ensure that methods that read only forms ignore a JSON body, and that a JSON body
// without a charset has a warning.
func TestFormOnly(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, scopes("files:write"))
		ts := f.post("hello")
		body := `{"channel": "` + f.general + `", "ts": "` + ts + `", "message_ts": "` + ts + `", "user": "` + f.ada + `", "filename": "x", "length": 1}`
		for _, method := range []string{
			"conversations.history", "conversations.info", "conversations.members", "conversations.replies",
			"chat.getPermalink", "files.getUploadURLExternal",
		} {
			want(t, f.send(method, "application/json", body, f.BotToken()).raw, map[string]any{
				"ok": false, "error": "invalid_arguments", "warning": "missing_charset", "response_metadata.warnings.0": "missing_charset",
			})
			if a := f.send(method+"?channel="+f.general+"&ts="+ts+"&message_ts="+ts+"&filename=x&length=1", "application/json", "", f.BotToken()); !a.OK {
				t.Errorf("%s with a query: %s", method, a.raw)
			}
		}
		want(t, f.send("conversations.info", "application/json; charset=utf-8", body, f.BotToken()).raw, map[string]any{
			"error": "invalid_arguments", "response_metadata.messages.0": "[ERROR] missing required field: channel", "warning": nil,
		})
		want(t, f.send("users.info", "application/json", body, f.BotToken()).raw, map[string]any{"error": "user_not_found"})
		want(t, f.send("users.list", "application/json", body, f.BotToken()).raw, map[string]any{
			"ok": true, "response_metadata.next_cursor": "", "warning": "missing_charset",
		})
		want(t, f.send("chat.postMessage", "application/json", `{"channel": "`+f.general+`", "text": "x"}`, f.BotToken()).raw, map[string]any{
			"ok": true, "warning": "missing_charset",
		})
	})
}
