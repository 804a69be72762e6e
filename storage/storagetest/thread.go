package storagetest

import (
	"errors"
	"fmt"
	"testing"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// followUp returns a question in the thread of another.
func followUp(q storage.Question, ts string, seconds int) storage.Question {
	next := ask(ts, "And then?")
	next.Thread, next.Origin, next.AcceptedAt = q.Thread, storage.FollowUp, at(seconds)
	return next
}

func testThreads(t *testing.T, f *fixture) {
	t.Run("an unknown thread", func(t *testing.T) {
		s := f.open(t)
		if _, err := s.Thread(background, ask("1.1", "").Thread); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("Thread: error %v, want ErrNotFound", err)
		}
		if err := s.SetMuted(background, ask("1.1", "").Thread, true); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("SetMuted: error %v, want ErrNotFound", err)
		}
		if _, err := s.MuteOnce(background, ask("1.1", "").Thread, "stop/1", at(0)); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("MuteOnce: error %v, want ErrNotFound", err)
		}
		seen, err := s.Seen(background, "stop/1")
		s.must(err)
		equal(t, "seen", seen, false)
	})

	t.Run("a question of the same person changes only LastActive of a known thread", func(t *testing.T) {
		s := f.open(t)
		first := s.accept(ask("1.1", "Why?"))
		want := storedThread(first)
		next := followUp(first, "1.2", 50)
		other := threadOf(next)
		other.Agent, other.Conversation, other.Joined, other.Muted = "hr", "another", true, true
		_, err := s.Accept(background, next, other)
		s.must(err)
		want.LastActive = at(50)
		equal(t, "thread", s.thread(first.Thread), want)
	})

	t.Run("activity never goes back", func(t *testing.T) {
		s := f.open(t)
		first := s.accept(ask("1.1", "Why?"))
		s.accept(followUp(first, "1.2", -50))
		equal(t, "after a question", s.thread(first.Thread).LastActive, at(0))
		s.must(s.SetOutcome(background, first.ID, reply("yes"), at(-20)))
		equal(t, "after a reply", s.thread(first.Thread).LastActive, at(0))
	})

	t.Run("a mute lasts until a mention", func(t *testing.T) {
		s := f.open(t)
		first := s.accept(ask("1.1", "Why?"))
		s.must(s.SetMuted(background, first.Thread, true))
		s.accept(followUp(first, "1.2", 1))
		equal(t, "after a follow-up", s.thread(first.Thread).Muted, true)
		mention := followUp(first, "1.3", 2)
		mention.Origin = storage.Mention
		s.accept(mention)
		equal(t, "after a mention", s.thread(first.Thread).Muted, false)
		s.must(s.SetMuted(background, first.Thread, true))
		s.must(s.SetMuted(background, first.Thread, false))
		equal(t, "after being unmuted", s.thread(first.Thread).Muted, false)
	})

	t.Run("a mention by the root makes the thread the bot's own", func(t *testing.T) {
		s := f.open(t)
		reply := ask("1.2", "Why?")
		reply.Thread.Root = "1.1"
		thread := threadOf(reply)
		thread.Joined = true
		_, err := s.Accept(background, reply, thread)
		s.must(err)
		again := ask("1.3", "And now?")
		again.Thread = reply.Thread
		s.accept(again)
		equal(t, "joined after mentions in it", s.thread(reply.Thread).Joined, true)
		s.accept(ask("1.1", "Why?"))
		equal(t, "joined after its root", s.thread(reply.Thread).Joined, false)
	})

	t.Run("a key mutes once", func(t *testing.T) {
		s := f.open(t)
		first := s.accept(ask("1.1", "Why?"))
		for n, want := range []bool{true, false} {
			got, err := s.MuteOnce(background, first.Thread, "stop/1", at(n))
			s.must(err)
			equal(t, "first", got, want)
			equal(t, "muted", s.thread(first.Thread).Muted, want)
			s.must(s.SetMuted(background, first.Thread, false))
		}
		seen, err := s.Seen(background, "stop/1")
		s.must(err)
		equal(t, "seen", seen, true)
		_, err = s.FirstTime(background, "stop/2", at(0))
		s.must(err)
		got, err := s.MuteOnce(background, first.Thread, "stop/2", at(0))
		s.must(err)
		equal(t, "first with a known key", got, false)
		equal(t, "muted with a known key", s.thread(first.Thread).Muted, false)
	})

	t.Run("people who ask are its askers, since their earliest question", func(t *testing.T) {
		s := f.open(t)
		byBot := ask("1.1", "Ping?")
		byBot.Asker, byBot.ByBot = "UROBOT", true
		first := s.accept(byBot)
		equal(t, "after a bot", s.thread(first.Thread).Askers, nil)
		nobody, status, press := followUp(first, "1.2", 1), followUp(first, "1.3#status", 2), followUp(first, "1.4#retry", 3)
		nobody.Asker = ""
		status.Asker, status.Origin, status.Ticket = "UCURIOUS", storage.Button, "IT-1"
		press.Asker, press.Origin = "U3", storage.Button
		for _, q := range []storage.Question{nobody, status, followUp(first, "1.6", 4), press, followUp(first, "1.5", 5), followUp(first, "1.7", 5)} {
			s.accept(q)
		}
		pressed := fmt.Sprint(at(3).Unix(), ".000000")
		equal(t, "after people", s.thread(first.Thread).Askers, map[string]string{"U1": "1.5", "U3": pressed})
	})

	t.Run("the first 500 askers are remembered", func(t *testing.T) {
		s := f.open(t)
		first := s.accept(ask("1.1", "Why?"))
		for n := range 501 {
			q := followUp(first, fmt.Sprint("2.", n), n)
			q.Asker = fmt.Sprint("UN", n)
			s.accept(q)
		}
		askers := s.thread(first.Thread).Askers
		equal(t, "askers", len(askers), 500)
		equal(t, "the last one is", askers["UN499"]+askers["UN500"], "")
	})

	t.Run("consecutive questions of bots are counted", func(t *testing.T) {
		s := f.open(t)
		first := s.accept(ask("1.1", "Why?"))
		for n, byBot := range []bool{true, true, false, true} {
			next := followUp(first, fmt.Sprint("1.", n+2), n+1)
			next.ByBot = byBot
			s.accept(next)
			equal(t, fmt.Sprint("after ", n+1), s.thread(first.Thread).BotQuestions, []int{1, 2, 0, 1}[n])
		}
	})

	t.Run("a reply sets the conversation", func(t *testing.T) {
		s := f.open(t)
		first := s.accept(ask("1.1", "Why?"))
		second := s.accept(followUp(first, "1.2", 1))
		s.setOutcome(first.ID, reply("yes"))
		want := storedThread(first)
		want.Conversation, want.LastActive = "conversation-1", at(20)
		equal(t, "after a reply", s.thread(first.Thread), want)
		s.setOutcome(second.ID, storage.Outcome{Reply: &enjo.Reply{Text: "no"}})
		equal(t, "after a reply without one", s.thread(first.Thread), want)
	})

	t.Run("only a reply moves what was sent, and only forward", func(t *testing.T) {
		s := f.open(t)
		first := s.accept(ask("1.1", "Why?"))
		for n, test := range []struct {
			conversation, until string // of the reply; a failure has none
			want                string
		}{
			{"c1", "1.3", "1.3"},
			{"c1", "1.2", "1.3"},
			{"c1", "", "1.3"},
			{"", "1.4", "1.4"},
			{"-", "1.9", "1.4"},
			{"c1", "10.1", "10.1"},
			{"c2", "1.5", "1.5"},
			{"c3", "", ""},
		} {
			next := s.accept(followUp(first, fmt.Sprint("2.", n+1), n+1))
			outcome := storage.Outcome{Reply: &enjo.Reply{ConversationID: test.conversation}, SentUntil: test.until}
			if test.conversation == "-" {
				outcome.Reply, outcome.Failure = nil, "x"
			}
			s.setOutcome(next.ID, outcome)
			equal(t, fmt.Sprint("after reply ", n+1), s.thread(first.Thread).SentUntil, test.want)
		}
	})

	t.Run("a direct message without threads", func(t *testing.T) {
		s := f.open(t)
		q := ask("1.1", "Why?")
		q.Thread.Root = ""
		s.accept(q)
		equal(t, "thread", s.thread(q.Thread), storedThread(q))
	})
}

