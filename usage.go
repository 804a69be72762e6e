package main

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"text/tabwriter"
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
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range settings() {
		fmt.Fprintf(table, "  %s\t%s\n", s.name, s.describe())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprint(out, usageTail)
	return err
}

// setting is what the tags of one field of environment say.
type setting struct{ name, preset, desc, from string }

// describe says what the setting is, and its default.
func (s setting) describe() string {
	switch {
	case s.from != "":
		return s.desc + " (required)"
	case s.preset != "":
		return s.desc + " (" + s.preset + ")"
	}
	return s.desc
}

// settings returns all settings, in the order in which they are documented.
func settings() []setting {
	var all []setting
	for field := range reflect.TypeFor[environment]().Fields() {
		all = append(all, setting{
			name:   field.Tag.Get("envconfig"),
			preset: field.Tag.Get("default"),
			desc:   field.Tag.Get("desc"),
			from:   field.Tag.Get("from"),
		})
	}
	return all
}

// describe returns what a setting is and where to get it.
func describe(name string) (desc, from string) {
	for _, s := range settings() {
		if strings.EqualFold(s.name, name) {
			return s.desc, s.from
		}
	}
	return "", ""
}
