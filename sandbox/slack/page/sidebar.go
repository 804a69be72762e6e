package page

import (
	"cmp"
	"slices"
	"strings"

	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/blockkit"
)

// maxUnread is how many unread messages are counted; more are not worth it.
const maxUnread = 99

// sidebar is what there is to look at.
type sidebar struct {
	Team        string
	Channels    []entry
	Directs     []entry
	Others      []entry // channels that the viewer could join
	Colleagues  []entry // people without a conversation yet
	App         entry
	Unread      int // what the whole of it would have the viewer read
	Connections int // of Socket Mode, that the app holds open
}

// entry is one conversation in the sidebar.
type entry struct {
	ID, Name, URL string
	Icon          string // public, private, person, people or app
	Avatar        avatar
	Shared        string // the organisations it is shared with
	Current       bool
	Unread        bool
	Badge         int // messages that are for the viewer
}

// sidebar returns what the viewer could look at, with the present place marked.
func (v *viewer) sidebar(current string) sidebar {
	s := sidebar{Team: v.slack.TeamName(), Connections: v.slack.Sockets()}
	dm := v.slack.DM(v.me.ID)
	s.App = entry{ID: dm, Name: v.features.Name, URL: v.channelURL(dm), Icon: "app", Avatar: v.avatarOf(v.slack.BotUserID()), Current: current == dm || current == "home"}
	if !v.features.MessagesTab && v.features.HomeTab {
		s.App.URL = v.homeURL()
	}
	v.count(&s.App)
	met := map[string]bool{v.me.ID: true}
	for _, c := range v.slack.Channels() {
		if c.ID == dm || !v.maySee(c) {
			continue
		}
		e := v.entry(c, current)
		switch {
		case !slices.Contains(c.Members, v.me.ID):
			s.Others = append(s.Others, e)
			continue
		case c.Kind == slack.Direct:
			met[v.partner(c).ID] = true
			s.Directs = append(s.Directs, e)
		case c.Kind == slack.Group:
			s.Directs = append(s.Directs, e)
		default:
			s.Channels = append(s.Channels, e)
		}
	}
	s.Colleagues = v.colleagues(met)
	byName := func(a, b entry) int { return cmp.Compare(a.Name, b.Name) }
	slices.SortStableFunc(s.Channels, byName)
	slices.SortStableFunc(s.Others, byName)
	for _, e := range slices.Concat(s.Channels, s.Directs, []entry{s.App}) {
		s.Unread += e.Badge
	}
	return s
}

// colleagues returns people whom the viewer has no conversation with yet.
func (v *viewer) colleagues(met map[string]bool) []entry {
	var people []entry
	for _, u := range v.slack.Users() {
		if v.isPerson(u) && !met[u.ID] && !v.foreign(u) && !v.foreign(v.me) {
			people = append(people, entry{ID: u.ID, Name: u.RealName, Icon: "person", Avatar: v.avatar(u)})
		}
	}
	return people
}

// entry returns a conversation as the sidebar shows it.
func (v *viewer) entry(c slack.Channel, current string) entry {
	e := entry{ID: c.ID, Name: v.title(c), URL: v.channelURL(c.ID), Icon: icon(c), Current: c.ID == current}
	if c.Kind == slack.Direct {
		e.Avatar = v.avatar(v.partner(c))
	}
	if c.Shared {
		e.Shared = v.sharedWith(c)
	}
	if slices.Contains(c.Members, v.me.ID) {
		v.count(&e)
	}
	return e
}

func icon(c slack.Channel) string {
	switch c.Kind {
	case slack.Private:
		return "private"
	case slack.Direct:
		return "person"
	case slack.Group:
		return "people"
	}
	return "public"
}

// count adds what is unread. In direct messages everything is for the viewer.
func (v *viewer) count(e *entry) {
	last := v.reads.last(mark{v.me.ID, e.ID, ""})
	direct := e.Icon == "person" || e.Icon == "people" || e.Icon == "app"
	unread := v.slack.After(e.ID, last, maxUnread, func(m *slack.Message) bool {
		return v.sees(m) && m.User != v.me.ID && m.EphemeralTo == ""
	})
	for _, m := range unread {
		reply := m.ThreadTS != "" && m.ThreadTS != m.TS
		if reply && m.TS <= v.reads.last(mark{v.me.ID, e.ID, m.ThreadTS}) {
			continue
		}
		follows := reply && v.follows(e.ID, m.ThreadTS)
		if !reply || m.Subtype == "thread_broadcast" || follows {
			e.Unread = true
		}
		if direct || follows || v.means(&m) {
			e.Badge++
		}
	}
}

// means says whether the message mentions the viewer, alone or among others.
func (v *viewer) means(m *slack.Message) bool {
	return slices.ContainsFunc(blockkit.Pings(m.Blocks, m.Text), func(target string) bool {
		if group, is := strings.CutPrefix(target, "<!subteam^"); is {
			return v.inGroup(strings.TrimSuffix(group, ">"))
		}
		return target == slack.Mention(v.me.ID) || strings.HasPrefix(target, "<!")
	})
}

// inGroup says whether the viewer is in the user group.
func (v *viewer) inGroup(id string) bool {
	return slices.ContainsFunc(v.slack.UserGroups(), func(g slack.UserGroup) bool {
		return g.ID == id && slices.Contains(g.Users, v.me.ID)
	})
}

// follows says whether the viewer takes part in the thread.
func (v *viewer) follows(channel, root string) bool {
	m, known := v.slack.Message(channel, root)
	return known && (m.User == v.me.ID || slices.Contains(m.ReplyUsers, v.me.ID))
}

// partner returns the other person of direct messages.
func (v *viewer) partner(c slack.Channel) slack.User {
	for _, id := range c.Members {
		if id != v.me.ID {
			u, _ := v.slack.View.User(id)
			return u
		}
	}
	return v.me
}

// title returns a conversation's name as the viewer knows it, without #.
func (v *viewer) title(c slack.Channel) string {
	switch c.Kind {
	case slack.Direct:
		return v.partner(c).RealName
	case slack.Group:
		var names []string
		for _, id := range c.Members {
			if id != v.me.ID {
				names = append(names, v.User(id))
			}
		}
		return strings.Join(names, ", ")
	}
	return c.Name
}

// fullTitle returns a conversation's name as people write it: channels with #.
func (v *viewer) fullTitle(c slack.Channel) string {
	if c.Kind == slack.Public || c.Kind == slack.Private {
		return "#" + c.Name
	}
	return v.title(c)
}

// sharedWith names the other organisations in a shared channel.
func (v *viewer) sharedWith(c slack.Channel) string {
	var teams []string
	for _, id := range c.Members {
		u, _ := v.slack.View.User(id)
		if team := v.team(u); team != "" && !slices.Contains(teams, team) {
			teams = append(teams, team)
		}
	}
	if len(teams) == 0 {
		return "another organisation"
	}
	return strings.Join(teams, ", ")
}
