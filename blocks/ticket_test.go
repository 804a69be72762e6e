package blocks

import (
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

func TestTicketChange(t *testing.T) {
	at := func(hour int) enjo.Time { return enjo.Time{At: time.Date(2026, 11, 22, hour, 0, 0, 0, time.UTC)} }
	base := enjo.Ticket{ID: "IT-1", Status: "Open", Priority: "High", Description: "a b", Modified: at(9), URL: "https://x.example/1"}
	with := func(change func(*enjo.Ticket)) enjo.Ticket {
		t := base
		change(&t)
		return t
	}
	tests := []struct {
		name  string
		after enjo.Ticket
		want  string // empty: no message
	}{
		{"nothing", base, ""},
		{"only a time that is not understood", with(func(t *enjo.Ticket) { t.Modified = enjo.Time{Raw: "now"} }), ""},
		{"an earlier time", with(func(t *enjo.Ticket) { t.Modified = at(8) }), ""},
		{"a later time", with(func(t *enjo.Ticket) { t.Modified = at(10) }), "Updated 2026-11-22 10:00 UTC."},
		{"only space", with(func(t *enjo.Ticket) { t.Status, t.Description = " Open\n", "a  b" }), ""},
		{"unchanged", enjo.Ticket{ID: "IT-1"}, ""},
		{"status", with(func(t *enjo.Ticket) { t.Status = "In Progress" }), "Status changed from Open to In Progress."},
		{"two", with(func(t *enjo.Ticket) { t.Status, t.Priority = "Done", "Low" }), "Status changed from Open to Done. Priority changed from High to Low."},
		{"new", with(func(t *enjo.Ticket) { t.Type = "Incident" }), "Type is now Incident."},
		{"texts", with(func(t *enjo.Ticket) { t.Description, t.Attributes = "a b.\nc", "d" }), "Description changed. Details changed."},
		{"markup", with(func(t *enjo.Ticket) { t.Status = "<!here>" }), "Status changed from Open to &lt;!here&gt;."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, ok := TicketChange(base, tt.after)
			want := tt.want
			if want != "" {
				want = "Ticket IT-1: a b. " + want + " Open ticket: https://x.example/1"
			}
			if ok != (want != "") || m.Text != want {
				t.Errorf("got %q, %v; want %q", m.Text, ok, want)
			}
			if ok {
				for _, problem := range checkMessage(m) {
					t.Error(problem)
				}
			}
		})
	}
}

// Ensure that all news about a ticket says its subject and its link to screen readers.
func TestTicketNewsIsSpoken(t *testing.T) {
	ticket := enjo.Ticket{ID: "IT-1", Status: "Open", Description: "a b", URL: "https://x.example/1"}
	dated := ticket
	dated.Modified = enjo.Time{At: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	for _, tt := range []struct {
		message Message
		want    string
	}{
		{TicketSame(ticket), "No change, still Open."},
		{TicketSame(dated), "No change, still Open, last updated 2026-11-22 09:00 UTC."},
		{Solved(ticket), "IT-1 is closed. Is the problem solved?"},
		{SolvedThanks(ticket), saySolvedThanks.Text("ticket", "IT-1")},
	} {
		if want := "Ticket IT-1: a b. " + tt.want + " Open ticket: https://x.example/1"; tt.message.Text != want {
			t.Errorf("got %q, want %q", tt.message.Text, want)
		}
	}
	if got, want := WithLink(Message{Text: "a."}, "https://x.example/2").Text, "a.\nGo to the thread: https://x.example/2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMoment(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 30, 0, 0, time.FixedZone("", 3600))
	for _, tt := range []struct {
		time enjo.Time
		want string
	}{
		{enjo.Time{At: at, Raw: "x"}, "<!date^1795336200^{date_short_pretty} {time}|2026-11-22 08:30 UTC>"},
		{enjo.Time{Raw: "last <Tuesday>"}, "last &lt;Tuesday&gt;"},
		{enjo.Time{At: time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), Raw: "1900"}, "1900"},
		{enjo.Time{At: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC), Raw: "far"}, "far"},
		{enjo.Time{}, ""},
	} {
		if got := moment(tt.time); got != tt.want {
			t.Errorf("moment(%v) = %q, want %q", tt.time, got, tt.want)
		}
	}
}

func TestCheckStatusNeedsAnID(t *testing.T) {
	for id, want := range map[string]bool{"IT-1": true, "": false, " ": false, strings.Repeat("x", 3000): false} {
		got := false
		for _, b := range Ticket(TicketView{Ticket: enjo.Ticket{ID: id, Status: "Open"}}, Mrkdwn).Blocks {
			if a, ok := b.(*slack.ActionBlock); ok {
				got = a.Elements.ElementSet[0].(*slack.ButtonBlockElement).Value == id
			}
		}
		if got != want {
			t.Errorf("ID of %d bytes: button %v", len(id), got)
		}
	}
}

