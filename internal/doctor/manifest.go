package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"enjobridge/bot/slackapi"
)

// appManifest is the part of an app's manifest that is compared.
// https://docs.slack.dev/reference/app-manifest
type appManifest struct {
	Features struct {
		AppHome struct {
			Home     bool `json:"home_tab_enabled"`
			Messages bool `json:"messages_tab_enabled"`
			ReadOnly bool `json:"messages_tab_read_only_enabled"`
		} `json:"app_home"`
		AgentView *struct{} `json:"agent_view"`
		Commands  []struct {
			Command string `json:"command"`
		} `json:"slash_commands"`
	} `json:"features"`
	OAuth struct {
		Scopes struct {
			Bot []string `json:"bot"`
		} `json:"scopes"`
	} `json:"oauth_config"`
	Settings struct {
		Events struct {
			Bot []string `json:"bot_events"`
		} `json:"event_subscriptions"`
		Interactivity struct {
			Enabled bool `json:"is_enabled"`
		} `json:"interactivity"`
	} `json:"settings"`
}

// wantedManifest parses a manifest in YAML.
func wantedManifest(source []byte) (m appManifest, err error) {
	var whole map[string]any
	if err := yaml.Unmarshal(source, &whole); err != nil {
		return m, err
	}
	encoded, err := json.Marshal(whole)
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(encoded, &m)
}

// checkManifest compares the app with the manifest that it should have, if there is an app
// configuration token.
func (d *doctor) checkManifest(ctx context.Context, app string) {
	want, err := wantedManifest(d.Manifest)
	if d.ConfigToken == "" || err != nil {
		return
	}
	client := d.client(d.ConfigToken, nil)
	defer client.Close()
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	exported, err := client.ExportManifest(call, app)
	if err != nil {
		d.warn("manifest", fmt.Sprintf("the app's manifest was not compared: %v", err), configTokenFix(slackapi.ErrorCode(err)))
		return
	}
	var got appManifest
	if err := json.Unmarshal(exported, &got); err != nil { // JSON only: to a YAML parser, its \ud83d is an error
		d.warn("manifest", fmt.Sprintf("the app's manifest cannot be read: %v", err), "compare it with manifest.yml on the app's page, under App Manifest")
		return
	}
	problems := d.differences(want, got)
	for _, problem := range problems {
		d.fail("manifest", problem, "put manifest.yml on the app's page, https://api.slack.com/apps/"+app+"/app-manifest, and install the app again")
	}
	if d.agreesOnAgents(got) && len(problems) == 0 {
		d.ok("manifest", "the app has everything that manifest.yml asks for")
	}
}

// configTokenFix returns the fix for an error code of a call with the configuration token.
func configTokenFix(code string) string {
	if code == "app_not_found" || code == "invalid_app_id" {
		return "generate the token as a person who manages the app, or unset SLACK_CONFIG_TOKEN"
	}
	return "generate a new token at https://api.slack.com/apps, under Your App Configuration Tokens (one is valid for 12 hours), or unset SLACK_CONFIG_TOKEN"
}

// differences says what the app lacks. Scopes that the bot can do without are left out.
func (d *doctor) differences(want, got appManifest) (problems []string) {
	missing := slices.DeleteFunc(want.Settings.Events.Bot, func(event string) bool {
		return slices.Contains(got.Settings.Events.Bot, event) || event == "agent_session_stopped" && !d.Config.Bot.AgentView
	})
	if len(missing) > 0 {
		problems = append(problems, "the app does not subscribe to events, which are not received then: "+strings.Join(missing, ", "))
	}
	if needed, _ := slackapi.Missing(got.OAuth.Scopes.Bot, d.Config.Bot.AgentView); len(needed) > 0 {
		problems = append(problems, "the app does not request scopes: "+strings.Join(slices.Sorted(maps.Keys(needed)), ", "))
	}
	if want.Settings.Interactivity.Enabled && !got.Settings.Interactivity.Enabled {
		problems = append(problems, "interactivity is off: buttons do not work")
	}
	if home := got.Features.AppHome; !home.Messages || home.ReadOnly {
		problems = append(problems, "the messages tab is off or read only: nobody can write to the bot directly")
	}
	if want.Features.AppHome.Home && !got.Features.AppHome.Home {
		problems = append(problems, "the home tab is off")
	}
	for _, c := range want.Features.Commands {
		if !slices.Contains(got.Features.Commands, c) {
			problems = append(problems, "the command "+c.Command+" is missing")
		}
	}
	return problems
}

// agreesOnAgents reports whether SLACK_AGENT says what the app is.
func (d *doctor) agreesOnAgents(got appManifest) bool {
	switch has := got.Features.AgentView != nil; {
	case has && !d.Config.Bot.AgentView:
		d.fail("manifest", "the app has Slack's Agents feature, but SLACK_AGENT is false", "set SLACK_AGENT to true, or remove agent_view from the app's manifest")
		return false
	case !has && d.Config.Bot.AgentView:
		d.fail("manifest", "the app does not have Slack's Agents feature, but SLACK_AGENT is true", "set SLACK_AGENT to false, or add agent_view to the app's manifest")
		return false
	}
	return true
}
