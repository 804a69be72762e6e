package page

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"enjobridge/sandbox/slack"
)

// portion is how many messages are shown at first, and how many more at a time.
const portion = 100

// layout is the whole page.
type layout struct {
	Title   string
	Theme   string // light or dark; empty follows the system
	Pane    string // the visible pane of a narrow screen: list, channel or thread
	Seq     string // the state of the workspace that this shows
	At      string // the requested message; empty if there is none
	Base    string
	Me      slack.User
	Avatar  avatar
	Others  []person
	Sidebar sidebar
	Place   *place
	Home    *home
	Thread  *thread
	Modal   *modal
	Options options
	// Shortcuts are all of the app's; those on messages are in the messages'
	// menus.
	Shortcuts []slack.Shortcut
	AppName   string
}

// person is a person to switch to.
type person struct {
	slack.User
	Avatar  avatar
	Team    string
	URL     string
	Current bool
}

// place is a conversation with its messages.
type place struct {
	entry
	Channel  slack.Channel
	People   string
	IsApp    bool // direct messages with the app
	HomeURL  string
	Messages messages
	Prompts  []slack.Prompt
	Composer composer
}

// messages is a part of a conversation.
type messages struct {
	Items []message
	Older string // address of older messages; empty if there are none
	Newer string // address of newer messages; empty if there are none
	Begin bool   // it is the beginning
	Name  string
}

// composer is the input for a message.
type composer struct {
	ID          string
	Channel     string
	Thread      string
	Placeholder string
	Closed      string // why nothing can be written
	Joinable    bool
	Broadcast   string // the channel that replies can also be sent to
	Shortcuts   []slack.Shortcut
}

// thread is a root with its replies.
type thread struct {
	Channel, Root string
	Title         string
	Where         string
	CloseURL      string
	Messages      []message
	Count         int
	Working       *working
	Composer      composer
}

// page returns the common parts of all pages.
func (v *viewer) page(r *http.Request, current string) layout {
	l := layout{
		Pane: "channel", Base: v.base(), Me: v.me, Avatar: v.avatar(v.me),
		Seq: v.state(v.slack.Seq()), Sidebar: v.sidebar(current), Others: v.people(current), Modal: v.modal(), Options: v.selectable(),
		Shortcuts: v.features.Shortcuts, AppName: v.features.Name,
	}
	if c, err := r.Cookie("theme"); err == nil && (c.Value == "light" || c.Value == "dark") {
		l.Theme = c.Value
	}
	return l
}

// state identifies the state of the workspace after a change.
func (p *Page) state(seq uint64) string { return fmt.Sprintf("%s-%d", p.born, seq) }

// people returns everyone to switch to, with the address of the same place for
// them.
func (v *viewer) people(current string) []person {
	var everyone []person
	for _, u := range v.slack.Users() {
		if !v.isPerson(u) {
			continue
		}
		p := person{User: u, Avatar: v.avatar(u), Team: v.team(u), URL: "/u/" + u.ID, Current: u.ID == v.me.ID}
		if c, known := v.slack.View.Channel(current); known && c.Kind != slack.Direct && slices.Contains(c.Members, u.ID) {
			p.URL += "/c/" + current
		}
		everyone = append(everyone, p)
	}
	return everyone
}

// place returns a conversation with its last messages, or with those around the
// message at the ts.
func (v *viewer) place(c slack.Channel, at string) *place {
	p := v.frame(c)
	p.Messages = v.around(c, at)
	p.Messages.Name = v.fullTitle(c)
	p.Composer = v.composer(c, "")
	return p
}

// frame returns a conversation without its messages.
func (v *viewer) frame(c slack.Channel) *place {
	p := &place{entry: v.entry(c, c.ID), Channel: c, People: people(v.readers(c.Members))}
	p.IsApp = c.Kind == slack.Direct && slices.Contains(c.Members, v.slack.BotUserID())
	if p.IsApp {
		p.Name, p.Icon = v.features.Name, "app"
		if v.features.HomeTab {
			p.HomeURL = v.homeURL()
		}
		p.Prompts = v.slack.Prompts(c.ID)
	}
	return p
}

// messages returns the portion of a conversation before ts; an empty ts means
// its end.
func (v *viewer) messages(c slack.Channel, ts string) messages {
	found := v.slack.Before(c.ID, ts, portion+1, v.atTop)
	var shown messages
	var before *slack.Message
	if len(found) > portion {
		before = &found[0]
		found = found[1:]
		shown.Older = v.channelURL(c.ID) + "/older?before=" + found[0].TS
	} else {
		shown.Begin = true
	}
	for i := range found {
		shown.Items = append(shown.Items, v.inChannel(&found[i], before))
		before = &found[i]
	}
	return shown
}

