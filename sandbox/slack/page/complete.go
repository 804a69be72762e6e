package page

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// maxCandidates limits how many people, and how many channels, are offered.
const maxCandidates = 500

// candidate is a possible completion. The script filters all of them after
// every letter, so that there is no delay.
type candidate struct {
	Sign   string // typed before it: @, # or /
	Names  string // the words that find it, in lower case
	Insert string // inserted into the text
	Name   string
	Note   string
	Avatar *avatar
	rank   int // the lowest comes first
}

// serveCandidates returns the possible completions in the channel: people and
// groups after @, channels after #, commands after /.
func (p *Page) serveCandidates(v *viewer, rw http.ResponseWriter, r *http.Request) {
	all := slices.Concat(v.peopleToMention(r.URL.Query().Get("channel")), v.groupsToMention(), v.channelsToName(), v.commandsToEnter())
	p.show(rw, "candidates", all)
}

// peopleToMention returns everyone, members of the channel first, and apps
// before people because there are few.
func (v *viewer) peopleToMention(channel string) []candidate {
	c, _ := v.channel(channel)
	var found []candidate
	for _, u := range v.slack.Users() {
		if u.ID == slackbot || u.Deleted {
			continue
		}
		picture := v.avatar(u)
		one := candidate{Sign: "@", Names: words(u.Name, u.RealName), Insert: "@" + u.Name, Name: u.RealName, Note: u.Name, Avatar: &picture}
		switch {
		case u.Bot:
			one.Note += " · app"
		case v.team(u) != "":
			one.Note += " · " + v.team(u)
		}
		if c.ID != "" && !slices.Contains(c.Members, u.ID) {
			one.Note += " · not in this channel"
			one.rank = 1
		}
		found = append(found, one)
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(a.rank, b.rank) })
	return found[:min(len(found), maxCandidates)]
}

func (v *viewer) groupsToMention() []candidate {
	var found []candidate
	for _, g := range v.slack.UserGroups() {
		found = append(found, candidate{
			Sign: "@", Names: words(g.Handle, g.Name), Insert: "@" + g.Handle, Name: g.Name, Note: "@" + g.Handle + " · " + people(len(g.Users)),
		})
	}
	return append(found,
		candidate{Sign: "@", Names: "here", Insert: "@here", Name: "@here", Note: "everyone active in this channel"},
		candidate{Sign: "@", Names: "channel", Insert: "@channel", Name: "@channel", Note: "everyone in this channel"})
}

func (v *viewer) channelsToName() []candidate {
	var found []candidate
	for _, c := range v.slack.Channels() {
		if c.Name != "" && v.maySee(c) && len(found) < maxCandidates {
			found = append(found, candidate{Sign: "#", Names: words(c.Name), Insert: "#" + c.Name, Name: "#" + c.Name, Note: c.Topic})
		}
	}
	return found
}

func (v *viewer) commandsToEnter() []candidate {
	var found []candidate
	for _, c := range v.features.Commands {
		found = append(found, candidate{
			Sign: "/", Names: words(strings.TrimPrefix(c.Name, "/")), Insert: c.Name,
			Name: strings.TrimSpace(c.Name + " " + c.UsageHint), Note: c.Description,
		})
	}
	for _, b := range builtins {
		found = append(found, candidate{Sign: "/", Names: b.name[1:], Insert: b.name, Name: b.name + " " + b.hint, Note: b.description})
	}
	return found
}

// words returns the words of the names, which find them.
func words(names ...string) string { return strings.ToLower(strings.Join(names, " ")) }
