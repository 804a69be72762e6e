package setup

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackapi"
)

// slack returns a client with these tokens.
func (s *session) slack(botToken, appToken string) *slackapi.Client {
	return slackapi.New(slackapi.Config{
		URL: s.Settings.SlackURL, BotToken: botToken, AppToken: appToken, AgentView: s.Settings.AgentView, Log: zerolog.Nop(),
	})
}

// createApp creates the app with a configuration token, or says how to.
func (s *session) createApp(ctx context.Context) error {
	s.say(words.create)
	given := s.given
	if given["SLACK_BOT_TOKEN"] != "" || given["SLACK_APP_TOKEN"] != "" {
		s.pages.app = slackapi.AppOfToken(given["SLACK_APP_TOKEN"])
		s.say(words.appGiven)
		return nil
	}
	s.say(words.config, s.pages.words()...)
	token := s.Settings.ConfigToken
	if token != "" {
		s.sayGiven("SLACK_CONFIG_TOKEN")
	}
	for {
		if token == "" {
			answer, err := s.ask(ctx, words.configPrompt, true)
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			if token = answer; token == "" {
				s.say(words.manual, "LINK", s.pages.manifestLink(s.manifest))
				return nil
			}
		}
		problem, err := s.untilAnswered(ctx, func() error { return s.createWith(ctx, token) })
		switch {
		case err != nil:
			return err
		case problem == "":
			s.say(words.created, s.pages.words()...)
			return nil
		}
		s.say(words.refused, "PROBLEM", problem)
		token = ""
	}
}

// createWith creates the app with a configuration token.
func (s *session) createWith(ctx context.Context, token string) error {
	switch {
	case strings.HasPrefix(token, "xoxe-"):
		return &refusal{"That is the refresh token. Copy the Access Token, which begins with xoxe.xoxp-."}
	case !strings.HasPrefix(token, "xoxe.xoxp-") || strings.ContainsAny(token, " \t\"'"):
		return &refusal{"That is not a configuration token, which begins with xoxe.xoxp- and has no spaces. Copy it again, or press Enter to go on without one."}
	}
	client := s.slack(token, "")
	defer client.Close()
	app, err := client.CreateApp(ctx, s.manifest)
	if err != nil {
		return creationProblem(err)
	}
	s.pages.app, s.created = app, true
	return nil
}

// installApp asks for the bot token.
func (s *session) installApp(ctx context.Context) error {
	s.say(words.install)
	help := words.installHelp
	if s.pages.app == "" {
		help = words.installHelpNoApp
	}
	return s.value(ctx, question{
		setting: "SLACK_BOT_TOKEN", name: "bot token", help: help, prompt: words.botPrompt, hidden: true, check: s.checkInstallation,
	})
}

// checkInstallation checks the bot token and the scopes.
func (s *session) checkInstallation(ctx context.Context, token string) error {
	client := s.slack(token, "")
	defer client.Close()
	found, err := client.Installation(ctx)
	switch {
	case err != nil:
		return tokenProblem(err, s.pages.page("oauth", "OAuth & Permissions"))
	case s.pages.app != "" && found.AppID != "" && found.AppID != s.pages.app:
		return &refusal{"That is the token of another app, " + shown(found.AppID) + ". Copy the one of the app " + s.pages.app + "."}
	case len(found.Missing) > 0:
		return &refusal{"The app is installed without these permissions: " + strings.Join(found.Missing, ", ") + ". Slack often leaves some out at first. " +
			"To install it again, open " + s.pages.page("install-on-team", "Install App") + ". Then paste the token again: it can be the same."}
	}
	if s.pages.app == "" {
		s.pages.app = found.AppID
	}
	s.say(words.installed, "WORKSPACE", shown(found.Workspace), "BOT", shown(found.BotName))
	return nil
}

// connectApp asks for the app-level token.
func (s *session) connectApp(ctx context.Context) error {
	s.say(words.connect)
	help := words.connectHelp
	if s.pages.app == "" {
		help = words.connectHelpNoApp
	}
	return s.value(ctx, question{
		setting: "SLACK_APP_TOKEN", name: "app-level token", help: help, prompt: words.appPrompt, hidden: true, check: s.checkConnection,
	})
}

// checkConnection checks the app-level token.
func (s *session) checkConnection(ctx context.Context, token string) error {
	if app := slackapi.AppOfToken(token); app != "" && s.pages.app != "" && app != s.pages.app {
		return &refusal{"That is the token of another app, " + app + ". The bot token is of the app " + s.pages.app + ": both must be of the same app."}
	}
	client := s.slack("", token)
	defer client.Close()
	if _, err := client.OpenConnection(ctx); err != nil {
		return tokenProblem(err, s.pages.page("general", "Basic Information"))
	}
	s.say(words.connected)
	return nil
}
