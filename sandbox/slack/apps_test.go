package slack_test

import (
	"encoding/json"
	"testing"

	"enjobridge/sandbox/slack"
)

// Ensure that the alert of another app arrives with its content only in attachments,
// whose types are those that the app sent, and says which app it is.
func TestAlert(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		watch := f.AddUser(slack.User{Name: "watchdog", Bot: true})
		if err := f.Invite(f.general, watch); err != nil {
			t.Fatal(err)
		}
		ts, err := f.Post(f.general, watch, "", slack.WithAttachments(json.RawMessage(`[{"id": "1", "color": 15158332, "fallback": "CPU is high",
			"title": "CPU", "title_link": "https://a.example/", "pretext": "Alert", "text": "90%", "footer": "watchdog",
			"fields": [{"title": "host", "value": "db1", "short": true}]}]`)))
		if err != nil {
			t.Fatal(err)
		}
		id := watch[1:]
		want(t, f.eventOf(ts), map[string]any{
			"event.subtype": "bot_message", "event.text": "", "event.user": nil, "event.username": "watchdog", "event.bot_id": "B" + id,
			"event.app_id": "A" + id, "event.bot_profile.name": "watchdog", "event.bot_profile.app_id": "A" + id,
			"event.attachments.0.id": "1", "event.attachments.0.color": 1.5158332e+07, "event.attachments.0.fields.0.value": "db1",
		})
		want(t, f.call("bots.info", "bot", "B"+id).raw, map[string]any{"bot.app_id": "A" + id, "bot.user_id": watch})
	})
}

// Ensure that the form of a workflow arrives with its content only in blocks.
func TestWorkflowForm(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		form := f.AddUser(slack.User{Name: "IT request", Bot: true})
		if err := f.Invite(f.general, form); err != nil {
			t.Fatal(err)
		}
		ts, err := f.Post(f.general, form, "", slack.WithBlocks(json.RawMessage(`[{"type": "header", "text": {"type": "plain_text", "text": "New request"}},
			{"type": "section", "fields": [{"type": "mrkdwn", "text": "*Device*\nLaptop"}]}]`)))
		if err != nil {
			t.Fatal(err)
		}
		want(t, f.eventOf(ts), map[string]any{
			"event.subtype": "bot_message", "event.text": "", "event.username": "IT request", "event.blocks.1.fields.0.text": "*Device*\nLaptop",
		})
	})
}

// Ensure that a message written with /me has its subtype and no blocks.
func TestMeMessage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		want(t, f.eventOf(f.post("is waiting", slack.AsMe())), map[string]any{
			"event.subtype": "me_message", "event.text": "is waiting", "event.user": f.ada, "event.blocks": nil,
		})
	})
}

// Ensure that metadata arrives with new, changed and deleted messages.
func TestMetadataInEvents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages)
		meta := `{"event_type": "task", "event_payload": {"id": "7"}}`
		ts := f.call("chat.postMessage", "channel", f.general, "text", "hello", "metadata", meta).TS
		want(t, f.eventOf(ts), map[string]any{"event.metadata.event_type": "task", "event.metadata.event_payload.id": "7"})
		f.call("chat.update", "channel", f.general, "ts", ts, "text", "hello again")
		want(t, f.lastEvent("message"), map[string]any{"event.message.metadata.event_type": "task", "event.previous_message.metadata.event_type": "task"})
		f.call("chat.delete", "channel", f.general, "ts", ts)
		want(t, f.lastEvent("message"), map[string]any{"event.subtype": "message_deleted", "event.previous_message.metadata.event_type": "task"})
		want(t, f.eventOf(f.post("plain")), map[string]any{"event.metadata": nil})
	})
}
