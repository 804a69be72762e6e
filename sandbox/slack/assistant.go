package slack

import (
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

// How long statuses last unless renewed.
const (
	statusLife     = 2 * time.Minute
	processingLife = time.Hour
	maxStatus      = 500 // characters
	maxTitle       = 200 // characters
	maxPrompts     = 4
	threadsKept    = 10_000 // with stored sessions and titles
)

// threadKey identifies a thread by its channel and root.
type threadKey struct{ channel, ts string }

// status is the status of the app in a thread.
type status struct {
	text     string
	replaced chan struct{} // closed when the status is replaced
}

// session is an agent session of a thread.
type session struct {
	Session
	renewed chan struct{} // closed when the session's status is replaced
}

// threadArg returns the thread in the arguments.
func (w *Workspace) threadArg(req request) (threadKey, error) {
	c, err := w.channelArg(req, "channel_id")
	if err != nil {
		return threadKey{}, err
	}
	if !c.has(w.app.userID) {
		return threadKey{}, ErrChannelNotFound
	}
	ts := req.text("thread_ts")
	if c.root(ts) == nil {
		return threadKey{}, Error("invalid_thread_ts")
	}
	return threadKey{c.ID, ts}, nil
}

// threadsSetStatus is https://docs.slack.dev/reference/methods/assistant.threads.setStatus.
func (w *Workspace) threadsSetStatus(req request) (object, error) {
	text, given := req.args["status"]
	if !given {
		return nil, explain("invalid_arguments", "[ERROR] missing required field: status")
	}
	key, err := w.threadArg(req)
	if err != nil {
		return nil, err
	}
	if len(req.list("loading_messages")) > 10 {
		return nil, explain("invalid_arguments", "[ERROR] no more than 10 items allowed [json-pointer:/loading_messages]")
	}
	w.clearStatus(key)
	if text == "" {
		return nil, nil
	}
	s := &status{text: truncate(text, maxStatus), replaced: make(chan struct{})}
	w.statuses[key] = s
	w.changed(Change{Kind: StatusChanged, Channel: key.channel, ThreadTS: key.ts, Text: s.text})
	w.after(w.scaled(statusLife), s.replaced, func() {
		if w.statuses[key] == s {
			w.clearStatus(key)
		}
	})
	return nil, nil
}

// clearStatus removes the thread's status, if there is one. The caller must
// hold mu.
func (w *Workspace) clearStatus(key threadKey) {
	s := w.statuses[key]
	if s == nil {
		return
	}
	close(s.replaced)
	delete(w.statuses, key)
	w.changed(Change{Kind: StatusChanged, Channel: key.channel, ThreadTS: key.ts})
}

// threadsSetTitle is https://docs.slack.dev/reference/methods/assistant.threads.setTitle.
func (w *Workspace) threadsSetTitle(req request) (object, error) {
	key, err := w.threadArg(req)
	if err != nil {
		return nil, err
	}
	w.titles.put(key, req.text("title"))
	w.changed(Change{Kind: TitleChanged, Channel: key.channel, ThreadTS: key.ts, Text: req.text("title")})
	return nil, nil
}

// threadsSetSuggestedPrompts is
// https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts.
// With a thread_ts it returns ok without an effect.
func (w *Workspace) threadsSetSuggestedPrompts(req request) (object, error) {
	c, err := w.channelArg(req, "channel_id")
	if err != nil {
		return nil, err
	}
	var prompts []Prompt
	if json.Unmarshal([]byte(req.text("prompts")), &prompts) != nil || len(prompts) == 0 {
		return nil, explain("invalid_arguments", "[ERROR] missing required field: prompts")
	}
	if len(prompts) > maxPrompts {
		return nil, explain("invalid_arguments", "[ERROR] no more than 4 items allowed [json-pointer:/prompts]")
	}
	if req.text("thread_ts") == "" {
		w.prompts[c.ID] = prompts
		w.changed(Change{Kind: PromptsChanged, Channel: c.ID})
	}
	return nil, nil
}

// sessionsSetStatus is https://docs.slack.dev/reference/methods/agents.sessions.setStatus.
func (w *Workspace) sessionsSetStatus(req request) (object, error) {
	if !w.manifest.agent() {
		return nil, Error("not_allowed")
	}
	state := req.text("status")
	switch state {
	case "active", "processing", "suspended", "closed":
	default:
		return nil, explain("invalid_arguments", "[ERROR] must be one of active, processing, suspended, closed [json-pointer:/status]")
	}
	key, err := w.threadArg(req)
	if err != nil {
		return nil, err
	}
	s, err := w.sessionOf(key, req)
	if err != nil {
		return nil, err
	}
	w.setSession(s, state)
	body := object{"status": s.Status, "agent_status": s.Status, "title": s.Title}
	if state != "processing" {
		return body, nil
	}
	w.after(w.scaled(processingLife), s.renewed, func() { w.setSession(s, "active") })
	if !w.manifest.subscribed("agent_session_stopped") {
		const warning = "missing_agent_session_stopped_event_subscription"
		body["warning"], body["response_metadata"] = warning, object{"warnings": []string{warning}}
	}
	return body, nil
}

// sessionOf returns the session of the thread. A new one gets its title and initiator
// from the arguments, which are ignored later.
func (w *Workspace) sessionOf(key threadKey, req request) (*session, error) {
	title, initiator := req.text("title"), req.text("initiator_user_id")
	customized := req.text("username") + req.text("icon_emoji") + req.text("icon_url")
	switch {
	case utf8.RuneCountInString(title) > maxTitle:
		return nil, explain("invalid_arguments", "[ERROR] must be at most 200 characters [json-pointer:/title]")
	case initiator != "" && !w.channelsBy[key.channel].has(initiator):
		return nil, Error("user_not_in_channel")
	case customized != "" && !w.uses("chat:write.customize"):
		return nil, w.missingScope("chat:write.customize")
	}
	s, known := w.sessions.get(key)
	if known {
		close(s.renewed)
	} else {
		s = &session{Session: Session{Channel: key.channel, ThreadTS: key.ts, Title: title, Initiator: initiator}}
		w.sessions.put(key, s)
	}
	s.renewed = make(chan struct{})
	return s, nil
}

// setSession changes the session's status. The caller must hold mu.
func (w *Workspace) setSession(s *session, state string) {
	s.Status = state
	s.Stoppable = state == "processing" && w.manifest.subscribed("agent_session_stopped")
	w.changed(Change{Kind: SessionChanged, Channel: s.Channel, ThreadTS: s.ThreadTS, Text: state})
}

// sessionsRename is https://docs.slack.dev/reference/methods/agents.sessions.rename.
func (w *Workspace) sessionsRename(req request) (object, error) {
	key, err := w.threadArg(req)
	if err != nil {
		return nil, err
	}
	title := req.text("title")
	s, known := w.sessions.get(key)
	switch {
	case !known:
		return nil, Error("session_not_found")
	case title == "" || utf8.RuneCountInString(title) > maxTitle:
		return nil, explain("invalid_arguments", "[ERROR] must have 1 to 200 characters [json-pointer:/title]")
	}
	s.Title = title
	w.changed(Change{Kind: SessionChanged, Channel: key.channel, ThreadTS: key.ts, Text: s.Status})
	return object{"title": title}, nil
}

// Stop clicks the Stop button of a thread whose agent session is processing. It
// does not change the status: the app has to do that.
func (w *Workspace) Stop(channel, user, thread string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, known := w.sessions.get(threadKey{channel, thread})
	if !known || !s.Stoppable {
		return fmt.Errorf("stopping the agent in %s, thread %s: %w", channel, thread, ErrNotStoppable)
	}
	w.emit(event{name: "agent_session_stopped", channel: w.channelsBy[channel], team: w.teamOf(user), about: []string{user}, body: object{
		"channel": channel, "thread_ts": thread, "user": user, "streaming_message_ts": []string{},
	}})
	return nil
}

// OpenDM opens the app's Messages tab for the user, and returns the channel.
// Apps with the Agents feature receive app_home_opened.
func (w *Workspace) OpenDM(user string) (string, error) { return w.openHome(user, "messages") }

// OpenHome opens the app's Home tab for the user.
func (w *Workspace) OpenHome(user string) error {
	_, err := w.openHome(user, "home")
	return err
}

func (w *Workspace) openHome(user, tab string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.usersByID[user] == nil:
		return "", fmt.Errorf("opening the app's %s tab: %w", tab, ErrUserNotFound)
	case !w.serves(w.usersByID[user]):
		return "", fmt.Errorf("opening the app's %s tab: %w", tab, ErrAppAccessRestricted)
	case tab == "messages" && !w.manifest.directMessages():
		return "", fmt.Errorf("opening the app's %s tab: %w", tab, ErrMessagesTabDisabled)
	case tab == "home" && !w.manifest.homeTab():
		return "", fmt.Errorf("opening the app's %s tab: %w", tab, ErrViewNotFound)
	}
	c := w.direct(user)
	body := object{"user": user, "channel": c.ID, "tab": tab}
	if v := w.views.homes[user]; tab == "home" && v != nil {
		body["view"] = w.apiView(v)
	}
	w.emit(event{name: "app_home_opened", team: w.teamOf(user), about: []string{user, tab}, body: body})
	return c.ID, nil
}

// ChangeContext informs the app of what the user looks at while the app is
// open.
func (w *Workspace) ChangeContext(user, channel string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.usersByID[user] == nil {
		return fmt.Errorf("changing the context: %w", ErrUserNotFound)
	}
	w.emit(event{name: "app_context_changed", team: w.teamOf(user), about: []string{user, channel}, body: object{
		"user": user, "channel": w.direct(user).ID,
		"context": object{"entities": []object{{
			"type": "slack#/types/channel_id", "value": channel, "team_id": w.app.teamID,
		}}},
	}})
	return nil
}
