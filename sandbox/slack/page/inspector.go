package page

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"enjobridge/sandbox/slack"
)

const (
	inspected  = 200  // entries that the inspector shows at first
	searchable = 2000 // entries whose details are available
	maxHint    = 90   // characters
)

// row is an entry of the inspector: an envelope, a call, or an entry of another
// service.
type row struct {
	Key     string
	At      time.Time
	Clock   string // in the viewer's time zone
	Kind    string // event, interaction, command, call, or the name of a panel
	Name    string
	Hint    string // the subject
	Outcome string
	Bad     bool // it was refused, lost or not acknowledged
	Open    bool // the outcome is not known yet
	Took    string
	Fault   string
}

// Nano is the sort key of the row.
func (r row) Nano() string { return fmt.Sprintf("%020d", r.At.UnixNano()) }

// rows returns the last n entries of all kinds, oldest first.
func (v *viewer) rows(n int) []row {
	var all []row
	for _, c := range v.slack.LastCalls(n) {
		all = append(all, v.callRow(c))
	}
	for _, e := range v.slack.LastTraffic(n) {
		all = append(all, v.envelopeRow(e))
	}
	for i, panel := range v.options.Panels {
		if panel.Journal == nil {
			continue
		}
		entries := panel.Journal()
		for _, e := range entries[max(0, len(entries)-n):] {
			all = append(all, entryRow(i, panel.Name, e))
		}
	}
	slices.SortStableFunc(all, func(a, b row) int { return a.At.Compare(b.At) })
	all = all[max(0, len(all)-n):]
	for i := range all {
		all[i].Clock = all[i].At.In(v.zone).Format("15:04:05.000")
	}
	return all
}

func callKey(c slack.Call) string { return "c" + strconv.FormatInt(c.At.UnixNano(), 36) }

func (p *Page) callRow(c slack.Call) row {
	r := row{
		Key: callKey(c), At: c.At, Kind: "call", Name: c.Method,
		Hint: p.hint(cmp.Or(c.Args["channel"], c.Args["channel_id"]), cmp.Or(c.Args["text"], c.Args["status"], c.Args["name"])),
		Took: brief(c.Took), Fault: c.Fault, Outcome: "ok", Bad: c.Error != "" || c.Status != http.StatusOK,
	}
	switch {
	case c.Error != "":
		r.Outcome = c.Error
	case c.Status == 0:
		r.Outcome = "connection cut"
	case r.Bad:
		r.Outcome = "HTTP " + strconv.Itoa(c.Status)
	}
	return r
}

// envelopeKey identifies an attempt. A dropped one has no ID.
func envelopeKey(e slack.Envelope) string {
	return "e" + cmp.Or(e.ID, strconv.FormatInt(e.Sent.UnixNano(), 36))
}

func (p *Page) envelopeRow(e slack.Envelope) row {
	var about struct {
		Event struct {
			Channel, Text, User, Subtype, Reaction string
		}
		Actions []struct {
			ActionID string `json:"action_id"`
		}
		Channel struct{ ID string }
		Text    string
	}
	_ = json.Unmarshal(e.Payload, &about) // a payload of another form has no hint
	text := cmp.Or(about.Event.Text, about.Event.Reaction, about.Event.Subtype, about.Text)
	if len(about.Actions) > 0 {
		text = about.Actions[0].ActionID
	}
	r := row{
		Key: envelopeKey(e), At: e.Sent, Name: e.Inner,
		Kind:    map[string]string{"events_api": "event", "interactive": "interaction", "slash_commands": "command"}[e.Type],
		Hint:    p.hint(cmp.Or(about.Event.Channel, about.Channel.ID), text),
		Outcome: map[slack.Outcome]string{slack.Sent: "waiting for ack", slack.Acked: "acked", slack.TimedOut: "no ack in 3 s", slack.NoSocket: "no socket", slack.Swallowed: "lost"}[e.Outcome],
		Open:    e.Outcome == slack.Sent, Bad: e.Outcome != slack.Sent && e.Outcome != slack.Acked,
	}
	if !e.Acked.IsZero() {
		r.Took = brief(e.Acked.Sub(e.Sent))
	}
	if e.Attempt > 0 {
		r.Fault = fmt.Sprintf("retry %d, %s", e.Attempt, e.Reason)
	}
	return r
}

