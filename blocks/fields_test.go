package blocks

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"enjobridge/enjo"
)

// drawField draws the content of a field. Some are repeated five times, look
// like a host, or are longer than allowed.
func drawField(t *rapid.T, name string) string {
	return rapid.SampledFrom([]string{"", "x.y", "bank.example", "IT-1 "}).Draw(t, name) +
		strings.Repeat(rapid.SampledFrom([]string{"&", "<", "_*", "a", "👩‍👩‍👧", "w ", "\u200B", ". "}).Draw(t, name+" fill"),
			rapid.SampledFrom([]int{0, 1, 57, 197, 600, 3000}).Draw(t, name+" size"))
}

// drawURL draws links with long hosts, paths and queries.
func drawURL(t *rapid.T, name string) string {
	long := strings.Repeat(rapid.SampledFrom([]string{"a", "&", "a.", "_", "ä"}).Draw(t, name+" fill"),
		rapid.SampledFrom([]int{0, 1, 200, 700, 1400, 1460}).Draw(t, name+" size"))
	switch rapid.IntRange(0, 4).Draw(t, name) {
	case 0:
		return "https://" + long + ".example/"
	case 1:
		return "https://x.example/" + long
	case 2:
		return "https://" + long + "@x.example/?" + long
	case 3:
		return "mailto:" + long + "@x.example"
	}
	return long
}

func drawTicket(t *rapid.T) enjo.Ticket {
	return enjo.Ticket{
		ID: drawField(t, "ID"), URL: drawURL(t, "URL"), Type: drawField(t, "type"), Status: drawField(t, "status"),
		Priority: drawField(t, "priority"), Description: drawField(t, "description"), Attributes: drawField(t, "attributes"),
		Created:  enjo.Time{Raw: drawField(t, "created")},
		Modified: enjo.Time{Raw: drawField(t, "modified"), At: time.Unix(rapid.Int64Range(0, 2).Draw(t, "at")*1_700_000_000, 0)},
	}
}

// Ensure that Slack accepts the messages about any ticket.
func TestHostileTickets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := drawTicket(t), drawTicket(t)
		lines := make([]TicketLine, rapid.SampledFrom([]int{1, 3, 20, 25}).Draw(t, "tickets"))
		for i := range lines {
			lines[i] = TicketLine{Ticket: after, Since: time.Unix(1_700_000_000, 0), Thread: drawURL(t, "thread")}
		}
		messages := []Message{
			Ticket(TicketView{Ticket: after, Requester: drawField(t, "requester")}, Rich), Ticket(TicketView{Ticket: after}, Mrkdwn),
			TicketSame(after), Solved(after), Tickets(lines), WithLink(TicketSame(after), after.URL),
		}
		if change, ok := TicketChange(before, after); ok {
			messages = append(messages, change)
		}
		for _, m := range messages {
			for _, problem := range checkMessage(m) {
				t.Error(problem)
			}
		}
		for _, problem := range checkView(Home(HomeView{Tickets: lines})) {
			t.Error(problem)
		}
	})
}

// Ensure that Slack accepts any sources of an answer.
func TestHostileSources(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sources := make([]enjo.Source, rapid.SampledFrom([]int{1, 4, 30, 200}).Draw(t, "sources"))
		for i := range sources {
			sources[i] = enjo.Source{Name: drawField(t, "name"), Type: drawField(t, "type"), URL: drawURL(t, "URL"), Score: 0.5}
		}
		text := strings.Repeat("word ", rapid.SampledFrom([]int{1, 1500, 2100}).Draw(t, "words"))
		for _, as := range renderings {
			for _, m := range Answer(AnswerView{Reply: enjo.Reply{Text: text, Sources: sources}, Question: "q", ShowFeedback: true}, as) {
				for _, problem := range checkMessage(m) {
					t.Errorf("%s: %s", as, problem)
				}
			}
		}
		for _, problem := range checkView(Sources(sources)) {
			t.Error(problem)
		}
	})
}

// Ensure that a list of long tickets says how many it omits.
func TestListsSayHowManyTheyLeaveOut(t *testing.T) {
	long := TicketLine{Ticket: enjo.Ticket{ID: "IT-1", URL: "https://x.example/" + strings.Repeat("a", 1400)}}
	lines := ticketLines([]TicketLine{long, long, long, long, long, long, long, long, long, long})
	if last := lines[len(lines)-1]; last != "and 4 more" || len(lines) != 7 {
		t.Errorf("%d lines, the last %q", len(lines), last)
	}
}
