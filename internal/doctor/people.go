package doctor

import (
	"context"
	"slices"

	"enjobridge/bot/slackapi"
)

// checkPeople looks up the people, bots and user groups in the settings.
func (d *doctor) checkPeople(ctx context.Context, client *slackapi.Client) {
	c := d.Config.Bot
	var people, groups []configured
	for _, l := range []struct {
		setting  string
		required bool
		ids      []string
	}{{"ALLOWED_USERS", false, c.AllowedUsers}, {"ALLOWED_BOTS", false, c.AllowedBots}, {"ESCALATE_TO", true, c.EscalateTo}} {
		if !d.valid(l.setting) {
			continue
		}
		for _, one := range list(l.setting, l.required, l.ids...) {
			if one.id[0] == 'S' {
				groups = append(groups, one)
			} else {
				people = append(people, one)
			}
		}
	}
	good := 0
	for _, one := range d.few("people", people) {
		fine, reached := d.checkAccount(ctx, client, one)
		if !reached {
			return
		}
		if fine {
			good++
		}
	}
	good += d.checkGroups(ctx, client, groups)
	if all := len(people) + len(groups); all > 0 && good == all {
		d.ok("people", "all people and groups of the settings exist")
	}
}

// checkAccount looks up a person or a bot. It reports whether nothing is wrong with it, and
// false if Slack does not answer.
func (d *doctor) checkAccount(ctx context.Context, client *slackapi.Client, one configured) (fine, reached bool) {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	found, err := client.Account(call, one.id)
	what := one.setting + " has " + named(one.id, "", found.Name)
	switch {
	case slices.Contains([]string{"user_not_found", "bot_not_found", "user_not_visible", "users_not_found"}, slackapi.ErrorCode(err)):
		d.fail("people", what+", which does not exist", "copy the ID from the profile in Slack (Copy member ID) into "+one.setting)
	case err != nil:
		return false, d.unchecked("people", what, err)
	case found.Deleted && one.required:
		d.fail("people", what+", which is deactivated", "remove it from "+one.setting+", and add who takes over")
	case found.Deleted:
		d.warn("people", what+", which is deactivated", "remove it from "+one.setting)
	default:
		return true, true
	}
	return false, true
}

// checkGroups looks up user groups, and returns how many of them exist. Without the scope
// that this needs, which the bot does without, they are not checked.
func (d *doctor) checkGroups(ctx context.Context, client *slackapi.Client, groups []configured) (good int) {
	if len(groups) == 0 {
		return 0
	}
	if !slices.Contains(client.Granted(), "usergroups:read") {
		d.ok("people", "user groups are not checked: that needs the scope usergroups:read, which enjobridge does without")
		return 0
	}
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	known, err := client.UserGroups(call)
	if err != nil {
		d.unchecked("people", groups[0].setting+" has user groups", err)
		return 0
	}
	for _, one := range groups {
		if _, exists := known[one.id]; exists {
			good++
			continue
		}
		d.fail("people", one.setting+" has "+one.id+", which does not exist or is disabled",
			"copy the ID of the user group from its address in Slack into "+one.setting+", or enable the group")
	}
	return good
}
