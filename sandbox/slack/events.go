package slack

import "time"

// event is an event of the Events API without its envelope.
type event struct {
	// name is the name in the manifest's subscriptions, such as message.channels.
	name string
	// channel is where it happened; nil if in none.
	channel *channel
	// team is the team of its user; empty means the workspace's own.
	team string
	// about distinguishes it from other events with its name in the channel,
	// without a ts of this instant.
	about []string
	body  object
}

// eventScopes are the scopes that events require.
var eventScopes = map[string]string{
	"app_mention":      "app_mentions:read",
	"message.channels": "channels:history",
	"message.groups":   "groups:history",
	"message.im":       "im:history",
	"message.mpim":     "mpim:history",
	"reaction_added":   "reactions:read",
	"reaction_removed": "reactions:read",
	"channel_archive":  "channels:read",
}

// messageEvents are the subscriptions to messages, by the kind of conversation.
var messageEvents = map[ChannelKind]string{
	Public:  "message.channels",
	Private: "message.groups",
	Direct:  "message.im",
	Group:   "message.mpim",
}

// emit delivers the event if the app may receive it: the manifest subscribes to
// it, its scope is granted, and the app is in the channel. The caller must hold
// mu.
func (w *Workspace) emit(e event) {
	scope := eventScopes[e.name]
	switch e.name {
	case "member_joined_channel", "member_left_channel", "channel_id_changed":
		scope = conversationScope(e.channel.Kind, "read")
	}
	switch {
	case !w.manifest.subscribed(e.name):
		return
	case scope != "" && !w.granted(scope):
		return
	case e.channel != nil && !e.channel.has(w.app.userID):
		return
	}
	now := time.Now()
	if e.body["event_ts"] == nil {
		e.body["event_ts"] = w.newTS()
	}
	kind, _ := e.body["type"].(string)
	if kind == "" {
		kind = e.name
		e.body["type"] = kind
	}
	random := w.streamNow(append([]string{"event", e.name, e.channelID()}, e.about...)...)
	id := newID(random, "Ev")
	notice := &envelope{
		kind:    "events_api",
		inner:   kind,
		eventID: id,
		name:    id,
		retried: true,
		payload: mustJSON(w.wrap(e, id, "4-"+randomText(random, 32, alphabet), now)),
	}
	if now.Before(w.faults.limitedUntil) || w.limits.pace("events", time.Hour/eventsPerHour, eventsPerHour) > 0 {
		w.swallow(notice, ErrNotAcknowledged)
		w.rateLimited(now)
		return
	}
	if scope != "" {
		w.needed[scope] = true
	}
	w.deliver(notice)
}

// channelID returns the id of the event's channel; empty if there is none.
func (e event) channelID() string {
	if e.channel == nil {
		return ""
	}
	return e.channel.ID
}

// rateLimited informs the app, once a minute, that events are not delivered.
// See https://docs.slack.dev/reference/events/app_rate_limited.
func (w *Workspace) rateLimited(now time.Time) {
	if w.limits.pace("app_rate_limited", time.Minute, 1) > 0 {
		return
	}
	w.deliver(&envelope{
		kind:    "events_api",
		inner:   "app_rate_limited",
		name:    newUUID(w.streamNow("app_rate_limited")),
		retried: true,
		payload: mustJSON(object{
			"token": "verification-token", "type": "app_rate_limited", "team_id": w.app.teamID,
			"minute_rate_limited": now.Truncate(time.Minute).Unix(), "api_app_id": w.app.appID,
		}),
	})
}

// wrap returns the outer event. In a shared channel its team_id is the team of
// the event, which may be an external one; context_team_id and authorizations
// identify the installation. See
// https://docs.slack.dev/apis/events-api/#event-type-structure.
func (w *Workspace) wrap(e event, id, context string, at time.Time) object {
	home := w.eventHome(e)
	team, installed := home, any(w.app.teamID)
	if e.team != "" && !w.ours(e.team) {
		team = e.team
	}
	if w.config.OrgWide {
		installed = nil
	}
	o := object{
		"token":                 "verification-token",
		"team_id":               team,
		"context_team_id":       home,
		"context_enterprise_id": w.enterpriseOf(home),
		"api_app_id":            w.app.appID,
		"event":                 e.body,
		"type":                  "event_callback",
		"event_id":              id,
		"event_time":            at.Unix(),
		"authorizations": []object{{
			"enterprise_id": w.enterpriseOf(home), "team_id": installed, "user_id": w.app.userID,
			"is_bot": true, "is_enterprise_install": w.config.OrgWide,
		}},
		"is_ext_shared_channel": e.channel != nil && e.channel.Shared,
		"event_context":         context,
	}
	if enterprise := w.enterpriseOf(team); enterprise != nil {
		o["enterprise_id"] = enterprise
	}
	if w.config.OrgWide {
		o["is_enterprise_install"] = true
	}
	return o
}

