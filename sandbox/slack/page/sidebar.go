package page

import (
	"cmp"
	"slices"
	"strings"

	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/blockkit"
)

// maxUnread limits how many unread messages are counted.
const maxUnread = 99

// sidebar lists the conversations.
type sidebar struct {
	Team        string
	Channels    []entry
	Directs     []entry
	Others      []entry // channels that the viewer could join
	Colleagues  []entry // people without a conversation yet
	App         entry
	Unread      int // the total of unread messages for the viewer
	Connections int // of Socket Mode, which the app holds open
}

// entry is a conversation in the sidebar.
type entry struct {
	ID, Name, URL string
	Icon          string // public, private, person, people or app
	Avatar        avatar
	Shared        string // the organisations that it is shared with
	Current       bool
	Unread        bool
	Badge         int // number of messages for the viewer
}

// sidebar returns the viewer's conversations, with the current one marked.
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

// colleagues returns people with whom the viewer has no conversation yet.
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

// count adds the unread messages. In direct messages all are for the viewer.
func (v *viewer) count(e *entry) {
	last := v.reads.last(position{v.me.ID, e.ID, ""})
	direct := e.Icon == "person" || e.Icon == "people" || e.Icon == "app"
	unread := v.slack.After(e.ID, last, maxUnread, func(m *slack.Message) bool {
		return v.sees(m) && m.User != v.me.ID && m.EphemeralTo == ""
	})
	for _, m := range unread {
		reply := m.ThreadTS != "" && m.ThreadTS != m.TS
		if reply && m.TS <= v.reads.last(position{v.me.ID, e.ID, m.ThreadTS}) {
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

// means reports whether the message mentions the viewer, directly or in a
// group.
func (v *viewer) means(m *slack.Message) bool {
	return slices.ContainsFunc(blockkit.Pings(m.Blocks, m.Text), func(target string) bool {
		if group, is := strings.CutPrefix(target, "<!subteam^"); is {
			return v.inGroup(strings.TrimSuffix(group, ">"))
		}
		return target == slack.Mention(v.me.ID) || strings.HasPrefix(target, "<!")
	})
}

// inGroup reports whether the viewer is in the user group.
func (v *viewer) inGroup(id string) bool {
	return slices.ContainsFunc(v.slack.UserGroups(), func(g slack.UserGroup) bool {
		return g.ID == id && slices.Contains(g.Users, v.me.ID)
	})
}

// follows reports whether the viewer takes part in the thread.
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

// title returns a conversation's name for the viewer, without #.
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

// fullTitle returns a conversation's name with # for channels.
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
