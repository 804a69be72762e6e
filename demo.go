package main

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"enjobridge/bot"
	"enjobridge/enjo"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/sandbox/terminal"
	"enjobridge/storage"
)

//go:embed manifest.yml
var manifest []byte

// answerWithin is how long demo -ask waits for the end of a question.
const answerWithin = 2 * time.Minute

// demo runs the bot between a local Slack and a local agent, with a chat in the
// terminal, or for one question.
func demo(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	question := flags.String("ask", "", "")
	verbose := flags.Bool("v", false, "")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return printUsage(stdout)
	} else if err != nil || flags.NArg() > 0 {
		return &usageError{"demo takes -ask TEXT, and -v for the bot's log"}
	}
	log := zerolog.Nop()
	if *verbose {
		log = newLog(zerolog.DebugLevel, "console", stderr)
	}
	stage, err := openStage(log, props{})
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
	if *question != "" {
		return stage.askOnce(ctx, *question, stdout)
	}
	fmt.Fprintf(stdout, demoHead, stage.url())
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

const demoHead = `A Slack and an agent on this machine, and enjobridge between them.

  In the browser:  %s
  Here:            @enjobridge How do I reset my VPN password?

`

// stage is all that the demo consists of.
type stage struct {
	slack *slacksandbox.Workspace
	enjo  *enjosandbox.Agent
	store storage.Store
	agent *enjo.Client
	bot   *bot.Bot
	dir   string

	alice, bob, carol, support, shared string // IDs
}

// props are what a stage has otherwise than the demo.
type props struct {
	speed    float64 // how many times faster than Slack's the times are; 0 means 1
	enjo     enjosandbox.Config
	agentURL string            // of an agent in place of the local one
	bot      func(*bot.Config) // changes the settings; may be nil
}

// openStage starts a local Slack and a local agent, and puts the bot between
// them with the settings of production.
func openStage(log zerolog.Logger, p props) (s *stage, err error) {
	s = &stage{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.dir, err = os.MkdirTemp("", "enjobridge-demo-"); err != nil {
		return s, fmt.Errorf("making a place for the demo's store: %w", err)
	}
	if s.enjo, err = enjosandbox.Open(p.enjo); err != nil {
		return s, err
	}
	workspace := slacksandbox.Config{Manifest: manifest, Speed: p.speed, LeastDeadline: 3 * time.Second, Page: s.page}
	if s.slack, err = slacksandbox.Open(workspace); err != nil {
		return s, err
	}
	if s.store, err = storage.OpenBolt(filepath.Join(s.dir, "enjobridge.db"), storage.BoltOptions{}); err != nil {
		return s, err
	}
	if s.agent, err = enjo.New(enjo.Config{BaseURL: cmp.Or(p.agentURL, s.enjo.URL()), Token: s.enjo.Token(), Version: version()}); err != nil {
		return s, err
	}
	limits, err := enjo.ParseLimits("10/5s,20/1m")
	if err != nil {
		return s, err
	}
	if err = s.people(); err != nil {
		return s, err
	}
	settings := bot.Config{
		SlackAPIURL:   s.slack.APIURL(),
		SlackAppToken: s.slack.AppToken(),
		SlackBotToken: s.slack.BotToken(),
		SlackSpeed:    p.speed,
		AgentView:     true,
		Agents:        []bot.Agent{{Name: "default", BotID: s.enjo.BotID()}},
		Limits:        limits,
		Jitter:        500 * time.Millisecond,
		EscalateTo:    []string{s.bob},
	}
	if p.bot != nil {
		p.bot(&settings)
	}
	s.bot, err = bot.New(settings, s.store, s.agent, log)
	return s, err
}

// url is the address of the page, as Alice in #support.
func (s *stage) url() string { return fmt.Sprintf("%s/u/%s/c/%s", s.slack.URL(), s.alice, s.support) }

// people fills the workspace: two of the company, one of another, and channels.
// Alice lives where this machine is, so that her times are the user's own.
func (s *stage) people() error {
	s.alice = s.slack.AddUser(slacksandbox.User{Name: "alice", RealName: "Alice Abara", TZ: machineZone()})
	s.bob = s.slack.AddUser(slacksandbox.User{Name: "bob", RealName: "Bob Berg", TZ: "America/New_York", Admin: true})
	s.carol = s.slack.AddUser(slacksandbox.User{Name: "carol", RealName: "Carol Cruz", TZ: "Asia/Tokyo", Team: globex})
	app := s.slack.BotUserID()
	s.support = s.slack.AddChannel(slacksandbox.Channel{Name: "support", Topic: "Mention @enjobridge with your question", Members: []string{s.alice, s.bob, app}})
	s.slack.AddChannel(slacksandbox.Channel{Name: "general", Members: []string{s.alice, s.bob, app}})
	s.shared = s.slack.AddChannel(slacksandbox.Channel{Name: "with-globex", Shared: true, Members: []string{s.alice, s.bob, s.carol, app}})
	_, err := s.slack.Post(s.support, s.bob, "New here? Ask enjobridge: mention it with your question, and it answers in a thread.")
	return err
}

// close ends what was opened, in the opposite order.
func (s *stage) close() error {
	var errs []error
	if s.agent != nil {
		s.agent.Close()
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	if s.enjo != nil {
		errs = append(errs, s.enjo.Close())
	}
	if s.slack != nil {
		errs = append(errs, s.slack.Close())
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}

// errNoAnswer says that demo -ask got no answer.
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
