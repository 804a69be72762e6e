package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
)

// Receipt reports the outcome of an interaction. Slack never retries
// interactions.
type Receipt struct {
	done     chan struct{}
	response json.RawMessage
	err      error
}

// Wait returns the payload of the app's acknowledgement, nil if there was none.
// The error is [ErrNoSocket], [ErrNotAcknowledged], [ErrClosed] or the
// context's.
func (r *Receipt) Wait(ctx context.Context) (json.RawMessage, error) {
	select {
	case <-r.done:
		return r.response, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// interact delivers an interaction. It calls the handler of the result, with mu
// held, before the receipt is done. The caller must hold mu.
func (w *Workspace) interact(random *rand.Rand, kind, inner string, responds bool, payload object, then func(json.RawMessage, error) error) (*Receipt, error) {
	if w.closed {
		return nil, ErrClosed
	}
	r := &Receipt{done: make(chan struct{})}
	w.deliver(&envelope{
		kind: kind, inner: inner, name: newUUID(random), responds: responds, payload: mustJSON(payload),
		done: func(response json.RawMessage, err error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			r.response, r.err = response, then(response, err)
			close(r.done)
		},
	})
	return r, nil
}

// interaction returns the common fields of all interaction payloads; the channel is
// where it happened, nil if in none. See
// https://docs.slack.dev/reference/interaction-payloads.
func (w *Workspace) interaction(random *rand.Rand, kind string, u *User, c *channel) object {
	return object{
		"type": kind, "token": "verification-token", "api_app_id": w.app.appID, "action_ts": w.newTS(),
		"team":       w.apiTeam(w.homeOf(u, c)),
		"user":       object{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": w.actingTeam(random, u)},
		"enterprise": w.apiEnterprise(), "is_enterprise_install": w.config.OrgWide,
		"trigger_id": w.newTrigger(random, u.ID),
	}
}

// Click clicks a button of a message or of feedback buttons, selects the value
// of a select, or enters it. A button reports its own value.
//
// The element is identified by its action_id or, if several blocks have it, by
// "block_id/action_id"; otherwise the error is [ErrAmbiguousAction]. Several
// values, or one with commas, are several selections.
func (w *Workspace) Click(user, channel, ts, element string, value ...string) (*Receipt, error) {
	return w.Use(user, channel, ts, clicking(element, value))
}

// clicking returns the input for a click.
func clicking(element string, value []string) Input {
	if len(value) == 1 {
		return joined(element, value[0])
	}
	return Input{Element: element, Values: value}
}

// Use uses an element of a message, with these values in the others; elements
// that are not listed have their initial value. The app receives all values.
// See
// https://docs.slack.dev/reference/interaction-payloads/block_actions-payload.
func (w *Workspace) Use(user, channel, ts string, input Input, others ...Input) (*Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	u, m := w.usersByID[user], w.message(channel, ts)
	switch {
	case u == nil:
		return nil, fmt.Errorf("clicking %s: %w", input.Element, ErrUserNotFound)
	case m == nil || m.Deleted || m.EphemeralTo != "" && m.EphemeralTo != user:
		return nil, fmt.Errorf("clicking %s in %s: %w", input.Element, ts, ErrMessageNotFound)
	case !w.channelsBy[channel].has(user):
		return nil, fmt.Errorf("clicking %s in %s: %w", input.Element, channel, ErrNotInChannel)
	}
	action, e, state, err := w.used(user, m.elements(), input, others)
	if err != nil {
		return nil, fmt.Errorf("clicking in %s: %w", ts, err)
	}
	c := w.channelsBy[channel]
	random := w.streamNow(append([]string{"use", user, channel, input.Element}, input.Values...)...)
	payload := w.interaction(random, "block_actions", u, c)
	payload["container"], payload["channel"] = container(m, e), object{"id": c.ID, "name": c.shownName()}
	payload["state"], payload["actions"] = object{"values": state}, []object{action}
	if m.EphemeralTo == "" { // of an ephemeral message the app receives only the response_url
		payload["message"] = w.apiMessage(m, true)
	}
	payload["response_url"] = w.newResponseURL(random, c, u, m)
	return w.interact(random, "interactive", "block_actions", false, payload, func(_ json.RawMessage, err error) error {
		return w.clicked(Change{Channel: channel, TS: ts, User: user}, err)
	})
}

// container describes the position of an element in the message.
func container(m *Message, e element) object {
	o := object{"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.EphemeralTo != ""}
	if m.ThreadTS != "" {
		o["thread_ts"] = m.ThreadTS
	}
	if e.attachment > 0 {
		o["type"], o["attachment_id"], o["is_app_unfurl"] = "message_attachment", e.attachment, false
	}
	return o
}

// clicked notifies the watchers if a click failed.
func (w *Workspace) clicked(where Change, err error) error {
	if err != nil {
		where.Kind, where.Text = InteractionFailed, err.Error()
		w.changed(where)
	}
	return err
}

// ClickView clicks or selects, like [Workspace.Click], in a view of the user.
func (w *Workspace) ClickView(user, viewID, element string, value ...string) (*Receipt, error) {
	return w.UseView(user, viewID, clicking(element, value))
}

// UseView uses an element, like [Workspace.Use], of a view of the user.
func (w *Workspace) UseView(user, viewID string, input Input, others ...Input) (*Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v, u, err := w.seenView(user, viewID)
	if err != nil {
		return nil, fmt.Errorf("clicking %s in view %s: %w", input.Element, viewID, err)
	}
	action, _, state, err := w.used(user, elements(v.fields["blocks"]), input, others)
	if err != nil {
		return nil, fmt.Errorf("clicking in view %s: %w", viewID, err)
	}
	random := w.streamNow(append([]string{"use view", user, viewID, input.Element}, input.Values...)...)
	payload := w.interaction(random, "block_actions", u, nil)
	payload["container"], payload["view"] = object{"type": "view", "view_id": v.ID}, w.apiFilled(v, state)
	payload["actions"] = []object{action}
	return w.interact(random, "interactive", "block_actions", false, payload, func(_ json.RawMessage, err error) error {
		return w.clicked(Change{User: user, TS: viewID}, err)
	})
}

// seenView returns the view, if it is the user's.
func (w *Workspace) seenView(user, viewID string) (*appView, *User, error) {
	u := w.usersByID[user]
	if u == nil {
		return nil, nil, ErrUserNotFound
	}
	if home := w.views.homes[user]; home != nil && home.ID == viewID {
		return home, u, nil
	}
	for _, v := range w.views.stacks[user] {
		if v.ID == viewID {
			return v, u, nil
		}
	}
	return nil, nil, ErrViewNotFound
}

// Command enters a slash command with its text. See
// https://docs.slack.dev/interactivity/implementing-slash-commands.
func (w *Workspace) Command(user, channel, command, text string) (*Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	u, c := w.usersByID[user], w.channelsBy[channel]
	switch {
	case u == nil:
		return nil, fmt.Errorf("entering %s: %w", command, ErrUserNotFound)
	case c == nil:
		return nil, fmt.Errorf("entering %s: %w", command, ErrChannelNotFound)
	case !w.manifest.hasCommand(command) || !w.uses("commands"):
		return nil, fmt.Errorf("entering %s: %w", command, ErrUnknownCommand)
	}
	random := w.streamNow("command", user, channel, command, text)
	payload := object{
		"token": "verification-token", "team_id": w.homeOf(u, c), "team_domain": w.domain(), "api_app_id": w.app.appID,
		"channel_id": c.ID, "channel_name": c.shownName(), "user_id": u.ID, "user_name": u.Name,
		"command": command, "text": text, "is_enterprise_install": strconv.FormatBool(w.config.OrgWide),
		"response_url": w.newResponseURL(random, c, u, nil), "trigger_id": w.newTrigger(random, u.ID),
	}
	if w.grid.exists() {
		payload["enterprise_id"], payload["enterprise_name"] = w.grid.ID, w.grid.Name
	}
	return w.interact(random, "slash_commands", command, true, payload, func(response json.RawMessage, err error) error {
		if err != nil {
			w.add(c, &Message{User: slackbot, EphemeralTo: user, Text: fmt.Sprintf("%s failed with the error %q", command, err)})
			return err
		}
		return w.respond(&responseURL{channel: c.ID, user: u.ID}, response)
	})
}

// Shortcut selects one of the app's global shortcuts.
func (w *Workspace) Shortcut(user, callbackID string) (*Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.usersByID[user]
	switch {
	case u == nil:
		return nil, fmt.Errorf("picking shortcut %s: %w", callbackID, ErrUserNotFound)
	case !w.manifest.hasShortcut(callbackID, "global") || !w.uses("commands"):
		return nil, fmt.Errorf("picking shortcut %s: %w", callbackID, ErrUnknownCommand)
	case !w.manifest.interactive():
		return nil, fmt.Errorf("picking shortcut %s: %w", callbackID, ErrNotInteractive)
	}
	random := w.streamNow("shortcut", user, callbackID)
	payload := w.interaction(random, "shortcut", u, nil)
	payload["callback_id"] = callbackID
	return w.interact(random, "interactive", "shortcut", false, payload, func(_ json.RawMessage, err error) error {
		return w.clicked(Change{User: user}, err)
	})
}

// MessageShortcut selects one of the app's shortcuts on a message.
func (w *Workspace) MessageShortcut(user, channel, ts, callbackID string) (*Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	u, m := w.usersByID[user], w.message(channel, ts)
	switch {
	case u == nil:
		return nil, fmt.Errorf("picking shortcut %s: %w", callbackID, ErrUserNotFound)
	case m == nil || m.Deleted:
		return nil, fmt.Errorf("picking shortcut %s on %s: %w", callbackID, ts, ErrMessageNotFound)
	case !w.manifest.hasShortcut(callbackID, "message") || !w.uses("commands"):
		return nil, fmt.Errorf("picking shortcut %s: %w", callbackID, ErrUnknownCommand)
	case !w.manifest.interactive():
		return nil, fmt.Errorf("picking shortcut %s: %w", callbackID, ErrNotInteractive)
	}
	c := w.channelsBy[channel]
	random := w.streamNow("message shortcut", user, channel, callbackID)
	payload := w.interaction(random, "message_action", u, c)
	payload["callback_id"], payload["message_ts"], payload["message"] = callbackID, ts, w.apiMessage(m, true)
	payload["channel"], payload["response_url"] = object{"id": c.ID, "name": c.shownName()}, w.newResponseURL(random, c, u, m)
	return w.interact(random, "interactive", "message_action", false, payload, func(_ json.RawMessage, err error) error {
		return w.clicked(Change{Channel: channel, TS: ts, User: user}, err)
	})
}

// shownName returns the name in interaction payloads.
func (c *channel) shownName() string {
	switch c.Kind {
	case Direct:
		return "directmessage"
	case Private, Group:
		return "privategroup"
	}
	return c.Name
}
