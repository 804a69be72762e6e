package slack_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"enjobridge/sandbox/slack"
)

const (
	form = `{"type":"modal","callback_id":"form","notify_on_close":true,"title":{"type":"plain_text","text":"Form"},
		"submit":{"type":"plain_text","text":"Send"},"blocks":[
		{"type":"input","block_id":"why","label":{"type":"plain_text","text":"Why"},"element":{"type":"plain_text_input","action_id":"reason"}},
		{"type":"input","block_id":"how","label":{"type":"plain_text","text":"How"},"element":{"type":"static_select","action_id":"way",
			"initial_option":{"text":{"type":"plain_text","text":"Fast"},"value":"fast"},
			"options":[{"text":{"type":"plain_text","text":"Fast"},"value":"fast"}]}}]}`
	home = `{"type":"home","blocks":[{"type":"actions","elements":[{"type":"button","action_id":"new","text":{"type":"plain_text","text":"New"}}]}]}`
)

// modal clicks a button and lets the app open a modal, which it returns.
func (f *fixture) modal(l *listener) slack.AppView {
	f.t.Helper()
	if _, err := f.Click(f.ada, f.general, f.panel(), "retry"); err != nil {
		f.t.Fatal(err)
	}
	trigger := l.interaction(f).TriggerID
	if a := f.call("views.open", "trigger_id", trigger, "view", form); !a.OK {
		f.t.Fatal(pretty(a))
	}
	if a := f.call("views.open", "trigger_id", trigger, "view", form); a.Error != "exchanged_trigger_id" {
		f.t.Errorf("a trigger used twice: %s", pretty(a))
	}
	v, ok := f.Modal(f.ada)
	if !ok || v.CallbackID != "form" {
		f.t.Fatalf("modal is %+v", v)
	}
	return v
}

// Ensure that the app's response to a submission is applied to the modal.
func TestSubmitView(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var response atomic.Value
		response.Store(map[string]any{})
		f := open(t)
		l := f.listen(func(r socketmode.Request) (bool, any) {
			if r.AcceptsResponsePayload {
				return true, response.Load()
			}
			return true, nil
		})
		v := f.modal(l)
		if _, err := f.SubmitView(f.ada, v.ID, nil); !errors.Is(err, slack.ErrMissingInput) {
			t.Errorf("an empty submission: %v", err)
		}
		if _, err := f.SubmitView(f.ada, v.ID, map[string]string{"reason": "because", "colour": "red"}); !errors.Is(err, slack.ErrActionNotFound) {
			t.Errorf("a value for no element: %v", err)
		}
		because := map[string]string{"reason": "because"}
		submit := func(values map[string]string) slackgo.InteractionCallback {
			t.Helper()
			receipt, err := f.SubmitView(f.ada, v.ID, values)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := receipt.Wait(f.ctx); err != nil {
				t.Fatal(err)
			}
			return l.interaction(f)
		}

		response.Store(map[string]any{"response_action": "errors", "errors": map[string]string{"why": "Too short."}})
		values := submit(because).View.State.Values
		if values["why"]["reason"].Value != "because" || values["how"]["way"].SelectedOption.Value != "fast" {
			t.Errorf("state is %s", pretty(values))
		}
		if v, _ := f.Modal(f.ada); v.Errors["why"] != "Too short." {
			t.Errorf("modal is %s", pretty(v))
		}
		for _, step := range []struct {
			values   map[string]string
			response map[string]any
			callback string // of the modal that is then visible
		}{
			{because, map[string]any{"response_action": "update", "view": rename("second")}, "second"},
			{nil, map[string]any{"response_action": "push", "view": rename("third")}, "third"},
		} {
			response.Store(step.response)
			submit(step.values)
			if v, _ = f.Modal(f.ada); v.CallbackID != step.callback || v.Errors != nil {
				t.Errorf("modal is %s, want %s", pretty(v), step.callback)
			}
		}
		response.Store(map[string]any{})
		submit(nil)
		if v, _ = f.Modal(f.ada); v.CallbackID != "second" {
			t.Errorf("modal is %s", pretty(v))
		}
		response.Store(map[string]any{"response_action": "clear"})
		submit(nil)
		if v, open := f.Modal(f.ada); open {
			t.Errorf("modal is %s", pretty(v))
		}
	})
}

// rename returns the form with another callback_id.
func rename(callback string) map[string]any {
	return map[string]any{
		"type": "modal", "callback_id": callback, "title": map[string]any{"type": "plain_text", "text": "Form"},
		"submit": map[string]any{"type": "plain_text", "text": "Send"}, "blocks": []any{map[string]any{"type": "divider"}},
	}
}

func TestUpdateAndCloseView(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		v := f.modal(l)
		if a := f.call("views.update", "view_id", v.ID, "hash", "old", "view", form); a.Error != "hash_conflict" {
			t.Errorf("an old hash: %s", pretty(a))
		}
		if a := f.call("views.update", "view_id", v.ID, "hash", v.Hash, "view", form); !a.OK {
			t.Errorf("the right hash: %s", pretty(a))
		}
		if _, err := f.ClickView(f.ada, v.ID, "way", "fast"); err != nil {
			t.Fatal(err)
		}
		if a := f.call("views.push", "trigger_id", l.interaction(f).TriggerID, "view", strings.ReplaceAll(form, `"form"`, `"details"`)); !a.OK {
			t.Errorf("pushing: %s", pretty(a))
		}
		if top, _ := f.Modal(f.ada); top.CallbackID != "details" {
			t.Errorf("on top is %s", pretty(top))
		}
		if _, err := f.CloseView(f.ada, v.ID); err != nil { // with those on top of it
			t.Fatal(err)
		}
		if c := l.interaction(f); c.Type != slackgo.InteractionTypeViewClosed || c.View.ID != v.ID {
			t.Errorf("payload is %s", pretty(c))
		}
		if _, open := f.Modal(f.ada); open {
			t.Error("the modal is still open")
		}
	})
}

func TestHome(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		if err := f.OpenHome(f.ada); err != nil {
			t.Fatal(err)
		}
		if e := f.events(l, 1)[0].Event; e.Type != "app_home_opened" || e.Tab != "home" || e.Channel != f.DM(f.ada) {
			t.Errorf("event is %s", pretty(e))
		}
		if a := f.call("views.publish", "user_id", f.ada, "view", home); !a.OK {
			t.Fatal(pretty(a))
		}
		v, ok := f.Home(f.ada)
		if !ok {
			t.Fatal("no Home tab")
		}
		if a := f.call("views.publish", "user_id", f.ada, "view", home, "hash", "old"); a.Error != "hash_conflict" {
			t.Errorf("an old hash: %s", pretty(a))
		}
		if _, err := f.ClickView(f.ada, v.ID, "new"); err != nil {
			t.Fatal(err)
		}
		if c := l.interaction(f); c.View.ID != v.ID || c.ActionCallback.BlockActions[0].ActionID != "new" {
			t.Errorf("payload is %s", pretty(c))
		}
		if _, err := f.ClickView(f.ada, "V0", "new"); !errors.Is(err, slack.ErrViewNotFound) {
			t.Errorf("a foreign view: %v", err)
		}
	})
}
