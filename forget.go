package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/urfave/cli/v3"

	"enjobridge/internal/ops"
	"enjobridge/internal/settings"
	"enjobridge/storage"
)

// forgetCommand has the running enjobridge delete what it stores about a person.
func forgetCommand() *cli.Command {
	return &cli.Command{
		Name:      "forget",
		Usage:     "delete everything that the running enjobridge stores about a person",
		ArgsUsage: "USER",
		Description: "USER is the member ID from the person's profile in Slack, such as U0123ABCD. Messages in Slack,\n" +
			"conversations in Enjo, tickets in the ticketing system and backups are not changed.\n" + asksTheRunning,
		ArgValidator: acceptArgs(1, 1),
		Action: func(ctx context.Context, c *cli.Command) error {
			socket, err := settings.AdminSocket()
			if err != nil {
				return err
			}
			user := c.Args().First()
			var forgotten storage.Forgotten
			if err := (ops.Client{Socket: socket}).JSON(ctx, http.MethodPost, "/forget?user="+url.QueryEscape(user), &forgotten); err != nil {
				return err
			}
			printForgotten(c.Root().Writer, user, forgotten)
			if n := forgotten.Unfinished; n > 0 {
				return fmt.Errorf("left %s of %s in progress: run this again when they have ended", count(n, "question or press", "questions or presses"), user)
			}
			return nil
		},
	}
}

// printForgotten prints what was deleted.
func printForgotten(out io.Writer, user string, f storage.Forgotten) {
	fmt.Fprintf(out, "deleted about %s: %s, %s, %s, %s, %s\n", user, count(f.Questions, "question", "questions"), count(f.Threads, "thread", "threads"),
		count(f.Tickets, "ticket", "tickets"), count(f.Feedback, "rating", "ratings"), count(f.Others, "other record", "other records"))
}

// count returns a number with a noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
