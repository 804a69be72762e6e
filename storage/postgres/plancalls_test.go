package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// planCall calls a method, with the store in a filled database.
type planCall func(context.Context, *Store) error

// planCalls returns a call, or several, of each method, among the records of fill.
func planCalls() map[string]planCall {
	calls := make(map[string]planCall)
	for _, some := range []map[string]planCall{questionCalls, threadCalls, ticketCalls, recordCalls, replicaCalls, wholeCalls} {
		for method, call := range some {
			calls[method] = call
		}
	}
	return calls
}

// later is after all records of fill, and earlier just after the first of them.
var (
	later   = filledAt.Add(time.Hour)
	earlier = filledAt.AddDate(-1, 0, 1)
)

// plannedQuestion returns a question with a number, in a channel with records of fill.
func plannedQuestion(n int) (storage.Question, storage.Thread) {
	id := storage.MessageID{Team: "T1", Channel: "C500", TS: fmt.Sprintf("9000000000.%d", n)}
	thread := storage.Thread{ID: storage.ThreadID{Team: id.Team, Channel: id.Channel, Root: id.TS}, LastActive: later}
	return storage.Question{ID: id, Thread: thread.ID, Asker: "U500", Text: "Why?", State: storage.Queued, AcceptedAt: later}, thread
}

// steps runs steps until one of them fails.
func steps(all ...func() error) error {
	for n, step := range all {
		if err := step(); err != nil {
			return fmt.Errorf("step %d: %w", n, err)
		}
	}
	return nil
}

// accepted accepts a question, and returns it.
func accepted(ctx context.Context, s *Store, n int) (storage.Question, error) {
	q, thread := plannedQuestion(n)
	_, err := s.Accept(ctx, q, thread)
	return q, err
}

// answeredQuestion accepts a question, claims it, and stores an answer with a ticket.
func answeredQuestion(ctx context.Context, s *Store, n int) (storage.Question, error) {
	q, err := accepted(ctx, s, n)
	return q, errors.Join(err, steps(
		func() error { _, err := s.Claim(ctx, q.ID, nil, later); return err },
		func() error {
			return s.SetOutcome(ctx, q.ID, storage.Outcome{Reply: &enjo.Reply{
				Text: "Because.", ConversationID: "c1", Ticket: &enjo.Ticket{ID: fmt.Sprint("I-", n), Status: "open"},
			}}, later)
		},
	))
}

var questionCalls = map[string]planCall{
	"Accept": func(ctx context.Context, s *Store) error { _, err := accepted(ctx, s, 100); return err },
	"AcceptDirect": func(ctx context.Context, s *Store) error {
		for n := range 2 {
			q, thread := plannedQuestion(110 + n)
			q.Origin, q.ID.Channel = storage.Direct, "D500"
			q.Thread.Channel, thread.ID.Channel = "D500", "D500"
			if _, _, _, err := s.AcceptDirect(ctx, q, thread); err != nil {
				return err
			}
		}
		return nil
	},
	"Claim": func(ctx context.Context, s *Store) error {
		first, err := accepted(ctx, s, 120)
		second, thread := plannedQuestion(121)
		second.Thread, thread.ID = first.Thread, first.Thread
		_, err2 := s.Accept(ctx, second, thread)
		_, err3 := s.Claim(ctx, first.ID, []storage.MessageID{second.ID}, later)
		return errors.Join(err, err2, err3)
	},
	"Requeue": func(ctx context.Context, s *Store) error {
		q, err := accepted(ctx, s, 130)
		_, err2 := s.Claim(ctx, q.ID, nil, later)
		return errors.Join(err, err2, s.Requeue(ctx, q.ID, later, false))
	},
	"Edit": func(ctx context.Context, s *Store) error {
		q, err := accepted(ctx, s, 140)
		_, err2 := s.Edit(ctx, q.ID, "How?")
		return errors.Join(err, err2)
	},
	"SetOutcome": func(ctx context.Context, s *Store) error { _, err := answeredQuestion(ctx, s, 150); return err },
	"StopThread": func(ctx context.Context, s *Store) error {
		q, err := accepted(ctx, s, 160)
		_, err2 := s.StopThread(ctx, q.Thread)
		return errors.Join(err, err2)
	},
	"End": func(ctx context.Context, s *Store) error {
		q, err := answeredQuestion(ctx, s, 170)
		return errors.Join(err, s.End(ctx, q.ID, storage.Delivered, []string{"9000000001.1"}, later))
	},
	"Question": func(ctx context.Context, s *Store) error {
		_, err := s.Question(ctx, storage.MessageID{Team: "T1", Channel: "C3", TS: "3.1"})
		return err
	},
	"Unfinished": func(ctx context.Context, s *Store) error { _, err := s.Unfinished(ctx); return err },
	"UnfinishedIn": func(ctx context.Context, s *Store) error {
		_, err := s.UnfinishedIn(ctx, storage.ThreadID{Team: "T1", Channel: "C7", Root: "7.1"})
		return err
	},
	"Waiting": func(ctx context.Context, s *Store) error {
		_, err := s.Waiting(ctx, storage.ThreadID{Team: "T1", Channel: "C7", Root: "7.1"}, "U7")
		return err
	},
	"Backlog":      func(ctx context.Context, s *Store) error { _, err := s.Backlog(ctx); return err },
	"EraseAnswers": func(ctx context.Context, s *Store) error { return s.EraseAnswers(ctx, earlier, later) },
	"Calls": func(ctx context.Context, s *Store) error {
		_, err := s.Calls(ctx, filledAt.Add(-time.Hour))
		return err
	},
}

