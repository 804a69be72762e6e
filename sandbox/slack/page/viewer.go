package page

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"enjobridge/sandbox/slack"
)

// slackbot is the user for Slack's own messages.
const slackbot = "USLACKBOT"

// viewer is a person of the workspace who looks at the page, for one request.
// It is the [blockkit.Resolver] for what they see.
type viewer struct {
	*Page
	me   slack.User
	zone *time.Location
	now  time.Time
}

// viewer returns the person with the ID, and whether it exists.
func (p *Page) viewer(id string) (*viewer, bool) {
	u, known := p.slack.View.User(id)
	if !known || u.Bot || u.Deleted || !p.isPerson(u) {
		return nil, false
	}
	zone, err := time.LoadLocation(u.TZ)
	if err != nil {
		zone = time.UTC
	}
	return &viewer{Page: p, me: u, zone: zone, now: p.options.Now().In(zone)}, true
}

// isPerson reports whether the user is a person, and not the app or Slack
// itself.
func (p *Page) isPerson(u slack.User) bool {
	return !u.Bot && !u.Deleted && u.ID != slackbot
}

// asViewer determines the viewer of a request.
func (p *Page) asViewer(serve func(*viewer, http.ResponseWriter, *http.Request)) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		if v, known := p.viewer(r.PathValue("user")); known {
			serve(v, rw, r)
		} else {
			http.Error(rw, "There is no such person in the workspace.", http.StatusNotFound)
		}
	}
}

// User returns the displayed name of a user.
func (v *viewer) User(id string) string {
	u, _ := v.slack.View.User(id)
	return u.Name
}

// Channel returns the name of a channel.
func (v *viewer) Channel(id string) string {
	c, _ := v.slack.View.Channel(id)
	return c.Name
}

// Usergroup returns the handle of a user group.
func (v *viewer) Usergroup(id string) string { return v.groupHandle(id) }

// groupHandle returns the handle of a user group; empty if there is none.
func (p *Page) groupHandle(id string) string {
	for _, g := range p.slack.UserGroups() {
		if g.ID == id {
			return g.Handle
		}
	}
	return ""
}

// Zone is the viewer's time zone.
func (v *viewer) Zone() *time.Location { return v.zone }

// Now is the current time.
func (v *viewer) Now() time.Time { return v.now }

// refresh updates the viewer's clock, for long requests.
func (v *viewer) refresh() { v.now = v.options.Now().In(v.zone) }

// foreign reports whether the user belongs to another organisation than the
// workspace.
func (p *Page) foreign(u slack.User) bool { return p.slack.IsStranger(u.ID) }

// team names the organisation of a user from another organisation; empty for
// others.
func (v *viewer) team(u slack.User) string {
	switch {
	case u.Team == v.me.Team || u.Team == "" || u.ID == slackbot:
		return ""
	case v.options.Teams[u.Team] != "":
		return v.options.Teams[u.Team]
	case u.Team == v.slack.TeamID():
		return v.slack.TeamName()
	}
	return "another organisation"
}

// channel returns a conversation that the viewer may see, and whether there is
// one.
func (v *viewer) channel(id string) (slack.Channel, bool) {
	c, known := v.slack.View.Channel(id)
	return c, known && v.maySee(c)
}

// maySee reports whether the viewer may see the conversation. External users
// may see only their own, and private ones are for members only.
func (v *viewer) maySee(c slack.Channel) bool {
	return slices.Contains(c.Members, v.me.ID) || c.Kind == slack.Public && !v.foreign(v.me)
}

// sees reports whether the viewer sees the message.
func (v *viewer) sees(m *slack.Message) bool {
	return !m.Deleted && (m.EphemeralTo == "" || m.EphemeralTo == v.me.ID)
}

// atTop reports whether the viewer sees the message in the channel itself, and
// not only in its thread.
func (v *viewer) atTop(m *slack.Message) bool {
	return v.sees(m) && (m.ThreadTS == "" || m.ThreadTS == m.TS || m.Subtype == "thread_broadcast")
}

// The addresses of the viewer's pages.

func (v *viewer) base() string                { return "/u/" + url.PathEscape(v.me.ID) }
func (v *viewer) homeURL() string             { return v.base() + "/home" }
func (v *viewer) channelURL(id string) string { return v.base() + "/c/" + url.PathEscape(id) }
func (v *viewer) threadURL(id, root string) string {
	return v.channelURL(id) + "?thread=" + url.QueryEscape(root)
}
