package enjo

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Ensure that memory is limited, and that the oldest data is dropped first.
func TestBounds(t *testing.T) {
	start := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	b := &bot{Bot: Bot{ID: "b"}, index: builtinIndex(t)}

	t.Run("requests", func(t *testing.T) {
		j := newJournal(time.Now)
		for i := range maxRequests + 2 {
			j.begin(Request{Text: fmt.Sprint(i)})
		}
		if all := j.all(); len(all) != maxRequests || all[0].Text != "2" {
			t.Errorf("%d requests from %q", len(all), all[0].Text)
		}
	})
	t.Run("texts", func(t *testing.T) {
		if got := clip(strings.Repeat("é", maxLogged)); got != strings.Repeat("é", maxLogged/2) {
			t.Errorf("clipped to %d bytes", len(got))
		}
		if got := describe(strings.Repeat("x", maxBody), ""); len(got) != maxDescription {
			t.Errorf("described in %d bytes", len(got))
		}
		var different strings.Builder
		for i := range 2 * maxTerms {
			fmt.Fprint(&different, i, " ")
		}
		if got := queryTerms(different.String()); len(got) != maxTerms {
			t.Errorf("%d terms", len(got))
		}
		if _, err := parseArticle("a.md", strings.Repeat("x", maxArticle+1)); err == nil {
			t.Error("an article of any size is read")
		}
	})
	t.Run("work", func(t *testing.T) { // hangs if the work grows faster than the text
		text := strings.Repeat("don't open a ticket ", maxBody/4/len("don't open a ticket "))
		if r := newDialogue(1, 0).answer(b, message{Text: text}, start); r.TicketDetails != nil {
			t.Errorf("opened %s", r.TicketDetails.ID)
		}
	})
	t.Run("conversations", func(t *testing.T) {
		d := newDialogue(1, 0)
		first, second := d.conversation("b", message{}, start).ID, d.conversation("b", message{}, start).ID
		d.conversation("b", message{ConversationID: first}, start) // now the second is the least recently used
		for i := range maxConversations - 1 {
			d.conversation("b", message{}, start.Add(time.Duration(i+1)))
		}
		if n := len(d.allConversations()); n != maxConversations || d.conversations[second] != nil || d.conversations[first] == nil {
			t.Errorf("%d conversations, and not the right ones", n)
		}
	})
	t.Run("tickets", func(t *testing.T) {
		d := newDialogue(1, 0)
		c := d.conversation("b", message{}, start)
		for range maxTickets + 1 {
			d.openTicket(c, "printer", start)
		}
		all := d.allTickets()
		if len(all) != maxTickets || all[0].ID != "IT-1043" || len(c.Tickets) != maxConversationTickets {
			t.Errorf("%d tickets from %s, %d in the conversation", len(all), all[0].ID, len(c.Tickets))
		}
	})
	t.Run("clients", func(t *testing.T) {
		now := start
		l := newLimiter(Config{Limits: []Limit{{Calls: 1, Per: time.Hour}}, Clock: func() time.Time { return now }})
		for i := range maxClients + 1 {
			now = now.Add(time.Millisecond)
			l.take(fmt.Sprint(i))
		}
		_, second := l.take("1")
		if _, first := l.take("0"); len(l.clients) != maxClients || second == 0 || first != 0 {
			t.Errorf("%d clients; the first waits %v, the second %v", len(l.clients), first, second)
		}
	})
}
