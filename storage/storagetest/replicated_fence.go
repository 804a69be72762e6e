package storagetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// readMethods are the methods of a Store that write nothing. Each other one is in lateWrites.
var readMethods = []string{
	"ActiveThreads", "Backlog", "Calls", "Count", "EachEnded", "EachEvent", "EachFeedback", "Feedback", "History", "OutdatedCards",
	"Preferences", "Presses", "Question", "Referenced", "Seen", "Thread", "Tickets", "TicketsOf", "Token", "Unfinished", "UnfinishedIn",
	"Waiting", "Watermark",
}

// lateWrite is a write that changes what content shows, after the writes before it in the list.
type lateWrite struct {
	method string
	write  func(ctx context.Context, s storage.Store) error
}

// lateWrites call each method that writes.
func lateWrites() []lateWrite {
	first, second := ask("1.1", "Why?"), ask("1.2", "Why?")
	second.Thread = first.Thread
	top := direct("2.1", "Hello?", 0)
	shared := private("3.1")
	post := storage.ThreadID{Team: "T1", Channel: "C1", Root: "9.9"}
	return []lateWrite{
		{"Accept", func(ctx context.Context, s storage.Store) error {
			_, err := s.Accept(ctx, first, threadOf(first))
			_, more := s.Accept(ctx, second, threadOf(second))
			_, last := s.Accept(ctx, shared, threadOf(shared))
			return errors.Join(err, more, last)
		}},
		{"AcceptDirect", func(ctx context.Context, s storage.Store) error {
			_, _, _, err := s.AcceptDirect(ctx, top, threadOf(top))
			return err
		}},
		{"FirstTime", func(ctx context.Context, s storage.Store) error {
			_, err := s.FirstTime(ctx, "first", at(0))
			return err
		}},
		{"FirstTimeSince", func(ctx context.Context, s storage.Store) error {
			_, err := s.FirstTimeSince(ctx, "since", at(0), at(-1))
			return err
		}},
		{"Increment", func(ctx context.Context, s storage.Store) error {
			_, err := s.Increment(ctx, "count", at(0))
			return err
		}},
		{"AddPress", func(ctx context.Context, s storage.Store) error {
			return s.AddPress(ctx, storage.Press{Message: first.ID, Action: "share", At: at(0)})
		}},
		{"EndPress", func(ctx context.Context, s storage.Store) error { return s.EndPress(ctx, first.ID, "share") }},
		{"Edit", func(ctx context.Context, s storage.Store) error {
			_, err := s.Edit(ctx, first.ID, "Why not?")
			return err
		}},
		{"Claim", func(ctx context.Context, s storage.Store) error {
			_, err := s.Claim(ctx, first.ID, nil, at(1))
			return err
		}},
		{"Requeue", func(ctx context.Context, s storage.Store) error { return s.Requeue(ctx, first.ID, at(2), true) }},
		{"SetOutcome", func(ctx context.Context, s storage.Store) error {
			return errors.Join(
				s.SetOutcome(ctx, first.ID, replyWithTicket("IT-1", "Open"), at(3)),
				s.SetOutcome(ctx, shared.ID, reply("Because."), at(3)))
		}},
		{"StopThread", func(ctx context.Context, s storage.Store) error {
			_, err := s.StopThread(ctx, second.Thread)
			return err
		}},
		{"UpdateTicket", func(ctx context.Context, s storage.Store) error {
			_, err := s.UpdateTicket(ctx, enjo.Ticket{ID: "IT-1", Status: "Done"}, at(4))
			return err
		}},
		{"SetCard", func(ctx context.Context, s storage.Store) error {
			return s.SetCard(ctx, first.Thread, "IT-1", "8.1", enjo.Ticket{ID: "IT-1"})
		}},
		{"End", func(ctx context.Context, s storage.Store) error {
			return errors.Join(
				s.End(ctx, first.ID, storage.Delivered, []string{"8.2"}, at(5)),
				s.End(ctx, shared.ID, storage.Delivered, nil, at(5)))
		}},
		{"LinkThread", func(ctx context.Context, s storage.Store) error {
			return s.LinkThread(ctx, storage.ThreadID{Team: "T1", Channel: "C1", Root: "8.2"}, first.Thread, at(6))
		}},
		{"EraseAnswers", func(ctx context.Context, s storage.Store) error { return s.EraseAnswers(ctx, at(0), at(10)) }},
		{"Publish", func(ctx context.Context, s storage.Store) error { return s.Publish(ctx, shared.ID, post, at(7)) }},
		{"SetMuted", func(ctx context.Context, s storage.Store) error { return s.SetMuted(ctx, first.Thread, true) }},
		{"MuteOnce", func(ctx context.Context, s storage.Store) error {
			_, err := s.MuteOnce(ctx, top.Thread, "mute", at(8))
			return err
		}},
		{"ResetConversation", func(ctx context.Context, s storage.Store) error { return s.ResetConversation(ctx, first.Thread) }},
		{"SetWatermark", func(ctx context.Context, s storage.Store) error { return s.SetWatermark(ctx, "C1", at(9)) }},
		{"SetFeedback", func(ctx context.Context, s storage.Store) error {
			return s.SetFeedback(ctx, storage.Feedback{Question: first.ID, User: "U1", At: at(9)})
		}},
		{"SetPreferences", func(ctx context.Context, s storage.Store) error {
			return s.SetPreferences(ctx, storage.Preferences{User: "U1", TicketNews: true})
		}},
		{"SetToken", func(ctx context.Context, s storage.Store) error { return s.SetToken(ctx, issued(storage.BotToken, 1)) }},
		{"RecordCopies", func(ctx context.Context, s storage.Store) error {
			return s.RecordCopies(ctx, []storage.Copy{{Message: first.ID, At: at(0), Event: "message"}})
		}},
		{"Decide", func(ctx context.Context, s storage.Store) error {
			return s.Decide(ctx, scopeOf(first), func(s storage.Store) error { return s.SetMuted(ctx, first.Thread, false) })
		}},
		{"Probe", func(ctx context.Context, s storage.Store) error { return s.Probe(ctx) }},
		{"ForgetPerson", func(ctx context.Context, s storage.Store) error {
			_, err := s.ForgetPerson(ctx, "U1")
			return err
		}},
		{"MoveChannel", func(ctx context.Context, s storage.Store) error {
			_, err := s.MoveChannel(ctx, "T1", "C1", "C9")
			return err
		}},
		{"Forget", func(ctx context.Context, s storage.Store) error { return s.Forget(ctx, at(1000), at(1000)) }},
	}
}