// hint shows the place and the text of something in a few words.
func (p *Page) hint(channel, text string) string {
	var parts []string
	if c, known := p.slack.View.Channel(channel); known && c.Name != "" {
		parts = append(parts, "#"+c.Name)
	}
	if text = strings.Join(strings.Fields(p.typedText(text)), " "); text != "" {
		parts = append(parts, text)
	}
	hint := []rune(strings.Join(parts, " "))
	if len(hint) > maxHint {
		return string(hint[:maxHint]) + "…"
	}
	return string(hint)
}

// brief returns a duration with its significant digits.
func brief(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// serveInspector returns the inspector.
func (p *Page) serveInspector(v *viewer, rw http.ResponseWriter, _ *http.Request) {
	p.show(rw, "inspector", v.rows(inspected))
}

// part is a part of the details of a row.
type part struct {
	Name, Text string
	Bad        bool
}

// serveDetail returns the details of an entry.
func (p *Page) serveDetail(rw http.ResponseWriter, r *http.Request) {
	key := r.PathValue("key")
	for _, c := range p.slack.LastCalls(searchable) {
		if callKey(c) == key {
			p.show(rw, "detail", callParts(c))
			return
		}
	}
	for _, e := range p.slack.LastTraffic(searchable) {
		if envelopeKey(e) == key {
			p.show(rw, "detail", envelopeParts(e))
			return
		}
	}
	for i, panel := range p.options.Panels {
		if panel.Journal == nil {
			continue
		}
		for _, e := range panel.Journal() {
			if entryRow(i, panel.Name, e).Key == key {
				p.show(rw, "detail", []part{{Name: "Details", Text: pretty(asJSON(e.Detail))}})
				return
			}
		}
	}
	http.NotFound(rw, r)
}

// callParts returns the request and the response of a call, and why it was
// refused.
func callParts(c slack.Call) []part {
	var parts []part
	var answer struct {
		Needed, Provided string
		Metadata         struct{ Messages []string } `json:"response_metadata"`
	}
	_ = json.Unmarshal(c.Response, &answer) // an invalid response has no further details
	if c.Error != "" {
		why := append([]string{c.Error}, answer.Metadata.Messages...)
		if answer.Needed != "" {
			why = append(why, "needs "+answer.Needed+", has "+cmp.Or(answer.Provided, "nothing"))
		}
		parts = append(parts, part{Name: "Refused", Text: strings.Join(why, "\n"), Bad: true})
	}
	if c.Fault != "" {
		parts = append(parts, part{Name: "Fault", Text: c.Fault, Bad: true})
	}
	for _, name := range slices.Sorted(maps.Keys(c.Args)) {
		parts = append(parts, part{Name: name, Text: pretty([]byte(c.Args[name]))})
	}
	return append(parts, part{Name: "Response", Text: fmt.Sprintf("HTTP %d after %s\n%s", c.Status, brief(c.Took), pretty(c.Response))})
}

func envelopeParts(e slack.Envelope) []part {
	about := fmt.Sprintf("envelope %s over %s, attempt %d", cmp.Or(e.ID, "without ID"), cmp.Or(e.Socket, "no socket"), e.Attempt)
	if e.EventID != "" {
		about += "\nevent " + e.EventID
	}
	if e.Reason != "" {
		about += "\nretried for " + e.Reason
	}
	parts := []part{{Name: "Delivery", Text: about}, {Name: "Payload", Text: pretty(e.Payload)}}
	switch {
	case len(e.Response) > 0:
		parts = append(parts, part{Name: "Ack's payload", Text: pretty(e.Response)})
	case e.Outcome == slack.TimedOut:
		parts = append(parts, part{Name: "Ack", Text: "None came within 3 seconds.", Bad: true})
	}
	return parts
}

// pretty returns JSON on several lines, and anything else unchanged.
func pretty(raw []byte) string {
	var b bytes.Buffer
	if first := bytes.TrimLeft(raw, " \n\t"); len(first) == 0 || first[0] != '{' && first[0] != '[' || json.Indent(&b, raw, "", "  ") != nil {
		return string(raw)
	}
	return b.String()
}

// serveJSON returns the JSON of the message as posted.
func (p *Page) serveJSON(v *viewer, rw http.ResponseWriter, r *http.Request) {
	c, visible := v.channel(r.PathValue("channel"))
	m, known := v.slack.Message(c.ID, r.PathValue("ts"))
	if !visible || !known || !v.sees(&m) {
		http.NotFound(rw, r)
		return
	}
	p.show(rw, "detail", []part{{Name: "Message", Text: pretty(asJSON(m))}})
}