var threadCalls = map[string]planCall{
	"Thread": func(ctx context.Context, s *Store) error {
		_, err := s.Thread(ctx, storage.ThreadID{Team: "T1", Channel: "C3", Root: "3.1"})
		return err
	},
	"SetMuted": func(ctx context.Context, s *Store) error {
		return s.SetMuted(ctx, storage.ThreadID{Team: "T1", Channel: "C3", Root: "3.1"}, true)
	},
	"LinkThread": func(ctx context.Context, s *Store) error {
		q, err := accepted(ctx, s, 200)
		return errors.Join(err, s.LinkThread(ctx, storage.ThreadID{Team: "T1", Channel: "D500", Root: "9000000002.1"}, q.Thread, later))
	},
	"Publish": func(ctx context.Context, s *Store) error {
		q, thread := plannedQuestion(210)
		q.ID = storage.CommandID("T1", "C500", "trigger")
		q.Thread, thread.ID = storage.PrivateThread(q.ID), storage.PrivateThread(q.ID)
		_, err := s.Accept(ctx, q, thread)
		return errors.Join(err, s.Publish(ctx, q.ID, storage.ThreadID{Team: "T1", Channel: "C500", Root: "9000000003.1"}, later))
	},
	"MuteOnce": func(ctx context.Context, s *Store) error {
		_, err := s.MuteOnce(ctx, storage.ThreadID{Team: "T1", Channel: "C4", Root: "4.1"}, "mute-once", later)
		return err
	},
	"ActiveThreads": func(ctx context.Context, s *Store) error {
		_, err := s.ActiveThreads(ctx, filledAt.AddDate(0, -1, 0), 100)
		return err
	},
	"ResetConversation": func(ctx context.Context, s *Store) error {
		return s.ResetConversation(ctx, storage.ThreadID{Team: "T1", Channel: "C4", Root: "4.1"})
	},
}

var ticketCalls = map[string]planCall{
	"Tickets": func(ctx context.Context, s *Store) error {
		q, err := answeredQuestion(ctx, s, 300)
		_, err2 := s.Tickets(ctx, q.Thread)
		return errors.Join(err, err2)
	},
	"TicketsOf": func(ctx context.Context, s *Store) error { _, err := s.TicketsOf(ctx, "U7"); return err },
	"UpdateTicket": func(ctx context.Context, s *Store) error {
		_, err := answeredQuestion(ctx, s, 310)
		_, err2 := s.UpdateTicket(ctx, enjo.Ticket{ID: "I-310", Status: "closed"}, later)
		return errors.Join(err, err2)
	},
	"OutdatedCards": func(ctx context.Context, s *Store) error { _, err := s.OutdatedCards(ctx); return err },
	"SetCard": func(ctx context.Context, s *Store) error {
		q, err := answeredQuestion(ctx, s, 320)
		return errors.Join(err, s.SetCard(ctx, q.Thread, "I-320", "9000000004.1", enjo.Ticket{ID: "I-320", Status: "open"}))
	},
}

