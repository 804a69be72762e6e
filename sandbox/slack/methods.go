package slack

// method is a method of the Web API.
type method struct {
	run func(*Workspace, request) (object, error)
	// perMinute is the rate limit of the method's tier; 0 if there is none.
	perMinute int
	// scopes are those of which the token needs one; nil if none, or if it depends
	// on the arguments.
	scopes []string
	// form says that the method accepts arguments only from a form or the query: it
	// ignores a JSON body. See "Content types" on the method's page.
	form bool
	// required are the arguments whose absence is reported as such.
	required []string
	// appToken says that the method requires the app-level token.
	appToken bool
	// configToken says that the method requires an app configuration token.
	configToken bool
	// open says that the method requires no token.
	open bool
}

func needs(names ...string) []string { return names }

// methods are the served methods. See https://docs.slack.dev/reference/methods.
var methods = map[string]method{
	"agents.sessions.rename":                {run: (*Workspace).sessionsRename, perMinute: tier3, scopes: needs("chat:write")},
	"agents.sessions.setStatus":             {run: (*Workspace).sessionsSetStatus, perMinute: tier3, scopes: needs("chat:write")},
	"api.test":                              {run: (*Workspace).apiTest, open: true},
	"apps.connections.open":                 {run: (*Workspace).connectionsOpen, perMinute: tier3, appToken: true},
	"apps.manifest.create":                  {run: (*Workspace).manifestCreate, perMinute: tier1, required: needs("manifest"), configToken: true},
	"apps.manifest.export":                  {run: (*Workspace).manifestExport, perMinute: tier3, required: needs("app_id"), configToken: true},
	"apps.manifest.validate":                {run: (*Workspace).manifestValidate, perMinute: tier3, required: needs("manifest"), configToken: true},
	"assistant.threads.setStatus":           {run: (*Workspace).threadsSetStatus, perMinute: special, scopes: needs("chat:write", "assistant:write")},
	"assistant.threads.setSuggestedPrompts": {run: (*Workspace).threadsSetSuggestedPrompts, perMinute: tier3, scopes: needs("assistant:write")},
	"assistant.threads.setTitle":            {run: (*Workspace).threadsSetTitle, perMinute: tier3, scopes: needs("assistant:write")},
	"auth.teams.list":                       {run: (*Workspace).authTeamsList, perMinute: tier2, form: true},
	"auth.test":                             {run: (*Workspace).authTest, perMinute: special},
	"bots.info":                             {run: (*Workspace).botsInfo, perMinute: tier3, scopes: needs("users:read"), form: true},
	"blocks.validate":                       {run: (*Workspace).blocksValidate, perMinute: special},
	"chat.delete":                           {run: (*Workspace).chatDelete, perMinute: tier3, scopes: needs("chat:write")},
	"chat.getPermalink":                     {run: (*Workspace).chatGetPermalink, perMinute: special, form: true, required: needs("channel", "message_ts")},
	"chat.postEphemeral":                    {run: (*Workspace).chatPostEphemeral, perMinute: tier4, scopes: needs("chat:write")},
	"chat.postMessage":                      {run: (*Workspace).chatPostMessage, scopes: needs("chat:write")},
	"chat.update":                           {run: (*Workspace).chatUpdate, perMinute: tier3, scopes: needs("chat:write")},
	"conversations.history":                 {run: (*Workspace).conversationsHistory, perMinute: tier3, form: true, required: needs("channel")},
	"conversations.info":                    {run: (*Workspace).conversationsInfo, perMinute: tier3, form: true, required: needs("channel")},
	"conversations.join":                    {run: (*Workspace).conversationsJoin, perMinute: tier3, scopes: needs("channels:join")},
	"conversations.list":                    {run: (*Workspace).conversationsList, perMinute: tier2, form: true},
	"conversations.members":                 {run: (*Workspace).conversationsMembers, perMinute: tier4, form: true, required: needs("channel")},
	"conversations.open":                    {run: (*Workspace).conversationsOpen, perMinute: tier3},
	"conversations.replies":                 {run: (*Workspace).conversationsReplies, perMinute: tier3, form: true, required: needs("channel", "ts")},
	"emoji.list":                            {run: (*Workspace).emojiList, perMinute: tier2, scopes: needs("emoji:read"), form: true},
	"files.completeUploadExternal":          {run: (*Workspace).filesCompleteUpload, perMinute: tier4, scopes: needs("files:write")},
	"files.getUploadURLExternal":            {run: (*Workspace).filesGetUploadURL, perMinute: tier4, scopes: needs("files:write"), form: true},
	"files.info":                            {run: (*Workspace).filesInfo, perMinute: tier4, scopes: needs("files:read"), form: true},
	"oauth.v2.access":                       {run: (*Workspace).oauthAccess, perMinute: special, open: true, form: true},
	"reactions.add":                         {run: (*Workspace).reactionsAdd, perMinute: tier3, scopes: needs("reactions:write")},
	"reactions.get":                         {run: (*Workspace).reactionsGet, perMinute: tier3, scopes: needs("reactions:read"), form: true},
	"reactions.remove":                      {run: (*Workspace).reactionsRemove, perMinute: tier2, scopes: needs("reactions:write")},
	"team.info":                             {run: (*Workspace).teamInfo, perMinute: tier3, scopes: needs("team:read"), form: true},
	"usergroups.list":                       {run: (*Workspace).usergroupsList, perMinute: tier2, scopes: needs("usergroups:read"), form: true},
	"usergroups.users.list":                 {run: (*Workspace).usergroupsUsersList, perMinute: tier2, scopes: needs("usergroups:read"), form: true},
	"users.conversations":                   {run: (*Workspace).usersConversations, perMinute: tier3, form: true},
	"users.info":                            {run: (*Workspace).usersInfo, perMinute: tier4, scopes: needs("users:read"), form: true},
	"users.list":                            {run: (*Workspace).usersList, perMinute: tier2, scopes: needs("users:read"), form: true},
	"views.open":                            {run: (*Workspace).viewsOpen, perMinute: tier4},
	"views.publish":                         {run: (*Workspace).viewsPublish, perMinute: tier4},
	"views.push":                            {run: (*Workspace).viewsPush, perMinute: tier4},
	"views.update":                          {run: (*Workspace).viewsUpdate, perMinute: tier4},
}