func testTickets(t *testing.T, f *fixture) {
	t.Run("come with replies, in the order of the first replies", func(t *testing.T) {
		s := f.open(t)
		first := s.accept(ask("1.1", "Why?"))
		second, third := followUp(first, "1.2", 1), followUp(first, "1.3", 2)
		second.Asker, third.Asker = "U2", "U3"
		s.accept(second)
		s.accept(third)

		s.setOutcome(first.ID, replyWithTicket("IT-2", "Open"))
		s.setOutcome(second.ID, replyWithTicket("IT-1", "Open"))
		s.must(s.SetCard(background, first.Thread, "IT-2", "8.1", enjo.Ticket{ID: "IT-2", Status: "Open"}))
		s.must(s.SetOutcome(background, third.ID, replyWithTicket("IT-2", "Closed"), at(25)))

		equal(t, "tickets", s.tickets(first.Thread), []storage.Ticket{
			{
				Thread: first.Thread, Requester: "U1", Card: "8.1", UpdatedAt: at(25),
				Latest: enjo.Ticket{ID: "IT-2", Status: "Closed"},
				Shown:  enjo.Ticket{ID: "IT-2", Status: "Open"},
			},
			{
				Thread: first.Thread, Requester: "U2", UpdatedAt: at(20),
				Latest: enjo.Ticket{ID: "IT-1", Status: "Open"},
			},
		})
	})

	t.Run("belong to one thread", func(t *testing.T) {
		s := f.open(t)
		one, two := s.accept(ask("1.1", "Why?")), s.accept(ask("1.10", "Why?"))
		s.setOutcome(one.ID, replyWithTicket("IT-1", "Open"))
		equal(t, "of another thread", s.tickets(two.Thread), nil)
		equal(t, "of an unknown thread", s.tickets(ask("9.9", "").Thread), nil)
		err := s.SetCard(background, two.Thread, "IT-1", "8.1", enjo.Ticket{})
		if !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("SetCard: error %v, want ErrNotFound", err)
		}
	})

	t.Run("get the requested ID if the reply has none, or in another case", func(t *testing.T) {
		for _, named := range []string{"", "it-1", "IT-1"} {
			s := f.open(t)
			first := s.accept(ask("1.1", "Why?"))
			s.setOutcome(first.ID, replyWithTicket("IT-1", "Open"))
			check := followUp(first, "1.2", 1)
			check.Ticket = "IT-1"
			s.accept(check)
			s.setOutcome(check.ID, replyWithTicket(named, "Closed"))
			equal(t, "tickets", s.tickets(first.Thread), []storage.Ticket{
				{Thread: first.Thread, Requester: "U1", UpdatedAt: at(20), Latest: enjo.Ticket{ID: "IT-1", Status: "Closed"}},
			})
			equal(t, "ID in the reply", s.question(check.ID).Outcome.Reply.Ticket.ID, "IT-1")
		}
	})

	t.Run("stay separate if the reply has another ID than requested", func(t *testing.T) {
		s := f.open(t)
		first := s.accept(ask("1.1", "Why?"))
		s.setOutcome(first.ID, replyWithTicket("IT-1", "Open"))
		check := followUp(first, "1.2", 1)
		check.Ticket = "IT-1"
		s.accept(check)
		s.setOutcome(check.ID, replyWithTicket("IT-2", "Closed"))
		equal(t, "tickets", len(s.tickets(first.Thread)), 2)
		equal(t, "status", s.tickets(first.Thread)[0].Latest.Status, "Open")
	})

	t.Run("may have no ID", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(ask("1.1", "Why?"))
		s.setOutcome(q.ID, replyWithTicket("", "Open"))
		s.must(s.SetCard(background, q.Thread, "", "8.1", enjo.Ticket{}))
		equal(t, "card", s.tickets(q.Thread)[0].Card, "8.1")
	})
}
