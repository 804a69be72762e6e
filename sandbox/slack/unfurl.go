package slack

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// unfurlAfter is how long after a message with a link Slack has looked at what is there.
const unfurlAfter = time.Second

// Unfurl attaches previews of its links to a message now, as Slack does by
// itself a moment after a message with a link: apps get a message_changed with
// the same text. Nothing is fetched, the previews are placeholders, one for each
// link of the text; a message without a link gets one of example.com. A message
// that has its previews stays as it is.
//
// It returns [ErrMessageNotFound], or [ErrUnfurlForbidden] if the message was
// posted with unfurl_links and unfurl_media false.
// See https://docs.slack.dev/messaging/unfurling-links-in-messages.
func (w *Workspace) Unfurl(channel, ts string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.message(channel, ts)
	if m == nil || m.Deleted || m.EphemeralTo != "" {
		return fmt.Errorf("unfurling %s in %s: %w", ts, channel, ErrMessageNotFound)
	}
	if m.NoUnfurl {
		return fmt.Errorf("unfurling %s in %s: %w", ts, channel, ErrUnfurlForbidden)
	}
	links := linksIn(m.Text)
	if len(links) == 0 {
		links = []string{"https://example.com/"}
	}
	w.unfurl(w.channelsBy[channel], m, links)
	return nil
}

// unfurlSoon lets a message that was just posted get its previews, unless it has
// no link or its app forbids it. mu must be held.
func (w *Workspace) unfurlSoon(c *channel, m *Message) {
	if m.NoUnfurl || m.EphemeralTo != "" || len(linksIn(m.Text)) == 0 {
		return
	}
	w.after(w.scaled(unfurlAfter), nil, func() { w.unfurlDue(c, m) })
}

// unfurlDue attaches the previews whose time has come, if the message and the
// links in it are still there. mu must be held.
func (w *Workspace) unfurlDue(c *channel, m *Message) {
	if links := linksIn(m.Text); c.byTS[m.TS] == m && !m.Deleted && len(links) > 0 {
		w.unfurl(c, m, links)
	}
}

// unfurl appends previews of the links to what is attached already. mu must be held.
func (w *Workspace) unfurl(c *channel, m *Message, links []string) {
	if m.Unfurled {
		return
	}
	var attached []any
	if m.Attachments != nil && json.Unmarshal(m.Attachments, &attached) != nil {
		return // what is not a list cannot be added to
	}
	w.change(c, m, func() {
		for _, link := range links {
			attached = append(attached, preview(len(attached)+1, link))
		}
		m.Unfurled, m.Attachments = true, mustJSON(attached)
	})
}

// maxPreviews is how many links of a message get a preview.
const maxPreviews = 5

// linksIn returns the addresses to preview in a text as Slack stores it, each once.
func linksIn(text string) []string {
	var found []string
	for _, address := range link.FindAllString(text, -1) {
		address = unescaper.Replace(address)
		if strings.Contains(address, "://") && !slices.Contains(found, address) && len(found) < maxPreviews {
			found = append(found, address)
		}
	}
	return found
}

// preview is the attachment that a link gets. What it shows stands for what Slack would find there.
func preview(id int, address string) object {
	host := address
	if u, err := url.Parse(address); err == nil {
		host = u.Hostname()
	}
	title := "Preview of " + host
	return object{
		"id": id, "from_url": address, "original_url": address, "service_name": host,
		"title": title, "title_link": address, "fallback": title, "text": "What is there would be shown here.",
	}
}
