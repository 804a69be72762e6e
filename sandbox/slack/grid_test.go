package slack_test

import (
	"strings"
	"testing"

	"github.com/slack-go/slack/socketmode"

	"enjobridge/sandbox/slack"
)

// org makes the workspace part of an organisation with a sister workspace.
func org(c *slack.Config) {
	c.Enterprise = &slack.Enterprise{ID: "E0ACME", Name: "Acme Group", Sisters: []slack.Team{{ID: "T0SISTER", Name: "Sister"}}}
}

// orgWide installs the app for the whole organisation.
func orgWide(c *slack.Config) {
	org(c)
	c.OrgWide = true
	c.Manifest = []byte(strings.ReplaceAll(string(c.Manifest), "socket_mode_enabled: true", "socket_mode_enabled: true\n  org_deploy_enabled: true"))
}

// Ensure that an app in a workspace of an organisation learns of the organisation, in
// auth.test, events, interactions and commands.
func TestGrid(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages, org, scopes("team:read"))
		want(t, f.call("auth.test").raw, map[string]any{"team_id": f.TeamID(), "enterprise_id": "E0ACME", "is_enterprise_install": false})
		want(t, f.eventOf(f.post("hello")), map[string]any{
			"team_id": f.TeamID(), "enterprise_id": "E0ACME", "context_team_id": f.TeamID(), "context_enterprise_id": "E0ACME",
			"authorizations.0.enterprise_id": "E0ACME", "authorizations.0.team_id": f.TeamID(), "authorizations.0.is_enterprise_install": false,
		})
		want(t, f.call("team.info").raw, map[string]any{"team.enterprise_id": "E0ACME"})
		want(t, f.call("users.list").raw, map[string]any{"ok": true})
		want(t, f.call("auth.teams.list").raw, map[string]any{"teams.0.id": f.TeamID(), "teams.1": nil})
		if _, err := f.Command(f.ada, f.general, "/helper", "x"); err != nil {
			t.Fatal(err)
		}
		want(t, f.lastEvent("/helper"), map[string]any{"team_id": f.TeamID(), "enterprise_id": "E0ACME", "is_enterprise_install": "false"})
	})
}

// Ensure that a user of a sister workspace is no stranger, that users.info says which
// workspaces they are in, sometimes without a team_id, and that interactions name any of
// them.
func TestSister(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, org)
		f.listen(func(socketmode.Request) (bool, any) { return true, nil })
		add := func(u slack.User) string {
			id := f.AddUser(u)
			if err := f.Invite(f.general, id); err != nil {
				t.Fatal(err)
			}
			return id
		}
		eve := add(slack.User{Name: "eve", Team: "T0SISTER", Teams: []string{"T0SISTER", f.TeamID()}, TeamID: slack.Never})
		out := add(slack.User{Name: "out", Team: "T0OTHER", Enterprise: "E0OTHER"})
		want(t, f.call("users.info", "user", eve).raw, map[string]any{
			"user.team_id": nil, "user.profile.team": nil, "user.is_stranger": nil,
			"user.enterprise_user.enterprise_id": "E0ACME", "user.enterprise_user.enterprise_name": "Acme Group",
			"user.enterprise_user.id": eve, "user.enterprise_user.teams": []string{"T0SISTER", f.TeamID()}, "user.enterprise_user.is_admin": false,
		})
		want(t, f.call("users.info", "user", out).raw, map[string]any{"user.is_stranger": true, "user.enterprise_user.enterprise_id": "E0OTHER"})
		if f.IsStranger(eve) || !f.IsStranger(out) {
			t.Error("the sister is a stranger, or the other is none")
		}
		button := f.call("chat.postMessage", "channel", f.general, "text", "x", "blocks",
			`[{"type": "actions", "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}]}]`).TS
		teams := map[any]bool{}
		for range 20 {
			if _, err := f.Click(eve, f.general, button, "go"); err != nil {
				t.Fatal(err)
			}
			raw := f.lastEvent("block_actions")
			want(t, raw, map[string]any{
				"enterprise.id": "E0ACME", "enterprise.name": "Acme Group", "is_enterprise_install": false,
				"team.id": f.TeamID(), "team.enterprise_id": "E0ACME",
			})
			teams[at(raw, "user.team_id")] = true
		}
		if !teams["T0SISTER"] || !teams[f.TeamID()] || len(teams) != 2 {
			t.Errorf("teams are %v", teams)
		}
	})
}

