package doctor

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"enjobridge/bot/slackapi"
)

// maxLooked is how many channels and how many people are looked up: Slack limits the calls.
const maxLooked = 40

// configured is an ID in a setting.
type configured struct {
	setting, id string
	required    bool // enjobridge posts there, or calls this person
}

// list returns the IDs of a setting.
func list(setting string, required bool, ids ...string) (all []configured) {
	for _, id := range ids {
		if id != "" {
			all = append(all, configured{setting, id, required})
		}
	}
	return all
}

// few returns at most maxLooked of the IDs, and reports the number of the others.
func (d *doctor) few(check string, all []configured) []configured {
	if len(all) <= maxLooked {
		return all
	}
	d.ok(check, fmt.Sprintf("only %d of %d IDs in the settings are looked up", maxLooked, len(all)))
	return all[:maxLooked]
}

// checkPlaces looks up the channels in the settings.
func (d *doctor) checkPlaces(ctx context.Context, client *slackapi.Client) {
	c := d.Config.Bot
	var all []configured
	if d.valid("ALLOWED_CHANNELS") {
		all = append(all, list("ALLOWED_CHANNELS", false, c.AllowedChannels...)...)
	}
	if d.valid("ENJO_ROUTES") {
		all = append(all, list("ENJO_ROUTES", false, slices.Sorted(maps.Keys(c.Routes))...)...)
	}
	if d.valid("ESCALATE_CHANNEL") {
		all = append(all, list("ESCALATE_CHANNEL", true, c.EscalateChannel)...)
	}
	if d.valid("REPORT_CHANNEL") {
		all = append(all, list("REPORT_CHANNEL", true, c.ReportChannel)...)
	}
	good, member := 0, ""
	for _, place := range d.few("channels", all) {
		found, fine, reached := d.checkPlace(ctx, client, place)
		if !reached {
			return
		}
		if fine {
			good++
		}
		if found.Member {
			member = place.id
		}
	}
	if len(all) > 0 && good == len(all) {
		d.ok("channels", "the bot is in all channels of the settings")
	}
	d.checkHistory(ctx, client, member)
}

// checkPlace looks up a channel. It reports whether nothing is wrong with it, and false if
// Slack does not answer.
func (d *doctor) checkPlace(ctx context.Context, client *slackapi.Client, place configured) (found slackapi.Place, fine, reached bool) {
	report := d.warn
	if place.required {
		report = d.fail
	}
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	found, err := client.Place(call, place.id)
	what := place.setting + " has " + named(place.id, "#", found.Name)
	switch {
	case slackapi.ErrorCode(err) == "channel_not_found":
		d.fail("channels", what+", which does not exist, or is private without the bot",
			"copy the ID from the channel's details in Slack into "+place.setting+", or invite the bot to the channel")
	case err != nil:
		return found, false, d.unchecked("channels", what, err)
	case found.Archived:
		report("channels", what+", which is archived", "remove it from "+place.setting+", or unarchive the channel and invite the bot again")
	case !found.Member && !found.Direct:
		report("channels", what+", where the bot is not a member", "invite the bot there: /invite and its name, in the channel")
	default:
		return found, true, true
	}
	return found, false, true
}

// unchecked reports that Slack did not answer a look-up. It returns false if the next one
// will fail, too.
func (d *doctor) unchecked(check, what string, err error) (reached bool) {
	failure := slackapi.Classify(err)
	if failure.Class == slackapi.Setup { // a missing scope is reported already
		return true
	}
	d.warn(check, fmt.Sprintf("%s, which was not checked: %v", what, err), "run this again in a minute; if it stays, see Slack's status at https://slack-status.com")
	return failure.Class != slackapi.RateLimited && failure.Class != slackapi.Unknown
}

// checkHistory checks whether Slack limits how often the history is read, in a channel
// with the bot. While enjobridge runs, its reading is left alone.
func (d *doctor) checkHistory(ctx context.Context, client *slackapi.Client, channel string) {
	if d.running || d.inUse || d.replicas {
		return
	}
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	for found, err := range client.Conversations(call) {
		if channel != "" || err != nil {
			break
		}
		channel = found.ID
	}
	if channel == "" {
		return
	}
	if limited, err := client.LimitsHistory(call, channel); err == nil && limited {
		d.warn("distribution", "Slack lets the app read the history only about once a minute, as it does with distributed apps outside its Marketplace: missed questions are found late",
			"use your own app, without distributing it: on its page under Manage Distribution, deactivate public distribution")
	}
}
