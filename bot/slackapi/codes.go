package slackapi

import (
	"slices"
	"time"
)

// inaccessibleHints are Slack's errors for places where the bot cannot post.
var inaccessibleHints = map[string]string{
	"channel_not_found":                        "the channel is gone, or the bot is not in it: invite it again",
	"not_in_channel":                           "the bot was removed from the channel: invite it again",
	"is_archived":                              "the channel is archived",
	"restricted_action":                        "an admin restricts who may post in this channel",
	"restricted_action_read_only_channel":      "the channel is read only",
	"restricted_action_thread_only_channel":    "the channel allows replies only",
	"restricted_action_non_threadable_channel": "the channel allows no replies",
	"restricted_action_thread_locked":          "the thread is locked",
	"thread_not_found":                         "the thread is gone",
	"messages_tab_disabled":                    "the app's messages tab is turned off: create the app from manifest.yml",
	"user_disabled":                            "the person's account is deactivated",
	"is_inactive":                              "the channel is frozen, archived or deleted",
	"channel_is_limited_access":                "the bot has no access to the channel",
	"access_denied":                            "the bot has no access to the channel",
	"cannot_reply_to_message":                  "Slack allows no replies to this kind of message",
	"thread_locked":                            "the thread is locked",
	"expired_url":                              "the response URL is too old",
	"used_url":                                 "the response URL was used too often",
}

// setupHints are Slack's errors that only the person who installed the app can fix.
var setupHints = map[string]string{
	"invalid_auth":              "SLACK_BOT_TOKEN is wrong: copy it from the app's page, under OAuth & Permissions",
	"not_authed":                "SLACK_BOT_TOKEN is missing",
	"account_inactive":          "the app was uninstalled: install it again and set the new SLACK_BOT_TOKEN",
	"token_revoked":             "the token was revoked: install the app again and set the new SLACK_BOT_TOKEN",
	"token_expired":             "the token has expired: " + rotationHint,
	"invalid_refresh_token":     "the refresh token was used before, or is wrong: " + newTokenHint,
	"invalid_client_id":         "SLACK_CLIENT_ID is wrong: copy it from the app's page, under Basic Information, App Credentials",
	"bad_client_secret":         "SLACK_CLIENT_SECRET is wrong: copy it from the app's page, under Basic Information, App Credentials",
	"missing_scope":             "the app lacks a scope: install it again after its manifest has changed",
	"not_allowed_token_type":    "this is not a bot token: SLACK_BOT_TOKEN begins with xoxb-",
	"no_permission":             "the app lacks a permission: install it again",
	"ekm_access_denied":         "an admin has suspended posting for this app",
	"team_access_not_granted":   "the app has no access to this workspace: an admin of the organisation must add the app to it",
	"accesslimited":             "Slack accepts the app from certain networks only: add this machine's address on the app's page, under OAuth & Permissions",
	"app_access_restricted":     "an admin restricts who may use this app",
	"is_bot":                    "this is the token of a legacy bot: create the app from manifest.yml",
	"enterprise_is_restricted":  "Slack does not allow this call to an app that is installed for an organisation: install it in a workspace",
	"two_factor_setup_required": "the workspace requires two-factor authentication, which the app's installer has not set up",
}

// rotationHint is the fix for a token that expires, and that the bot cannot refresh. Token
// rotation cannot be turned off.
const rotationHint = "set its refresh token, SLACK_CLIENT_ID and SLACK_CLIENT_SECRET, as docs/configuration.md describes under Token rotation"