// testFencedLate checks that no write of a replica that has lost the lease changes anything,
// and that it can still read.
func testFencedLate(t *testing.T, r *replicas) {
	writes := lateWrites()
	listed := slices.Clone(readMethods)
	for _, w := range writes {
		listed = append(listed, w.method)
	}
	slices.Sort(listed)
	equal(t, "methods of this test", listed, slices.Sorted(maps.Keys(storage.Operations())))

	lost := 0
	late := r.a.Fenced(r.acquire(r.a, "a", time.Millisecond), func() { lost++ })
	valid := r.b.Fenced(r.takeOver(r.b, "b"), func() { t.Error("the holder is told that the lease has ended") })
	for _, w := range writes {
		before := r.content(r.b)
		if err := w.write(background, late); !errors.Is(err, storage.ErrLeaseLost) {
			t.Errorf("late %s: error %v, want ErrLeaseLost", w.method, err)
		}
		if lost == 0 {
			t.Errorf("a late %s does not say that the lease has ended", w.method)
		}
		lost = 0
		equal(t, "after a late "+w.method+", the content", r.content(late), before)
		if err := w.write(background, valid); err != nil {
			t.Errorf("%s of the holder: %v", w.method, err)
		}
		if w.method != "Probe" && cmp.Equal(r.content(late), before) {
			t.Errorf("%s of the holder changes nothing, so a late one would not be noticed", w.method)
		}
	}
}

// content returns what a Store holds of the records of lateWrites.
func (r *replicas) content(s storage.Store) (content []any) {
	read := func(value any, err error) {
		r.t.Helper()
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			r.t.Fatal(err)
		}
		content = append(content, value)
	}
	shared := private("3.1")
	q, err := s.Question(background, shared.ID)
	read(q, err)
	thread, err := s.Thread(background, shared.Thread)
	read(thread, err)
	for _, channel := range []string{"C1", "C9"} {
		for _, ts := range []string{"1.1", "1.2", "2.1"} {
			q, err := s.Question(background, storage.MessageID{Team: "T1", Channel: channel, TS: ts})
			read(q, err)
		}
		for _, root := range []string{"1.1", "2.1", "8.2", "9.9"} {
			id := storage.ThreadID{Team: "T1", Channel: channel, Root: root}
			thread, err := s.Thread(background, id)
			read(thread, err)
			tickets, err := s.Tickets(background, id)
			read(tickets, err)
		}
		id := storage.MessageID{Team: "T1", Channel: channel, TS: "1.1"}
		feedback, err := s.Feedback(background, id)
		read(feedback, err)
		history, err := s.History(background, id)
		read(history, err)
		watermark, err := s.Watermark(background, channel)
		read(watermark, err)
	}
	for _, key := range []storage.Key{"first", "since", "mute"} {
		seen, err := s.Seen(background, key)
		read(seen, err)
	}
	count, err := s.Count(background, "count")
	read(count, err)
	presses, err := s.Presses(background)
	read(presses, err)
	preferences, err := s.Preferences(background, "U1")
	read(preferences, err)
	token, err := s.Token(background, storage.BotToken)
	read(token.Access, err)
	calls, err := s.Calls(background, at(0))
	read(calls, err)
	return content
}

// testFencedDecide checks that the holder decides, and that it does not any more when it has
// lost the lease.
func testFencedDecide(t *testing.T, r *replicas) {
	lease := r.acquire(r.a, "a", time.Hour)
	first, second := ask("1.1", "Why?"), ask("2.2", "Why?")
	decide := func(q storage.Question) (decided bool, err error) {
		return decided, r.a.Fenced(lease, nil).Decide(background, scopeOf(q), func(s storage.Store) error {
			decided = true
			_, err := s.Accept(background, q, threadOf(q))
			return err
		})
	}
	_, err := decide(first)
	r.must(err)
	r.must(r.a.ReleaseLease(background, lease))
	decided, err := decide(second)
	if decided || !errors.Is(err, storage.ErrLeaseLost) {
		t.Errorf("Decide with the lost lease: decided %v, error %v; want ErrLeaseLost", decided, err)
	}
	unfinished, err := r.b.Unfinished(background)
	r.must(err)
	equal(t, "unfinished", unfinished, []storage.Question{first})
}
