package main

import (
	"fmt"
	"io"

	"enjobridge/internal/settings"
)

const usageHead = `enjobridge answers questions in Slack with an Enjo AI agent.

Usage:
  enjobridge                  serve the workspace that the environment names
  enjobridge demo             try it on this machine, with a local Slack and a local agent
  enjobridge demo -ask TEXT   ask one question there, print the thread, and end
  enjobridge preview          show every message, modal and home tab in the browser
  enjobridge check-store      verify the store while no enjobridge runs; -compact makes its file small
  enjobridge version          print the version
  enjobridge -h               print this

Settings, from the environment:
`

const usageTail = `
Exit status: 0 all went well; 1 something failed; 2 wrong arguments or settings;
3 Slack does not accept the bot. On SIGTERM it finishes what is under way, for
at most 20 seconds, and leaves the rest on disk for the next start.

Example:
  SLACK_APP_TOKEN=xapp-… SLACK_BOT_TOKEN=xoxb-… ENJO_TOKEN=… ENJO_BOT_ID=… enjobridge
`

// printUsage prints what the program does, its commands and its settings.
func printUsage(out io.Writer) error {
	fmt.Fprint(out, usageHead)
	if err := settings.PrintHelp(out); err != nil {
		return err
	}
	_, err := fmt.Fprint(out, usageTail)
	return err
}
