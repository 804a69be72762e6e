package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"io"

	"github.com/rs/zerolog"

	"enjobridge/internal/demo"
)

//go:embed manifest.yml
var manifest []byte

// runDemo runs the bot with a local Slack and a local agent, either with a chat in
// the terminal or for one question.
func runDemo(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	question := flags.String("ask", "", "")
	verbose := flags.Bool("v", false, "")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return printUsage(stdout)
	} else if err != nil || flags.NArg() > 0 {
		return &usageError{"demo accepts -ask TEXT, and -v for the bot's log"}
	}
	log := zerolog.Nop()
	if *verbose {
		log = newLog(zerolog.DebugLevel, "console", stderr)
	}
	return demo.Run(ctx, demo.Options{Manifest: manifest, Version: version(), Question: *question, Log: log}, stdin, stdout)
}
