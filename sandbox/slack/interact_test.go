package slack_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"enjobridge/sandbox/slack"
)

const panel = `[
	{"type":"section","block_id":"top","text":{"type":"mrkdwn","text":"Pick"},"accessory":
		{"type":"static_select","action_id":"agent","options":[{"text":{"type":"plain_text","text":"IT"},"value":"it"}]}},
	{"type":"actions","block_id":"middle","elements":[
		{"type":"button","action_id":"retry","text":{"type":"plain_text","text":"Try again"},"value":"q1"},
		{"type":"users_select","action_id":"who"},{"type":"datepicker","action_id":"day"},
		{"type":"checkboxes","action_id":"opts","options":[{"text":{"type":"plain_text","text":"A"},"value":"a"},{"text":{"type":"plain_text","text":"B"},"value":"b"}]}]},
	{"type":"context_actions","block_id":"bottom","elements":[{"type":"feedback_buttons","action_id":"vote",
		"positive_button":{"text":{"type":"plain_text","text":"Good"},"value":"up"},
		"negative_button":{"text":{"type":"plain_text","text":"Bad"},"value":"down"}}]}]`

// panel posts a message with every kind of element and returns its ts.
func (f *fixture) panel() string {
	f.t.Helper()
	a := f.call("chat.postMessage", "channel", f.general, "text", "Pick", "blocks", panel)
	if !a.OK {
		f.t.Fatal(pretty(a))
	}
	return a.TS
}

// interaction returns the next interactive payload as parsed by slack-go.
func (l *listener) interaction(f *fixture) slackgo.InteractionCallback {
	f.t.Helper()
	for {
		r := l.next(f)
		if r.Type != "interactive" {
			continue
		}
		var c slackgo.InteractionCallback
		if err := json.Unmarshal(r.Payload, &c); err != nil {
			f.t.Fatal(err)
		}
		return c
	}
}

func TestClick(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		ts := f.panel()
		for _, test := range []struct {
			action, value, block string
			got                  func(*slackgo.BlockAction) string
			want                 string
		}{
			{"retry", "", "middle", func(a *slackgo.BlockAction) string { return a.Value }, "q1"},
			{"agent", "it", "top", func(a *slackgo.BlockAction) string { return a.SelectedOption.Text.Text }, "IT"},
			{"who", f.ada, "middle", func(a *slackgo.BlockAction) string { return a.SelectedUser }, f.ada},
			{"day", "2026-01-02", "middle", func(a *slackgo.BlockAction) string { return a.SelectedDate }, "2026-01-02"},
			{"opts", "b,a", "middle", func(a *slackgo.BlockAction) string { return fmt.Sprint(len(a.SelectedOptions)) }, "2"},
			{"vote", "down", "bottom", func(a *slackgo.BlockAction) string { return a.Value }, "down"},
		} {
			receipt, err := f.Click(f.ada, f.general, ts, test.action, test.value)
			if err != nil {
				t.Fatal(err)
			}
			c := l.interaction(f)
			a := c.ActionCallback.BlockActions[0]
			if c.Type != slackgo.InteractionTypeBlockActions || c.User.ID != f.ada || c.Container.MessageTs != ts ||
				a.ActionID != test.action || a.BlockID != test.block || test.got(a) != test.want {
				t.Errorf("%s: %s", test.action, pretty(c))
			}
			if _, err := receipt.Wait(f.ctx); err != nil {
				t.Errorf("%s: %v", test.action, err)
			}
		}
	})
}

// Ensure that an app receives only the ts and a response URL of an ephemeral
// message, and that the URL can replace the message.
func TestClickEphemeral(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		ts := f.call("chat.postEphemeral", "channel", f.general, "user", f.ada, "text", "x", "blocks", panel).MessageTS
		if _, err := f.Click(f.ada, f.general, ts, "retry"); err != nil {
			t.Fatal(err)
		}
		c := l.interaction(f)
		if !c.Container.IsEphemeral || c.Container.MessageTs != ts || c.Message.Text != "" {
			t.Errorf("payload is %s", pretty(c))
		}
		if _, _, err := f.api.PostMessageContext(f.ctx, "", slackgo.MsgOptionReplaceOriginal(c.ResponseURL), slackgo.MsgOptionText("y", false)); err != nil {
			t.Fatal(err)
		}
		if m := f.Messages(f.general); len(m) != 1 || m[0].Text != "y" {
			t.Errorf("messages are %s", pretty(m))
		}
	})
}

func TestClickRefusals(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		ts, bob := f.panel(), f.AddUser(slack.User{})
		f.call("chat.postEphemeral", "channel", f.general, "user", f.ada, "text", "x")
		hidden := f.Messages(f.general)[1].TS
		click := func(user, ts, action string, value ...string) error {
			_, err := f.Click(user, f.general, ts, action, value...)
			return err
		}
		for _, test := range []struct {
			err  error
			want slack.Error
		}{
			{click("U0", ts, "retry"), slack.ErrUserNotFound},
			{click(f.ada, "1.2", "retry"), slack.ErrMessageNotFound},
			{click(bob, hidden, "retry"), slack.ErrMessageNotFound},
			{click(bob, ts, "retry"), slack.ErrNotInChannel},
			{click(f.ada, ts, "nothing"), slack.ErrActionNotFound},
			{click(f.ada, ts, "agent", "hr"), slack.ErrActionNotFound},
			{click(f.ada, ts, "vote", "sideways"), slack.ErrActionNotFound},
		} {
			if !errors.Is(test.err, test.want) {
				t.Errorf("error is %v, want %s", test.err, test.want)
			}
		}
		off := open(t, func(c *slack.Config) {
			c.Manifest = []byte(strings.ReplaceAll(manifest, "interactivity: {is_enabled: true}", "interactivity: {is_enabled: false}"))
		})
		if _, err := off.Click(off.ada, off.general, off.panel(), "retry"); !errors.Is(err, slack.ErrNotInteractive) {
			t.Errorf("without interactivity: %v", err)
		}
	})
}