// FuzzTicket checks that Slack accepts the card of any ticket.
func FuzzTicket(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s, "Open", "https://x.example/1", s)
		f.Add("IT-1", s, s, "text")
	}
	f.Fuzz(func(t *testing.T, id, status, link, text string) {
		ticket := enjo.Ticket{
			ID: id, Type: status, Status: status, Priority: status, URL: link, Description: text, Attributes: text,
			Created: enjo.Time{Raw: text}, Modified: enjo.Time{At: time.Unix(int64(len(text)), 0)},
		}
		for _, as := range renderings {
			for _, problem := range checkMessage(Ticket(TicketView{Ticket: ticket, Requester: text, Closed: id == ""}, as)) {
				t.Errorf("%s: %s", as, problem)
			}
		}
		if m, ok := TicketChange(enjo.Ticket{Status: "Open"}, ticket); ok {
			for _, problem := range checkMessage(m) {
				t.Error(problem)
			}
		}
	})
}

// FuzzWords checks that Slack accepts any texts in notices, sources and on the
// home tab.
func FuzzWords(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s, "https://x.example/1")
		f.Add("text", s)
	}
	f.Fuzz(func(t *testing.T, text, link string) {
		sources := []enjo.Source{
			{Name: text, Type: text, URL: link, Score: 0.5},
			{Name: link, URL: text},
			{URL: link},
			{Name: text},
			{Type: text, Name: link, Score: -1},
		}
		view := AnswerView{
			Reply: enjo.Reply{Text: "Hello", Sources: sources}, Agent: text, Question: link, Note: text,
			ShowFeedback: true, ShowCreateTicket: true, ShowEscalate: true,
		}
		var problems []string
		for _, as := range renderings {
			for _, m := range Answer(view, as) {
				problems = append(problems, checkMessage(m)...)
			}
		}
		notice := Notice(NoticeView{Text: text, Next: link, Reference: text, Buttons: []Button{{ActionID: ActionRetry, Text: text, Value: text}}})
		problems = append(problems, checkMessage(notice)...)
		problems = append(problems, checkView(Sources(sources))...)
		problems = append(problems, checkView(Home(HomeView{Agents: []HomeAgent{{Name: text, Default: true}, {Name: link}}, Waiting: text, Outage: text}))...)
		for _, problem := range problems {
			t.Error(problem)
		}
	})
}

// Ensure that a screen reader, which reads the text alone, says the tickets of a list.
func TestTicketsText(t *testing.T) {
	got := Tickets([]TicketLine{
		{Ticket: enjo.Ticket{ID: "IT-1", Description: "Black screen", Status: "Open"}},
		{Ticket: enjo.Ticket{ID: "IT-2", Description: "It shows:"}},
	}).Text
	want := sayTickets.Text("n", "2") + "\nTicket IT-1: Black screen. Status: Open.\nTicket IT-2: It shows."
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Ensure that the text of an answer in a file says the note, as its blocks do.
func TestFileTextHasNote(t *testing.T) {
	m := Answer(AnswerView{Reply: enjo.Reply{Text: "a"}, Note: "I couldn't read b.png."}, AsFile)[0]
	if want := "I couldn't read b.png.\n" + SayInFile.Text(); m.Text != want {
		t.Errorf("got %q, want %q", m.Text, want)
	}
}

// Ensure that a subject does not end in the colon that precedes a list.
func TestSubjectEnd(t *testing.T) {
	for description, want := range map[string]string{
		"It shows:\n- a\n- b": "It shows", "It shows.": "It shows", "Wait...": "Wait...", ":": ":", "Use std::": "Use std::",
	} {
		if got := subjectOf(description); got != want {
			t.Errorf("%q: got %q, want %q", description, got, want)
		}
	}
}

// Ensure that a link to the thread joins the line of context that a message already has,
// and that the message itself stays as it is.
func TestWithLink(t *testing.T) {
	notice := Notice(NoticeView{Text: "Sorry.", Reference: "EB-1"})
	before := compact(t, notice.Blocks)
	for range 2 {
		linked := WithLink(notice, exampleLink)
		got := compact(t, linked.Blocks[len(linked.Blocks)-1])
		if len(linked.Blocks) != len(notice.Blocks) || !strings.Contains(got, "EB-1") || strings.Count(got, exampleLink) != 1 {
			t.Errorf("got %s", compact(t, linked.Blocks))
		}
	}
	if after := compact(t, notice.Blocks); after != before {
		t.Errorf("the notice was changed to %s", after)
	}
}
