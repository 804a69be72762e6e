package slackapi

// methods are the methods that the bot calls. Their counters exist from the start.
// https://docs.slack.dev/reference/methods
var methods = []string{
	"agents.sessions.setStatus",
	"apps.connections.open",
	"assistant.threads.setStatus",
	"assistant.threads.setSuggestedPrompts",
	"auth.teams.list",
	"auth.test",
	"bots.info",
	"chat.delete",
	"chat.getPermalink",
	"chat.postEphemeral",
	"chat.postMessage",
	"chat.update",
	"conversations.history",
	"conversations.info",
	"conversations.open",
	"conversations.replies",
	"files.completeUploadExternal",
	"files.getUploadURLExternal",
	"oauth.v2.access",
	"reactions.add",
	"reactions.remove",
	"users.conversations",
	"users.info",
	"views.open",
	"views.publish",
}
