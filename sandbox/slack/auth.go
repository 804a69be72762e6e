package slack

import "cmp"

// apiTest is https://docs.slack.dev/reference/methods/api.test.
func (w *Workspace) apiTest(req request) (object, error) {
	if code := req.text("error"); code != "" {
		return nil, fail(Error(code), object{"args": req.args})
	}
	return object{"args": req.args}, nil
}

// authTest is https://docs.slack.dev/reference/methods/auth.test.
func (w *Workspace) authTest(request) (object, error) {
	o := object{
		"url": w.URL() + "/", "team": w.app.teamName, "team_id": w.app.teamID,
		"user": w.app.name, "user_id": w.app.userID, "bot_id": w.app.botID, "is_enterprise_install": w.config.OrgWide,
	}
	if w.grid.exists() {
		o["enterprise_id"] = w.grid.ID
	}
	if w.config.OrgWide {
		o["team"], o["team_id"] = w.grid.Name, w.grid.ID
	}
	return o, nil
}

// connectionsOpen is https://docs.slack.dev/reference/methods/apps.connections.open.
func (w *Workspace) connectionsOpen(req request) (object, error) {
	ticket := newUUID(req.random)
	w.sockets.tickets.put(ticket, true)
	host := cmp.Or(req.host, w.listener.Addr().String())
	return object{"url": "ws://" + host + "/link/?ticket=" + ticket + "&app_id=" + w.app.appID}, nil
}

// botsInfo is https://docs.slack.dev/reference/methods/bots.info.
func (w *Workspace) botsInfo(req request) (object, error) {
	if _, err := w.teamArg(req); err != nil {
		return nil, err
	}
	id := cmp.Or(req.text("bot"), w.app.botID)
	if id == w.app.botID {
		return object{"bot": object{
			"id": id, "deleted": false, "name": w.app.name, "updated": 0, "app_id": w.app.appID,
			"user_id": w.app.userID, "icons": object{},
		}}, nil
	}
	if u := w.otherApp(id); u != nil {
		return object{"bot": object{
			"id": id, "deleted": u.Deleted, "name": u.Name, "updated": 0, "app_id": appID(u.ID), "user_id": u.ID, "icons": object{},
		}}, nil
	}
	return nil, Error("bot_not_found")
}

// botID returns the bot ID of another app, by its user ID.
func botID(userID string) string { return "B" + userID[1:] }

// appID returns the app ID of another app, by its user ID.
func appID(userID string) string { return "A" + userID[1:] }

// teamInfo is https://docs.slack.dev/reference/methods/team.info.
func (w *Workspace) teamInfo(req request) (object, error) {
	team := w.team(cmp.Or(req.text("team"), w.app.teamID))
	if team == nil || team.ID != w.app.teamID && !w.config.OrgWide {
		return nil, Error("team_not_found")
	}
	o := object{"id": team.ID, "name": team.Name, "domain": w.domain(), "email_domain": "", "icon": object{}}
	if w.grid.exists() {
		o["enterprise_id"], o["enterprise_name"] = w.grid.ID, w.grid.Name
	}
	return object{"team": o}, nil
}

// emojiList is https://docs.slack.dev/reference/methods/emoji.list.
func (w *Workspace) emojiList(request) (object, error) {
	return object{"emoji": object{}, "cache_ts": w.newTS()}, nil
}
