package main

import (
	"context"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v3"

	"enjobridge/internal/demo"
)

// demoCommand runs the bot with a local Slack and a local agent, either with a chat in
// the terminal or for one question.
func demoCommand() *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "try it on this machine, with a local Slack and a local agent",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "ask", Usage: "ask one `QUESTION`, print its thread, and exit"},
			&cli.BoolFlag{Name: "v", Usage: "also print the bot's log, with message texts"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			log := zerolog.Nop()
			if c.Bool("v") {
				log = newLog(zerolog.DebugLevel, "console", c.Root().ErrWriter)
			}
			options := demo.Options{Manifest: manifest, Version: version(), Question: c.String("ask"), Log: log}
			return demo.Run(ctx, options, c.Root().Reader, c.Root().Writer)
		},
	}
}
