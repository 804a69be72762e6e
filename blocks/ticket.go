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
	subjectLimit     = 100
)

// TicketView is a ticket with what the bot knows about it.
type TicketView struct {
	Ticket    enjo.Ticket
	Requester string // the name of the person who asked for it; may be empty
	// Closed says that the ticketing system counts the ticket as closed, whatever its
	// status is called.
	Closed bool
}

// Ticket renders a ticket with all of its fields: as Slack's card if the rendering is
// [Rich], else as sections.
func Ticket(v TicketView, as Rendering) Message {
	m := Message{Text: ticketText(v)}
	if as == Rich {
		m.Blocks = ticketCard(v)
	} else {
		m.Blocks = ticketSections(v)
	}
	return m
}

// ticketSections renders a ticket as sections: the subject, the status, and the details
// in small print.
func ticketSections(v TicketView) []slack.Block {
	t := v.Ticket
	title := "🎫 *" + ticketLink(t) + "*"
	if subject := subjectOf(t.Description); subject != "" {
		title += " · " + literal(shorten(subject, subjectLimit, runeCost), ' ')
	}
	blocks := []slack.Block{slack.NewSectionBlock(mrkdwnObject(title), nil, nil)}
	if fields := ticketFields(v); len(fields) > 0 {
		blocks = append(blocks, slack.NewSectionBlock(nil, fields, nil))
	}
	if text := moreThanSubject(t); text != "" {
		blocks = append(blocks, slack.NewSectionBlock(mrkdwnObject(text), nil, nil))
	}
	if small := ticketContext(t); len(small) > 0 {
		blocks = append(blocks, slack.NewContextBlock("", small...))
	}
	if buttons := ticketButtons(t); len(buttons) > 0 {
		blocks = append(blocks, slack.NewActionBlock("", buttons...))
	}
	return blocks
}

// ticketButtons returns the buttons that open a ticket in its ticketing system and ask for
// its status.
func ticketButtons(t enjo.Ticket) []slack.BlockElement {
	var buttons []slack.BlockElement
	if safe, ok := webURL(t.URL); ok {
		open := button(Button{ActionID: ActionOpenTicket, Text: openTicketLabel(t)})
		open.URL = safe
		buttons = append(buttons, open)
	}
	if id := clean(t.ID); !blank(id) && len(id) <= buttonValueLimit {
		buttons = append(buttons, button(Button{ActionID: ActionCheckStatus, Text: buttonCheckStatus.Text(), Value: id}))
	}
	return buttons
}

// subjectOf returns the first line of a ticket's description that has text, without the
// full stop or the colon at its end.
func subjectOf(description string) string {
	for _, b := range describe(description) {
		for line := range strings.Lines(asPlain.write(b)) {
			if line = oneLine(line); !blank(line) {
				return withoutStop(line)
			}
		}
	}
	return ""
}

// withoutStop removes one full stop, or a colon, from the end of a text.
func withoutStop(text string) string {
	for _, stop := range []string{".", ":"} {
		if shorter := strings.TrimSuffix(text, stop); shorter != "" && !strings.HasSuffix(shorter, stop) {
			text = shorter
		}
	}
	return text
}

// moreThanSubject returns the description in mrkdwn, if it says more than its subject.
func moreThanSubject(t enjo.Ticket) string {
	if subject := subjectOf(t.Description); subject == withoutStop(describedLine(t.Description)) && length(subject) <= subjectLimit {
		return ""
	}
	return describedMrkdwn(t.Description, descriptionLimit)
}

// statusSign returns the emoji of a ticket's status; empty if the status is unknown.
func (v TicketView) statusSign() string {
	category := CategoryOf(v.Ticket.Status)
	switch {
	case v.Closed && !category.Closed():
		category = TicketDone
	case blank(oneLine(v.Ticket.Status)):
		return ""
	}
	return category.sign()
}

