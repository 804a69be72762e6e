package storagetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// filledWith is how many questions [Fill] asks.
const filledWith = 16

// filled returns the n-th question of [Fill].
func filled(n int) storage.Question {
	q := ask(fmt.Sprintf("17724420%02d.000001", n), "Why? \x00 <&> 日本 "+strings.Repeat("x", n))
	q.ID.Channel = fmt.Sprintf("C%d", n%5)
	q.Thread.Channel = q.ID.Channel
	q.Asker = fmt.Sprintf("U%d", n%3)
	q.AcceptedAt = at(n)
	if n%7 == 3 {
		q.ID.Channel, q.Thread.Channel = "D1", "D1"
	}
	return q
}

// Fill stores records of every kind: questions in every state, threads, tickets in several of
// them, and all others. [Answers] asks for them.
func Fill(t *testing.T, into storage.Store) {
	t.Helper()
	s := &store{Store: into, t: t}
	for n := range filledWith {
		s.advance(s.accept(filled(n)), n)
	}
	shared := s.accept(private("shared"))
	s.setOutcome(shared.ID, replyWithTicket("IT-1", "Open"))
	s.end(shared.ID, storage.Delivered)
	s.must(s.Publish(background, shared.ID, inThread, at(40)))
	kept := s.accept(private("kept"))
	s.setOutcome(kept.ID, reply("kept \x00"))
	s.must(s.End(background, kept.ID, storage.Delivered, nil, at(31)))
	s.must(s.SetCard(background, inThread, "IT-1", "8.1", enjo.Ticket{ID: "IT-1", Status: "Open"}))
	_, err := s.UpdateTicket(background, enjo.Ticket{ID: "IT-1", Status: "Closed"}, at(90))
	s.must(err)
	s.fillOthers()
}

// advance moves a question to the state that its number gives.
func (s *store) advance(q storage.Question, n int) {
	s.t.Helper()
	answered := func(id storage.MessageID, outcome storage.Outcome, n int) {
		s.t.Helper()
		s.must(s.SetOutcome(background, id, outcome, at(20+n))) // at another time than all others
	}
	switch n % 8 {
	case 1:
		s.claim(q.ID)
	case 2:
		s.claim(q.ID, filled(n-2).ID)
		s.must(s.Requeue(background, q.ID, at(1000), true))
	case 3:
		answered(q.ID, replyWithTicket(fmt.Sprintf("IT-%d", 90-n), "Open"), n)
	case 4:
		answered(q.ID, replyWithTicket(fmt.Sprintf("IT-%d", 90-n), "Open"), n)
		s.must(s.End(background, q.ID, storage.Delivered, []string{"8.1", "8.2"}, at(100+n)))
		again := filled(n + filledWith)
		again.ID.Channel, again.Thread = q.ID.Channel, q.Thread
		s.accept(again)
		answered(again.ID, replyWithTicket(fmt.Sprintf("IT-%d", 50-n), "Closed"), n+filledWith)
	case 5:
		s.setOutcome(q.ID, storage.Outcome{Failure: storage.FailureRejected, Reference: "EB-ABCDEF"})
		s.must(s.End(background, q.ID, storage.Failed, nil, at(100+n)))
		s.must(s.SetMuted(background, q.Thread, true))
	case 6:
		s.must(s.End(background, q.ID, storage.Cancelled, nil, at(100+n)))
	case 7:
		_, err := s.StopThread(background, q.Thread)
		s.must(err)
	}
}

// fillOthers stores records that are no questions, threads and tickets.
func (s *store) fillOthers() {
	s.t.Helper()
	for n := range filledWith {
		q, user := filled(n), fmt.Sprintf("U%d", n)
		s.must(s.SetFeedback(background, storage.Feedback{Question: q.ID, User: user, Good: n%2 == 0, Comment: "No.", At: at(n)}))
		s.must(s.SetPreferences(background, storage.Preferences{User: user, TicketNews: n%2 == 0}))
		for _, key := range []storage.Key{storage.RefusedKey(q.ID), storage.CalledKey(q.ID), storage.WelcomeKey("T1", q.ID.Channel), "same"} {
			_, err := s.FirstTime(background, key, at(n))
			s.must(err)
		}
		for _, key := range []storage.Key{storage.ChannelDayKey(q.ID.Channel, at(0)), "same"} {
			_, err := s.Increment(background, key, at(n))
			s.must(err)
		}
		s.must(s.AddPress(background, storage.Press{Message: q.ID, Action: "share", At: at(n), User: user, Value: "Why?"}))
		s.must(s.SetWatermark(background, q.ID.Channel, at(n)))
		s.must(s.RecordCopies(background, []storage.Copy{{Message: q.ID, At: at(n), Event: "message", Decision: "asked", Reason: "mention"}}))
	}
	_, err := s.MoveChannel(background, "T1", "C1", "C9")
	s.must(err)
	s.must(s.SetToken(background, issued(storage.BotToken, 1)))
	s.must(s.SetToken(background, issued(storage.AppToken, 1)))
}