// rejectionCodes are Slack's errors for requests that can never succeed, because of what
// they say or what they are about.
var rejectionCodes = []string{
	// The content of a message or a view.
	"attachment_payload_limit_exceeded", "block_mismatch", "invalid_attachments", "invalid_blocks", "invalid_blocks_format", "invalid_message",
	"invalid_metadata_format", "invalid_metadata_schema", "invalid_view", "markdown_text_conflict", "metadata_must_be_sent_from_app", "metadata_too_large", "msg_blocks_too_long", "msg_too_long",
	"no_text", "too_many_attachments", "too_many_contact_cards", "view_too_large",
	// The arguments.
	"bad_timestamp", "invalid_arg_name", "invalid_arguments", "invalid_array_arg", "invalid_channel", "invalid_charset", "invalid_cursor", "invalid_form_data",
	"invalid_json", "invalid_limit", "invalid_metadata_filter_keys", "invalid_name", "invalid_post_type", "invalid_thread_ts", "invalid_ts_latest",
	"invalid_ts_oldest", "invalid_types", "json_not_object", "missing_args", "missing_argument", "missing_post_type", "no_item_specified",
	"users_list_not_supplied",
	// The message, person, file or view that it is about.
	"already_reacted", "cannot_dm_bot", "cant_broadcast_message", "cant_delete_message", "cant_update_message", "channel_type_not_supported",
	"compliance_exports_prevent_deletion", "edit_window_closed", "exchanged_trigger_id", "expired_trigger_id", "hash_conflict",
	"invalid_trigger_id", "invalid_user_combination", "message_not_found", "message_not_owned_by_app", "method_not_supported_for_channel_type", "no_access",
	"no_reaction", "not_allowed", "not_enabled", "not_enough_users", "not_found", "not_reactable", "session_not_found", "streaming_state_conflict",
	"team_not_found", "too_many_emoji", "too_many_reactions", "too_many_users", "trigger_exchanged", "trigger_expired", "user_not_found",
	"user_not_in_channel", "user_not_visible",
	// Files.
	"blocked_file_type", "file_deleted", "file_is_deleted", "file_not_found", "file_share_limit_reached", "file_type_not_allowed",
	"file_upload_size_restricted", "file_uploads_disabled", "file_uploads_except_images_disabled", "max_file_sharing_exceeded", "missing_file_data",
	"posting_to_channel_denied", "slack_connect_blocked_file_type", "slack_connect_canvas_sharing_blocked", "slack_connect_clip_sharing_blocked",
	"slack_connect_file_link_sharing_blocked", "slack_connect_file_upload_sharing_blocked", "slack_connect_lists_sharing_blocked", "snippet_too_large",
	"storage_limit_reached", "unable_to_share_files", "unknown_snippet_type", "unknown_subtype",
	// The method, which a workspace or a future Slack may lack.
	"deprecated_endpoint", "method_deprecated", "not_implemented", "unknown_method",
}

// unknownCodes are Slack's errors after which the request may be done.
var unknownCodes = []string{
	"external_channel_migrating", "fatal_error", "file_update_failed", "internal_error", "org_login_required", "request_timeout", "service_unavailable",
	"team_added_to_org", "update_failed",
}

// unexpectedHint is the fix for a code that is in none of the lists.
const unexpectedHint = "this version does not know Slack's error code: see Slack's page of the method, and update enjobridge"

// classifyCode describes an error code of Slack's.
// https://docs.slack.dev/reference/methods/chat.postMessage#errors
func classifyCode(code string) Failure {
	switch {
	case slices.Contains([]string{"ratelimited", "rate_limited", "message_limit_exceeded"}, code):
		return Failure{Class: RateLimited, RetryAfter: time.Second}
	case slices.Contains(unknownCodes, code):
		return Failure{Class: Unknown, RetryAfter: time.Second}
	case slices.Contains(rejectionCodes, code):
		return Failure{Class: Rejected}
	}
	if hint, ok := inaccessibleHints[code]; ok {
		return Failure{Class: Inaccessible, Hint: hint}
	}
	if hint, ok := setupHints[code]; ok {
		return Failure{Class: Setup, RetryAfter: time.Minute, Hint: hint}
	}
	return Failure{Class: Unexpected, RetryAfter: time.Second, Hint: unexpectedHint}
}
