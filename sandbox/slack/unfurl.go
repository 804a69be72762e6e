package slack

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// unfurlAfter is the time that Slack needs to fetch a link of a message.
const unfurlAfter = time.Second

// Unfurl attaches previews of a message's links now. Slack does so by itself a
// moment after a message with a link. Apps get a message_changed with the same
// text. Nothing is fetched: the previews are placeholders, one for each link of
// the text. A message without a link gets one of example.com. A message that
// has its previews is not changed.
//
// It returns [ErrMessageNotFound], or [ErrUnfurlForbidden] if the message was
// posted with unfurl_links and unfurl_media false. See
// https://docs.slack.dev/messaging/unfurling-links-in-messages.
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

// unfurlSoon schedules the previews of a new message, unless it has no link or
// its app disabled them. The caller must hold mu.
func (w *Workspace) unfurlSoon(c *channel, m *Message) {
	if m.NoUnfurl || m.EphemeralTo != "" || len(linksIn(m.Text)) == 0 {
		return
	}
	w.after(w.scaled(unfurlAfter), nil, func() { w.unfurlDue(c, m) })
}

// unfurlDue attaches the scheduled previews, if the message and its links still
// exist. The caller must hold mu.
func (w *Workspace) unfurlDue(c *channel, m *Message) {
	if links := linksIn(m.Text); c.byTS[m.TS] == m && !m.Deleted && len(links) > 0 {
		w.unfurl(c, m, links)
	}
}

// unfurl appends previews of the links to the attachments. The caller must hold
// mu.
func (w *Workspace) unfurl(c *channel, m *Message, links []string) {
	if m.Unfurled {
		return
	}
	var attached []any
	if m.Attachments != nil && json.Unmarshal(m.Attachments, &attached) != nil {
		return // previews can be added only to a list
	}
	w.change(c, m, func() {
		for _, link := range links {
			attached = append(attached, preview(len(attached)+1, link))
		}
		m.Unfurled, m.Attachments = true, mustJSON(attached)
	})
}

// maxPreviews limits the previews of a message.
const maxPreviews = 5

// linksIn returns the addresses in a stored text that get a preview, each once.
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

// preview is the attachment for a link, with placeholder content.
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
