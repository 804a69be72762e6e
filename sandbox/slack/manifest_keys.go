package slack

import "regexp"

// manifestShape is the shape of the manifests that Slack accepts. It includes
// the keys without an effect in this workspace, so that a manifest that is
// accepted here is accepted by Slack. It follows the published schema at
// https://docs.slack.dev/reference/app-manifest.
func manifestShape() shape {
	return required(shape{kind: aMapping, keys: map[string]shape{
		"$schema":                 words(0, 0),
		"_metadata":               keys("schema_version", number, "min_version", number, "major_version", number, "minor_version", number),
		"display_information":     displayShape(),
		"features":                featuresShape(),
		"oauth_config":            oauthShape(),
		"settings":                settingsShape(),
		"app_directory":           directoryShape(),
		"functions":               each(functionShape(), 50),
		"workflows":               workflowsShape(),
		"datastores":              datastoresShape(),
		"outgoing_domains":        unique(list(domain(50), 0, 10)),
		"types":                   each(parameterShape(), 50),
		"external_auth_providers": keys("oauth2", each(required(keys("provider_type", oneOf("CUSTOM", "SLACK_PROVIDED"), "options", shape{kind: aMapping}), "provider_type", "options"), 0)),
		"mcp_servers":             serversShape(),
	}}, "display_information")
}

func displayShape() shape {
	return required(keys(
		"name", words(1, 35),
		"description", words(1, 140),
		"long_description", words(175, 4000),
		"background_color", matching(`^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$`, 7),
	), "name")
}

func featuresShape() shape {
	prompts := required(keys("title", words(0, 0), "message", words(0, 0)), "title", "message")
	parameters := list(functionParameterShape(), 0, 20)
	return keys(
		"app_home", keys("home_tab_enabled", flag, "messages_tab_enabled", flag, "messages_tab_read_only_enabled", flag),
		"bot_user", required(keys("display_name", words(1, 80), "always_online", flag), "display_name"),
		"agent_view", keys(
			"agent_description", words(0, 300),
			"suggested_prompts", list(prompts, 0, 4),
			"actions", list(required(keys("name", words(0, 0), "description", words(0, 0)), "name", "description"), 0, 0),
		),
		"assistant_view", required(keys("assistant_description", words(0, 0), "suggested_prompts", list(prompts, 0, 0)), "assistant_description"),
		"slash_commands", list(required(keys(
			"command", matching(`^/`, 32), "url", address(3000), "description", words(1, 2000), "usage_hint", words(1, 1000), "should_escape", flag,
		), "command", "description"), 1, 50),
		"shortcuts", list(required(keys(
			"name", words(1, 24), "type", oneOf("global", "message"), "callback_id", words(1, 255), "description", words(1, 150),
		), "name", "type", "callback_id", "description"), 1, 10),
		"workflow_steps", list(required(keys("name", words(1, 50), "callback_id", words(1, 50)), "name", "callback_id"), 1, 10),
		"unfurl_domains", unique(list(domain(255), 1, 5)),
		"functions", list(required(keys(
			"callback_id", words(0, 0), "title", words(0, 0), "description", words(0, 0), "input_parameters", parameters, "output_parameters", parameters,
		), "callback_id", "title", "description", "input_parameters", "output_parameters"), 0, 50),
	)
}

func oauthShape() shape {
	scopes := list(words(0, 50), 0, 255)
	return keys(
		"redirect_urls", unique(list(words(0, 2500), 0, 1000)),
		"scopes", keys("bot", scopes, "user", scopes, "bot_optional", scopes, "user_optional", scopes),
		"token_management_enabled", flag,
		"pkce_enabled", flag,
	)
}

func settingsShape() shape {
	events := unique(list(words(0, 50), 0, 100))
	return keys(
		"event_subscriptions", keys(
			"request_url", address(3500),
			"bot_events", events,
			"user_events", events,
			"metadata_subscriptions", list(required(keys("app_id", words(0, 0), "event_type", words(0, 50)), "app_id", "event_type"), 1, 20),
		),
		"interactivity", required(keys("is_enabled", flag, "request_url", address(3500), "message_menu_options_url", address(3500)), "is_enabled"),
		"incoming_webhooks", keys("incoming_webhooks_enabled", flag),
		"allowed_ip_address_ranges", unique(list(matching(`^\d{1,3}(\.\d{1,3}){3}(/\d{1,2})?$`, 18), 1, 50)),
		"siws_links", keys("initiate_uri", matching(`^https://`, 3500)),
		"org_deploy_enabled", flag,
		"socket_mode_enabled", flag,
		"token_rotation_enabled", flag,
		"app_level_token_rotation_enabled", flag,
		"is_hosted", flag,
		"is_mcp_enabled", flag,
		"hermes_app_type", words(0, 0),
		"function_runtime", words(0, 0),
	)
}

