package slack

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Slack's limits for a table.
const (
	maxRows      = 100
	maxColumns   = 20
	maxTableText = 10_000 // characters in all cells
)

// Forward shares a message in another conversation or thread, with a comment, which may
// be empty. It returns the ts of the new message. The user must be a member of both
// conversations. See https://slack.com/help/articles/203274767.
func (w *Workspace) Forward(user, from, ts, to, comment string, opts ...PostOption) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channelsBy[from]
	switch {
	case c == nil:
		return "", fmt.Errorf("forwarding %s from %s: %w", ts, from, ErrChannelNotFound)
	case !c.has(user):
		return "", fmt.Errorf("forwarding %s from %s: %w", ts, from, ErrNotInChannel)
	}
	m := c.byTS[ts]
	if m == nil || m.Deleted || m.EphemeralTo != "" || m.Subtype == tombstone {
		return "", fmt.Errorf("forwarding %s from %s: %w", ts, from, ErrMessageNotFound)
	}
	d := drafted(opts)
	d.attached = []object{w.forwarded(c, m, user)}
	return w.post(to, user, comment, d)
}

// forwarded is the attachment that a client makes of a message that its user forwards.
// Attachments of the message itself are left out.
func (w *Workspace) forwarded(c *channel, m *Message, user string) object {
	author, blocks := w.usersByID[m.User], m.Blocks
	if author == nil {
		author = &User{RealName: cmp.Or(m.Username, w.app.name), Name: cmp.Or(m.Username, w.app.name)}
	}
	if blocks == nil && m.Text != "" {
		blocks = richText(m.Text, "")
	}
	o := object{
		"id": 1, "ts": m.TS, "channel_id": c.ID, "channel_team": w.home(c), "is_share": true, "is_msg_unfurl": true,
		"author_name": author.RealName, "author_subname": author.Name, "author_link": w.URL() + "/team/" + author.ID,
		"author_icon": w.URL() + "/avatar/" + author.ID, "from_url": w.permalink(c, m), "original_url": w.permalink(c, m),
		"text": m.Text, "fallback": fmt.Sprintf("[%s] %s: %s", w.longDate(m.TS, user), author.Name, unescaper.Replace(m.Text)),
		"color": "D0D0D0", "footer": footer(c, m), "mrkdwn_in": []string{"text"}, "private_channel_prompt": c.Kind != Public,
	}
	if author.ID != "" {
		o["author_id"] = author.ID
	}
	if blocks != nil {
		o["message_blocks"] = []object{{"team": w.home(c), "channel": c.ID, "ts": m.TS, "message": object{"blocks": blocks}}}
	}
	if len(m.Files) > 0 {
		o["files"] = w.messageFiles(m.Files)
	}
	return o
}

// footer says where a forwarded message is from.
func footer(c *channel, m *Message) string {
	switch {
	case c.Kind == Direct || c.Kind == Group:
		return "Direct message"
	case m.isReply():
		return "From a thread in #" + c.Name
	}
	return "Posted in #" + c.Name
}

// longDate returns the time of a message as its reader's client writes it.
func (w *Workspace) longDate(ts, reader string) string {
	at := moment(ts)
	if u := w.usersByID[reader]; u != nil {
		if zone, err := time.LoadLocation(u.TZ); err == nil {
			at = at.In(zone)
		}
	}
	suffix := "th"
	if day := at.Day(); day < 11 || day > 13 {
		suffix = cmp.Or(map[int]string{1: "st", 2: "nd", 3: "rd"}[day%10], "th")
	}
	return at.Format("January 2") + suffix + at.Format(", 2006 3:04 PM")
}

// moment returns the time of a message.
func moment(ts string) time.Time {
	var seconds, micros int64
	_, _ = fmt.Sscanf(ts, "%d.%d", &seconds, &micros) // an own ts
	return time.Unix(seconds, micros*1000).UTC()
}

// PasteTable posts a message with cells pasted from a spreadsheet, and a text, which may
// be empty. Cells with links or mentions have rich text. See
// https://docs.slack.dev/reference/block-kit/blocks/table-block.
func (w *Workspace) PasteTable(channel, user, text string, rows [][]string, opts ...PostOption) (string, error) {
	table, err := pasted(rows)
	if err != nil {
		return "", fmt.Errorf("pasting a table to %s: %w", channel, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	d := drafted(opts)
	d.attached = []object{{"id": 1, "fallback": "[no preview available]", "blocks": []object{table}}}
	return w.post(channel, user, text, d)
}

// pasted is the block that a client makes of pasted cells. Shorter rows get empty cells.
func pasted(rows [][]string) (object, error) {
	columns, length := 0, 0
	for _, row := range rows {
		columns = max(columns, len(row))
		length += len([]rune(strings.Join(row, "")))
	}
	if columns == 0 || columns > maxColumns || len(rows) > maxRows || length > maxTableText {
		return nil, errors.New("a table has 1 to 100 rows of 1 to 20 cells with 10,000 characters")
	}
	cells := make([][]object, len(rows))
	for i, row := range rows {
		for n := range columns {
			text := ""
			if n < len(row) {
				text = row[n]
			}
			cells[i] = append(cells[i], cell(text))
		}
	}
	settings := make([]object, columns)
	for i := range settings {
		settings[i] = object{"is_wrapped": true}
	}
	return object{"type": "table", "block_id": "", "rows": cells, "column_settings": settings}, nil
}

// cell is a cell of a table.
func cell(text string) object {
	stored := typed(text)
	if !token.MatchString(stored) {
		return object{"type": "raw_text", "text": text}
	}
	return object{"type": "rich_text", "elements": []object{richSection(stored)}}
}
