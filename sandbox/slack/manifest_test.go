package slack_test

import (
	"strings"
	"testing"

	"enjobridge/sandbox/slack"
)

// refusal returns why a workspace cannot be opened with the manifest; empty if
// it can.
func refusal(t *testing.T, manifest string) string {
	t.Helper()
	w, err := slack.Open(slack.Config{Manifest: []byte(manifest)})
	if err != nil {
		return err.Error()
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	return ""
}

// Ensure that a manifest that Slack would refuse is refused, with the key and
// the reason.
func TestManifestRefused(t *testing.T) {
	const name = "display_information: {name: x}\n"
	shortcut := func(fields string) string { return name + "features: {shortcuts: [{" + fields + "}]}" }
	for _, test := range []struct{ manifest, want string }{
		{name + "foo: bar", "foo is not a key that a manifest has"},
		{name + "settings: {event_subscriptions: {bot_event: [app_mention]}}", "settings.event_subscriptions.bot_event is not a key that a manifest has; there could be bot_events,"},
		{name + "settings: {socket_mode_enabled: 'yes'}", "settings.socket_mode_enabled must be true or false"},
		{name + "settings: {interactivity: {}}", "settings.interactivity.is_enabled is missing"},
		{name + "settings: {event_subscriptions: {bot_events: [app_mention, app_mention]}}", `settings.event_subscriptions.bot_events has "app_mention" twice`},
		{name + "features:", "features must be an object"},
		{name + "features: {bot_user: {display_name: " + strings.Repeat("x", 81) + "}}", "features.bot_user.display_name has 81 characters, must have 1 to 80"},
		{name + "features: {agent_view: {agent_description: " + strings.Repeat("x", 301) + "}}", "features.agent_view.agent_description has 301 characters, must have at most 300"},
		{name + "features: {agent_view: {suggested_prompts: [{title: x}]}}", "features.agent_view.suggested_prompts[0].message is missing"},
		{name + "features: {agent_view: {suggested_prompts: [" + strings.Repeat("{title: x, message: x},", 5) + "]}}", "features.agent_view.suggested_prompts has 5 items, must have at most 4"},
		{name + "oauth_config: {scopes: {bot_optional: " + strings.Repeat("x", 51) + "}}", "oauth_config.scopes.bot_optional must be a list"},
		{name + "oauth_config: {scopes: {bot_optional: [" + strings.Repeat("x", 51) + "]}}", "oauth_config.scopes.bot_optional[0] has 51 characters"},
		{name + "features: {assistant_view: {}}", "features.assistant_view.assistant_description is missing"},
		{name + "features: {agent_view: {}, assistant_view: {assistant_description: x}}", "features has both agent_view and assistant_view"},
		{name + "features: {slash_commands: [{command: /x}]}", "features.slash_commands[0].description is missing"},
		{name + "features: {slash_commands: [{command: /x, description: x}, {command: x, description: x}]}", `features.slash_commands[1].command is "x", must match ^/`},
		{name + "features: {slash_commands: [{command: /x y, description: x}]}", `features.slash_commands[0].command is "/x y", must be / and`},
		{name + "features: {slash_commands: []}", "features.slash_commands has 0 items, must have 1 to 50"},
		{shortcut("name: x, type: global, callback_id: x"), "features.shortcuts[0].description is missing"},
		{shortcut("name: x, type: global, description: x"), "features.shortcuts[0].callback_id is missing"},
		{shortcut("name: x, callback_id: x, description: x"), "features.shortcuts[0].type is missing"},
		{shortcut("name: x, type: local, callback_id: x, description: x"), `features.shortcuts[0].type is "local", must be global or message`},
		{shortcut("name: " + strings.Repeat("x", 25) + ", type: global, callback_id: x, description: x"), "features.shortcuts[0].name has 25 characters, must have 1 to 24"},
		{"display_information: {name: " + strings.Repeat("ä", 36) + "}", "display_information.name has 36 characters, must have 1 to 35"},
		{"display_information: {name: x, background_color: red}", `display_information.background_color is "red"`},
		{"{}", "display_information is missing"},
		{"[]", "the manifest must be an object"},
		{"", "the manifest must be an object"},
	} {
		if got := refusal(t, test.manifest); !strings.Contains(got, test.want) {
			t.Errorf("%s\nis refused for %q, want %q", test.manifest, got, test.want)
		}
	}
}

// Ensure that all errors are reported at once.
func TestManifestAllWrong(t *testing.T) {
	got := refusal(t, "foo: bar\nfeatures: {bot_user: {}}")
	for _, want := range []string{"display_information is missing", "foo is not", "features.bot_user.display_name is missing"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q does not say that %s", got, want)
		}
	}
}