func directoryShape() shape {
	return required(keys(
		"app_directory_categories", list(words(1, 255), 0, 3),
		"use_direct_install", flag,
		"direct_install_url", address(255),
		"installation_landing_page", address(255),
		"privacy_policy_url", address(500),
		"support_url", address(350),
		"support_email", matching(`^[^@\s]+@[^@\s]+$`, 100),
		"supported_languages", list(words(0, 50), 1, 50),
		"pricing", words(1, 30),
	), "installation_landing_page", "privacy_policy_url", "support_url", "support_email", "supported_languages", "pricing")
}

// functionShape is the shape of a custom function for workflows.
func functionShape() shape {
	return required(keys(
		"title", words(0, 0), "description", words(0, 0),
		"input_parameters", each(parameterShape(), 50), "output_parameters", each(parameterShape(), 50),
	), "title", "description", "input_parameters", "output_parameters")
}

// parameterShape allows additional keys, which depend on the parameter's type.
func parameterShape() shape { return required(shape{kind: aMapping}, "type") }

func functionParameterShape() shape { return required(shape{kind: aMapping}, "type", "name") }

func workflowsShape() shape {
	step := required(keys("id", words(0, 0), "function_id", words(0, 0), "inputs", shape{kind: aMapping}), "id", "function_id", "inputs")
	trigger := required(keys("name", words(0, 0), "description", words(0, 0), "type", words(0, 0), "inputs", shape{kind: aMapping}), "type", "inputs")
	return each(required(keys(
		"title", words(0, 0), "description", words(0, 0), "input_parameters", each(parameterShape(), 50),
		"steps", list(step, 0, 0), "suggested_triggers", list(trigger, 0, 0),
	), "title", "description", "steps"), 50)
}

func datastoresShape() shape {
	return each(required(keys(
		"primary_key", words(1, 0), "attributes", each(required(shape{kind: aMapping}, "type"), 100),
	), "primary_key", "attributes"), 10)
}

func serversShape() shape {
	return each(required(keys(
		"url", matching(`^https://`, 500), "headers", each(words(0, 0), 0), "auth_provider_key", words(0, 255),
		"auth_type", oneOf("dynamic_client_registration", "no_auth", "manual_auth", "slack_identity_auth"),
	), "url", "auth_type"), 20)
}

// Constructors of shapes.

var (
	flag   = shape{kind: aFlag}
	number = shape{kind: aNumber}
)

// keys is an object with exactly these keys, each followed by the shape of its
// value.
func keys(pairs ...any) shape {
	s := shape{kind: aMapping, keys: make(map[string]shape, len(pairs)/2)}
	for i := 0; i < len(pairs); i += 2 {
		s.keys[pairs[i].(string)] = pairs[i+1].(shape)
	}
	return s
}

func required(s shape, keys ...string) shape {
	s.required = keys
	return s
}

// each is an object with any keys, whose values all have this shape; most is 0
// if there is no limit.
func each(value shape, most int) shape { return shape{kind: aMapping, each: &value, most: most} }

// list is a list whose items all have this shape; most is 0 if there is no
// limit.
func list(item shape, least, most int) shape {
	return shape{kind: aList, each: &item, least: least, most: most}
}

func unique(s shape) shape {
	s.unique = true
	return s
}

// words is a text with this number of characters; most is 0 if there is no
// limit.
func words(least, most int) shape { return shape{kind: aText, least: least, most: most} }

func matching(pattern string, most int) shape {
	return shape{kind: aText, pattern: regexp.MustCompile(pattern), most: most}
}

func domain(most int) shape { return matching(`^[a-z0-9][-a-z0-9.]*[a-z0-9]$`, most) }

func address(most int) shape { return matching(`^https?://`, most) }

func oneOf(texts ...string) shape { return shape{kind: aText, oneOf: texts} }
