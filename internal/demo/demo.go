// Package demo runs the bot on this machine, between a local Slack and a local
// agent. It does not know the command line: the caller parses it, and passes the
// manifest, the version and the log.
package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"enjobridge/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/sandbox/terminal"
	"enjobridge/storage"
)

// answerWithin is the time limit for answering a question.
const answerWithin = 2 * time.Minute

// Options configure a demo.
type Options struct {
	Manifest []byte // of the Slack app, in YAML
	Version  string // of enjobridge, sent to the agent
	Question string // asked once instead of opening the chat; empty opens the chat
	Addr     string // host:port of the local Slack; empty for a free port of this machine
	Own      *Agent // answers in place of the local agent; nil for the local one
	Log      zerolog.Logger
}

// Agent is an agent of the operator.
type Agent struct {
	Client enjo.Config
	BotID  string
	Limits []enjo.Limit  // of calls
	Jitter time.Duration // see [bot.Config]
}

// Run runs the demo until ctx ends or the chat does. The chat reads its lines from
// stdin. With a question there is no chat: Run prints the question's thread, and
// returns an error if there was no answer.
func Run(ctx context.Context, o Options, stdin io.Reader, stdout io.Writer) (err error) {
	stage, err := openStage(o, props{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.close()) }()

	ctx, stop := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		stop(stage.bot.Run(ctx))
	}()
	defer func() { stop(nil); <-ended }()

	// Slack would deliver a question that is asked before that only on its next retry.
	if err := stage.slack.Await(ctx, func(v slacksandbox.View) bool { return v.Sockets() > 0 }); err != nil {
		return fmt.Errorf("waiting for the bot to listen: %w", err)
	}
	if o.Question != "" {
		return stage.askOnce(ctx, o.Question, stdout)
	}
	fmt.Fprintf(stdout, head, answering(o), stage.url())
	err = terminal.New(stage.slack, stage.alice, stage.support).Run(ctx, stdin, stdout)
	if !errors.Is(err, io.EOF) {
		return err
	}
	if file, ok := stdin.(*os.File); ok && !isatty.IsTerminal(file.Fd()) {
		// Stdin is not a terminal: serve the page until the process is stopped.
		<-ctx.Done()
	}
	return nil
}

const head = `enjobridge runs with a local Slack and %s.

  Open in a browser:  %s
  Or ask here:        @enjobridge How do I reset my VPN password?
  In private:         /enjo How do I reset my VPN password?

`

// answering says which agent answers, and where questions go.
func answering(o Options) string {
	if o.Own == nil {
		return "a local agent"
	}
	return fmt.Sprintf("your agent %s.\nQuestions go to %s, and count against Enjo's limits", o.Own.BotID, cmp.Or(o.Own.Client.BaseURL, enjo.DefaultBaseURL))
}

// errNoAnswer is returned if a question got no answer.
var errNoAnswer = errors.New("the question was not answered")

// askOnce asks a question in #support and prints its thread once it has ended.
func (s *stage) askOnce(ctx context.Context, question string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	ts, err := s.slack.Post(s.support, s.alice, slacksandbox.Mention(s.slack.BotUserID())+" "+question)
	if err != nil {
		return err
	}
	state, err := s.awaitEnd(ctx, storage.MessageID{Team: s.slack.TeamID(), Channel: s.support, TS: ts})
	if printed := terminal.PrintThread(out, s.slack.View, s.support, ts); printed != nil {
		return printed
	}
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", errNoAnswer, err)
	case state != storage.Delivered:
		return errNoAnswer
	}
	return nil
}

// awaitEnd polls the store until a question has ended, and returns its state.
func (s *stage) awaitEnd(ctx context.Context, id storage.MessageID) (storage.State, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		q, err := s.store.Question(ctx, id)
		switch {
		case err == nil && q.State.Ended():
			return q.State, nil
		case err != nil && !errors.Is(err, storage.ErrNotFound):
			return "", err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}
