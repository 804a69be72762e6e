package page

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/blockkit"
)

// blocks shows Block Kit JSON.
func (v *viewer) blocks(raw json.RawMessage) template.HTML { return v.own(blockkit.HTML(raw, v)) }

// working is the app's status in a thread.
type working struct {
	Channel, Thread string
	By, Text        string
	Stoppable       bool
}

// working returns the app's status in the thread, or nil.
func (v *viewer) working(channel, root string) *working {
	text := v.slack.Status(channel, root)
	session, _ := v.slack.Session(channel, root)
	busy := session.Status == "processing"
	if text == "" && !busy {
		return nil
	}
	return &working{
		Channel: channel, Thread: root, By: v.features.Name,
		Text: cmp.Or(text, "is working…"), Stoppable: busy && session.Stoppable,
	}
}

// ping is somebody whom an app's message notifies.
type ping struct {
	Who  string
	Loud bool // many at once, perhaps by mistake
}

// pings returns the people whom the message notifies, if its author is an app.
func (v *viewer) pings(m *slack.Message) []ping {
	if m.BotID == "" || m.EphemeralTo != "" {
		return nil
	}
	var pings []ping
	for _, target := range blockkit.Pings(m.Blocks, m.Text) {
		if target == slack.Mention(m.User) {
			continue // nobody is notified of their own message
		}
		pings = append(pings, v.ping(target, m.Channel))
	}
	// The loud ones first: they matter most.
	slices.SortStableFunc(pings, func(a, b ping) int {
		return cmp.Compare(b.weight(), a.weight())
	})
	return pings
}

func (p ping) weight() int {
	if p.Loud {
		return 1
	}
	return 0
}

// ping describes the target of a mention in Slack's notation.
func (v *viewer) ping(target, channel string) ping {
	c, _ := v.slack.View.Channel(channel)
	inside := strings.TrimSuffix(strings.TrimPrefix(target, "<"), ">")
	switch {
	case inside == "!channel":
		return ping{fmt.Sprintf("everyone in #%s (%s)", c.Name, people(v.readers(c.Members))), true}
	case inside == "!here":
		return ping{fmt.Sprintf("everyone active in #%s (up to %s)", c.Name, people(v.readers(c.Members))), true}
	case inside == "!everyone":
		return ping{"everyone in " + v.slack.TeamName(), true}
	case strings.HasPrefix(inside, "!subteam^"):
		id := strings.TrimPrefix(inside, "!subteam^")
		for _, g := range v.slack.UserGroups() {
			if g.ID == id {
				return ping{fmt.Sprintf("@%s (%s)", g.Handle, people(len(g.Users))), true}
			}
		}
		return ping{"the user group " + id, true}
	}
	id := strings.TrimPrefix(inside, "@")
	return ping{"@" + cmp.Or(v.User(id), id), false}
}

// readers counts the people among the members.
func (v *viewer) readers(members []string) int {
	n := 0
	for _, id := range members {
		if u, known := v.slack.View.User(id); known && v.isPerson(u) {
			n++
		}
	}
	return n
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}