// eventHome returns the workspace to which an event belongs: that of its conversation,
// or else of its user.
func (w *Workspace) eventHome(e event) string {
	if e.channel == nil && w.config.OrgWide && w.ours(e.team) {
		return e.team
	}
	return w.home(e.channel)
}

// emitMessage delivers a new message, and a mention of the app, in either
// order.
func (w *Workspace) emitMessage(c *channel, m *Message) {
	message := func() {
		w.emit(event{name: messageEvents[c.Kind], channel: c, team: m.Team, about: m.about(), body: w.messageBody(c, m)})
	}
	mentioned := c.Kind != Direct && m.User != w.app.userID && mentions(m.Text, w.app.userID)
	switch {
	case !mentioned:
		message()
	case w.streamNow(append([]string{"order", c.ID}, m.about()...)...).IntN(2) == 0:
		w.emitMention(c, m)
		message()
	default:
		message()
		w.emitMention(c, m)
	}
}

// messageBody returns the inner event of a new message.
func (w *Workspace) messageBody(c *channel, m *Message) object {
	body := w.apiMessage(m, true)
	body["channel"], body["channel_type"], body["event_ts"] = c.ID, c.Kind, m.TS
	w.connect(body, c, m)
	if root := c.byTS[m.ThreadTS]; m.Subtype == "thread_broadcast" && root != nil {
		body["root"] = w.apiMessage(root, true)
	}
	return body
}

// connect adds the fields of a channel of several workspaces to a message in it, and removes
// the team where Slack leaves it out.
func (w *Workspace) connect(body object, c *channel, m *Message) {
	if c.Kind == Direct && w.config.DirectWithoutTeam {
		delete(body, "team")
	}
	if (c.Shared || len(c.Teams) > 1) && m.Subtype != fileShare {
		body["user_team"], body["source_team"] = m.Team, m.Team
	}
}

func (w *Workspace) emitMention(c *channel, m *Message) {
	if c.Kind == Direct {
		return
	}
	body := w.messageBody(c, m)
	body["type"] = "app_mention"
	delete(body, "channel_type")
	delete(body, "subtype")
	random := w.streamNow(append([]string{"team", c.ID}, m.about()...)...)
	if w.config.MentionTeam == Never || w.config.MentionTeam == Sometimes && random.IntN(2) == 0 {
		delete(body, "team")
	}
	w.emit(event{name: "app_mention", channel: c, team: m.Team, about: m.about(), body: body})
}

func (w *Workspace) emitMessageChanged(c *channel, m, before *Message) {
	after, previous := w.apiMessage(m, true), w.apiMessage(before, true)
	w.connect(after, c, m)
	w.connect(previous, c, before)
	w.emit(event{name: messageEvents[c.Kind], channel: c, team: m.Team, about: m.about("changed"), body: object{
		"type": "message", "subtype": "message_changed", "hidden": true, "ts": w.newTS(),
		"channel": c.ID, "channel_type": c.Kind, "message": after, "previous_message": previous,
	}})
}

func (w *Workspace) emitMessageDeleted(c *channel, before *Message) {
	previous := w.apiMessage(before, true)
	w.connect(previous, c, before)
	w.emit(event{name: messageEvents[c.Kind], channel: c, team: before.Team, about: before.about("deleted"), body: object{
		"type": "message", "subtype": "message_deleted", "hidden": true, "ts": w.newTS(), "deleted_ts": before.TS,
		"channel": c.ID, "channel_type": c.Kind, "previous_message": previous,
	}})
}

func (w *Workspace) emitReaction(added bool, m *Message, user, emoji string) {
	name := "reaction_removed"
	if added {
		name = "reaction_added"
	}
	w.emit(event{name: name, channel: w.channelsBy[m.Channel], team: w.teamOf(user), about: m.about(user, emoji), body: object{
		"user": user, "reaction": emoji, "item_user": m.User,
		"item": object{"type": "message", "channel": m.Channel, "ts": m.TS},
	}})
}

// emitMembership says that the user joined or left, invited by another unless inviter
// is empty.
func (w *Workspace) emitMembership(name string, c *channel, user, inviter string) {
	kind := "G"
	if c.Kind == Public {
		kind = "C"
	}
	body := object{"user": user, "channel": c.ID, "channel_type": kind, "team": w.teamOf(user)}
	if inviter != "" {
		body["inviter"] = inviter
	}
	if enterprise := w.enterpriseOf(w.teamOf(user)); enterprise != nil {
		body["enterprise"] = enterprise
	}
	w.emit(event{name: name, channel: c, team: w.teamOf(user), about: []string{user}, body: body})
}

// teamOf returns the user's team; the workspace's own if there is no such user.
func (w *Workspace) teamOf(user string) string {
	if u := w.usersByID[user]; u != nil {
		return u.Team
	}
	return w.app.teamID
}
