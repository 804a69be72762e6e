package page

import (
	"fmt"
	"mime"
	"net/http"

	"enjobridge/sandbox/slack"
)

// serveFront shows the workspace to the first of its people.
func (p *Page) serveFront(rw http.ResponseWriter, r *http.Request) {
	for _, u := range p.slack.Users() {
		if p.isPerson(u) {
			http.Redirect(rw, r, "/u/"+u.ID, http.StatusFound)
			return
		}
	}
	p.show(rw, "nobody.html", layout{Title: p.slack.TeamName()})
}

// serveStart shows the viewer the first of their channels.
func (p *Page) serveStart(v *viewer, rw http.ResponseWriter, r *http.Request) {
	s := v.sidebar("")
	target := s.App.URL
	if len(s.Channels) > 0 {
		target = s.Channels[0].URL
	}
	http.Redirect(rw, r, target, http.StatusFound)
}

// serveChannel shows a conversation and what the query asks for: a thread, and
// the part around a message.
func (p *Page) serveChannel(v *viewer, rw http.ResponseWriter, r *http.Request) {
	c, known := v.channel(r.PathValue("channel"))
	if !known {
		http.Error(rw, "There is no such conversation for you.", http.StatusNotFound)
		return
	}
	l := v.page(r, c.ID)
	l.At = r.URL.Query().Get("at")
	l.Place = v.place(c, l.At)
	if root := r.URL.Query().Get("thread"); root != "" {
		if l.Thread = v.thread(c, root); l.Thread != nil {
			l.Pane = "thread"
		}
	}
	l.Title = v.windowTitle(l.Place.entry, l.Sidebar)
	p.show(rw, "page.html", l)
}

// serveHome shows the app's Home tab.
func (p *Page) serveHome(v *viewer, rw http.ResponseWriter, r *http.Request) {
	if !v.features.HomeTab {
		http.Error(rw, "The app's manifest has no Home tab.", http.StatusNotFound)
		return
	}
	l := v.page(r, "home")
	l.Home = v.home()
	l.Title = v.windowTitle(l.Sidebar.App, l.Sidebar)
	p.show(rw, "page.html", l)
}

// windowTitle returns the window's title: the place, and the number of unread
// messages.
func (v *viewer) windowTitle(e entry, s sidebar) string {
	name := e.Name
	if e.Icon == "public" {
		name = "#" + name
	}
	title := name + " – " + s.Team
	if s.Unread > 0 {
		return fmt.Sprintf("(%d) %s", s.Unread, title)
	}
	return title
}

// serveOlder returns the messages before one, with the button for those before
// them.
func (p *Page) serveOlder(v *viewer, rw http.ResponseWriter, r *http.Request) {
	c, known := v.channel(r.PathValue("channel"))
	if !known {
		http.NotFound(rw, r)
		return
	}
	older := v.messages(c, r.URL.Query().Get("before"))
	older.Name = v.fullTitle(c)
	p.show(rw, "messages", older)
}

// serveNewer returns the messages after one, with the button for those after
// them.
func (p *Page) serveNewer(v *viewer, rw http.ResponseWriter, r *http.Request) {
	c, known := v.channel(r.PathValue("channel"))
	if !known {
		http.NotFound(rw, r)
		return
	}
	p.show(rw, "messages", v.newer(c, r.URL.Query().Get("after")))
}

// serveFile downloads a file of a message. A browser never displays it, because
// this origin's pages may act for every person of the workspace.
func (p *Page) serveFile(v *viewer, rw http.ResponseWriter, r *http.Request) {
	m, known := v.slack.Message(r.PathValue("channel"), r.PathValue("ts"))
	_, visible := v.channel(m.Channel)
	if !known || !visible || !v.sees(&m) {
		http.NotFound(rw, r)
		return
	}
	for _, f := range m.Files {
		if f.ID != r.PathValue("file") {
			continue
		}
		if whole, kept := v.slack.File(f.ID); kept {
			f = whole
		}
		download(rw, f)
		return
	}
	http.NotFound(rw, r)
}

func download(rw http.ResponseWriter, f slack.File) {
	h := rw.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	_, _ = rw.Write(f.Content)
}
