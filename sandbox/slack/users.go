package slack

import (
	"slices"
	"strings"
)

// usersInfo is https://docs.slack.dev/reference/methods/users.info.
func (w *Workspace) usersInfo(req request) (object, error) {
	u := w.usersByID[req.text("user")]
	if u == nil {
		return nil, ErrUserNotFound
	}
	return object{"user": w.apiUser(u)}, nil
}

// usersList is https://docs.slack.dev/reference/methods/users.list.
func (w *Workspace) usersList(req request) (object, error) {
	team, err := w.teamArg(req)
	if err != nil {
		return nil, err
	}
	own := slices.DeleteFunc(slices.Clone(w.users), func(u *User) bool { return u.Team != team && !slices.Contains(u.Teams, team) })
	part, next, err := pageOf(req, own, func(u *User) string { return u.ID }, 1000)
	if err != nil {
		return nil, err
	}
	shown := make([]object, 0, len(part))
	for _, u := range part {
		shown = append(shown, w.apiUser(u))
	}
	return object{"members": shown, "response_metadata": next}, nil
}

// apiUser returns a user in the Web API's format. See
// https://docs.slack.dev/reference/objects/user-object.
func (w *Workspace) apiUser(u *User) object {
	profile := object{
		"real_name": u.RealName, "display_name": u.Name, "real_name_normalized": u.RealName,
		"display_name_normalized": u.Name, "team": u.Team, "image_48": w.URL() + "/avatar/" + u.ID,
	}
	if u.Email != "" && w.uses("users:read.email") {
		profile["email"] = u.Email
	}
	if u.ID == w.app.userID {
		profile["bot_id"], profile["api_app_id"] = w.app.botID, w.app.appID
	}
	o := object{
		"id": u.ID, "team_id": u.Team, "name": u.Name, "deleted": u.Deleted, "real_name": u.RealName,
		"tz": u.TZ, "tz_label": u.TZ, "tz_offset": zoneOffset(u.TZ), "profile": profile,
		"is_admin": u.Admin, "is_owner": false, "is_primary_owner": false,
		"is_restricted": u.Guest, "is_ultra_restricted": false, "is_bot": u.Bot && u.ID != slackbot,
		"is_app_user": false, "updated": 0,
	}
	w.apiEnterpriseUser(o, u)
	if w.stranger(u) {
		o["is_stranger"] = true
	}
	return o
}

// usergroupsList is https://docs.slack.dev/reference/methods/usergroups.list.
func (w *Workspace) usergroupsList(req request) (object, error) {
	if _, err := w.teamArg(req); err != nil {
		return nil, err
	}
	shown := []object{}
	for _, g := range w.groups {
		o := object{
			"id": g.ID, "team_id": w.app.teamID, "is_usergroup": true, "name": g.Name, "handle": g.Handle,
			"description": "", "is_external": false, "date_delete": 0, "user_count": len(g.Users),
		}
		if req.flag("include_users") {
			o["users"] = g.Users
		}
		shown = append(shown, o)
	}
	return object{"usergroups": shown}, nil
}

// usergroupsUsersList is https://docs.slack.dev/reference/methods/usergroups.users.list.
func (w *Workspace) usergroupsUsersList(req request) (object, error) {
	if _, err := w.teamArg(req); err != nil {
		return nil, err
	}
	for _, g := range w.groups {
		if g.ID == req.text("usergroup") {
			return object{"users": append([]string{}, g.Users...)}, nil
		}
	}
	return nil, Error("no_such_subteam")
}

// reactionsAdd is https://docs.slack.dev/reference/methods/reactions.add.
func (w *Workspace) reactionsAdd(req request) (object, error) { return w.reaction(req, true) }

// reactionsRemove is https://docs.slack.dev/reference/methods/reactions.remove.
func (w *Workspace) reactionsRemove(req request) (object, error) { return w.reaction(req, false) }

func (w *Workspace) reaction(req request, add bool) (object, error) {
	c, err := w.channelArg(req, "channel")
	name := strings.Trim(req.text("name"), ":")
	switch {
	case err != nil:
		return nil, err
	case req.text("timestamp") == "":
		return nil, Error("no_item_specified")
	case !emojiName.MatchString(name):
		return nil, Error("invalid_name")
	case c.Archived:
		return nil, ErrIsArchived
	case !c.has(w.app.userID):
		return nil, ErrNotInChannel
	}
	return nil, w.react(c.ID, w.app.userID, req.text("timestamp"), name, add)
}

// reactionsGet is https://docs.slack.dev/reference/methods/reactions.get.
func (w *Workspace) reactionsGet(req request) (object, error) {
	c, err := w.channelArg(req, "channel")
	if err != nil {
		return nil, err
	}
	m := c.byTS[req.text("timestamp")]
	if m == nil || m.Deleted || m.EphemeralTo != "" {
		return nil, ErrMessageNotFound
	}
	return object{"type": "message", "channel": c.ID, "message": w.apiMessage(m, false)}, nil
}
