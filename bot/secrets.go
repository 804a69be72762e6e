package bot

import (
	"enjobridge/bot/slackapi"
	"enjobridge/bot/tokens"
	"enjobridge/storage"
)

// Secrets are the secrets of [Config] that can change while the bot runs.
type Secrets struct {
	SlackAppToken        string
	SlackBotToken        string
	SlackClientID        string
	SlackClientSecret    string
	SlackBotRefreshToken string
	SlackAppRefreshToken string
}

// secrets returns the secrets of the configuration.
func (c *Config) secrets() Secrets {
	return Secrets{
		SlackAppToken: c.SlackAppToken, SlackBotToken: c.SlackBotToken, SlackClientID: c.SlackClientID, SlackClientSecret: c.SlackClientSecret,
		SlackBotRefreshToken: c.SlackBotRefreshToken, SlackAppRefreshToken: c.SlackAppRefreshToken,
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
// changed.
func (b *Bot) SetSecrets(s Secrets) { b.tokens.Set(s.tokens()) }