// Answers returns what a store that [Fill] has filled answers, by method and arguments. Those
// without an order are sorted.
func Answers(t *testing.T, of storage.Store) map[string]any {
	t.Helper()
	s := &store{Store: of, t: t}
	a := answers{s, make(map[string]any)}
	a.lists()
	for n := range 2 * filledWith {
		a.question(filled(n))
	}
	for _, q := range []storage.Question{private("shared"), private("kept")} {
		a.question(q)
	}
	a.thread(inThread)
	for _, kind := range []storage.TokenKind{storage.BotToken, storage.AppToken} {
		token, err := s.Token(background, kind)
		a.add("Token "+string(kind), fmt.Sprint(token.Access, token.Refresh, token.ExpiresAt), err)
	}
	return a.all
}

// answers collects the answers of a store.
type answers struct {
	*store
	all map[string]any
}

func (a answers) add(method string, answer any, err error) {
	a.t.Helper()
	if err != nil {
		answer = err.Error()
	}
	a.all[method] = answer
}

// lists asks for what is not about one question.
func (a answers) lists() {
	unfinished, err := a.Unfinished(background)
	a.add("Unfinished", unfinished, err)
	backlog, err := a.Backlog(background)
	a.add("Backlog", backlog, err)
	active, err := a.ActiveThreads(background, at(0), 100)
	slices.SortFunc(active, func(a, b storage.Thread) int { return cmp.Compare(a.ID.String(), b.ID.String()) })
	a.add("ActiveThreads", active, err)
	outdated, err := a.OutdatedCards(background)
	slices.SortFunc(outdated, func(a, b storage.Ticket) int {
		return cmp.Or(cmp.Compare(a.Latest.ID, b.Latest.ID), cmp.Compare(a.Thread.String(), b.Thread.String()))
	})
	a.add("OutdatedCards", outdated, err)
	presses, err := a.Presses(background)
	slices.SortFunc(presses, func(a, b storage.Press) int { return cmp.Compare(a.Message.String(), b.Message.String()) })
	a.add("Presses", presses, err)
	calls, err := a.Calls(background, at(0))
	a.add("Calls", calls, err)
	var ended []storage.Question
	a.add("EachEnded", &ended, a.EachEnded(background, at(0), at(10_000), func(q storage.Question) error { ended = append(ended, q); return nil }))
	var feedback []storage.Feedback
	a.add("EachFeedback", &feedback, a.EachFeedback(background, at(0), at(10_000), func(f storage.Feedback) error { feedback = append(feedback, f); return nil }))
	var events []storage.Event
	a.add("EachEvent", &events, a.EachEvent(background, at(0), at(10_000), func(e storage.Event) error { events = append(events, e); return nil }))
	for n := range filledWith {
		user := fmt.Sprintf("U%d", n)
		preferences, err := a.Preferences(background, user)
		a.add("Preferences "+user, preferences, err)
		tickets, err := a.TicketsOf(background, user)
		a.add("TicketsOf "+user, tickets, err)
	}
	for _, conversation := range []string{"C0", "C1", "C2", "C3", "C4", "C9", "D1"} {
		until, err := a.Watermark(background, conversation)
		a.add("Watermark "+conversation, until, err)
	}
}

// question asks for what is about a question, also under the ID that its channel has got.
func (a answers) question(q storage.Question) {
	if q.ID.Channel == "C1" {
		q.ID.Channel, q.Thread.Channel = "C9", "C9"
	}
	name := " " + q.ID.String()
	stored, err := a.Question(background, q.ID)
	a.add("Question"+name, stored, err)
	a.thread(q.Thread)
	feedback, err := a.Feedback(background, q.ID)
	a.add("Feedback"+name, feedback, err)
	history, err := a.History(background, q.ID)
	a.add("History"+name, history, err)
	for _, reference := range []string{storage.Reference(q.ID), history.Reference} {
		referenced, err := a.Referenced(background, reference)
		a.add("Referenced "+reference, referenced, err)
	}
	for _, key := range []storage.Key{storage.RefusedKey(q.ID), storage.CalledKey(q.ID), storage.WelcomeKey("T1", q.ID.Channel), "same", storage.ChannelDayKey(q.ID.Channel, at(0))} {
		seen, err := a.Seen(background, key)
		a.add("Seen "+string(key), seen, err)
		count, err := a.Count(background, key)
		a.add("Count "+string(key), count, err)
	}
}

// thread asks for what is about a thread.
func (a answers) thread(id storage.ThreadID) {
	thread, err := a.Thread(background, id)
	a.add("Thread "+id.String(), thread, err)
	tickets, err := a.Tickets(background, id)
	a.add("Tickets "+id.String(), tickets, err)
	unfinished, err := a.UnfinishedIn(background, id)
	a.add("UnfinishedIn "+id.String(), unfinished, err)
}