// around returns the portion of a conversation that contains the message; for a
// reply, the one with its root. If there is no such message, it returns the
// last portion.
func (v *viewer) around(c slack.Channel, ts string) messages {
	m, _ := v.slack.Message(c.ID, ts)
	if !v.atTop(&m) {
		m, _ = v.slack.Message(c.ID, m.ThreadTS)
	}
	if m.TS == "" {
		return v.messages(c, "")
	}
	after := v.slack.After(c.ID, m.TS, portion/2+1, v.atTop)
	if len(after) <= portion/2 {
		return v.messages(c, "")
	}
	shown := v.messages(c, after[portion/2].TS)
	shown.Newer = v.newerURL(c, after[portion/2-1].TS)
	return shown
}

// newer returns the portion of a conversation after ts.
func (v *viewer) newer(c slack.Channel, ts string) messages {
	found := v.slack.After(c.ID, ts, portion+1, v.atTop)
	var shown messages
	if len(found) > portion {
		found = found[:portion]
		shown.Newer = v.newerURL(c, found[portion-1].TS)
	}
	for i := range found {
		var before *slack.Message
		if i > 0 {
			before = &found[i-1]
		} else if last := v.slack.Before(c.ID, found[0].TS, 1, v.atTop); len(last) == 1 {
			before = &last[0]
		}
		shown.Items = append(shown.Items, v.inChannel(&found[i], before))
	}
	return shown
}

func (v *viewer) newerURL(c slack.Channel, ts string) string {
	return v.channelURL(c.ID) + "/newer?after=" + ts
}

// composer returns the viewer's input for the channel, or for a thread of it.
func (v *viewer) composer(c slack.Channel, root string) composer {
	name := v.fullTitle(c)
	w := composer{ID: "compose", Channel: c.ID, Thread: root, Placeholder: "Message " + name}
	switch {
	case !slices.Contains(c.Members, v.me.ID):
		w.Closed, w.Joinable = "You are not in "+name+".", true
	case c.Archived:
		w.Closed = name + " is archived."
	case c.Kind == slack.Direct && slices.Contains(c.Members, v.slack.BotUserID()) && !v.features.MessagesTab:
		w.Closed = "Sending messages to this app has been turned off."
	case c.Kind == slack.Direct && slices.Contains(c.Members, v.slack.BotUserID()) && !v.slack.Serves(v.me.ID):
		w.Closed = "Guests cannot use this app."
	}
	if root != "" {
		w.ID, w.Placeholder = "reply", "Reply…"
		if c.Kind != slack.Direct {
			w.Broadcast = name
		}
		return w
	}
	for _, s := range v.features.Shortcuts {
		if s.Type == "global" {
			w.Shortcuts = append(w.Shortcuts, s)
		}
	}
	return w
}

// thread returns a thread, or nil if nothing of it exists.
func (v *viewer) thread(c slack.Channel, root string) *thread {
	all := v.slack.Thread(c.ID, root)
	t := v.threadFrame(c, root)
	var before *slack.Message
	for i := range all {
		if v.sees(&all[i]) {
			t.Messages = append(t.Messages, v.inThread(&all[i], before))
			before = &all[i]
		}
	}
	if len(t.Messages) == 0 {
		return nil
	}
	t.Count = all[0].ReplyCount
	return t
}

// threadFrame returns a thread without its messages.
func (v *viewer) threadFrame(c slack.Channel, root string) *thread {
	return &thread{
		Channel: c.ID, Root: root, Title: v.threadTitle(c.ID, root), Where: v.fullTitle(c), CloseURL: v.channelURL(c.ID),
		Working: v.working(c.ID, root), Composer: v.composer(c, root),
	}
}

// threadTitle returns the title that the app gave the thread.
func (v *viewer) threadTitle(channel, root string) string {
	if s, _ := v.slack.Session(channel, root); s.Title != "" {
		return s.Title
	}
	return v.slack.Title(channel, root)
}

// render executes the template with the data.
func (p *Page) render(name string, data any) []byte {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, data); err != nil {
		panic("page: " + err.Error()) // the templates are part of the program; the tests render all of them
	}
	return b.Bytes()
}

// fragment is render for a part of a patch: without surrounding white space.
func (p *Page) fragment(name string, data any) string {
	return strings.TrimSpace(string(p.render(name, data)))
}

func (p *Page) show(rw http.ResponseWriter, name string, data any) {
	body := p.render(name, data)
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = rw.Write(body) // the browser may have left; it has its own error
}
