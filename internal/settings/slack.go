package settings

// Slack is the access to Slack's Web API.
type Slack struct {
	URL   string // it ends in a slash
	Token string // the bot token
}

// ReadSlack reads SLACK_API_URL and SLACK_BOT_TOKEN, for commands that need no other
// setting. If they are missing or invalid, it returns an *[Error].
func ReadSlack() (Slack, error) {
	r := reader{}
	env, err := r.load("SLACK_API_URL", "SLACK_BOT_TOKEN")
	if err != nil {
		return Slack{}, err
	}
	access := Slack{
		URL:   r.slackURL(env),
		Token: r.token("SLACK_BOT_TOKEN", env.SlackBotToken, botTokenPrefixes...),
	}
	return access, r.err()
}
