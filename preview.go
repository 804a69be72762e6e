package main

import (
	"context"

	"github.com/urfave/cli/v3"

	"enjobridge/internal/preview"
	"enjobridge/internal/settings"
)

// previewCommand serves a page with all messages, modals and home tabs until it is
// interrupted, or has Slack validate them.
func previewCommand() *cli.Command {
	return &cli.Command{
		Name:        "preview",
		Usage:       "serve a page with all messages, modals and home tabs of the bot",
		Description: "The page has examples. It needs no settings and no Slack.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "addr", Value: "127.0.0.1:8098", Usage: "serve the page at `HOST:PORT`"},
			&cli.BoolFlag{Name: "validate", Usage: "have Slack validate them all instead, and serve no page; needs SLACK_BOT_TOKEN, and posts nothing"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if !c.Bool("validate") {
				return preview.Run(ctx, c.String("addr"), c.Root().Writer)
			}
			access, err := settings.ReadSlack()
			if err != nil {
				return err
			}
			return preview.Validate(ctx, access.URL, access.Token, c.Root().Writer)
		},
	}
}
