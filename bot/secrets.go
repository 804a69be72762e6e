package bot

import (
	"enjobridge/bot/slackapi"
	"enjobridge/bot/tokens"
	"enjobridge/storage"
)

// Secrets are the secrets of [Config], and the token of the agent's client, that can change
// while the bot runs.
type Secrets struct {
	SlackAppToken        string
	SlackBotToken        string
	SlackClientID        string
	SlackClientSecret    string
	SlackBotRefreshToken string
	SlackAppRefreshToken string
	EnjoToken            string
	TicketWebhookSecret  string // empty turns ticket updates off
}

// Secrets returns the secrets of the configuration. It has no EnjoToken.
func (c *Config) Secrets() Secrets {
	return Secrets{
		SlackAppToken: c.SlackAppToken, SlackBotToken: c.SlackBotToken, SlackClientID: c.SlackClientID, SlackClientSecret: c.SlackClientSecret,
		SlackBotRefreshToken: c.SlackBotRefreshToken, SlackAppRefreshToken: c.SlackAppRefreshToken, TicketWebhookSecret: c.TicketWebhookSecret,
	}
}

// tokens returns the settings of the Slack tokens.
func (s Secrets) tokens() tokens.Settings {
	return tokens.Settings{
		App: slackapi.Credentials{ClientID: s.SlackClientID, ClientSecret: s.SlackClientSecret},
		Pairs: map[storage.TokenKind]tokens.Pair{
			storage.BotToken: {Access: s.SlackBotToken, Refresh: s.SlackBotRefreshToken},
			storage.AppToken: {Access: s.SlackAppToken, Refresh: s.SlackAppRefreshToken},
		},
	}
}

// SetSecrets takes over changed secrets. The next calls use them; open connections stay. A
// Slack token that was refreshed stays, too, unless its refresh token in the secrets has
// changed. If the token of the agent's client is invalid, SetSecrets returns an error, and
// that token stays.
func (b *Bot) SetSecrets(s Secrets) error {
	b.tokens.Set(s.tokens())
	b.webhook.SetSecret(s.TicketWebhookSecret)
	return b.agent.SetToken(s.EnjoToken)
}
