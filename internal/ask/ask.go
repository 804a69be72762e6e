// Package ask asks an agent one question, and prints its answer as text. It does not know
// the command line or the settings: the caller passes them.
package ask

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/deliver"
	"enjobridge/enjo"
	"enjobridge/sandbox/slack/blockkit"
	"enjobridge/storage"
)

// Options say what to ask, and whom.
type Options struct {
	Enjo     enjo.Config
	BotID    string // of the agent
	Question string
}

// Run makes one call to the agent. It prints the answer, its sources and a ticket, or
// returns an error with its fix.
func Run(ctx context.Context, o Options, stdout io.Writer) error {
	agent, err := enjo.New(o.Enjo)
	if err != nil {
		return err
	}
	defer agent.Close()
	reply, err := agent.Ask(ctx, o.BotID, enjo.Message{Text: o.Question})
	if err != nil {
		return explained(err)
	}
	_, err = io.WriteString(stdout, render(reply))
	return err
}

// errInterrupted is returned if the call was cancelled.
var errInterrupted = errors.New("interrupted; the agent may have got the question, and the call counts against Enjo's limits")

// explained returns the error of a call with its fix, if that is known.
func explained(err error) error {
	code := enjo.CodeOf(err)
	switch {
	case errors.Is(err, context.Canceled):
		return errInterrupted
	case code == "":
		return err
	}
	return fmt.Errorf("%w\nhint: %s", err, deliver.Explain(storage.Failure(code)).Hint)
}

// render returns a reply as text, in the way in which the bot would show it in Slack.
func render(reply enjo.Reply) string {
	messages := blocks.Answer(blocks.AnswerView{Reply: reply, Whole: true}, blocks.Markdown)
	if reply.Ticket != nil {
		messages = append(messages, blocks.Ticket(blocks.TicketView{Ticket: *reply.Ticket}, blocks.Markdown))
	}
	var parts []string
	for _, m := range messages {
		encoded, err := json.Marshal(m.Blocks)
		if err != nil {
			panic("ask: encoding blocks: " + err.Error()) // they are made of strings
		}
		parts = append(parts, strings.TrimSpace(blockkit.Text(encoded, nobody{})))
	}
	return strings.Join(parts, "\n\n") + "\n"
}

// nobody is a resolver without a workspace: IDs are shown as they are.
type nobody struct{}

// User returns no name.
func (nobody) User(string) string { return "" }

// Channel returns no name.
func (nobody) Channel(string) string { return "" }

// Usergroup returns no handle.
func (nobody) Usergroup(string) string { return "" }

// Zone returns the time zone of this machine.
func (nobody) Zone() *time.Location { return time.Local }

// Now returns the current time.
func (nobody) Now() time.Time { return time.Now() }