// ticketName returns the name of a ticket, in one line.
func ticketName(t enjo.Ticket) string {
	if id := oneLine(t.ID); !blank(id) {
		return shorten(id, ticketIDLimit, plainCost)
	}
	return labelTicket.Text()
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

func ticketFields(v TicketView) []*slack.TextBlockObject {
	t := v.Ticket
	var fields []*slack.TextBlockObject
	add := func(label Key, mrkdwn string) {
		if !blank(mrkdwn) {
			fields = append(fields, mrkdwnObject("*"+label.Text()+"*\n"+mrkdwn))
		}
	}
	if status := field(t.Status); !blank(status) {
		add(labelStatus, v.statusSign()+" "+status)
	}
	add(labelPriority, field(t.Priority))
	add(labelType, field(t.Type))
	add(labelRequester, field(v.Requester))
	if _, ok := webURL(t.URL); !ok {
		add(labelLink, field(t.URL))
	}
	return fields
}

// ticketContext returns when a ticket was created and changed, and its details.
func ticketContext(t enjo.Ticket) []slack.MixedElement {
	var times []string
	if created := moment(t.Created); !blank(created) {
		times = append(times, labelCreated.Text("date", created))
	}
	if modified := moment(t.Modified); !blank(modified) && modified != moment(t.Created) {
		times = append(times, labelModified.Text("date", modified))
	}
	var small []slack.MixedElement
	if len(times) > 0 {
		small = append(small, mrkdwnObject(strings.Join(times, " · ")))
	}
	if details := describedMrkdwn(t.Attributes, attributesLimit); details != "" {
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
	if !isParsed(t) {
		return field(t.Raw)
	}
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s>", t.At.Unix(), t.At.UTC().Format(momentLayout))
}

// spokenMoment is [moment] as plain text.
func spokenMoment(t enjo.Time) string {
	if !isParsed(t) {
		return shorten(oneLine(t.Raw), fieldLimit, plainCost)
	}
	return t.At.UTC().Format(momentLayout)
}

func isParsed(t enjo.Time) bool { return t.At.After(time.Unix(0, 0)) && t.At.Year() <= 9999 }

// ticketText is the fallback text of a card, in whole sentences: screen readers and
// notifications have nothing else.
func ticketText(v TicketView) string {
	t := v.Ticket
	text := ticketTitle(t)
	for _, f := range []struct {
		label Key
		value string
	}{
		{labelStatus, t.Status}, {labelPriority, t.Priority}, {labelType, t.Type}, {labelRequester, v.Requester},
	} {
		if value := oneLine(f.value); !blank(value) {
			text += " " + sentence(f.label.Text()+": "+shorten(value, fieldLimit, plainCost))
		}
	}
	return fallbackText(text + ticketAddress(t))
}

// ticketNews is the fallback text of news about a ticket: its subject, sentences and its
// link.
func ticketNews(t enjo.Ticket, sentences ...string) string {
	return fallbackText(ticketTitle(t) + " " + strings.Join(sentences, " ") + ticketAddress(t))
}

// ticketAddress returns the link to a ticket, as the end of a text; empty if there is none.
func ticketAddress(t enjo.Ticket) string {
	safe, ok := webURL(t.URL)
	if !ok {
		return ""
	}
	return " " + openTicketLabel(t) + ": " + safe
}

// ticketTitle returns the name and the subject of a ticket, as plain text with a full stop.
func ticketTitle(t enjo.Ticket) string {
	text := labelTicket.Text()
	if name := ticketName(t); name != text {
		text += " " + name
	}
	if subject := subjectOf(t.Description); subject != "" {
		text += ": " + shorten(subject, subjectLimit, plainCost)
	}
	return sentence(text)
}

// sentence ends a text with a full stop, unless it ends with punctuation.
func sentence(text string) string {
	if strings.ContainsRune(".!?…。！？", lastRune(text)) {
		return text
	}
	return strings.TrimRight(text, ":;, ") + "."
}

// TicketChange describes in one line how a ticket changed, such as "Status:
// Open → In Progress"; false if there is no relevant change. A field that is
// empty in the later state has not changed.
func TicketChange(before, after enjo.Ticket) (Message, bool) {
	var changes, spoken []string
	for _, f := range []struct {
		label         Key
		before, after string
	}{
		{labelStatus, before.Status, after.Status},
		{labelPriority, before.Priority, after.Priority},
		{labelType, before.Type, after.Type},
	} {
		from, to := changed(f.before), changed(f.after)
		switch {
		case blank(to) || from == to:
		case blank(from):
			changes = append(changes, f.label.Text()+": "+to)
			spoken = append(spoken, sayFieldSet.Text("field", f.label.Text(), "to", to))
		default:
			changes = append(changes, f.label.Text()+": "+from+" → "+to)
			spoken = append(spoken, sayFieldChanged.Text("field", f.label.Text(), "from", from, "to", to))
		}
	}
	for _, f := range []struct {
		label         Key
		before, after string
	}{
		{labelDescriptionChanged, before.Description, after.Description},
		{labelDetailsChanged, before.Attributes, after.Attributes},
	} {
		if rewritten(f.before, f.after) {
			changes, spoken = append(changes, f.label.Text()), append(spoken, sentence(f.label.Text()))
		}
	}
	mrkdwn := literal(strings.Join(changes, " · "), ' ')
	if len(changes) == 0 {
		if !touched(before.Modified, after.Modified) {
			return Message{}, false
		}
		spoken = append(spoken, sentence(labelModified.Text("date", spokenMoment(after.Modified))))
		mrkdwn = labelModified.Text("date", moment(after.Modified))
	}
	return Message{
		Text:   ticketNews(after, spoken...),
		Blocks: []slack.Block{slack.NewSectionBlock(mrkdwnObject(ticketLead(after)+" · "+mrkdwn), nil, nil)},
	}, true
}

// ticketLead begins a line about a ticket: the sign of its status, its link and its
// subject.
func ticketLead(t enjo.Ticket) string {
	lead := "*" + ticketLink(t) + "*"
	if sign := (TicketView{Ticket: t}).statusSign(); sign != "" {
		lead = sign + " " + lead
	}
	if subject := shorten(subjectOf(t.Description), 80, runeCost); !blank(subject) {
		lead += " · " + literal(subject, ' ')
	}
	return lead
}

// touched reports whether a ticket was modified again, if both times could be
// parsed.
func touched(before, after enjo.Time) bool { return !before.At.IsZero() && after.At.After(before.At) }

// changed returns a field as one line, short enough for a change.
func changed(value string) string { return shorten(oneLine(value), 60, runeCost) }

// rewritten reports whether a reader sees a difference between two texts.
func rewritten(before, after string) bool {
	return !blank(clean(after)) && oneLine(before) != oneLine(after) && describedLine(before) != describedLine(after)
}
