package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v3"

	"enjobridge/internal/doctor"
	"enjobridge/internal/settings"
)

// doctorCommand checks the settings and everything that they lead to.
func doctorCommand() *cli.Command {
	return &cli.Command{
		Name:  "doctor",
		Usage: "check the settings, the app in Slack, the store and the network, and say what to fix",
		Description: "It changes nothing and posts nothing. Unless enjobridge runs, it opens one connection to\n" +
			"Slack for a moment. With an app configuration token in SLACK_CONFIG_TOKEN, or in the file that\n" +
			"SLACK_CONFIG_TOKEN_FILE names, it also compares the app with the manifest. The exit status is 1 if\n" +
			"there are errors; warnings do not count.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "ask", Usage: fmt.Sprintf("also ask each agent %q; each call counts against Enjo's limits", doctor.Question)},
			&cli.BoolFlag{Name: "json", Usage: "print an array of {check, level, message, fix} in JSON"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			config, problems, err := settings.Inspect()
			if err != nil {
				return err
			}
			config.Enjo.Version = version()
			configToken, more := settings.ConfigToken()
			findings := doctor.Run(ctx, doctor.Options{
				Config: config, Problems: slices.Concat(problems, more), Warnings: settings.Warnings(),
				Manifest: manifest, ConfigToken: configToken, Ask: c.Bool("ask"),
			})
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			printed := doctor.Print
			if c.Bool("json") {
				printed = doctor.PrintJSON
			}
			if err := printed(c.Root().Writer, findings); err != nil {
				return err
			}
			if n := doctor.Count(findings, doctor.Error); n > 0 {
				return fmt.Errorf("doctor found errors: %d", n)
			}
			return nil
		},
	}
}
