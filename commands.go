package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v3"

	"enjobridge/internal/settings"
)

//go:embed manifest.yml
var manifest []byte

// commands returns the command line. Without a command it serves a Slack workspace.
func commands(stdin io.Reader, stdout, stderr io.Writer) *cli.Command {
	root := &cli.Command{
		Name:                            "enjobridge",
		Usage:                           "connect Slack to Enjo AI agents; without a command, serve a Slack workspace",
		Reader:                          stdin,
		Writer:                          stdout,
		ErrWriter:                       stderr,
		HideVersion:                     true, // its flag has the alias -v
		EnableShellCompletion:           true,
		ConfigureShellCompletionCommand: showCompletion,
		CustomRootCommandHelpTemplate:   cli.RootCommandHelpTemplate + settingsHelp() + exitHelp,
		ExitErrHandler:                  func(context.Context, *cli.Command, error) {}, // main reports errors
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "env-file", Usage: "read settings from `FILE`; environment variables take precedence", TakesFile: true},
			&cli.BoolFlag{Name: "version", Usage: "print the version", Local: true},
		},
		Before: func(ctx context.Context, c *cli.Command) (context.Context, error) {
			file := c.String("env-file")
			if c.IsSet("env-file") && file == "" {
				return ctx, newUsageError(c, "-env-file names no file")
			}
			return ctx, settings.UseEnvFile(file)
		},
		Action: runRoot,
		Commands: []*cli.Command{
			setupCommand(),
			demoCommand(),
			askCommand(),
			doctorCommand(),
			previewCommand(),
			reportCommand(),
			backupCommand(),
			explainCommand(),
			forgetCommand(),
			checkStoreCommand(),
			migrateCommand(),
			versionCommand(),
		},
	}
	root.OnUsageError = onUsageError
	for _, c := range root.Commands {
		c.OnUsageError = onUsageError
		c.HideHelpCommand = true // "help" can be an argument
		if c.ArgValidator == nil {
			c.ArgValidator = acceptArgs(0, 0)
		}
	}
	return root
}

func onUsageError(_ context.Context, c *cli.Command, err error, _ bool) error {
	return newUsageError(c, err.Error())
}

// acceptArgs returns a validator that accepts a number of arguments. None may be empty.
func acceptArgs(least, most int) cli.ArgValidatorFunc {
	return func(_ context.Context, c *cli.Command) error {
		args := c.Args().Slice()
		switch {
		case most == 0 && len(args) > 0:
			return newUsageError(c, fmt.Sprintf("unexpected argument %q", args[0]))
		case len(args) > most:
			return newUsageError(c, fmt.Sprintf("unexpected argument %q; quote a text with spaces", args[most]))
		case len(args) < least:
			return newUsageError(c, "missing argument: "+c.ArgsUsage)
		}
		for _, arg := range args {
			if strings.TrimSpace(arg) == "" {
				return newUsageError(c, "empty argument")
			}
		}
		return nil
	}
}

// runRoot serves a Slack workspace, or prints the version.
func runRoot(ctx context.Context, c *cli.Command) error {
	if name := c.Args().First(); name != "" {
		return newUsageError(c, fmt.Sprintf("unknown command %q", name))
	}
	if c.Bool("version") {
		return printVersion(ctx, c)
	}
	return serve(ctx, c.Root().ErrWriter)
}

// settingsHelp describes all settings, for the help of the root.
func settingsHelp() string {
	var table strings.Builder
	if err := settings.PrintHelp(&table); err != nil {
		panic(err) // a strings.Builder has no errors
	}
	return "\nSETTINGS (environment variables):\n" + table.String()
}

const exitHelp = `
EXIT STATUS:
   0 success; 1 failure; 2 crash; 3 Slack does not accept the bot; 64 invalid arguments;
   78 invalid settings. On SIGTERM it finishes running work within 20 seconds. The rest
   stays on disk for the next start.

EXAMPLES:
   enjobridge setup                              # asks for the tokens, and saves them
   enjobridge -env-file enjobridge.env           # serves the workspace
   enjobridge -env-file enjobridge.env doctor    # says what to fix, if it does not work
`

// asksTheRunning is in the help of commands that need the running enjobridge.
const asksTheRunning = "It asks the running enjobridge. Run it as the same user or as root, and with the same\n" +
	"STORAGE and ADMIN_SOCKET."

// usageError is an error in the arguments of a command.
type usageError struct{ command, problem string }

func newUsageError(c *cli.Command, problem string) *usageError {
	return &usageError{c.FullName(), problem}
}

// Error returns the command and the problem.
func (e *usageError) Error() string { return e.command + ": " + e.problem }
