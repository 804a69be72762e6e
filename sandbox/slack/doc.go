// Package slack is a Slack workspace on this machine, to try and to test Slack
// apps against: the Web API and Socket Mode as Slack serves them, people who
// write and click, and everything that goes wrong with Slack in earnest.
//
// An app needs no change for it. Its client is pointed at the workspace, with
// the workspace's tokens:
//
//	w, err := slack.Open(slack.Config{Manifest: manifest})
//	…
//	defer w.Close()
//	api := slackgo.New(w.BotToken(), slackgo.OptionAPIURL(w.APIURL()), slackgo.OptionAppLevelToken(w.AppToken()))
//
// A test then plays the people and waits for what the app does:
//
//	ada := w.AddUser(slack.User{Name: "ada"})
//	general := w.AddChannel(slack.Channel{Name: "general", Members: []string{ada, w.BotUserID()}})
//	ts, err := w.Post(general, ada, slack.Mention(w.BotUserID())+" hello")
//	err = w.Await(ctx, func(v slack.View) bool { return len(v.Thread(general, ts)) == 2 })
//
// [Workspace.Click], [Workspace.SubmitView], [Workspace.Command] and the
// shortcuts are what else people do; each has a [Receipt], which tells what the
// app made of it. Config.Page serves people with a browser: see package page.
//
// # From another module
//
// The module's path, enjobridge, is not one to download from. Get the source, and
// tell your module where it is:
//
//	go mod edit -require=enjobridge@v0.0.0 -replace=enjobridge=../enjobridge
//	go mod tidy
//
// or, without a trace in your go.mod, only for your own machine:
//
//	go work init . ../enjobridge
//
// Then import "enjobridge/sandbox/slack". It needs nothing else of that module
// but sandbox/slack/blockkit.
//
// # Which methods are served
//
// Of the Web API these; any other is answered with unknown_method:
//
//   - agents.sessions.rename, agents.sessions.setStatus
//   - api.test, apps.connections.open, auth.test, bots.info, team.info
//   - assistant.threads.setStatus, assistant.threads.setSuggestedPrompts,
//     assistant.threads.setTitle
//   - chat.delete, chat.getPermalink, chat.postEphemeral, chat.postMessage,
//     chat.update
//   - conversations.history, conversations.info, conversations.join,
//     conversations.list, conversations.members, conversations.open,
//     conversations.replies
//   - emoji.list
//   - files.completeUploadExternal, files.getUploadURLExternal, files.info
//   - reactions.add, reactions.get, reactions.remove
//   - usergroups.list, usergroups.users.list
//   - users.conversations, users.info, users.list
//   - views.open, views.publish, views.push, views.update
//
// Events and interactions come over Socket Mode only, and not to a request URL.
//
// # What is enforced
//
// The workspace is as strict as Slack, so that what passes here passes there.
// A manifest is refused for a key that there is not, one that is missing, and
// what is too long or of the wrong kind; whether there are the scopes and events
// that it names is not checked. Events arrive only if the manifest subscribes them, their scope is granted
// and the app is in the channel; a mention arrives twice, as app_mention and as
// message, in either order. Calls need their scopes and keep Slack's pace.
// Blocks are checked by package blockkit. An envelope goes to any one of the
// open sockets, has to be acknowledged within 3 seconds, and is else sent again
// at once, after 1 minute and after 5 minutes; interactions and slash commands
// never are. [Config.Speed] makes all these times shorter.
//
// # What goes wrong
//
// [Workspace.Faults] breaks connections, rotates them, lets them go deaf;
// refuses, delays and loses calls and their responses; loses, doubles, delays
// and reorders deliveries. Each fault says what it strikes and how often.
//
// # What is remembered
//
// Of messages, calls and envelopes the last [Config.History] are kept. Nothing
// is written to disk.
package slack
