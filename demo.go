package main

import (
	"context"
	"fmt"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v3"

	"enjobridge/internal/demo"
	"enjobridge/internal/settings"
)

// demoCommand runs the bot with a local Slack and a local agent, either with a chat in
// the terminal or for one question.
func demoCommand() *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "try it on this machine, with a local Slack and a local agent",
		Description: "It prints the address of the local Slack's page, and also chats in the terminal: /help says\n" +
			"what you can type. It needs no settings and no account, and stores nothing.\n" +
			"If ENJO_TOKEN and ENJO_BOT_ID are set, your own agent answers in the local Slack. Its calls\n" +
			"count against Enjo's limits.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "ask", Usage: "ask one `QUESTION`, print its thread, and exit"},
			&cli.StringFlag{Name: "addr", Usage: "serve the page of the local Slack at `HOST:PORT` instead of a free port"},
			&cli.BoolFlag{Name: "v", Usage: "also print the bot's log, with message texts"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			log := zerolog.Nop()
			if c.Bool("v") {
				log = newLog(zerolog.DebugLevel, "console", c.Root().ErrWriter)
			}
			options := demo.Options{Manifest: manifest, Version: version(), Question: c.String("ask"), Addr: c.String("addr"), Log: log}
			own, err := settings.OwnAgent()
			if err != nil {
				return fmt.Errorf("%w\n  With neither ENJO_TOKEN nor ENJO_BOT_ID, the demo has a local agent", err)
			}
			if own != nil {
				options.Own = &demo.Agent{Client: own.Client, BotID: own.Agents[0].BotID, Limits: own.Limits, Jitter: own.Jitter}
			}
			return demo.Run(ctx, options, c.Root().Reader, c.Root().Writer)
		},
	}
}
