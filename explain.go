package main

import (
	"context"
	"net/http"
	"net/url"

	"github.com/urfave/cli/v3"

	"enjobridge/bot/explain"
	"enjobridge/internal/ops"
	"enjobridge/internal/settings"
)

// explainCommand has the running enjobridge explain what became of a message.
func explainCommand() *cli.Command {
	return &cli.Command{
		Name:      "explain",
		Usage:     "say what became of a message in Slack, and why",
		ArgsUsage: "LINK",
		Description: "LINK is what Copy link in the message's menu in Slack copies. A channel's ID and a timestamp\n" +
			"(C0123ABCD/1712345678.901234), and the reference of an error message (EB-XXXXXX) work, too.\n" +
			"It shows times, decisions and IDs, but no texts.\n" + asksTheRunning,
		ArgValidator: acceptArgs(1, 1),
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print the explanation in JSON"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			link := c.Args().First()
			if _, err := explain.ParseLink(link); err != nil {
				return newUsageError(c, err.Error())
			}
			socket, err := settings.AdminSocket()
			if err != nil {
				return err
			}
			query := url.Values{"link": {link}}
			if c.Bool("json") {
				query.Set("format", "json")
			}
			return ops.Client{Socket: socket}.Copy(ctx, http.MethodGet, "/explain?"+query.Encode(), c.Root().Writer)
		},
	}
}