var recordCalls = map[string]planCall{
	"FirstTime": func(ctx context.Context, s *Store) error {
		_, err := s.FirstTime(ctx, "refused/T1/C3/3.2", later)
		return err
	},
	"FirstTimeSince": func(ctx context.Context, s *Store) error {
		_, err := s.FirstTimeSince(ctx, "refused/T1/C3/3.3", later, earlier)
		return err
	},
	"Seen":      func(ctx context.Context, s *Store) error { _, err := s.Seen(ctx, "refused/T1/C3/3.1"); return err },
	"Increment": func(ctx context.Context, s *Store) error { _, err := s.Increment(ctx, "day/U3", later); return err },
	"Count":     func(ctx context.Context, s *Store) error { _, err := s.Count(ctx, "day/U3"); return err },
	"AddPress": func(ctx context.Context, s *Store) error {
		return s.AddPress(ctx, storage.Press{Message: storage.MessageID{Team: "T1", Channel: "C3", TS: "3.2"}, Action: "more", At: later})
	},
	"EndPress": func(ctx context.Context, s *Store) error {
		return s.EndPress(ctx, storage.MessageID{Team: "T1", Channel: "C3", TS: "3.1"}, "more")
	},
	"Watermark":    func(ctx context.Context, s *Store) error { _, err := s.Watermark(ctx, "T1/C3"); return err },
	"SetWatermark": func(ctx context.Context, s *Store) error { return s.SetWatermark(ctx, "T1/C3", later) },
	"SetFeedback": func(ctx context.Context, s *Store) error {
		return s.SetFeedback(ctx, storage.Feedback{Question: storage.MessageID{Team: "T1", Channel: "C3", TS: "3.1"}, User: "U1", At: later})
	},
	"Feedback": func(ctx context.Context, s *Store) error {
		_, err := s.Feedback(ctx, storage.MessageID{Team: "T1", Channel: "C3", TS: "3.1"})
		return err
	},
	"SetPreferences": func(ctx context.Context, s *Store) error {
		return s.SetPreferences(ctx, storage.Preferences{User: "U3"})
	},
	"Preferences": func(ctx context.Context, s *Store) error { _, err := s.Preferences(ctx, "U4"); return err },
	"SetToken": func(ctx context.Context, s *Store) error {
		return s.SetToken(ctx, storage.Token{Kind: storage.BotToken})
	},
	"Token": func(ctx context.Context, s *Store) error {
		err := s.SetToken(ctx, storage.Token{Kind: storage.AppToken})
		_, err2 := s.Token(ctx, storage.AppToken)
		return errors.Join(err, err2)
	},
	"RecordCopies": func(ctx context.Context, s *Store) error {
		return s.RecordCopies(ctx, []storage.Copy{
			{Message: storage.MessageID{Team: "T1", Channel: "C3", TS: "3.1"}, At: later, Event: "message"},
			{Message: storage.MessageID{Team: "T1", Channel: "C3", TS: "3.2"}, At: later, Event: "message"},
		})
	},
	"History": func(ctx context.Context, s *Store) error {
		_, err := s.History(ctx, storage.MessageID{Team: "T1", Channel: "C5", TS: "5.1"})
		return err
	},
	"Referenced": func(ctx context.Context, s *Store) error { _, err := s.Referenced(ctx, "EB-3"); return err },
	"Probe":      func(ctx context.Context, s *Store) error { return s.Probe(ctx) },
}

