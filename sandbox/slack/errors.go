package slack

// Error is a Slack error code: the "error" field of the Web API, and the error
// of [Workspace] methods for actions that people cannot take. The page of each
// method at https://docs.slack.dev/reference/methods lists its codes.
type Error string

// Error returns the code.
func (e Error) Error() string { return string(e) }

// The codes that callers most often have to distinguish. The Web API has more.
const (
	ErrUserNotFound        Error = "user_not_found"
	ErrChannelNotFound     Error = "channel_not_found"
	ErrNotInChannel        Error = "not_in_channel"
	ErrIsArchived          Error = "is_archived"
	ErrMessageNotFound     Error = "message_not_found"
	ErrThreadNotFound      Error = "thread_not_found"
	ErrNoText              Error = "no_text"
	ErrAlreadyReacted      Error = "already_reacted"
	ErrNoReaction          Error = "no_reaction"
	ErrCannotUpdateMessage Error = "cant_update_message"
	ErrCannotDeleteMessage Error = "cant_delete_message"
	ErrViewNotFound        Error = "not_found"
	// ErrMessagesTabDisabled: the app's manifest does not let people write to the app directly.
	ErrMessagesTabDisabled Error = "messages_tab_disabled"
	// ErrAppAccessRestricted: the user is a guest, and the app has the Agents feature.
	ErrAppAccessRestricted Error = "app_access_restricted"
	// ErrUnfurlForbidden: the app allows no previews of the links in its message.
	ErrUnfurlForbidden Error = "unfurl_forbidden"
	// ErrActionNotFound: the message or view shows no element with this action_id.
	ErrActionNotFound Error = "action_not_found"
	// ErrNotInteractive: the app's manifest does not enable interactivity.
	ErrNotInteractive Error = "interactivity_disabled"
	// ErrUnknownCommand: the app's manifest has no such slash command or shortcut.
	ErrUnknownCommand Error = "unknown_command"
	// ErrNotStoppable: the thread shows no Stop button.
	ErrNotStoppable Error = "not_stoppable"
	// ErrNoSocket: an interaction found no open socket to be delivered over.
	ErrNoSocket Error = "dispatch_failed"
	// ErrNotAcknowledged: the app did not acknowledge an interaction within 3 seconds.
	ErrNotAcknowledged Error = "operation_timeout"
	// ErrClosed: the workspace is closed.
	ErrClosed Error = "workspace_closed"
)

// apiError is the error of a Web API call with additional fields of the
// response.
type apiError struct {
	code   Error
	fields object
}

func (e apiError) Error() string { return string(e.code) }

func (e apiError) Unwrap() error { return e.code }

// fail returns the error code with additional fields of the response.
func fail(code Error, fields object) error { return apiError{code: code, fields: fields} }

// explain returns the error code with explanations for the developer, in the
// same place as Slack.
func explain(code Error, messages ...string) error {
	return fail(code, object{"response_metadata": object{"messages": messages}})
}