// Ensure that an interaction is not retried.
func TestInteractionsAreNotRetried(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		ts := f.panel()
		receipt, err := f.Click(f.ada, f.general, ts, "retry")
		if err != nil {
			t.Fatal(err)
		}
		_, err = receipt.Wait(f.ctx)
		wantCode(t, err, "dispatch_failed")

		f.listen(func(r socketmode.Request) (bool, any) { return r.Type != "interactive", nil })
		changes := f.Watch(f.ctx)
		if receipt, err = f.Click(f.ada, f.general, ts, "retry"); err != nil {
			t.Fatal(err)
		}
		_, err = receipt.Wait(f.ctx)
		wantCode(t, err, "operation_timeout")
		for c := range changes {
			if c.Kind == slack.InteractionFailed {
				if c.TS != ts || c.Text != "operation_timeout" {
					t.Errorf("change is %s", pretty(c))
				}
				break
			}
		}
		if n := len(attempts(f.View, "block_actions")); n != 2 {
			t.Errorf("%d attempts for 2 clicks", n)
		}
	})
}

func TestCommand(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(func(r socketmode.Request) (bool, any) {
			if r.Type == "slash_commands" {
				return true, map[string]any{"text": "for you"}
			}
			return true, nil
		})
		if _, err := f.Command(f.ada, f.general, "/other", ""); !errors.Is(err, slack.ErrUnknownCommand) {
			t.Errorf("a command of another app: %v", err)
		}
		receipt, err := f.Command(f.ada, f.general, "/helper", "mute all")
		if err != nil {
			t.Fatal(err)
		}
		var command slackgo.SlashCommand
		if err := json.Unmarshal(l.next(f).Payload, &command); err != nil {
			t.Fatal(err)
		}
		if command.Command != "/helper" || command.Text != "mute all" || command.ChannelName != "general" || command.UserID != f.ada {
			t.Errorf("command is %s", pretty(command))
		}
		if _, err := receipt.Wait(f.ctx); err != nil {
			t.Fatal(err)
		}
		m := f.Messages(f.general)
		if len(m) != 1 || m[0].Text != "for you" || m[0].EphemeralTo != f.ada {
			t.Errorf("messages are %s", pretty(m))
		}

		// The response URL accepts five answers.
		for n := range 6 {
			_, _, err := f.api.PostMessageContext(f.ctx, "", slackgo.MsgOptionResponseURL(command.ResponseURL, slackgo.ResponseTypeInChannel),
				slackgo.MsgOptionText("for all", false))
			if (err == nil) != (n < 5) {
				t.Errorf("answer %d: %v", n+1, err)
			}
		}
		if n := len(f.Messages(f.general)); n != 6 {
			t.Errorf("%d messages, want 6", n)
		}
	})
}

// Ensure that the user sees an error if a command's app does not respond.
func TestCommandFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		receipt, err := f.Command(f.ada, f.general, "/helper", "")
		if err != nil {
			t.Fatal(err)
		}
		_, err = receipt.Wait(f.ctx)
		wantCode(t, err, "dispatch_failed")
		m := f.Messages(f.general)
		if len(m) != 1 || m[0].Text != `/helper failed with the error "dispatch_failed"` || m[0].EphemeralTo != f.ada {
			t.Errorf("messages are %s", pretty(m))
		}
	})
}

// Ensure that a response URL can replace and delete the message of the click.
func TestResponseURL(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		ts := f.panel()
		if _, err := f.Click(f.ada, f.general, ts, "retry"); err != nil {
			t.Fatal(err)
		}
		url := l.interaction(f).ResponseURL
		if _, _, err := f.api.PostMessageContext(f.ctx, "", slackgo.MsgOptionReplaceOriginal(url), slackgo.MsgOptionText("done", false)); err != nil {
			t.Fatal(err)
		}
		if m, _ := f.Message(f.general, ts); m.Text != "done" || m.Blocks != nil {
			t.Errorf("message is %s", pretty(m))
		}
		if _, _, err := f.api.PostMessageContext(f.ctx, "", slackgo.MsgOptionDeleteOriginal(url)); err != nil {
			t.Fatal(err)
		}
		if m, _ := f.Message(f.general, ts); !m.Deleted {
			t.Errorf("message is %s", pretty(m))
		}
	})
}

func TestShortcuts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		ts := f.post("my printer is on fire")
		if _, err := f.MessageShortcut(f.ada, f.general, ts, "ask"); err != nil {
			t.Fatal(err)
		}
		if c := l.interaction(f); c.Type != slackgo.InteractionTypeMessageAction || c.CallbackID != "ask" || c.Message.Text != "my printer is on fire" {
			t.Errorf("payload is %s", pretty(c))
		}
		if _, err := f.Shortcut(f.ada, "ask"); !errors.Is(err, slack.ErrUnknownCommand) {
			t.Errorf("a message's shortcut picked globally: %v", err)
		}
	})
}
