// Command enjobridge is a Slack bot that answers with an Enjo AI agent.
//
// Run it without arguments to serve the workspace that its environment names,
// or with the argument demo to try it on this machine. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"enjobridge/bot"
	"enjobridge/enjo"
	"enjobridge/internal/ops"
	"enjobridge/internal/settings"
	"enjobridge/storage"
)

// The exit statuses beside 0.
const (
	exitFailure = 1 // something went wrong while running
	exitUsage   = 2 // the arguments or the settings are wrong
	exitSetup   = 3 // Slack or Enjo does not accept the bot; a person has to cure it
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(report(err, os.Stderr))
}

// run runs the command that the arguments name.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	command := ""
	if len(args) > 0 {
		command = args[0]
	}
	switch command {
	case "":
		return serve(ctx, stderr)
	case "demo":
		return runDemo(ctx, args[1:], stdin, stdout, stderr)
	case "preview":
		return runPreview(ctx, args[1:], stdout)
	case "check-store":
		return runCheckStore(args[1:], stdout)
	case "version":
		_, err := fmt.Fprintln(stdout, "enjobridge", version())
		return err
	case "help", "-h", "-help", "--help":
		return printUsage(stdout)
	}
	return &usageError{fmt.Sprintf("there is no command %q", command)}
}

// serve runs the bot with the settings of the environment until ctx ends.
func serve(ctx context.Context, stderr io.Writer) error {
	config, err := settings.Read()
	if err != nil {
		return err
	}
	config.Enjo.Version = version()
	return runBot(ctx, config, newLog(config.LogLevel, config.LogFormat, stderr))
}

// runBot opens what the bot works with, runs it until ctx ends, and closes it all.
func runBot(ctx context.Context, config settings.Config, log zerolog.Logger) (err error) {
	store, err := storage.OpenBolt(config.Storage, storage.BoltOptions{})
	if err != nil {
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
		Addr:       config.HTTPAddr,
		Public:     bridge.Handler(),
		AdminToken: config.AdminToken,
		Store:      store,
		StoreFile:  config.Storage,
	}, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, served.Close()) }()

	log.Info().Str("version", version()).Str("store", config.Storage).Msg("enjobridge starts")
	defer log.Info().Msg("enjobridge has stopped")
	return bridge.Run(ctx)
}

// newLog returns a log in a format, json or console. An empty format is console
// on a terminal and json elsewhere.
func newLog(level zerolog.Level, format string, out io.Writer) zerolog.Logger {
	file, ok := out.(*os.File)
	terminal := ok && isatty.IsTerminal(file.Fd())
	if format == "console" || format == "" && terminal {
		out = zerolog.ConsoleWriter{Out: out, TimeFormat: time.TimeOnly, NoColor: !terminal}
	}
	return zerolog.New(out).Level(level).With().Timestamp().Logger()
}

// usageError says that the arguments are wrong.
type usageError struct{ what string }

// Error returns what is wrong with the arguments.
func (e *usageError) Error() string { return e.what }

// report tells the user of an error, with what they can do, and returns the
// process's exit status.
func report(err error, stderr io.Writer) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintln(stderr, "error:", err)
	if _, ok := errors.AsType[*usageError](err); ok {
		fmt.Fprintln(stderr, "hint: enjobridge -h lists the commands")
		return exitUsage
	}
	if _, ok := errors.AsType[*settings.Error](err); ok {
		fmt.Fprintln(stderr, "hint: enjobridge -h lists all settings; enjobridge demo needs none")
		return exitUsage
	}
	if _, ok := errors.AsType[*bot.SetupError](err); ok {
		return exitSetup
	}
	return exitFailure
}

// version returns the version that the binary was built as.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
