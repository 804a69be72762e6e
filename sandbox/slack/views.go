package slack

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"enjobridge/sandbox/slack/blockkit"
)

// Slack's rules for views.
const (
	triggerLife = 3 * time.Second
	maxStack    = 3 // stacked modals
	viewsKept   = 1000
)

// AppView is a modal or a Home tab of the app.
type AppView struct {
	ID         string          `json:"id"`
	Type       string          `json:"type"` // modal or home
	User       string          `json:"user"` // the user who sees it
	CallbackID string          `json:"callback_id,omitempty"`
	Hash       string          `json:"hash"`
	JSON       json.RawMessage `json:"view"` // as sent by the app, with the ids that Slack generates
	// Errors are the app's errors for the last submission, by block_id.
	Errors map[string]string `json:"errors,omitempty"`
}

// appView is a view with its position among the others.
type appView struct {
	AppView
	fields         map[string]json.RawMessage
	root, previous string
}

// viewBoard has the visible views, and the triggers with which the app can open
// more.
type viewBoard struct {
	byID     *bounded[string, *appView]
	stacks   map[string][]*appView // open modals by user, the visible one last
	homes    map[string]*appView   // by user
	triggers *bounded[string, *trigger]
}

// trigger lets the app open one view, for a moment after a user's action.
type trigger struct {
	user    string
	expires time.Time
	used    bool
}

func newViewBoard() viewBoard {
	return viewBoard{
		byID:     newBounded[string, *appView](viewsKept),
		stacks:   make(map[string][]*appView),
		homes:    make(map[string]*appView),
		triggers: newBounded[string, *trigger](viewsKept),
	}
}

// Modal returns the visible modal of the user, and whether there is one.
func (v View) Modal(user string) (AppView, bool) {
	w, unlock := v.lock()
	defer unlock()
	stack := w.views.stacks[user]
	if len(stack) == 0 {
		return AppView{}, false
	}
	return stack[len(stack)-1].snapshot(), true
}

// Home returns the Home tab that the app published for the user, and whether it
// did.
func (v View) Home(user string) (AppView, bool) {
	w, unlock := v.lock()
	defer unlock()
	if home := w.views.homes[user]; home != nil {
		return home.snapshot(), true
	}
	return AppView{}, false
}

func (v *appView) snapshot() AppView {
	s := v.AppView
	s.Errors = maps.Clone(v.Errors)
	return s
}

// newTrigger generates a trigger_id for the user.
func (w *Workspace) newTrigger(random *rand.Rand, user string) string {
	id := randomText(random, 13, "123456789") + "." + randomText(random, 13, "123456789") + "." + randomText(random, 32, hex)
	w.views.triggers.put(id, &trigger{user: user, expires: time.Now().Add(w.deadline(triggerLife))})
	return id
}

// useTrigger returns the user of the trigger in the argument, and uses the
// trigger up.
func (w *Workspace) useTrigger(req request) (string, error) {
	t, known := w.views.triggers.get(req.text("trigger_id"))
	switch {
	case !known:
		return "", Error("invalid_trigger_id")
	case t.used:
		return "", Error("exchanged_trigger_id")
	case time.Now().After(t.expires):
		return "", Error("expired_trigger_id")
	}
	t.used = true
	return t.user, nil
}

// viewArg returns the view argument as a new view of this kind for the user.
func (w *Workspace) viewArg(req request, user, kind string) (*appView, error) {
	raw, err := req.json("view", "invalid_arguments")
	if err != nil {
		return nil, err
	}
	return w.newView(req.random, raw, user, kind)
}

// newView returns a view for the user, unless Slack would refuse it.
func (w *Workspace) newView(random *rand.Rand, raw json.RawMessage, user, kind string) (*appView, error) {
	if raw == nil {
		return nil, explain("invalid_arguments", "[ERROR] missing required field: view")
	}
	if err := refusal(blockkit.CheckView(raw)); err != nil {
		return nil, err
	}
	v := &appView{AppView: AppView{ID: newID(random, "V"), User: user, JSON: raw, Hash: newHash(random)}}
	if err := json.Unmarshal(raw, &v.fields); err != nil {
		return nil, Error("invalid_arguments")
	}
	v.Type, v.CallbackID = v.field("type"), v.field("callback_id")
	if v.Type != kind {
		return nil, explain("invalid_arguments", "[ERROR] must be a "+kind+" view [json-pointer:/view/type]")
	}
	v.root = v.ID
	if blocks := identified(random, v.fields["blocks"]); !bytes.Equal(blocks, v.fields["blocks"]) {
		v.fields["blocks"] = blocks
		v.JSON = mustJSON(v.fields)
	}
	return v, nil
}

func newHash(random *rand.Rand) string {
	return strconv.FormatInt(time.Now().Unix(), 10) + "." + randomText(random, 8, alphabet)
}

