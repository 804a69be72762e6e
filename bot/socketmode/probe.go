package socketmode

import (
	"cmp"
	"context"
	"errors"

	"enjobridge/bot/slackapi"
)

// Hello is what Slack says when it has opened a connection.
// https://docs.slack.dev/apis/events-api/using-socket-mode#hello
type Hello struct {
	App         string // the ID of the app; empty if Slack does not say it
	Connections int    // of the app, with this one
}

// Probe opens one connection until Slack's hello, and closes it. It acknowledges nothing:
// Slack sends an event that came meanwhile again, to another connection. A click or a command
// would be lost, so do not probe while the bot runs. Its errors are a [slackapi.SetupError]
// for something that only a person can fix, and those of the network.
func Probe(ctx context.Context, slack *slackapi.Client) (Hello, error) {
	url, err := slack.OpenConnection(ctx)
	if err != nil {
		return Hello{}, openError(err)
	}
	opened, err := connect(ctx, nil, url, silenceTimeout)
	if refused, ok := errors.AsType[*disconnectError](err); ok {
		return Hello{}, &slackapi.SetupError{Err: refused, Hint: cmp.Or(disconnectHints[refused.reason], "see the app's page, under Socket Mode")}
	} else if err != nil {
		return Hello{}, err
	}
	opened.close(endStopped)
	opened.read(func(request) {})
	return Hello{App: opened.app, Connections: opened.counted}, nil
}

// compareApp logs an error if the envelopes of a connection are those of another app.
func (s *socket) compareApp(c *conn) {
	if s.cfg.App == "" || c.app == "" || s.cfg.App == c.app {
		return
	}
	two := slackapi.TwoAppsError(s.cfg.App, c.app)
	s.log.Error().Err(two.Err).Str("hint", two.Hint).Msg("socketmode: the tokens belong to two apps, so that questions are not answered")
}
