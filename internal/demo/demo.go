// Package demo runs the bot on this machine, between a local Slack and a local
// agent. It does not know the command line: the caller parses it, and passes the
// manifest, the version and the log.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/sandbox/terminal"
	"enjobridge/storage"
)

// answerWithin is how long a question may take until its end.
const answerWithin = 2 * time.Minute

// Options are what a demo needs from its caller.
type Options struct {
	Manifest []byte // of the Slack app, in YAML
	Version  string // of enjobridge, sent to the agent
	Question string // asked once in place of the chat; empty for the chat
	Log      zerolog.Logger
}

// Run runs the demo until ctx ends or the chat does. The chat reads its lines from
// stdin. With a question there is no chat: Run prints the question's thread, and
// its error says if no answer came.
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

	// A question that is asked while nobody listens comes only when Slack sends it again.
	if err := stage.slack.Await(ctx, func(v slacksandbox.View) bool { return v.Sockets() > 0 }); err != nil {
		return fmt.Errorf("waiting for the bot to listen: %w", err)
	}
	if o.Question != "" {
		return stage.askOnce(ctx, o.Question, stdout)
	}
	fmt.Fprintf(stdout, head, stage.url())
	err = terminal.New(stage.slack, stage.alice, stage.support).Run(ctx, stdin, stdout)
	if !errors.Is(err, io.EOF) {
		return err
	}
	if file, ok := stdin.(*os.File); ok && !isatty.IsTerminal(file.Fd()) {
		// Nobody is at the terminal: the page is there until the process is stopped.
		<-ctx.Done()
	}
	return nil
}

const head = `A Slack and an agent on this machine, and enjobridge between them.

  In the browser:  %s
  Here:            @enjobridge How do I reset my VPN password?

`

// errNoAnswer says that a question got no answer.
var errNoAnswer = errors.New("no answer came")

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

// awaitEnd returns the end of a question, by looking into the store at short intervals.
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