// field returns a text field of the view; empty if there is none.
func (v *appView) field(key string) string {
	var s string
	if json.Unmarshal(v.fields[key], &s) != nil {
		return ""
	}
	return s
}

// flag returns a boolean field of the view.
func (v *appView) flag(key string) bool { return string(v.fields[key]) == "true" }

// storeView stores the view by its id, and notifies the watchers.
func (w *Workspace) storeView(v *appView) {
	w.views.byID.put(v.ID, v)
	w.changed(Change{Kind: ViewChanged, User: v.User, Text: v.ID})
}

// apiView returns a view in the format of the Web API and of interactions. See
// https://docs.slack.dev/reference/views.
func (w *Workspace) apiView(v *appView) object {
	o := object{}
	for key, value := range v.fields {
		o[key] = value
	}
	o["id"], o["app_id"], o["bot_id"] = v.ID, w.app.appID, w.app.botID
	o["hash"], o["root_view_id"] = v.Hash, v.root
	o["team_id"], o["app_installed_team_id"] = w.app.teamID, w.app.teamID
	if u := w.usersByID[v.User]; w.config.OrgWide && u != nil {
		o["team_id"], o["app_installed_team_id"] = w.homeOf(u, nil), w.grid.ID
	}
	o["previous_view_id"], o["state"] = nil, object{"values": object{}}
	if v.previous != "" {
		o["previous_view_id"] = v.previous
	}
	return o
}

// viewsOpen is https://docs.slack.dev/reference/methods/views.open.
func (w *Workspace) viewsOpen(req request) (object, error) {
	user, err := w.useTrigger(req)
	if err != nil {
		return nil, err
	}
	v, err := w.viewArg(req, user, "modal")
	if err != nil {
		return nil, err
	}
	w.views.stacks[user] = []*appView{v}
	w.storeView(v)
	return object{"view": w.apiView(v)}, nil
}

// viewsPush is https://docs.slack.dev/reference/methods/views.push.
func (w *Workspace) viewsPush(req request) (object, error) {
	user, err := w.useTrigger(req)
	if err != nil {
		return nil, err
	}
	v, err := w.viewArg(req, user, "modal")
	if err != nil {
		return nil, err
	}
	if err := w.push(v); err != nil {
		return nil, err
	}
	return object{"view": w.apiView(v)}, nil
}

// push puts the modal on top of the user's stack.
func (w *Workspace) push(v *appView) error {
	stack := w.views.stacks[v.User]
	if len(stack) >= maxStack {
		return Error("push_limit_reached")
	}
	if len(stack) > 0 {
		v.root, v.previous = stack[0].ID, stack[len(stack)-1].ID
	}
	w.views.stacks[v.User] = append(stack, v)
	w.storeView(v)
	return nil
}

// viewsUpdate is https://docs.slack.dev/reference/methods/views.update.
func (w *Workspace) viewsUpdate(req request) (object, error) {
	old := w.visibleView(func(v *appView) bool {
		return v.ID == req.text("view_id") || req.text("view_id") == "" && req.text("external_id") != "" &&
			v.field("external_id") == req.text("external_id")
	})
	if old == nil {
		return nil, ErrViewNotFound
	}
	if hash := req.text("hash"); hash != "" && hash != old.Hash {
		return nil, Error("hash_conflict")
	}
	next, err := w.viewArg(req, old.User, old.Type)
	if err != nil {
		return nil, err
	}
	w.replace(old, next)
	return object{"view": w.apiView(old)}, nil
}

// replace replaces a view's content; its id stays.
func (w *Workspace) replace(old, next *appView) {
	old.fields, old.JSON, old.Hash, old.CallbackID, old.Errors = next.fields, next.JSON, next.Hash, next.CallbackID, nil
	w.storeView(old)
}

// visibleView returns the matching open modal, or nil.
func (w *Workspace) visibleView(fits func(*appView) bool) *appView {
	for _, user := range slices.Sorted(maps.Keys(w.views.stacks)) { // two may have the same external_id
		stack := w.views.stacks[user]
		if i := slices.IndexFunc(stack, fits); i >= 0 {
			return stack[i]
		}
	}
	return nil
}

// viewsPublish is https://docs.slack.dev/reference/methods/views.publish.
func (w *Workspace) viewsPublish(req request) (object, error) {
	user := req.text("user_id")
	old := w.views.homes[user]
	switch {
	case w.usersByID[user] == nil:
		return nil, ErrUserNotFound
	case !w.manifest.homeTab():
		return nil, Error("not_enabled")
	case req.text("hash") != "" && old != nil && old.Hash != req.text("hash"):
		return nil, Error("hash_conflict")
	}
	v, err := w.viewArg(req, user, "home")
	if err != nil {
		return nil, err
	}
	if old != nil {
		w.replace(old, v)
		return object{"view": w.apiView(old)}, nil
	}
	w.views.homes[user] = v
	w.storeView(v)
	return object{"view": w.apiView(v)}, nil
}
