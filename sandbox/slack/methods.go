package slack

// method is a method of the Web API.
type method struct {
	run func(*Workspace, request) (object, error)
	// perMinute is the rate limit of the method's tier; 0 if there is none.
	perMinute int
	// scopes are those of which the token needs one; nil if none, or if it depends
	// on the arguments.
	scopes []string
	// appToken says that the method requires the app-level token.
	appToken bool
	// open says that the method requires no token.
	open bool
}

func needs(scopes ...string) []string { return scopes }

// methods are the served methods. See https://docs.slack.dev/reference/methods.
var methods = map[string]method{
	"agents.sessions.rename":                {run: (*Workspace).sessionsRename, perMinute: tier3, scopes: needs("chat:write")},
	"agents.sessions.setStatus":             {run: (*Workspace).sessionsSetStatus, perMinute: tier3, scopes: needs("chat:write")},
	"api.test":                              {run: (*Workspace).apiTest, open: true},
	"apps.connections.open":                 {run: (*Workspace).connectionsOpen, perMinute: tier3, appToken: true},
	"assistant.threads.setStatus":           {run: (*Workspace).threadsSetStatus, perMinute: special, scopes: needs("chat:write", "assistant:write")},
	"assistant.threads.setSuggestedPrompts": {run: (*Workspace).threadsSetSuggestedPrompts, perMinute: tier3, scopes: needs("assistant:write")},
	"assistant.threads.setTitle":            {run: (*Workspace).threadsSetTitle, perMinute: tier3, scopes: needs("assistant:write")},
	"auth.test":                             {run: (*Workspace).authTest, perMinute: special},
	"bots.info":                             {run: (*Workspace).botsInfo, perMinute: tier3, scopes: needs("users:read")},
	"chat.delete":                           {run: (*Workspace).chatDelete, perMinute: tier3, scopes: needs("chat:write")},
	"chat.getPermalink":                     {run: (*Workspace).chatGetPermalink, perMinute: special},
	"chat.postEphemeral":                    {run: (*Workspace).chatPostEphemeral, perMinute: tier4, scopes: needs("chat:write")},
	"chat.postMessage":                      {run: (*Workspace).chatPostMessage, scopes: needs("chat:write")},
	"chat.update":                           {run: (*Workspace).chatUpdate, perMinute: tier3, scopes: needs("chat:write")},
	"conversations.history":                 {run: (*Workspace).conversationsHistory, perMinute: tier3},
	"conversations.info":                    {run: (*Workspace).conversationsInfo, perMinute: tier3},
	"conversations.join":                    {run: (*Workspace).conversationsJoin, perMinute: tier3, scopes: needs("channels:join")},
	"conversations.list":                    {run: (*Workspace).conversationsList, perMinute: tier2},
	"conversations.members":                 {run: (*Workspace).conversationsMembers, perMinute: tier4},
	"conversations.open":                    {run: (*Workspace).conversationsOpen, perMinute: tier3},
	"conversations.replies":                 {run: (*Workspace).conversationsReplies, perMinute: tier3},
	"emoji.list":                            {run: (*Workspace).emojiList, perMinute: tier2, scopes: needs("emoji:read")},
	"files.completeUploadExternal":          {run: (*Workspace).filesCompleteUpload, perMinute: tier4, scopes: needs("files:write")},
	"files.getUploadURLExternal":            {run: (*Workspace).filesGetUploadURL, perMinute: tier4, scopes: needs("files:write")},
	"files.info":                            {run: (*Workspace).filesInfo, perMinute: tier4, scopes: needs("files:read")},
	"reactions.add":                         {run: (*Workspace).reactionsAdd, perMinute: tier3, scopes: needs("reactions:write")},
	"reactions.get":                         {run: (*Workspace).reactionsGet, perMinute: tier3, scopes: needs("reactions:read")},
	"reactions.remove":                      {run: (*Workspace).reactionsRemove, perMinute: tier2, scopes: needs("reactions:write")},
	"team.info":                             {run: (*Workspace).teamInfo, perMinute: tier3, scopes: needs("team:read")},
	"usergroups.list":                       {run: (*Workspace).usergroupsList, perMinute: tier2, scopes: needs("usergroups:read")},
	"usergroups.users.list":                 {run: (*Workspace).usergroupsUsersList, perMinute: tier2, scopes: needs("usergroups:read")},
	"users.conversations":                   {run: (*Workspace).usersConversations, perMinute: tier3},
	"users.info":                            {run: (*Workspace).usersInfo, perMinute: tier4, scopes: needs("users:read")},
	"users.list":                            {run: (*Workspace).usersList, perMinute: tier2, scopes: needs("users:read")},
	"views.open":                            {run: (*Workspace).viewsOpen, perMinute: tier4},
	"views.publish":                         {run: (*Workspace).viewsPublish, perMinute: tier4},
	"views.push":                            {run: (*Workspace).viewsPush, perMinute: tier4},
	"views.update":                          {run: (*Workspace).viewsUpdate, perMinute: tier4},
}
