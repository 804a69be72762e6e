package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"enjobridge/bot"
	"enjobridge/internal/ask"
	"enjobridge/internal/settings"
)

// maxQuestion limits a question from stdin, in bytes. Slack's messages are shorter.
const maxQuestion = 40_000

// askCommand asks one question of an agent, without Slack.
func askCommand() *cli.Command {
	return &cli.Command{
		Name:      "ask",
		Usage:     "ask your agent one question, without Slack",
		ArgsUsage: "QUESTION",
		Description: "It needs only ENJO_TOKEN and ENJO_BOT_ID. With - as QUESTION it reads the question from\n" +
			"the standard input. The call counts against Enjo's limits, also those of an enjobridge that\n" +
			"runs on the same network.",
		ArgValidator: acceptArgs(1, 1),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "agent", Usage: "ask the agent `NAME` of ENJO_AGENTS instead of the default one"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			question, err := questionOf(ctx, c)
			if err != nil {
				return err
			}
			access, err := settings.ReadEnjo()
			if err != nil {
				return err
			}
			agent, err := chosenAgent(c, access.Agents)
			if err != nil {
				return err
			}
			access.Client.Version = version()
			return ask.Run(ctx, ask.Options{Enjo: access.Client, BotID: agent.BotID, Question: question}, c.Root().Writer)
		},
	}
}

// questionOf returns the question in the argument, or the one in stdin for "-".
func questionOf(ctx context.Context, c *cli.Command) (string, error) {
	question := c.Args().First()
	if question != "-" {
		return question, nil
	}
	text, err := readQuestion(ctx, c.Root().Reader)
	switch question = strings.TrimSpace(text); {
	case err != nil:
		return "", fmt.Errorf("reading the question: %w", err)
	case len(text) > maxQuestion:
		return "", newUsageError(c, fmt.Sprintf("the question is longer than %d bytes", maxQuestion))
	case question == "":
		return "", newUsageError(c, "the question is empty")
	}
	return question, nil
}

// readQuestion reads to the end, or until the question is too long or ctx ends.
func readQuestion(ctx context.Context, in io.Reader) (string, error) {
	type result struct {
		text []byte
		err  error
	}
	read := make(chan result, 1)
	go func() { // a read cannot be interrupted; after Ctrl-C it ends with the process
		text, err := io.ReadAll(io.LimitReader(in, maxQuestion+1))
		read <- result{text, err}
	}()
	select {
	case r := <-read:
		return string(r.text), r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// chosenAgent returns the agent that the flag names, or the default one.
func chosenAgent(c *cli.Command, agents []bot.Agent) (bot.Agent, error) {
	name := c.String("agent")
	if name == "" {
		return agents[0], nil
	}
	at := slices.IndexFunc(agents, func(a bot.Agent) bool { return a.Name == name })
	if at < 0 {
		var names []string
		for _, a := range agents {
			names = append(names, a.Name)
		}
		return bot.Agent{}, newUsageError(c, fmt.Sprintf("there is no agent %q; there are %s", name, strings.Join(names, ", ")))
	}
	return agents[at], nil
}
