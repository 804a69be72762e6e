package blocks

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

// The limits of Slack's card block, in characters.
// https://docs.slack.dev/reference/block-kit/blocks/card-block
const (
	cardTitleLimit = 150
	cardBodyLimit  = 200
)

// ticketCard renders a ticket as Slack's card, with what does not fit there in a
// collapsed container below it.
func ticketCard(v TicketView) []slack.Block {
	t := v.Ticket
	card := slack.NewCardBlock().WithTitle(mrkdwnObject(cardTitle(t)))
	if state := cardState(v); state != "" {
		card.WithSubtitle(mrkdwnObject(state))
	}
	if history := cardHistory(v); history != "" {
		card.WithBody(mrkdwnObject(history))
	}
	if buttons := ticketButtons(t); len(buttons) > 0 {
		card.WithActions(buttons...)
	}
	blocks := []slack.Block{card}
	if details := ticketDetails(t); len(details) > 0 {
		blocks = append(blocks, slack.NewContainerBlock(details...).WithTitle(plainObject(titleDetails.Text())).WithCollapsible(true, true))
	}
	return blocks
}

// cardTitle returns a ticket's name and subject in mrkdwn, as in all of Slack's examples.
func cardTitle(t enjo.Ticket) string {
	title := ticketName(t)
	if subject := subjectOf(t.Description); subject != "" {
		title = shorten(title, cardTitleLimit/2, runeCost) + " · " + subject
	}
	return literal(shorten(title, cardTitleLimit, runeCost), ' ')
}

// cardState returns a ticket's status, priority and type in mrkdwn.
func cardState(v TicketView) string {
	t, short := v.Ticket, func(value string, limit int) string {
		return literal(shorten(oneLine(value), limit, runeCost), ' ')
	}
	var parts []string
	if status := short(t.Status, 50); !blank(status) {
		parts = append(parts, v.statusSign()+" *"+status+"*")
	}
	if priority := short(t.Priority, 30); !blank(priority) {
		parts = append(parts, labelPriority.Text()+": "+priority)
	}
	if kind := short(t.Type, 40); !blank(kind) {
		parts = append(parts, kind)
	}
	return fitting(parts, cardTitleLimit)
}

// cardHistory returns who asked for a ticket, and when it was created and changed, in
// mrkdwn.
func cardHistory(v TicketView) string {
	t := v.Ticket
	var parts []string
	if name := shorten(oneLine(v.Requester), 40, runeCost); !blank(name) {
		parts = append(parts, labelRequestedBy.Text("person", literal(name, ' ')))
	}
	if created := day(t.Created); !blank(created) {
		parts = append(parts, labelCreated.Text("date", created))
	}
	if modified := briefMoment(t.Modified); !blank(modified) && modified != briefMoment(t.Created) {
		parts = append(parts, labelModified.Text("date", modified))
	}
	return fitting(parts, cardBodyLimit)
}

// ticketDetails returns what a card has no place for: the whole description, an address
// that is no web link, and other data.
func ticketDetails(t enjo.Ticket) []slack.Block {
	var details []slack.Block
	if text := moreThanSubject(t); text != "" {
		details = append(details, slack.NewSectionBlock(mrkdwnObject(text), nil, nil))
	}
	var small []slack.MixedElement
	if address := field(t.URL); !blank(address) {
		if _, ok := webURL(t.URL); !ok {
			small = append(small, mrkdwnObject(labelLink.Text()+": "+address))
		}
	}
	if data := describedMrkdwn(t.Attributes, attributesLimit); data != "" {
		small = append(small, mrkdwnObject(data))
	}
	if len(small) > 0 {
		details = append(details, slack.NewContextBlock("", small...))
	}
	return details
}

// fitting joins the first parts that fit into a limit.
func fitting(parts []string, limit int) string {
	text := ""
	for _, part := range parts {
		if text != "" {
			part = text + " · " + part
		}
		if length(part) > limit {
			break
		}
		text = part
	}
	return text
}

// briefMoment is [moment], with a time that could not be parsed shortened.
func briefMoment(t enjo.Time) string {
	if at := moment(t); strings.HasPrefix(at, "<!date^") {
		return at
	}
	return literal(shorten(oneLine(t.Raw), 40, runeCost), ' ')
}

// day is [briefMoment] without the time of the day.
func day(t enjo.Time) string {
	if at := moment(t); !strings.HasPrefix(at, "<!date^") {
		return briefMoment(t)
	}
	return fmt.Sprintf("<!date^%d^{date_short_pretty}|%s>", t.At.Unix(), t.At.UTC().Format(time.DateOnly))
}
