package storagetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// testIdentities checks that the parts of identities are stored unchanged, that no part
// runs into the next, and that no character has a special meaning.
func testIdentities(t *testing.T, f *fixture) {
	t.Run("are distinguished", func(t *testing.T) {
		s := f.open(t)
		parts := []string{"", "a", "b", "ab", "/", "a/b", "%", "_", "'", `"`, `\`, "日本", " ", "\n", ":", "|"}
		var want []storage.Question
		for _, x := range parts {
			for _, y := range parts {
				q := ask("", x+y)
				q.ID = storage.MessageID{Team: "T", Channel: x, TS: y}
				q.Thread = storage.ThreadID{Team: x, Channel: y, Root: "r"}
				want = append(want, s.accept(q))
			}
		}
		for _, q := range want {
			equal(t, "question", s.question(q.ID), q)
			equal(t, "thread", s.thread(q.Thread), storedThread(q))
		}
		equal(t, "unfinished", len(s.unfinished()), len(want))
	})

	long := strings.Repeat("x", storage.MaxID)
	t.Run("may be long", func(t *testing.T) {
		s := f.open(t)
		q := ask(long, "Why?")
		q.ID.Team, q.ID.Channel = long, long
		q.Thread = storage.ThreadID{Team: long, Channel: long, Root: long}
		s.accept(q)
		s.setOutcome(q.ID, replyWithTicket(long, "Open"))
		s.must(s.SetCard(background, q.Thread, long, "8.1", enjo.Ticket{}))
		_, err := s.FirstTime(background, storage.Key(long), at(0))
		s.must(err)
		equal(t, "question", s.question(q.ID).ID, q.ID)
	})

	t.Run("that are invalid change nothing", func(t *testing.T) {
		s := f.open(t)
		asked := s.accept(ask("1.1", "Why?"))
		for _, bad := range []string{long + "x", "not\xffUTF-8"} {
			q := ask(bad, "Why?")
			_, message := s.Accept(background, q, threadOf(q))
			q = ask("1.2", "Why?")
			q.Thread.Root = bad
			_, thread := s.Accept(background, q, threadOf(q))
			_, key := s.FirstTime(background, storage.Key(bad), at(0))
			press := s.AddPress(background, storage.Press{Message: ask(bad, "Why?").ID, Action: "share", At: at(0)})
			copies := s.RecordCopies(background, []storage.Copy{{Message: ask(bad, "Why?").ID, At: at(0)}})
			ticket := s.SetOutcome(background, asked.ID, replyWithTicket(bad, "Open"), at(20))
			for what, err := range map[string]error{"message": message, "thread": thread, "key": key, "press": press, "copies": copies, "ticket": ticket} {
				if !errors.Is(err, storage.ErrBadID) {
					t.Errorf("%s %.20q: error %v, want ErrBadID", what, bad, err)
				}
			}
		}
		equal(t, "unfinished", s.unfinished(), []storage.Question{asked})
		equal(t, "thread", s.thread(asked.Thread), storedThread(asked))
	})
}

// methods calls every method except Observe and Close, and returns the errors by method.
func (s *store) methods(ctx context.Context) map[string]error {
	q := ask("7.7", "Why?")
	errs := make(map[string]error)
	_, errs["Accept"] = s.Accept(ctx, q, threadOf(q))
	errs["Decide"] = s.Decide(ctx, storage.Scope{Team: "T1", Channel: "C1", Person: "U1"}, func(storage.Store) error { return nil })
	_, errs["Waiting"] = s.Waiting(ctx, q.Thread, "U1")
	_, errs["FirstTime"] = s.FirstTime(ctx, "7.7", at(0))
	_, errs["FirstTimeSince"] = s.FirstTimeSince(ctx, "7.7", at(0), at(0))
	errs["AddPress"] = s.AddPress(ctx, storage.Press{Message: q.ID, Action: "share", At: at(0)})
	_, errs["Presses"] = s.Presses(ctx)
	errs["EndPress"] = s.EndPress(ctx, q.ID, "share")
	errs["RecordCopies"] = s.RecordCopies(ctx, []storage.Copy{{Message: q.ID, At: at(0), Event: "message"}})
	_, errs["History"] = s.History(ctx, q.ID)
	_, errs["Referenced"] = s.Referenced(ctx, storage.Reference(q.ID))
	_, errs["Claim"] = s.Claim(ctx, q.ID, nil, at(0))
	errs["Requeue"] = s.Requeue(ctx, q.ID, at(0), false)
	_, errs["Watermark"] = s.Watermark(ctx, "C1")
	errs["SetWatermark"] = s.SetWatermark(ctx, "C1", at(0))
	_, errs["ActiveThreads"] = s.ActiveThreads(ctx, at(0), 1)
	_, errs["Seen"] = s.Seen(ctx, "7.7")
	errs["ResetConversation"] = s.ResetConversation(ctx, q.Thread)
	_, errs["MoveChannel"] = s.MoveChannel(ctx, "T1", "C8", "C9")
	_, errs["Increment"] = s.Increment(ctx, "7.7", at(0))
	_, errs["Count"] = s.Count(ctx, "7.7")
	_, errs["Edit"] = s.Edit(ctx, q.ID, "Why not?")
	errs["SetOutcome"] = s.SetOutcome(ctx, q.ID, reply("yes"), at(0))
	_, errs["StopThread"] = s.StopThread(ctx, q.Thread)
	errs["End"] = s.End(ctx, q.ID, storage.Cancelled, nil, at(0))
	_, errs["Question"] = s.Question(ctx, q.ID)
	_, errs["Unfinished"] = s.Unfinished(ctx)
	_, errs["UnfinishedIn"] = s.UnfinishedIn(ctx, q.Thread)
	_, errs["Backlog"] = s.Backlog(ctx)
	errs["Probe"] = s.Probe(ctx)
	_, errs["Thread"] = s.Thread(ctx, q.Thread)
	errs["SetMuted"] = s.SetMuted(ctx, q.Thread, true)
	_, errs["MuteOnce"] = s.MuteOnce(ctx, q.Thread, "8.8", at(0))
	_, errs["Tickets"] = s.Tickets(ctx, q.Thread)
	errs["SetCard"] = s.SetCard(ctx, q.Thread, "IT-1", "8.1", enjo.Ticket{})
	_, errs["TicketsOf"] = s.TicketsOf(ctx, "U1")
	_, errs["UpdateTicket"] = s.UpdateTicket(ctx, enjo.Ticket{ID: "IT-1"}, at(0))
	_, errs["OutdatedCards"] = s.OutdatedCards(ctx)
	errs["SetFeedback"] = s.SetFeedback(ctx, storage.Feedback{Question: q.ID, User: "U1", At: at(0)})
	_, errs["Feedback"] = s.Feedback(ctx, q.ID)
	errs["EachEnded"] = s.EachEnded(ctx, at(0), at(1), func(storage.Question) error { return nil })
	errs["EachFeedback"] = s.EachFeedback(ctx, at(0), at(1), func(storage.Feedback) error { return nil })
	errs["EachEvent"] = s.EachEvent(ctx, at(0), at(1), func(storage.Event) error { return nil })
	errs["SetPreferences"] = s.SetPreferences(ctx, storage.Preferences{User: "U1"})
	_, errs["Preferences"] = s.Preferences(ctx, "U1")
	errs["SetToken"] = s.SetToken(ctx, issued(storage.BotToken, 1))
	_, errs["Token"] = s.Token(ctx, storage.BotToken)
	_, errs["Calls"] = s.Calls(ctx, at(0))
	_, errs["ForgetPerson"] = s.ForgetPerson(ctx, "U1")
	errs["Forget"] = s.Forget(ctx, at(1000), at(1000))
	return errs
}

func testContext(t *testing.T, f *fixture) {
	s := f.open(t)
	ctx, cancel := context.WithCancel(background)
	cancel()
	for name, err := range s.methods(ctx) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want context.Canceled", name, err)
		}
	}
	equal(t, "unfinished", s.unfinished(), nil)
	equal(t, "calls", s.calls(0), nil)
}

func testClose(t *testing.T, f *fixture) {
	s := f.open(t)
	s.reopen() // the test closes the new store at its end
	closed := &store{Store: s.Store, t: t}
	s.reopen()
	for name, err := range closed.methods(background) {
		if err == nil {
			t.Errorf("%s of a closed store succeeded", name)
		}
	}
}

// testNothingStored checks that an empty store returns no records.
func testNothingStored(t *testing.T, f *fixture) {
	s := f.open(t)
	succeed := []string{
		"Accept", "Decide", "FirstTime", "Unfinished", "Waiting", "Backlog", "Probe", "Tickets", "Calls", "Forget", "ForgetPerson", "RecordCopies", "Referenced",
	}
	known := ask("7.7", "Why?")
	s.accept(known)
	s.end(known.ID, storage.Cancelled)
	s.forget(1000, 1000)
	_, err := s.Question(background, known.ID)
	notFound(t, "Question", err)
	_, err = s.Thread(background, known.Thread)
	notFound(t, "Thread", err)
	notFound(t, "SetMuted", s.SetMuted(background, known.Thread, true))
	notFound(t, "SetCard", s.SetCard(background, known.Thread, "IT-1", "8.1", enjo.Ticket{}))
	for name, err := range s.methods(background) {
		if slices.Contains(succeed, name) && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// testDurability checks that all records are there after the store is reopened.
func testDurability(t *testing.T, f *fixture) {
	s := f.open(t)
	first := s.accept(ask("1.1", "Why?"))
	second := s.accept(followUp(first, "1.2", 1))
	third := s.accept(followUp(first, "1.3", 2))
	_, err := s.FirstTime(background, "event/1", at(0))
	s.must(err)
	s.setOutcome(first.ID, replyWithTicket("IT-1", "Open"))
	s.must(s.SetCard(background, first.Thread, "IT-1", "8.1", enjo.Ticket{}))
	s.end(first.ID, storage.Delivered, "8.1")
	s.claim(second.ID, third.ID)
	s.must(s.SetMuted(background, first.Thread, true))

	type content struct {
		Unfinished []storage.Question
		First      storage.Question
		Third      storage.Question
		Thread     storage.Thread
		Tickets    []storage.Ticket
		Calls      []time.Time
	}
	read := func() content {
		return content{
			s.unfinished(), s.question(first.ID), s.question(third.ID),
			s.thread(first.Thread), s.tickets(first.Thread), s.calls(0),
		}
	}
	before := read()
	for range 2 {
		s.reopen()
		equal(t, "reopened", read(), before)
	}
	seen, err := s.FirstTime(background, "event/1", at(0))
	s.must(err)
	equal(t, "FirstTime", seen, false)
}

func testConcurrency(t *testing.T, f *fixture) {
	const callers = 50
	t.Run("a message is accepted once", func(t *testing.T) {
		s := f.open(t)
		q := ask("1.1", "Why?")
		var fresh atomic.Int32
		concurrently(callers, func(int) {
			if is, err := s.Accept(background, q, threadOf(q)); err != nil {
				t.Error(err)
			} else if is {
				fresh.Add(1)
			}
		})
		equal(t, "fresh", fresh.Load(), 1)
		equal(t, "unfinished", s.unfinished(), []storage.Question{q})
	})

	t.Run("a key is new once", func(t *testing.T) {
		s := f.open(t)
		var first atomic.Int32
		concurrently(callers, func(int) {
			if is, err := s.FirstTime(background, "key", at(0)); err != nil {
				t.Error(err)
			} else if is {
				first.Add(1)
			}
		})
		equal(t, "first", first.Load(), 1)
	})

	t.Run("a question is claimed once", func(t *testing.T) {
		s := f.open(t)
		shared := s.accept(ask("1.1", "Why?"))
		var claimed atomic.Int32
		concurrently(callers, func(i int) {
			q := ask(fmt.Sprintf("2.%d", i), "So?")
			if _, err := s.Accept(background, q, threadOf(q)); err != nil {
				t.Error(err)
			}
			_, err := s.Claim(background, q.ID, []storage.MessageID{shared.ID}, at(10))
			switch {
			case err == nil:
				claimed.Add(1)
			case !errors.Is(err, storage.ErrState):
				t.Error(err)
			}
		})
		equal(t, "claimed", claimed.Load(), 1)
		equal(t, "unfinished", len(s.unfinished()), callers)
	})

	t.Run("questions of one thread proceed while others read and forget", func(t *testing.T) {
		s := f.open(t)
		first := s.accept(ask("0.1", "Why?"))
		concurrently(callers, func(i int) {
			if i%10 == 0 {
				readAndForget(s, first)
				return
			}
			if err := process(s, followUp(first, fmt.Sprintf("1.%d", i), i)); err != nil {
				t.Error(err)
			}
		})
		equal(t, "unfinished", s.unfinished(), []storage.Question{first})
		equal(t, "tickets", len(s.tickets(first.Thread)), callers-callers/10)
	})
}

// process takes a question from its acceptance to its delivery.
func process(s *store, q storage.Question) error {
	if _, err := s.Accept(background, q, threadOf(q)); err != nil {
		return err
	}
	if _, err := s.Claim(background, q.ID, nil, at(10)); err != nil {
		return err
	}
	if err := s.Requeue(background, q.ID, at(11), false); err != nil {
		return err
	}
	if _, err := s.Claim(background, q.ID, nil, at(12)); err != nil {
		return err
	}
	if err := s.SetOutcome(background, q.ID, replyWithTicket(q.ID.TS, "Open"), at(20)); err != nil {
		return err
	}
	if err := s.SetCard(background, q.Thread, q.ID.TS, "8"+q.ID.TS, enjo.Ticket{ID: q.ID.TS}); err != nil {
		return err
	}
	return s.End(background, q.ID, storage.Delivered, []string{"8" + q.ID.TS}, at(30))
}

// readAndForget reads records and forgets old ones, of which there are none.
func readAndForget(s *store, q storage.Question) {
	for range 10 {
		_, err := s.Unfinished(background)
		_, threadErr := s.Thread(background, q.Thread)
		_, ticketsErr := s.Tickets(background, q.Thread)
		forgetErr := s.Forget(background, at(-1000), at(-1000))
		if err := errors.Join(err, threadErr, ticketsErr, forgetErr); err != nil {
			s.t.Error(err)
		}
	}
}
