package interact

import (
	"cmp"
	"context"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
)

// command is a word after /enjo.
type command struct {
	word, help string
	run        func(ctx context.Context, i slackevent.Interaction) (blocks.Message, error)
}

// commands are all words after /enjo.
func (d *Interact) commands() []command {
	return []command{
		{"tickets", blocks.HelpTickets, d.listTickets},
		{"status", blocks.HelpStatus, d.status},
		{"new", blocks.HelpNew, d.startConversation},
		{"help", blocks.HelpHelp, d.help},
	}
}

// command answers /enjo, to the person alone.
// https://docs.slack.dev/interactivity/implementing-slash-commands
func (d *Interact) command(_ context.Context, i slackevent.Interaction) (func(), error) {
	run := d.help
	for _, c := range d.commands() {
		if c.word == i.Name {
			run = c.run
		}
	}
	return d.task("answering a command", func(ctx context.Context) error {
		message, err := run(ctx, i)
		if err != nil {
			message = blocks.Say(blocks.SayWentWrong)
			d.log.Error().Err(err).Msg("command failed")
		}
		return d.tell(ctx, i, message)
	}), nil
}

// help lists the commands.
func (d *Interact) help(context.Context, slackevent.Interaction) (blocks.Message, error) {
	var lines []string
	for _, c := range d.commands() {
		lines = append(lines, blocks.HelpLine(c.word, c.help))
	}
	return blocks.Help(lines), nil
}

// listTickets lists the tickets of the person.
func (d *Interact) listTickets(ctx context.Context, i slackevent.Interaction) (blocks.Message, error) {
	lines, err := d.ticketLines(ctx, i.User)
	return blocks.Tickets(lines), err
}

const (
	// linksShown bounds the links to threads that are looked up for a list.
	linksShown = 20
	// commandTimeout bounds what is looked up for an answer that a person waits for.
	commandTimeout = 10 * time.Second
)

// ticketLines returns the tickets of a person, with links to their threads.
func (d *Interact) ticketLines(ctx context.Context, user string) ([]blocks.TicketLine, error) {
	tickets, err := d.store.TicketsOf(ctx, user)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	lines := make([]blocks.TicketLine, len(tickets))
	for n, t := range tickets {
		lines[n] = blocks.TicketLine{Ticket: t.Latest, Since: t.UpdatedAt}
		if place := cmp.Or(t.Card, t.Thread.Root); place != "" && n < linksShown {
			lines[n].Thread = d.slack.Permalink(ctx, t.Thread.Channel, place)
		}
	}
	return lines, nil
}
