package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v3"

	"enjobridge/internal/settings"
	"enjobridge/internal/setup"
)

// setupCommand connects a Slack workspace with an agent, in a dialogue.
func setupCommand() *cli.Command {
	return &cli.Command{
		Name:  "setup",
		Usage: "create the Slack app, check your tokens, and save them to a file",
		Description: "It asks for what is not in the environment, and checks each token with a real call. It asks\n" +
			"your agent one question. SLACK_CONFIG_TOKEN or SLACK_CONFIG_TOKEN_FILE can have the app\n" +
			"configuration token that creates the app.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "o", Value: "enjobridge.env", Usage: "save the tokens to `FILE`", TakesFile: true},
			&cli.BoolFlag{Name: "force", Usage: "replace the file if it exists"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.String("o") == "" {
				return newUsageError(c, "name the file to write")
			}
			given, err := settings.ReadSetup()
			if err != nil {
				return err
			}
			return setup.Run(ctx, setup.Options{
				Manifest: manifest, File: c.String("o"), Force: c.Bool("force"), Program: program(os.Args[0]), Version: version(), Settings: given,
			}, c.Root().Reader, c.Root().Writer)
		},
	}
}

// program returns how people start enjobridge again, from the first argument of the process.
func program(path string) string {
	if strings.TrimSuffix(filepath.Base(path), ".exe") != "enjobridge" || strings.Contains(path, "go-build") {
		return "enjobridge" // as in a test, or by go run
	}
	return path
}
