// Package slack is a local Slack workspace for developing and testing Slack
// apps. It provides the Web API and Socket Mode as Slack does, people who write
// and click, and simulated failures of all kinds.
//
// Apps need no change. Point their client at the workspace, and use the
// workspace's tokens:
//
//	w, err := slack.Open(slack.Config{Manifest: manifest})
//	…
//	defer w.Close()
//	api := slackgo.New(w.BotToken(), slackgo.OptionAPIURL(w.APIURL()), slackgo.OptionAppLevelToken(w.AppToken()))
//
// A test acts as the people and waits for the app:
//
//	ada := w.AddUser(slack.User{Name: "ada"})
//	general := w.AddChannel(slack.Channel{Name: "general", Members: []string{ada, w.BotUserID()}})
//	ts, err := w.Post(general, ada, slack.Mention(w.BotUserID())+" hello")
//	err = w.Await(ctx, func(v slack.View) bool { return len(v.Thread(general, ts)) == 2 })
//
// People can also use [Workspace.Click], [Workspace.SubmitView],
// [Workspace.Command] and the shortcuts. Each returns a [Receipt] with the
// app's response. Config.Page adds a web page for people with a browser: see
// package page.
//
// # From another module
//
// The module path, enjobridge, cannot be downloaded. Get the source, and point
// your module at it:
//
//	go mod edit -require=enjobridge@v0.0.0 -replace=enjobridge=../enjobridge
//	go mod tidy
//
// or, without a change of your go.mod, only on your own machine:
//
//	go work init . ../enjobridge
//
// Then import "enjobridge/sandbox/slack". Of that module it needs only
// sandbox/slack/blockkit.
//
// # Which methods are served
//
// The Web API has these methods; any other returns unknown_method:
//
//   - agents.sessions.rename, agents.sessions.setStatus
//   - api.test, apps.connections.open, apps.manifest.create, apps.manifest.export,
//     apps.manifest.validate, auth.teams.list, auth.test, bots.info, blocks.validate, team.info
//   - assistant.threads.setStatus, assistant.threads.setSuggestedPrompts,
//     assistant.threads.setTitle
//   - chat.delete, chat.getPermalink, chat.postEphemeral, chat.postMessage,
//     chat.update
//   - conversations.history, conversations.info, conversations.join,
//     conversations.list, conversations.members, conversations.open,
//     conversations.replies
//   - emoji.list
//   - files.completeUploadExternal, files.getUploadURLExternal, files.info
//   - oauth.v2.access, only to refresh tokens
//   - reactions.add, reactions.get, reactions.remove
//   - usergroups.list, usergroups.users.list
//   - users.conversations, users.info, users.list
//   - views.open, views.publish, views.push, views.update
//
// Events and interactions are delivered over Socket Mode only, not to a request
// URL.
//
// # What is enforced
//
// The workspace is as strict as Slack, so that an app that works here works
// there. A manifest is refused if it has an unknown key, misses a required one,
// or has a value that is too long or of the wrong type. It is not checked
// whether its scopes and events exist. Events arrive only if the manifest
// subscribes to them, their scope is granted and the app is in the channel. A
// mention arrives twice, as app_mention and as message, in either order. The field
// team is missing in messages with files and in some app_mentions. If the app is
// removed from a channel, it gets no event. Calls need their scopes and are rate
// limited like Slack's. Methods that read only forms ignore a JSON body. A restricted
// channel refuses posts: see [Posting]. Package blockkit checks blocks. An envelope goes to any one of the open sockets and must be
// acknowledged within 3 seconds. Otherwise an event is sent again immediately,
// after 1 minute and after 5 minutes; interactions and slash commands are not.
// [Config.Speed] makes all these times shorter. [Workspace.ScopesUsed] returns the
// scopes that the app needed.
//
// # Kinds of messages
//
// People post text with [Workspace.Post], also with files, snippets and recorded clips:
// see [File]. They forward messages ([Workspace.Forward]) and paste cells from a
// spreadsheet ([Workspace.PasteTable]); both arrive as attachments. A [User] that is a
// Bot is another app, such as a workflow or a monitor: it posts blocks and attachments,
// with or without text, as it likes: see [WithAttachments].
//
// # Organisations
//
// [Config.Enterprise] makes the workspace part of an Enterprise organisation with sister
// workspaces. Their users are no strangers: users.info has an enterprise_user, but not
// always a team_id, and interactions name any of the user's workspaces.
// [Config.OrgWide] installs the app for the whole organisation. Then auth.test returns
// the organisation's ID, events and commands name the workspace of the channel, and the
// methods that list something need a team_id.
//
// # Token rotation
//
// If the manifest turns on settings.token_rotation_enabled or
// settings.app_level_token_rotation_enabled, the bot token or the app-level token expires
// after 12 hours ([Config.TokenLife]). oauth.v2.access exchanges a refresh token, which
// works once, for new ones. At most two access tokens of a kind are valid.
// [Workspace.ReissueTokens] is what a person does whose refresh token is lost,
// [Faults.ExpireTokens] and [Faults.RevokeRefreshTokens] are surprises.
//
// # Creating the app
//
// With [Config.NoApp] the workspace begins without an app, so that the first setup of an
// app can be tested. apps.manifest.create makes it, with a token of
// [Workspace.GenerateConfigToken]. [Workspace.InstallApp] and
// [Workspace.GenerateAppToken] do what a person then does on the app's pages.
//
// # Faults
//
// [Workspace.Faults] breaks, rotates and freezes connections; refuses, redirects,
// delays and loses calls and their responses, and changes the responses; and
// loses, duplicates, delays, reorders and changes deliveries. Each fault says what
// it affects and how often. [Faults.LimitEvents] drops all events, as if there were
// too many. [Workspace.ChangeChannelID] and [Workspace.Kick] take the app by surprise.
//
// # What is stored
//
// The workspace stores the last [Config.History] messages, calls and envelopes.
// Nothing is written to disk.
package slack