// Ensure that a manifest may contain Slack's keys that have no effect in this
// workspace.
func TestManifestAccepted(t *testing.T) {
	const whole = `{
	"$schema": "https://example.com/schema.json", "_metadata": {"major_version": 2, "minor_version": 1},
	"display_information": {"name": "x", "description": "x", "background_color": "#fff"},
	"app_directory": {"installation_landing_page": "https://x.example", "privacy_policy_url": "https://x.example", "support_url": "https://x.example",
		"support_email": "x@x.example", "supported_languages": ["en"], "pricing": "free", "app_directory_categories": ["x"], "use_direct_install": true, "direct_install_url": "https://x.example"},
	"features": {
		"app_home": {"home_tab_enabled": true}, "bot_user": {"display_name": "x", "always_online": false},
		"agent_view": {"agent_description": "x", "suggested_prompts": [{"title": "x", "message": "x"}], "actions": [{"name": "x", "description": "x"}]},
		"slash_commands": [{"command": "/x", "url": "https://x.example", "description": "x", "usage_hint": "x", "should_escape": true}],
		"unfurl_domains": ["x.example"], "workflow_steps": [{"name": "x", "callback_id": "x"}],
		"functions": [{"callback_id": "x", "title": "x", "description": "x", "input_parameters": [{"type": "string", "name": "x", "more": 1}], "output_parameters": []}]},
	"oauth_config": {"redirect_urls": ["https://x.example"], "scopes": {"bot": ["from:the.future"], "user_optional": []}, "token_management_enabled": true, "pkce_enabled": false},
	"settings": {
		"event_subscriptions": {"bot_events": ["from_the_future"], "request_url": "https://x.example", "metadata_subscriptions": [{"app_id": "A1", "event_type": "x"}]},
		"interactivity": {"is_enabled": true, "message_menu_options_url": "https://x.example"}, "allowed_ip_address_ranges": ["10.0.0.0/8"],
		"incoming_webhooks": {"incoming_webhooks_enabled": true}, "siws_links": {"initiate_uri": "https://x.example"}, "hermes_app_type": "remote",
		"function_runtime": "remote", "is_hosted": false, "is_mcp_enabled": true, "org_deploy_enabled": true, "token_rotation_enabled": false,
		"app_level_token_rotation_enabled": true},
	"functions": {"f": {"title": "x", "description": "x", "input_parameters": {"properties": {"type": "object"}}, "output_parameters": {}}},
	"workflows": {"w": {"title": "x", "description": "x", "steps": [{"id": "0", "function_id": "f", "inputs": {"a": 1}}]}},
	"datastores": {"d": {"primary_key": "id", "attributes": {"id": {"type": "string"}}}},
	"outgoing_domains": ["x.example"], "types": {"t": {"type": "string", "choices": []}},
	"external_auth_providers": {"oauth2": {"p": {"provider_type": "CUSTOM", "options": {"client_id": "x", "scope": []}}}},
	"mcp_servers": {"m": {"url": "https://x.example", "headers": {"a": "b"}, "auth_type": "no_auth"}}}`
	if got := refusal(t, whole); got != "" {
		t.Error(got)
	}
}
