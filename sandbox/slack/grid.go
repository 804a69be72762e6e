package slack

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Enterprise is an Enterprise organisation (Grid), which has several workspaces. See
// https://docs.slack.dev/enterprise/.
type Enterprise struct {
	ID   string // generated if empty
	Name string
	// Sisters are the organisation's other workspaces.
	Sisters []Team
}

// Team is a workspace.
type Team struct {
	ID   string // generated if empty
	Name string
}

// grid is the organisation of the workspace; its zero value means none.
type grid struct {
	Enterprise
	teams []Team // all workspaces, the app's first
}

// exists reports whether there is an organisation.
func (g *grid) exists() bool { return g.ID != "" }

// checkOrg returns an error if the app cannot be installed for the whole organisation.
func checkOrg(config Config, m *manifest) error {
	switch {
	case !config.OrgWide:
		return nil
	case config.Enterprise == nil:
		return fmt.Errorf("installing the app org-wide: there is no organisation")
	case !m.open && !m.Settings.OrgDeploy:
		return fmt.Errorf("installing the app org-wide: settings.org_deploy_enabled is not true in its manifest")
	}
	return nil
}

// found sets up the organisation of the workspace.
func (w *Workspace) found() {
	w.grid.teams = []Team{{w.app.teamID, w.app.teamName}}
	e := w.config.Enterprise
	if e == nil {
		return
	}
	w.grid.Enterprise = Enterprise{ID: cmp.Or(e.ID, newID(w.stream("enterprise"), "E")), Name: cmp.Or(e.Name, "Acme Group")}
	for _, t := range e.Sisters {
		t.ID = cmp.Or(t.ID, newID(w.stream("sister", t.Name), "T"))
		w.grid.teams = append(w.grid.teams, t)
	}
}

// EnterpriseID returns the organisation's ID; empty if there is none.
func (w *Workspace) EnterpriseID() string { return w.grid.ID }

// Teams returns the organisation's workspaces, the app's first.
func (w *Workspace) Teams() []Team { return slices.Clone(w.grid.teams) }

// IsStranger reports whether the user is from another organisation.
func (w *Workspace) IsStranger(user string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.usersByID[user]
	return u != nil && w.stranger(u)
}

func (w *Workspace) stranger(u *User) bool { return !w.ours(u.Team) }

// ours reports whether the team is the workspace or a sister.
func (w *Workspace) ours(team string) bool { return w.team(team) != nil }

// team returns a workspace of the organisation, or nil.
func (w *Workspace) team(id string) *Team {
	for i := range w.grid.teams {
		if w.grid.teams[i].ID == id {
			return &w.grid.teams[i]
		}
	}
	return nil
}

// enterpriseOf returns the organisation's ID for one of its teams; nil for others.
func (w *Workspace) enterpriseOf(team string) any {
	if w.grid.exists() && w.ours(team) {
		return w.grid.ID
	}
	return nil
}

// home returns the conversation's workspace, as its events name it.
func (w *Workspace) home(c *channel) string {
	if c == nil || len(c.Teams) == 0 {
		return w.app.teamID
	}
	return c.Teams[0]
}

// in reports whether the conversation belongs to the workspace.
func (w *Workspace) in(c *channel, team string) bool {
	return w.home(c) == team || slices.Contains(c.Teams, team)
}

// homeOf returns the workspace in which a user acts: the conversation's, if the user is
// in it, or else theirs.
func (w *Workspace) homeOf(u *User, c *channel) string {
	switch {
	case !w.config.OrgWide:
		return w.app.teamID
	case c == nil && w.ours(u.Team):
		return u.Team
	case c != nil && slices.Contains(c.Teams, u.Team):
		return u.Team
	}
	return w.home(c)
}

// actingTeam returns the team_id of the user of an interaction. In an organisation it
// may be any of the user's workspaces.
func (w *Workspace) actingTeam(random *rand.Rand, u *User) string {
	if !w.grid.exists() || len(u.Teams) == 0 {
		return u.Team
	}
	return u.Teams[random.IntN(len(u.Teams))]
}

// apiEnterprise returns the field enterprise of interactions; nil if there is no
// organisation.
func (w *Workspace) apiEnterprise() any {
	if !w.grid.exists() {
		return nil
	}
	return object{"id": w.grid.ID, "name": w.grid.Name}
}

// apiTeam returns the field team of interactions.
func (w *Workspace) apiTeam(id string) object {
	o := object{"id": id, "domain": w.domain()}
	if w.grid.exists() {
		o["enterprise_id"], o["enterprise_name"] = w.grid.ID, w.grid.Name
	}
	return o
}

// apiEnterpriseUser adds what an organisation knows of its user. See
// https://docs.slack.dev/reference/objects/user-object#enterprise-grid-user-objects.
func (w *Workspace) apiEnterpriseUser(o object, u *User) {
	if u.Enterprise == "" {
		return
	}
	name := ""
	if u.Enterprise == w.grid.ID {
		name = w.grid.Name
	}
	o["enterprise_user"] = object{
		"id": u.ID, "enterprise_id": u.Enterprise, "enterprise_name": name, "is_admin": false, "is_owner": false, "is_primary_owner": false,
		"teams": append([]string{}, u.Teams...),
	}
	if u.TeamID == Never || u.TeamID == Sometimes && w.stream("team_id", u.ID).IntN(2) == 0 {
		delete(o, "team_id")
		delete(o["profile"].(object), "team")
	}
}

// teamArg returns the argument team_id of a method that lists what a workspace has. The
// token of an org-wide installation is for many, so that it must name one. See
// https://docs.slack.dev/enterprise/organization-ready-apps.
func (w *Workspace) teamArg(req request) (string, error) {
	team := req.text("team_id")
	switch {
	case !w.config.OrgWide:
		return w.app.teamID, nil // it is ignored
	case team == "":
		return "", explain("missing_argument", "[ERROR] missing required field: team_id")
	case !w.ours(team):
		return "", Error("team_access_not_granted")
	}
	return team, nil
}

// authTeamsList is https://docs.slack.dev/reference/methods/auth.teams.list.
func (w *Workspace) authTeamsList(req request) (object, error) {
	teams := w.grid.teams
	if !w.config.OrgWide {
		teams = teams[:1]
	}
	part, next, err := pageOf(req, teams, func(t Team) string { return t.ID }, 100)
	if err != nil {
		return nil, err
	}
	shown := make([]object, 0, len(part))
	for _, t := range part {
		shown = append(shown, object{"id": t.ID, "name": t.Name})
	}
	return object{"teams": shown, "response_metadata": next}, nil
}
