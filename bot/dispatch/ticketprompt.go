package dispatch

import (
	"cmp"
	"context"
	"strings"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// The placeholders of the prompt that asks for a ticket.
const (
	placeholderRequester = "{requester}"
	placeholderChannel   = "{channel}"
	placeholderLink      = "{link}"
)

// withoutLink stands for the link to a question that only its asker can see.
const withoutLink = "asked privately, without a link"

// isTicketRequest reports whether a question's text is the operator's prompt for a ticket.
func isTicketRequest(q storage.Question) bool {
	return q.MakesTicket && q.Origin == storage.Button && len(q.Again) == 0
}

// hasPlaceholders reports whether a question's text has placeholders to fill. What people
// write has none, although it can look like that.
func hasPlaceholders(q storage.Question) bool {
	if !isTicketRequest(q) {
		return false
	}
	for _, placeholder := range []string{placeholderRequester, placeholderChannel, placeholderLink} {
		if strings.Contains(q.Text, placeholder) {
			return true
		}
	}
	return false
}

// fill puts the requester, the channel and a link to the thread into a prompt. Without
// Slack they are IDs and a timestamp, and complete is false.
func (p *promptWriter) fill(ctx context.Context, q storage.Question, prompt string, names slackevent.Names) (text string, complete bool) {
	user, _ := p.slack.User(ctx, q.Asker)
	requester := cmp.Or(cleanName(user.Name), q.Asker)
	if email := cleanLine(user.Email); p.shareEmail && email != "" {
		requester += " (" + email + ")"
	}
	channel := names.Channel(q.Thread.Channel)
	place := "#" + cmp.Or(cleanLine(channel), q.Thread.Channel)
	switch {
	case storage.IsDirect(q.Thread.Channel):
		place, channel = "a direct message", "a direct message"
	case strings.HasPrefix(channel, "mpdm-"):
		place = "a group direct message"
	}
	root := cmp.Or(q.Thread.Root, storage.MessageTS(q.ID.TS))
	link := p.slack.Permalink(ctx, q.Thread.Channel, root)
	if q.Thread.IsPrivate() {
		root, link = withoutLink, withoutLink
	}
	filler := strings.NewReplacer(placeholderRequester, requester, placeholderChannel, place, placeholderLink, cmp.Or(link, root))
	return filler.Replace(prompt), user.Name != "" && channel != "" && link != ""
}

// cleanLine returns a text on one line.
func cleanLine(text string) string { return strings.Join(strings.Fields(text), " ") }
