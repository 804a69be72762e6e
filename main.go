// Command enjobridge is a Slack bot that answers with an Enjo AI agent.
//
// Without arguments it serves the Slack workspace that the environment configures.
// With the argument demo it runs with a local Slack and agent. See README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"
	"github.com/urfave/cli/v3"

	"enjobridge/bot"
	"enjobridge/enjo"
	"enjobridge/internal/ops"
	"enjobridge/internal/settings"
	"enjobridge/storage/postgres"
)

// The exit statuses of failures. Status 2 is not among them, because Go ends a process
// that panics with it. 64 and 78 are EX_USAGE and EX_CONFIG of sysexits.h.
const (
	exitFailure  = 1  // an error at run time
	exitSetup    = 3  // Slack does not accept the bot; an administrator must fix it
	exitUsage    = 64 // the arguments are invalid
	exitSettings = 78 // the settings are invalid
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(printError(err, os.Stderr))
}

// run runs the command in args.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	root := commands(stdin, stdout, stderr)
	err := root.Run(ctx, append([]string{"enjobridge"}, args...))
	if _, ok := errors.AsType[cli.ExitCoder](err); ok { // help for an unknown command
		return newUsageError(root, err.Error())
	}
	return err
}

// serve runs the bot with the settings of the environment until ctx ends. On SIGHUP it
// reads them again.
func serve(ctx context.Context, stderr io.Writer) error {
	config, err := settings.Read()
	if err != nil {
		return err
	}
	config.Enjo.Version, config.Bot.Version, config.Bot.Commit = version(), version(), commit()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	level := newLogLevel(config.LogLevel)
	reload := newReloader(config, level, terminalOf(stderr), stop)
	defer reload.close()
	log := newLog(zerolog.TraceLevel, config.LogFormat, stderr).Sample(level)
	logWarnings(log)
	return runBot(ctx, config, reload, log)
}

// runBot opens the store, the agent's client and the HTTP servers, runs the bot until
// ctx ends, and closes everything.
func runBot(ctx context.Context, config settings.Config, reload *reloader, log zerolog.Logger) (err error) {
	starting := starting{config: config, log: log}
	store, err := openStore(ctx, config.Storage, starting.waits, log)
	starting.close()
	if err != nil {
		if ctx.Err() != nil {
			return nil // it was stopped while it waited for the database
		}
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	agent, err := enjo.New(config.Enjo)
	if err != nil {
		return err
	}
	defer agent.Close()

	bridge, err := bot.New(config.Bot, store, agent, log)
	if err != nil {
		return err
	}
	served, err := ops.Open(ops.Config{
		Addr:        config.HTTPAddr,
		Operators:   bridge.Handler(),
		WebhookAddr: config.WebhookAddr,
		Webhook:     bridge.Webhook(),
		AdminToken:  config.AdminToken,
		AdminSocket: config.AdminSocket,
		Admin:       bridge.Admin(),
		Store:       copied(store),
		StoreFile:   config.Storage.File,
	}, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, served.Close()) }()

	defer reload.start(func(c settings.Config) error {
		served.SetAdminToken(c.AdminToken)
		return bridge.SetSecrets(secretsOf(c))
	}, log)()

	log.Info().Str("version", version()).Stringer("store", config.Storage).Msg("enjobridge: starting")
	defer log.Info().Msg("enjobridge: stopped")
	return bridge.Run(ctx)
}

// newLog returns a logger with the format json or console. An empty format means
// console on a terminal, else json.
func newLog(level zerolog.Level, format string, out io.Writer) zerolog.Logger {
	terminal := terminalOf(out) != nil
	if format == "console" || format == "" && terminal {
		out = zerolog.ConsoleWriter{Out: out, TimeFormat: time.TimeOnly, NoColor: !terminal}
	}
	return zerolog.New(out).Level(level).With().Timestamp().Logger()
}

// terminalOf returns the terminal that out is; nil if it is none.
func terminalOf(out io.Writer) *os.File {
	file, ok := out.(*os.File)
	if !ok || !isatty.IsTerminal(file.Fd()) {
		return nil
	}
	return file
}

// printError prints an error with a hint, and returns the process's exit status.
func printError(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "error:", err)
	if usage, ok := errors.AsType[*usageError](err); ok {
		fmt.Fprintf(stderr, "hint: see %s -h\n", usage.command)
		return exitUsage
	}
	if _, ok := errors.AsType[*settings.Error](err); ok {
		fmt.Fprintln(stderr, "hint: enjobridge setup asks for the tokens and saves them; enjobridge -h lists all settings; enjobridge demo needs none")
		return exitSettings
	}
	if _, ok := errors.AsType[*bot.SetupError](err); ok {
		return exitSetup
	}
	if refused, ok := errors.AsType[*postgres.RefusedError](err); ok {
		fmt.Fprintln(stderr, "hint:", refused.Fix)
		return exitSettings
	}
	return exitFailure
}
