package setup

// words is what people read. Each line is wrapped; words in capitals are replaced.
var words = struct {
	welcome, given, givenFile, refused                string
	retry, saved, ask                                 string
	overridden                                        string
	create, config, configPrompt, manual              string
	appGiven, created                                 string
	install, installHelp, installHelpNoApp            string
	botPrompt, installed                              string
	connect, connectHelp, connectHelpNoApp            string
	appPrompt, connected                              string
	agent, enjoHelp, enjoPrompt, botHelp, botIDPrompt string
	asking, answer, agentRetry, skipped               string
}{
	welcome: `
This connects your Slack workspace with your Enjo agent, in a few minutes. Nothing is saved before the end. Press Ctrl-C to stop. The tokens that you paste are not shown.
`,
	given: `
   Using SETTING from the environment.
`,
	givenFile: `
   Using SETTING from the env file.
`,
	refused: `
   PROBLEM
`,
	retry: `
   Press Enter to try again: `,
	saved: `
Done. FILE has your tokens: keep it secret. Start enjobridge:
`,
	ask: `
When the log says "socket is open", write in a Slack channel:

   /invite @enjobridge
   @enjobridge What can you help me with?
`,
	overridden: `
But first remove SETTING from the environment. It has another value there, which takes precedence over the file.
`,

	create: `
1. Create the Slack app
`,
	config: `
   enjobridge can create it for you. Open PAGES, and below your apps, at "Your App Configuration Tokens", click "Generate Token", choose your workspace, and copy the Access Token.

   If you already have the app, or want to create it in your browser, press Enter instead.
`,
	configPrompt: `
   Configuration token (xoxe.xoxp-…), or Enter: `,
	manual: `
   If you don't have the app yet, open this link, choose your workspace, and click "Next" and "Create":

   LINK
`,
	appGiven: `
   A token of the app is set, so the app exists.
`,
	created: `
   The app is created: APP.
`,

	install: `
2. Install the app
`,
	installHelp: `
   a. Open PAGES/APP/install-on-team and click "Install to Workspace". If Slack says that an admin must approve the app, request it, and stop here. After the approval, run setup again, and press Enter at step 1.
   b. Open PAGES/APP/oauth and copy the "Bot User OAuth Token".
`,
	installHelpNoApp: `
   a. Open PAGES, choose enjobridge and "Install App", and click "Install to Workspace". If Slack says that an admin must approve the app, request it, and stop here. After the approval, run setup again, and press Enter at step 1.
   b. Choose "OAuth & Permissions" and copy the "Bot User OAuth Token".
`,
	botPrompt: `
   Bot token (xoxb-…): `,
	installed: `
   The app is installed in WORKSPACE, as @BOT, with all permissions.
`,

	connect: `
3. Let enjobridge connect to Slack
`,
	connectHelp: `
   Open PAGES/APP/general, and at "App-Level Tokens" click "Generate Token and Scopes". Type any name, add the scope connections:write, click "Generate", and copy the token.
`,
	connectHelpNoApp: `
   Open PAGES, choose enjobridge, and at "App-Level Tokens" click "Generate Token and Scopes". Type any name, add the scope connections:write, click "Generate", and copy the token.
`,
	appPrompt: `
   App-level token (xapp-…): `,
	connected: `
   enjobridge can connect to Slack.
`,

	agent: `
4. Connect your Enjo agent
`,
	enjoHelp: `
   In the Enjo dashboard, click the settings icon, "Personal Access Token" and "Create Token", and copy the token.
`,
	enjoPrompt: `
   Enjo token: `,
	botHelp: `
   In the Enjo dashboard, open your AI agent and copy its bot ID.
`,
	botIDPrompt: `
   Bot ID: `,
	asking: `
   To check both, enjobridge asks your agent one question: "QUESTION" This can take a minute.
`,
	answer: `
   It answers: "ANSWER"
`,
	agentRetry: `
   Press Enter to try again, or type skip to save without this check: `,
	skipped: `
   The agent is not checked.
`,
}
