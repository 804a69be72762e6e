package main

import (
	"fmt"
	"io"

	"enjobridge/internal/settings"
)

const usageHead = `enjobridge connects Slack to Enjo AI agents.

Usage:
  enjobridge                  serve a Slack workspace
  enjobridge demo             try it on this machine, with a local Slack and a local agent
  enjobridge demo -ask TEXT   ask one question there, print the thread, and exit
  enjobridge demo -v          also print the bot's log
  enjobridge preview          serve a page with all messages, modals and home tabs; -addr HOST:PORT
  enjobridge preview -validate
                              have Slack validate them all; needs SLACK_BOT_TOKEN
  enjobridge backup FILE      write a copy of the running enjobridge's store; -force replaces FILE
  enjobridge check-store      verify the store while enjobridge is stopped; -compact shrinks its file
  enjobridge version          print the version
  enjobridge -h               print this help

Settings (environment variables):
`

const usageTail = `
Exit status: 0 success; 1 failure; 2 crash; 3 Slack does not accept the bot;
64 invalid arguments; 78 invalid settings. On SIGTERM it finishes running work
within 20 seconds. The rest stays on disk for the next start.

Example:
  SLACK_APP_TOKEN=xapp-… SLACK_BOT_TOKEN=xoxb-… ENJO_TOKEN=… ENJO_BOT_ID=… enjobridge
`

// printUsage prints the help.
func printUsage(out io.Writer) error {
	fmt.Fprint(out, usageHead)
	if err := settings.PrintHelp(out); err != nil {
		return err
	}
	_, err := fmt.Fprint(out, usageTail)
	return err
}
