package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"enjobridge/internal/ops"
	"enjobridge/internal/settings"
)

// reportFormats are the formats of a report.
var reportFormats = []string{"text", "csv", "json"}

// channelID is the format of the ID of a channel.
var channelID = regexp.MustCompile(`^[CG][A-Z0-9]{1,63}$`)

// reportCommand prints what became of the questions of the running enjobridge.
func reportCommand() *cli.Command {
	return &cli.Command{
		Name:  "report",
		Usage: "print what became of the questions, and which answers need a look",
		Description: "It prints counts, waiting times, people's ratings with their comments, and links to the\n" +
			"questions that were not answered, answered without sources, or whose answers were not\n" +
			"helpful. It covers what RETENTION keeps. Questions in direct messages and by /enjo are\n" +
			"counted, without saying whose they are.\n" + asksTheRunning,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "since", Value: "7d", Usage: "begin `TIME` ago, such as 7d or 36h, or on a day (UTC) such as 2026-11-01"},
			&cli.StringFlag{Name: "format", Value: "text", Usage: "`FORMAT` is text, csv or json; csv and json have the complete lists"},
			&cli.StringFlag{Name: "channel", Usage: "report only on the channel with this `ID`, such as C0123ABCD"},
			&cli.StringFlag{Name: "agent", Usage: "report only on the agent `NAME` of ENJO_AGENTS, or on default"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			since, err := parseSince(c.String("since"), time.Now())
			if err != nil {
				return newUsageError(c, err.Error())
			}
			format := c.String("format")
			if !slices.Contains(reportFormats, format) {
				return newUsageError(c, fmt.Sprintf("unknown format %q: use %s", format, strings.Join(reportFormats, ", ")))
			}
			channel := c.String("channel")
			if channel != "" && !channelID.MatchString(channel) {
				return newUsageError(c, fmt.Sprintf("-channel %q is no ID such as C0123ABCD: copy it from the channel's details in Slack", channel))
			}
			socket, err := settings.AdminSocket()
			if err != nil {
				return err
			}
			given := url.Values{
				"since": {since.UTC().Format(time.RFC3339)}, "format": {format}, "channel": {channel}, "agent": {c.String("agent")},
			}
			return ops.Client{Socket: socket}.Copy(ctx, http.MethodGet, "/report?"+given.Encode(), c.Root().Writer)
		},
	}
}

// parseSince returns when a report begins: some time ago, or the beginning of a day in UTC.
func parseSince(text string, now time.Time) (time.Time, error) {
	since, err := time.Parse(time.DateOnly, text)
	if err != nil {
		ago, err := settings.ParseDuration(text)
		if err != nil {
			return time.Time{}, fmt.Errorf("-since %q is neither a time such as 7d or 36h, nor a day such as 2026-11-01", text)
		}
		since = now.Add(-ago)
	}
	switch {
	case !since.Before(now):
		return time.Time{}, errors.New("-since must be in the past")
	case now.Sub(since) > settings.MaxRetention:
		return time.Time{}, errors.New("-since is too long ago: ten years are the limit")
	}
	return since, nil
}