// Ensure that users.info leaves out the team_id of some users of an organisation.
func TestTeamIDSometimes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, org)
		seen := map[bool]int{}
		for range 20 {
			raw := f.call("users.info", "user", f.AddUser(slack.User{})).raw
			seen[at(raw, "user.team_id") != nil]++
		}
		if seen[true] == 0 || seen[false] == 0 {
			t.Errorf("team_id is present %v times", seen)
		}
	})
}

// Ensure that an org-wide installation has the organisation's ID, and that events and
// commands name the workspace of the channel.
func TestOrgWide(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, onlyMessages, orgWide)
		want(t, f.call("auth.test").raw, map[string]any{"team_id": "E0ACME", "enterprise_id": "E0ACME", "is_enterprise_install": true})
		eve := f.AddUser(slack.User{Name: "eve", Team: "T0SISTER"})
		both := f.AddChannel(slack.Channel{Name: "both", Teams: []string{"T0SISTER", f.TeamID()}, Members: []string{eve, f.ada, f.BotUserID()}})
		sister := f.AddChannel(slack.Channel{Name: "sister", Teams: []string{"T0SISTER"}, Members: []string{eve, f.BotUserID()}})
		for _, channel := range []string{sister, f.DM(eve)} {
			ts, err := f.Post(channel, eve, "hello")
			if err != nil {
				t.Fatal(err)
			}
			want(t, f.eventOf(ts), map[string]any{
				"team_id": "T0SISTER", "context_team_id": "T0SISTER", "enterprise_id": "E0ACME", "is_enterprise_install": true,
				"authorizations.0.team_id": nil, "authorizations.0.enterprise_id": "E0ACME", "authorizations.0.is_enterprise_install": true,
			})
		}
		want(t, f.eventOf(f.post("hello")), map[string]any{"team_id": f.TeamID()})
		if _, err := f.Command(f.ada, both, "/helper", ""); err != nil {
			t.Fatal(err)
		}
		want(t, f.lastEvent("/helper"), map[string]any{"team_id": f.TeamID(), "enterprise_id": "E0ACME", "is_enterprise_install": "true"})
		want(t, f.call("chat.postMessage", "channel", sister, "text", "x").raw, map[string]any{"message.team": "T0SISTER"})
		want(t, f.call("conversations.info", "channel", both).raw, map[string]any{"channel.is_org_shared": true, "channel.context_team_id": "T0SISTER"})
	})
}

// Ensure that with an org-wide installation the lists need a team_id, and show only what
// that workspace has.
func TestOrgWideLists(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, orgWide, scopes("usergroups:read"))
		eve := f.AddUser(slack.User{Name: "eve", Team: "T0SISTER"})
		sister := f.AddChannel(slack.Channel{Name: "sister", Teams: []string{"T0SISTER"}, Members: []string{eve, f.BotUserID()}})
		for _, method := range []string{"conversations.list", "users.conversations", "users.list", "usergroups.list", "bots.info"} {
			want(t, f.call(method).raw, map[string]any{"ok": false, "error": "missing_argument"})
			want(t, f.call(method, "team_id", "T0NONE").raw, map[string]any{"error": "team_access_not_granted"})
		}
		for _, method := range []string{"conversations.list", "users.conversations"} {
			want(t, f.call(method, "team_id", "T0SISTER").raw, map[string]any{"channels.0.id": sister, "channels.1": nil})
			want(t, f.call(method, "team_id", f.TeamID()).raw, map[string]any{"channels.0.id": f.general, "channels.1": nil})
		}
		want(t, f.call("users.list", "team_id", "T0SISTER").raw, map[string]any{"members.0.id": eve, "members.1": nil})
		first := f.call("auth.teams.list", "limit", "1")
		want(t, first.raw, map[string]any{"teams.0.id": f.TeamID(), "teams.1": nil})
		want(t, f.call("auth.teams.list", "limit", "1", "cursor", first.Metadata.NextCursor).raw, map[string]any{
			"teams.0.id": "T0SISTER", "response_metadata.next_cursor": "",
		})
	})
}

// Ensure that the app cannot be installed org-wide without an organisation, or if its
// manifest does not allow it.
func TestOrgWideRefused(t *testing.T) {
	for _, config := range []slack.Config{
		{OrgWide: true},
		{OrgWide: true, Enterprise: &slack.Enterprise{}, Manifest: []byte(manifest)},
	} {
		if w, err := slack.Open(config); err == nil {
			t.Error("it opens")
			_ = w.Close()
		}
	}
}
