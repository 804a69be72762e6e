package page_test

import (
	"context"
	"encoding/json"
	"os"
	"sync"
	"testing"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"enjobridge/sandbox/slack"
)

// scripted is a small app with slack-go. It acknowledges everything, opens
// forms, answers commands and publishes a Home tab.
type scripted struct {
	t      testing.TB
	socket *socketmode.Client
	call   func(method string, args map[string]string) map[string]any
}

// startApp connects the app, and ends it with the test.
func (s *scene) startApp() {
	s.t.Helper()
	api := slackgo.New(s.BotToken(), slackgo.OptionAPIURL(s.APIURL()), slackgo.OptionAppLevelToken(s.AppToken()), slackgo.OptionHTTPClient(client))
	app := &scripted{t: s.t, socket: socketmode.New(api), call: s.call}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = app.socket.RunContext(ctx) }) // ends with ctx
	running.Go(func() { app.run(ctx) })
	s.t.Cleanup(func() { cancel(); running.Wait() })
	s.await("the app's connection", func(v slack.View) bool { return v.Sockets() == 1 })
}

func (a *scripted) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-a.socket.Events:
			if e.Request == nil || e.Request.EnvelopeID == "" {
				continue // connected, or hello
			}
			switch data := e.Data.(type) {
			case slackgo.SlashCommand:
				a.ack(*e.Request, map[string]any{"text": "You asked: " + data.Text})
			case slackgo.InteractionCallback:
				a.interact(*e.Request, data)
			default:
				a.ack(*e.Request)
				a.event(e.Request.Payload)
			}
		}
	}
}

func (a *scripted) ack(request socketmode.Request, payload ...any) {
	if err := a.socket.Ack(request, payload...); err != nil {
		a.t.Errorf("acknowledging: %v", err)
	}
}

// event publishes the Home tab when somebody opens it.
func (a *scripted) event(payload json.RawMessage) {
	var p struct {
		Event struct{ Type, User, Tab string }
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		a.t.Errorf("decoding an event: %v", err)
	}
	if p.Event.Type == "app_home_opened" && p.Event.Tab == "home" {
		a.view("views.publish", map[string]string{"user_id": p.Event.User, "view": homeView})
	}
}

// interact opens a form, or handles a submitted one according to its title.
func (a *scripted) interact(request socketmode.Request, i slackgo.InteractionCallback) {
	switch i.Type {
	case slackgo.InteractionTypeViewSubmission:
		a.ack(request, submissions[i.View.State.Values["title"]["title"].Value]...)
	case slackgo.InteractionTypeBlockActions:
		a.ack(request)
		switch action := i.ActionCallback.BlockActions[0]; action.ActionID {
		case "open-form":
			a.view("views.open", map[string]string{"trigger_id": i.TriggerID, "view": formView})
		case "change-form":
			a.view("views.update", map[string]string{"view_id": i.View.ID, "view": changedView})
		}
	case slackgo.InteractionTypeMessageAction, slackgo.InteractionTypeShortcut:
		a.ack(request)
		a.view("views.open", map[string]string{"trigger_id": i.TriggerID, "view": formView})
	default:
		a.ack(request)
	}
}

// submissions are the responses to a form, by the entered title.
var submissions = map[string][]any{
	"bad":  {json.RawMessage(`{"response_action": "errors", "errors": {"title": "Choose another title"}}`)},
	"push": {json.RawMessage(`{"response_action": "push", "view": ` + secondView + `}`)},
}

// view calls a method that shows a view.
func (a *scripted) view(method string, args map[string]string) {
	if answer := a.call(method, args); answer["ok"] != true {
		a.t.Errorf("%s: %v", method, answer)
	}
}

// example returns one of blockkit's examples.
func example(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile("../blockkit/testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

const homeView = `{"type": "home", "blocks": [
	{"type": "header", "text": {"type": "plain_text", "text": "Your requests"}},
	{"type": "section", "text": {"type": "mrkdwn", "text": "*IT-1* VPN account locked"},
		"accessory": {"type": "button", "action_id": "open-form", "text": {"type": "plain_text", "text": "New request"}}}]}`

const formView = `{"type": "modal", "callback_id": "form", "title": {"type": "plain_text", "text": "New request"},
	"submit": {"type": "plain_text", "text": "Send"}, "close": {"type": "plain_text", "text": "Not now"}, "notify_on_close": true, "blocks": [
	{"type": "section", "block_id": "head", "text": {"type": "mrkdwn", "text": "What is wrong?"},
		"accessory": {"type": "button", "action_id": "change-form", "text": {"type": "plain_text", "text": "More fields"}}},
	{"type": "input", "block_id": "title", "label": {"type": "plain_text", "text": "Title"}, "element": {"type": "plain_text_input", "action_id": "title"}},
	{"type": "input", "block_id": "prio", "optional": true, "label": {"type": "plain_text", "text": "Priority"}, "element": {"type": "radio_buttons", "action_id": "prio", "options": [
		{"text": {"type": "plain_text", "text": "Low"}, "value": "low"}, {"text": {"type": "plain_text", "text": "High"}, "value": "high"}]}},
	{"type": "input", "block_id": "who", "optional": true, "label": {"type": "plain_text", "text": "Assignee"}, "element": {"type": "users_select", "action_id": "who"}},
	{"type": "input", "block_id": "when", "optional": true, "label": {"type": "plain_text", "text": "When"}, "element": {"type": "datetimepicker", "action_id": "when"}}]}`

const changedView = `{"type": "modal", "callback_id": "form", "title": {"type": "plain_text", "text": "Changed request"},
	"submit": {"type": "plain_text", "text": "Send"}, "blocks": [
	{"type": "input", "block_id": "title", "label": {"type": "plain_text", "text": "Title"}, "element": {"type": "plain_text_input", "action_id": "title"}},
	{"type": "input", "block_id": "more", "optional": true, "label": {"type": "plain_text", "text": "Details"}, "element": {"type": "plain_text_input", "multiline": true, "action_id": "more"}}]}`

const secondView = `{"type": "modal", "callback_id": "second", "title": {"type": "plain_text", "text": "Second step"}, "submit": {"type": "plain_text", "text": "Done"}, "blocks": [
	{"type": "section", "text": {"type": "mrkdwn", "text": "Almost there."}}]}`
