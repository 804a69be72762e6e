package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/blockkit"
)

// screen prints messages between the prompts.
type screen struct {
	mu  sync.Mutex
	out io.Writer
}

func (s *screen) print(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprint(s.out, text)
}

func (s *screen) prompt(text string) { s.print(text) }

// show prints a change that the person would notice.
func (t *Terminal) show(s *screen, c slack.Change) {
	t.mu.Lock()
	me := t.user.ID
	t.mu.Unlock()
	switch {
	case c.Kind == slack.StatusChanged && c.Text != "":
		s.print(fmt.Sprintf("\n  (the app %s)\n", c.Text))
	case c.Kind == slack.MessagePosted && c.Message != nil && sees(*c.Message, me):
		root := c.Message.ThreadTS
		if root == "" {
			root = c.Message.TS
		}
		head := fmt.Sprintf("%s [%d]", t.place(c.Channel), t.number(root))
		if c.Message.ThreadTS != "" && c.Message.ThreadTS != c.Message.TS {
			head += " ↳"
		}
		s.print("\n" + head + " " + t.printer.message(*c.Message))
	}
}

// sees reports whether a person can see a message.
func sees(m slack.Message, user string) bool { return m.EphemeralTo == "" || m.EphemeralTo == user }

// PrintThread prints a thread as text, root first.
func PrintThread(out io.Writer, v slack.View, channel, root string) error {
	p := newPrinter(v)
	var text strings.Builder
	for i, m := range v.Thread(channel, root) {
		if i > 0 {
			text.WriteString("\n")
		}
		text.WriteString(p.message(m))
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// printer formats messages as text.
type printer struct{ view slack.View }

func newPrinter(v slack.View) *printer { return &printer{view: v} }

// message returns the author and the text of a message, with an empty line
// before and after blocks.
func (p *printer) message(m slack.Message) string {
	blocks := m.Blocks
	if len(blocks) == 0 {
		blocks = asSection(m.Text)
	}
	body := blockkit.Text(blocks, p)
	name := p.User(m.User)
	if m.EphemeralTo != "" {
		name += " (only visible to " + p.User(m.EphemeralTo) + ")"
	}
	return name + ": " + strings.TrimSpace(body) + "\n"
}

// asSection returns a section block with the text of a message without blocks.
func asSection(text string) json.RawMessage {
	type object map[string]any
	// It contains only strings, so that marshalling cannot fail.
	blocks, _ := json.Marshal([]object{{"type": "section", "text": object{"type": "mrkdwn", "text": text}}})
	return blocks
}

// User returns the name of a user.
func (p *printer) User(id string) string {
	u, _ := find(p.view.Users(), func(u slack.User) bool { return u.ID == id })
	return u.Name
}

// Channel returns the name of a channel.
func (p *printer) Channel(id string) string {
	c, _ := find(p.view.Channels(), func(c slack.Channel) bool { return c.ID == id })
	return c.Name
}

// Usergroup returns no name, so that the ID is shown.
func (p *printer) Usergroup(string) string { return "" }

// Zone returns the time zone of this machine.
func (p *printer) Zone() *time.Location { return time.Local }

// Now returns the current time.
func (p *printer) Now() time.Time { return time.Now() }
