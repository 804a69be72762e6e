package doctor

import "slices"

// replaced reports whether Slack refuses a token of the settings because the bot has
// refreshed it, so that the store has its successor. The doctor does not refresh tokens: a
// refresh token works once.
func (d *doctor) replaced(setting, code string) bool {
	refresh := map[string]string{"SLACK_BOT_TOKEN": d.Config.Bot.SlackBotRefreshToken, "SLACK_APP_TOKEN": d.Config.Bot.SlackAppRefreshToken}[setting]
	return refresh != "" && slices.Contains([]string{"token_expired", "token_revoked", "invalid_auth"}, code)
}

// warnReplaced reports a token that the bot has refreshed.
func (d *doctor) warnReplaced(check, setting string) {
	d.warn(check, setting+" has expired, as it does every 12 hours, so that it was not checked; the store has a newer token once enjobridge has run",
		"start enjobridge; while it runs, /readyz names a token that it cannot refresh")
}
