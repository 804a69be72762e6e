package blocks

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

// Limits for the longer texts on a ticket's card, in characters as written.
const (
	ticketIDLimit    = 200
	fieldLimit       = 500
	descriptionLimit = 800
	attributesLimit  = 500
)

// Ticket renders a ticket as a card with all of its fields: the subject, the
// status, and the details in small print.
func Ticket(t enjo.Ticket) Message {
	blocks := []slack.Block{slack.NewSectionBlock(mrkdwnObject("🎫 *"+ticketLink(t)+"*"), nil, nil)}
	if text := longText(t.Description, descriptionLimit); text != "" {
		blocks = append(blocks, slack.NewSectionBlock(mrkdwnObject(text), nil, nil))
	}
	if fields := ticketFields(t); len(fields) > 0 {
		blocks = append(blocks, slack.NewSectionBlock(nil, fields, nil))
	}
	if small := ticketContext(t); len(small) > 0 {
		blocks = append(blocks, slack.NewContextBlock("", small...))
	}
	if id := clean(t.ID); !blank(id) && len(id) <= buttonValueLimit {
		check := button(Button{ActionID: ActionCheckStatus, Text: "Check status", Value: id})
		blocks = append(blocks, slack.NewActionBlock("", check))
	}
	return Message{Text: ticketText(t), Blocks: blocks}
}

// ticketName returns the name of a ticket, in one line.
func ticketName(t enjo.Ticket) string {
	if id := oneLine(t.ID); !blank(id) {
		return shorten(id, ticketIDLimit, plainCost)
	}
	return "Ticket"
}

// ticketLink returns a ticket's name in mrkdwn, linked if the URL is safe.
func ticketLink(t enjo.Ticket) string {
	shown := shorten(ticketName(t), ticketIDLimit, runeCost)
	name := literal(shown, ' ')
	safe, ok := webURL(t.URL)
	if !ok {
		return name
	}
	if misleads(shown, safe) {
		return "<" + escape(safe) + "|" + name + "> (" + literal(target(safe), ' ') + ")"
	}
	return "<" + escape(safe) + "|" + name + ">"
}

func ticketFields(t enjo.Ticket) []*slack.TextBlockObject {
	var fields []*slack.TextBlockObject
	add := func(label, mrkdwn string) {
		if !blank(mrkdwn) {
			fields = append(fields, mrkdwnObject("*"+label+"*\n"+mrkdwn))
		}
	}
	add("Status", field(t.Status))
	add("Priority", field(t.Priority))
	add("Type", field(t.Type))
	if _, ok := webURL(t.URL); !ok {
		add("Link", field(t.URL))
	}
	return fields
}

// ticketContext returns when a ticket was created and changed, and its details.
func ticketContext(t enjo.Ticket) []slack.MixedElement {
	var times []string
	if created := moment(t.Created); !blank(created) {
		times = append(times, "Created "+created)
	}
	if modified := moment(t.Modified); !blank(modified) && modified != moment(t.Created) {
		times = append(times, "Modified "+modified)
	}
	var small []slack.MixedElement
	if len(times) > 0 {
		small = append(small, mrkdwnObject(strings.Join(times, " · ")))
	}
	if details := longText(t.Attributes, attributesLimit); details != "" {
		small = append(small, mrkdwnObject(details))
	}
	return small
}

func field(value string) string {
	return literal(shorten(oneLine(value), fieldLimit, runeCost), ' ')
}

// momentLayout is the fallback for clients that cannot show local time.
const momentLayout = "2006-01-02 15:04 UTC"

// moment shows a time in each reader's time zone, or as received if it could
// not be parsed. See
// https://docs.slack.dev/messaging/formatting-message-text#date-formatting.
func moment(t enjo.Time) string {
	if !t.At.After(time.Unix(0, 0)) || t.At.Year() > 9999 {
		return field(t.Raw)
	}
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s>", t.At.Unix(), t.At.UTC().Format(momentLayout))
}

// longText returns a text of unknown markup unchanged in mrkdwn, with a notice
// if it is cut; empty if there is none.
func longText(text string, limit int) string {
	text = strings.TrimSpace(clean(text))
	if blank(text) {
		return ""
	}
	shown := shorten(text, limit, runeCost)
	if shown != text {
		return literal(shown, ' ') + " _(shortened)_"
	}
	return literal(shown, ' ')
}

// ticketText is the fallback text of a card.
func ticketText(t enjo.Ticket) string {
	text := "Ticket"
	if name := ticketName(t); name != text {
		text += " " + name
	}
	for _, f := range []struct{ label, value string }{{"Type", t.Type}, {"Status", t.Status}, {"Priority", t.Priority}} {
		if value := oneLine(f.value); !blank(value) {
			text += ", " + strings.ToLower(f.label) + " " + shorten(value, fieldLimit, plainCost)
		}
	}
	return fallbackText(text)
}

// TicketChange describes in one line how a ticket changed, such as "Status:
// Open → In Progress"; false if there is no relevant change. A field that is
// empty in the later state has not changed.
func TicketChange(before, after enjo.Ticket) (Message, bool) {
	var changes []string
	for _, f := range []struct{ label, before, after string }{
		{"Status", before.Status, after.Status},
		{"Priority", before.Priority, after.Priority},
		{"Type", before.Type, after.Type},
	} {
		from, to := changed(f.before), changed(f.after)
		switch {
		case blank(to) || from == to:
		case blank(from):
			changes = append(changes, f.label+": "+to)
		default:
			changes = append(changes, f.label+": "+from+" → "+to)
		}
	}
	if rewritten(before.Description, after.Description) {
		changes = append(changes, "Description changed")
	}
	if rewritten(before.Attributes, after.Attributes) {
		changes = append(changes, "Details changed")
	}
	text := strings.Join(changes, " · ")
	mrkdwn := literal(text, ' ')
	if len(changes) == 0 {
		if !touched(before.Modified, after.Modified) {
			return Message{}, false
		}
		text, mrkdwn = "Modified "+after.Modified.At.UTC().Format(momentLayout), "Modified "+moment(after.Modified)
	}
	return Message{
		Text:   fallbackText(ticketName(after) + ": " + text),
		Blocks: []slack.Block{slack.NewSectionBlock(mrkdwnObject("*"+ticketLink(after)+"* "+mrkdwn), nil, nil)},
	}, true
}

// touched reports whether a ticket was modified again, if both times could be
// parsed.
func touched(before, after enjo.Time) bool { return !before.At.IsZero() && after.At.After(before.At) }

// changed returns a field as one line, short enough for a change.
func changed(value string) string { return shorten(oneLine(value), 60, runeCost) }

func rewritten(before, after string) bool {
	return !blank(clean(after)) && oneLine(before) != oneLine(after)
}
