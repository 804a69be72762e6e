package page

import (
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/blockkit"
)

// together is how long an author's next message needs no name.
const together = 5 * time.Minute

// message is a message as the viewer sees it, in a channel or in a thread.
type message struct {
	ID          string // of the element; a message may be in both a channel and a thread
	Channel, TS string
	Thread      string // the root's ts, if it is a reply
	Day         string // the day that starts with it; empty if none does
	New         bool   // the first unread one
	Compact     bool   // does not repeat the author

	Author string
	Team   string // the author's organisation, if it is another one
	App    bool
	Avatar avatar
	At     time.Time
	Clock  string
	Full   string // the full time

	Body        template.HTML
	Attachments []attachment
	Files       []file
	Reactions   []reaction
	Replies     *replies
	Working     *working
	Pings       []ping
	Broadcast   string // address of the thread that it was also sent to

	Edited, Own, Ephemeral, Tombstone bool
	Raw                               string // the text to edit
}

// reaction is an emoji with the users who reacted with it.
type reaction struct {
	Name, Characters string
	Count            int
	Mine             bool
	Who              string
}

// replies is a root's summary of its thread.
type replies struct {
	URL    string
	Count  int
	Faces  []avatar
	Last   string
	Unread bool
}

// file is a file in a message.
type file struct {
	Name, Kind, URL string
	// Preview are the first lines of a snippet, More is the number of the others.
	Preview string
	More    int
	// Clip marks a recording, with its Transcript.
	Clip       bool
	Transcript string
}

// snippetLines is the number of shown lines of a snippet.
const snippetLines = 5

// file shows a file of the message.
func (v *viewer) file(m *slack.Message, f slack.File) file {
	shown := file{
		Name: f.Title, Kind: fmt.Sprintf("%s, %s", strings.ToUpper(strings.TrimPrefix(extension(f.Name), ".")), size(f.Size)),
		URL:  fmt.Sprintf("%s/file/%s/%s/%s", v.base(), m.Channel, m.TS, f.ID),
		Clip: f.Clip || f.Transcript != "", Transcript: f.Transcript,
	}
	if f.Snippet != "" {
		lines := strings.Split(strings.TrimSuffix(f.Snippet, "\n"), "\n")
		first := lines[:min(len(lines), snippetLines)]
		shown.Preview, shown.More = strings.Join(first, "\n"), len(lines)-len(first)
	}
	return shown
}

// inChannel returns a message as shown in the channel after the one before.
func (v *viewer) inChannel(m, before *slack.Message) message {
	shown := v.message(m, before)
	shown.ID = "m" + m.TS
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		shown.Broadcast = v.threadURL(m.Channel, m.ThreadTS)
	}
	if m.ReplyCount > 0 {
		shown.Replies = v.replies(m)
	}
	if m.ThreadTS == "" || m.ThreadTS == m.TS {
		shown.Working = v.working(m.Channel, m.TS)
	}
	last := v.reads.last(position{v.me.ID, m.Channel, ""})
	shown.New = m.TS > last && m.User != v.me.ID && before != nil && before.TS <= last
	return shown
}

// inThread returns a message as shown in its thread.
func (v *viewer) inThread(m, before *slack.Message) message {
	shown := v.message(m, before)
	shown.ID = "t" + m.TS
	if before == nil || before.ThreadTS == "" || before.ThreadTS == before.TS {
		shown.Compact = false // the first reply is below the count of replies
	}
	return shown
}

func (v *viewer) message(m, before *slack.Message) message {
	at := moment(m.TS).In(v.zone)
	shown := message{
		Channel: m.Channel, TS: m.TS, Thread: m.ThreadTS,
		At: at, Clock: at.Format("3:04 PM"), Full: at.Format("Monday, January 2, 2006 at 3:04:05 PM"),
		Edited: m.Edited != nil, Own: m.User == v.me.ID, Ephemeral: m.EphemeralTo != "", Tombstone: m.Subtype == "tombstone",
		Body: v.body(m), Attachments: v.attachments(m.Attachments), Pings: v.pings(m),
	}
	v.author(&shown, m)
	if before == nil || !sameDay(moment(before.TS).In(v.zone), at) {
		shown.Day = v.day(at)
	} else {
		shown.Compact = at.Sub(moment(before.TS)) < together && before.User == m.User && before.Username == m.Username &&
			before.EphemeralTo == m.EphemeralTo && before.Subtype != "tombstone" && before.Subtype != "thread_broadcast" &&
			m.Subtype != "thread_broadcast" && m.Subtype != "tombstone"
	}
	if shown.Own && !shown.Tombstone {
		shown.Raw = v.typedText(m.Text)
	}
	for _, r := range m.Reactions {
		shown.Reactions = append(shown.Reactions, v.reaction(r))
	}
	for _, f := range m.Files {
		shown.Files = append(shown.Files, v.file(m, f))
	}
	return shown
}

// author fills in the author of the message.
func (v *viewer) author(shown *message, m *slack.Message) {
	u, _ := v.slack.View.User(m.User)
	shown.Author, shown.App = u.RealName, u.Bot || m.BotID != ""
	shown.Team, shown.Avatar = v.team(u), v.avatar(u)
	if m.Username != "" {
		shown.Author = m.Username
		shown.Avatar.Initials = initials(m.Username)
	}
	if m.Icon != "" {
		shown.Avatar = shown.Avatar.custom(m.Icon)
	}
	shown.Avatar.App = shown.App
}

// body shows the content of the message. For people it is the text, as typed in
// their markup. For apps it is the blocks, if there are any.
func (v *viewer) body(m *slack.Message) template.HTML {
	switch {
	case m.BotID != "" && len(m.Blocks) > 0:
		return v.blocks(m.Blocks)
	case m.Text == "":
		return ""
	}
	return v.markup(m.Text)
}

// markup shows a text in Slack's own markup.
func (v *viewer) markup(text string) template.HTML {
	return v.blocks(asJSON([]any{map[string]any{
		"type": "section", "text": map[string]any{"type": "mrkdwn", "text": text},
	}}))
}

// asJSON encodes a value from this package, which cannot fail.
func asJSON(value any) json.RawMessage {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic("page: encoding own JSON: " + err.Error())
	}
	return encoded
}

func (v *viewer) reaction(r slack.Reaction) reaction {
	characters, known := blockkit.EmojiCharacters(r.Name)
	if !known {
		characters = ":" + r.Name + ":"
	}
	var names []string
	for _, id := range r.Users[:min(len(r.Users), 10)] {
		if id == v.me.ID {
			names = append(names, "you")
		} else {
			names = append(names, v.User(id))
		}
	}
	if more := len(r.Users) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return reaction{
		Name: r.Name, Characters: characters, Count: r.Count,
		Mine: slices.Contains(r.Users, v.me.ID), Who: enumerate(names),
	}
}

func (v *viewer) replies(m *slack.Message) *replies {
	r := &replies{
		URL: v.threadURL(m.Channel, m.TS), Count: m.ReplyCount, Last: v.ago(moment(m.LatestReply)),
		Unread: m.LatestReply > v.reads.last(position{v.me.ID, m.Channel, m.TS}),
	}
	for _, id := range m.ReplyUsers[:min(len(m.ReplyUsers), 3)] {
		r.Faces = append(r.Faces, v.avatarOf(id))
	}
	return r
}

// enumerate joins names as in a sentence: "a, b and c".
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