var replicaCalls = map[string]planCall{
	"AcquireLease": func(ctx context.Context, s *Store) error { _, err := s.AcquireLease(ctx, "a", time.Hour); return err },
	"RenewLease": func(ctx context.Context, s *Store) error {
		lease, err := s.AcquireLease(ctx, "a", time.Hour)
		return errors.Join(err, s.RenewLease(ctx, lease, time.Hour))
	},
	"ReleaseLease": func(ctx context.Context, s *Store) error {
		lease, err := s.AcquireLease(ctx, "a", time.Hour)
		return errors.Join(err, s.ReleaseLease(ctx, lease))
	},
	"Holder": func(ctx context.Context, s *Store) error { _, _, err := s.Holder(ctx); return err },
	"Fenced": func(ctx context.Context, s *Store) error {
		lease, err := s.AcquireLease(ctx, "a", time.Hour)
		return errors.Join(err, s.Fenced(lease, nil).SetWatermark(ctx, "T1/C3", later))
	},
	"Announce": func(ctx context.Context, s *Store) error {
		return s.Announce(ctx, storage.Announcement{Kind: storage.EventMissed})
	},
	"Announcements": func(ctx context.Context, s *Store) error { _, err := s.Announcements(ctx, 100); return err },
	"EndAnnouncements": func(ctx context.Context, s *Store) error {
		lease, err := s.AcquireLease(ctx, "a", time.Hour)
		some, err2 := s.Announcements(ctx, 100)
		return errors.Join(err, err2, s.EndAnnouncements(ctx, lease, some))
	},
	"Listen": func(ctx context.Context, s *Store) error {
		ctx, cancel := context.WithCancel(ctx)
		if err := s.Listen(ctx, cancel); !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	},
	"Register": func(ctx context.Context, s *Store) error {
		_, err := s.Register(ctx, storage.Replica{ID: "a"}, time.Minute)
		return err
	},
	"Deregister": func(ctx context.Context, s *Store) error { return s.Deregister(ctx, "a") },
}

// wholeCalls are those of methods about many records, or none.
var wholeCalls = map[string]planCall{
	"Observe": func(_ context.Context, s *Store) error { s.Observe(nil); return nil },
	"Close":   func(context.Context, *Store) error { return nil }, // it sends nothing
	"Decide": func(ctx context.Context, s *Store) error {
		q, thread := plannedQuestion(400)
		scope := storage.Scope{
			Team: q.ID.Team, Channel: q.ID.Channel, Person: q.Asker,
			Questions: []storage.MessageID{q.ID}, Threads: []storage.ThreadID{q.Thread}, Keys: []storage.Key{storage.RefusedKey(q.ID), "day/U4"},
		}
		return s.Decide(ctx, scope, func(s storage.Store) error {
			_, err := s.Waiting(ctx, q.Thread, q.Asker)
			_, err2 := s.Increment(ctx, "day/U4", later)
			_, err3 := s.Accept(ctx, q, thread)
			return errors.Join(err, err2, err3)
		})
	},
	"Presses": func(ctx context.Context, s *Store) error { _, err := s.Presses(ctx); return err },
	"EachEnded": func(ctx context.Context, s *Store) error {
		return s.EachEnded(ctx, filledAt.AddDate(0, 0, -3), later, func(storage.Question) error { return nil })
	},
	"EachFeedback": func(ctx context.Context, s *Store) error {
		return s.EachFeedback(ctx, filledAt.AddDate(0, 0, -3), later, func(storage.Feedback) error { return nil })
	},
	"EachEvent": func(ctx context.Context, s *Store) error {
		return s.EachEvent(ctx, filledAt.AddDate(0, 0, -3), later, func(storage.Event) error { return nil })
	},
	"MoveChannel": func(ctx context.Context, s *Store) error {
		_, err := s.MoveChannel(ctx, "T1", "C600", "C601")
		return err
	},
	"Forget":       func(ctx context.Context, s *Store) error { return s.Forget(ctx, earlier, earlier) },
	"ForgetPerson": func(ctx context.Context, s *Store) error { _, err := s.ForgetPerson(ctx, "U700"); return err },
}
