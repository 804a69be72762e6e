package slack

import (
	"encoding/json"
	"fmt"
	"slices"
)

// ErrMissingInput is the error of submitting a modal without a required input.
const ErrMissingInput Error = "missing_input"

// SubmitView submits a modal with values by element, named as in [Input];
// several selections are separated by commas. Pass files, and values that
// contain commas, as separate inputs. Other elements keep their initial value.
// See
// https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload.
func (w *Workspace) SubmitView(user, viewID string, values map[string]string, more ...Input) (*Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v, u, err := w.seenView(user, viewID)
	if err == nil && !w.manifest.interactive() {
		err = ErrNotInteractive
	}
	if err != nil {
		return nil, fmt.Errorf("submitting view %s: %w", viewID, err)
	}
	state, err := w.filled(user, v, append(inputs(values), more...))
	if err != nil {
		return nil, fmt.Errorf("submitting view %s: %w", viewID, err)
	}
	random := w.streamNow("submit view", user, viewID)
	payload := w.interaction(random, "view_submission", u, nil)
	payload["view"], payload["response_urls"] = w.apiFilled(v, state), []object{}
	return w.interact(random, "interactive", "view_submission", true, payload, func(response json.RawMessage, err error) error {
		if err == nil {
			err = w.submitted(v, response)
		}
		return w.clicked(Change{User: user, TS: viewID}, err)
	})
}

// filled returns the state of a submitted view, unless a required input is
// missing.
func (w *Workspace) filled(user string, v *appView, entered []Input) (values, error) {
	all := elements(v.fields["blocks"])
	state, err := w.state(user, all, entered)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if e.required && e.isNothing(state[e.blockID][e.actionID]) {
			return nil, fmt.Errorf("%s: %w", e.actionID, ErrMissingInput)
		}
	}
	return state, nil
}

// apiFilled returns the view with the values of its elements.
func (w *Workspace) apiFilled(v *appView, state values) object {
	view := w.apiView(v)
	view["state"] = object{"values": state}
	return view
}

// submitted applies the app's response to the modal. See
// https://docs.slack.dev/surfaces/modals#handling_submissions.
func (w *Workspace) submitted(v *appView, response json.RawMessage) error {
	var r struct {
		Action string            `json:"response_action"`
		View   json.RawMessage   `json:"view"`
		Errors map[string]string `json:"errors"`
	}
	if len(response) > 0 {
		if err := json.Unmarshal(response, &r); err != nil {
			return fmt.Errorf("response to a submission: %w", err)
		}
	}
	v.Errors = nil
	switch r.Action {
	case "":
		w.closeView(v)
	case "clear":
		delete(w.views.stacks, v.User)
	case "errors":
		v.Errors = r.Errors
	case "update", "push":
		next, err := w.newView(w.streamNow("submitted", v.ID, string(response)), r.View, v.User, "modal")
		if err != nil {
			return fmt.Errorf("response to a submission: %w", err)
		}
		if r.Action == "push" {
			return w.push(next)
		}
		w.replace(v, next)
	default:
		return fmt.Errorf("response to a submission: unknown response_action %q", r.Action)
	}
	w.changed(Change{Kind: ViewChanged, User: v.User, Text: v.ID})
	return nil
}

// closeView removes the modal and those on top of it.
func (w *Workspace) closeView(v *appView) {
	stack := w.views.stacks[v.User]
	if i := slices.Index(stack, v); i > 0 {
		w.views.stacks[v.User] = stack[:i:i]
	} else if i == 0 {
		delete(w.views.stacks, v.User)
	}
	w.changed(Change{Kind: ViewChanged, User: v.User, Text: v.ID})
}

// CloseView closes a modal without submitting it. The receipt is nil unless the
// app asked for a notification.
func (w *Workspace) CloseView(user, viewID string) (*Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v, u, err := w.seenView(user, viewID)
	if err != nil {
		return nil, fmt.Errorf("closing view %s: %w", viewID, err)
	}
	w.closeView(v)
	if !v.flag("notify_on_close") {
		return nil, nil
	}
	random := w.streamNow("close view", user, viewID)
	payload := w.interaction(random, "view_closed", u, nil)
	delete(payload, "trigger_id")
	payload["view"], payload["is_cleared"] = w.apiView(v), false
	return w.interact(random, "interactive", "view_closed", false, payload, func(_ json.RawMessage, err error) error { return err })
}
