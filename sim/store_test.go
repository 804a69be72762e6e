package sim_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// errCrashed is the error of the store of a crashed instance.
var errCrashed = errors.New("this instance has crashed")

// instanceStore is the store of one instance. It injects the faults of the disk, and fails
// after the instance has crashed.
type instanceStore struct {
	storage.Store
	instance *instance
	hook     func(op string, took time.Duration, err error)
}

// Observe implements [storage.Store]. The bot observes injected errors, too.
func (s *instanceStore) Observe(hook func(op string, took time.Duration, err error)) { s.hook = hook }

// report reports an operation by the name of its method.
func (s *instanceStore) report(op string, began time.Time, err error) {
	if s.hook != nil && op != "Close" {
		s.hook(snakeCase(op), time.Since(began), err)
	}
}

// snakeCase converts the name of a method to snake case.
func snakeCase(name string) string {
	return strings.ToLower(wordBegins.ReplaceAllString(name, "${1}_$2"))
}

var wordBegins = regexp.MustCompile("([a-z])([A-Z])")

// write runs an operation that changes the store.
func (s *instanceStore) write(op string, do func() error) (err error) {
	defer func(began time.Time) { s.report(op, began, err) }(time.Now())
	w := s.instance.world
	if err := s.instance.reach(context.Background(), op); err != nil {
		return err
	}
	what := "store." + op
	if w.points.reach("before", what) {
		s.instance.crash("before " + what)
		return errCrashed
	}
	this := point{"after", what, w.points.count("before", what)}
	if err := w.disk.before(this); err != nil {
		w.trace.add("%s fails: %v", what, err)
		return err
	}
	if s.instance.crashed() {
		return errCrashed
	}
	err = do()
	s.instance.away.wait(context.Background())
	w.trace.add("%s %s: %v", s.instance.host, what, err)
	if w.points.reach("after", what) {
		s.instance.crash("after " + what)
	}
	if s.instance.crashed() {
		return errCrashed
	}
	if err == nil {
		if err = w.disk.after(this); err != nil {
			w.trace.add("%s is done but returns %v", what, err)
		}
	}
	return err
}

// read runs an operation that only reads the store.
func (s *instanceStore) read(op string, do func() error) (err error) {
	defer func(began time.Time) { s.report(op, began, err) }(time.Now())
	w := s.instance.world
	if err := s.instance.reach(context.Background(), op); err != nil {
		return err
	}
	what := "store." + op
	w.points.reach("read", what)
	if err := w.disk.read(point{"read", what, w.points.count("read", what)}); err != nil {
		w.trace.add("%s fails: %v", what, err)
		return err
	}
	err = do()
	if s.instance.crashed() {
		return errCrashed
	}
	return err
}

// value runs do through a function such as write, and returns its value.
func value[T any](over func(func() error) error, do func() (T, error)) (v T, err error) {
	err = over(func() (err error) {
		v, err = do()
		return err
	})
	return v, err
}

// reads returns read with an operation's name.
func (s *instanceStore) reads(op string) func(func() error) error {
	return func(do func() error) error { return s.read(op, do) }
}

// writes returns write with an operation's name.
func (s *instanceStore) writes(op string) func(func() error) error {
	return func(do func() error) error { return s.write(op, do) }
}

// Decide has the operations of a decision run through this store. In a database it is one
// transaction, which fails as a whole.
func (s *instanceStore) Decide(ctx context.Context, scope storage.Scope, decide func(storage.Store) error) error {
	if s.instance.world.shared == nil {
		return decide(s)
	}
	return s.write("Decide", func() error { return s.Store.Decide(ctx, scope, decide) })
}

func (s *instanceStore) Accept(ctx context.Context, q storage.Question, thread storage.Thread) (bool, error) {
	return value(s.writes("Accept"), func() (bool, error) { return s.Store.Accept(ctx, q, thread) })
}

func (s *instanceStore) AcceptDirect(
	ctx context.Context, q storage.Question, thread storage.Thread,
) (accepted storage.Question, merged []storage.Question, fresh bool, err error) {
	err = s.write("AcceptDirect", func() (err error) {
		accepted, merged, fresh, err = s.Store.AcceptDirect(ctx, q, thread)
		return err
	})
	if err != nil {
		return storage.Question{}, nil, false, err
	}
	return accepted, merged, fresh, nil
}

func (s *instanceStore) Publish(ctx context.Context, id storage.MessageID, in storage.ThreadID, at time.Time) error {
	return s.write("Publish", func() error { return s.Store.Publish(ctx, id, in, at) })
}

func (s *instanceStore) EraseAnswers(ctx context.Context, from, before time.Time) error {
	return s.write("EraseAnswers", func() error { return s.Store.EraseAnswers(ctx, from, before) })
}

func (s *instanceStore) LinkThread(ctx context.Context, post, continues storage.ThreadID, at time.Time) error {
	return s.write("LinkThread", func() error { return s.Store.LinkThread(ctx, post, continues, at) })
}

func (s *instanceStore) FirstTime(ctx context.Context, key storage.Key, at time.Time) (bool, error) {
	return value(s.writes("FirstTime"), func() (bool, error) { return s.Store.FirstTime(ctx, key, at) })
}

func (s *instanceStore) FirstTimeSince(ctx context.Context, key storage.Key, at, since time.Time) (bool, error) {
	return value(s.writes("FirstTimeSince"), func() (bool, error) { return s.Store.FirstTimeSince(ctx, key, at, since) })
}

func (s *instanceStore) AddPress(ctx context.Context, p storage.Press) error {
	return s.write("AddPress", func() error { return s.Store.AddPress(ctx, p) })
}

func (s *instanceStore) EndPress(ctx context.Context, message storage.MessageID, action string) error {
	return s.write("EndPress", func() error { return s.Store.EndPress(ctx, message, action) })
}

func (s *instanceStore) Presses(ctx context.Context) ([]storage.Press, error) {
	return value(s.reads("Presses"), func() ([]storage.Press, error) { return s.Store.Presses(ctx) })
}

func (s *instanceStore) RecordCopies(ctx context.Context, copies []storage.Copy) error {
	return s.write("RecordCopies", func() error { return s.Store.RecordCopies(ctx, copies) })
}

func (s *instanceStore) History(ctx context.Context, message storage.MessageID) (storage.History, error) {
	return value(s.reads("History"), func() (storage.History, error) { return s.Store.History(ctx, message) })
}

func (s *instanceStore) Referenced(ctx context.Context, reference string) ([]storage.MessageID, error) {
	return value(s.reads("Referenced"), func() ([]storage.MessageID, error) { return s.Store.Referenced(ctx, reference) })
}

func (s *instanceStore) Increment(ctx context.Context, key storage.Key, at time.Time) (int, error) {
	return value(s.writes("Increment"), func() (int, error) { return s.Store.Increment(ctx, key, at) })
}

func (s *instanceStore) Count(ctx context.Context, key storage.Key) (int, error) {
	return value(s.reads("Count"), func() (int, error) { return s.Store.Count(ctx, key) })
}

func (s *instanceStore) Claim(ctx context.Context, id storage.MessageID, with []storage.MessageID, at time.Time) (storage.Question, error) {
	return value(s.writes("Claim"), func() (storage.Question, error) { return s.Store.Claim(ctx, id, with, at) })
}

func (s *instanceStore) Requeue(ctx context.Context, id storage.MessageID, notBefore time.Time, outcomeUnknown bool) error {
	return s.write("Requeue", func() error { return s.Store.Requeue(ctx, id, notBefore, outcomeUnknown) })
}

func (s *instanceStore) Edit(ctx context.Context, id storage.MessageID, text string) (storage.Question, error) {
	return value(s.writes("Edit"), func() (storage.Question, error) { return s.Store.Edit(ctx, id, text) })
}

func (s *instanceStore) SetOutcome(ctx context.Context, id storage.MessageID, outcome storage.Outcome, at time.Time) error {
	err := s.write("SetOutcome", func() error { return s.Store.SetOutcome(ctx, id, outcome, at) })
	if err == nil {
		s.instance.world.seen.note("outcome " + outcomeName(outcome))
	}
	return err
}

func (s *instanceStore) StopThread(ctx context.Context, thread storage.ThreadID) ([]storage.Question, error) {
	stopped, err := value(s.writes("StopThread"), func() ([]storage.Question, error) { return s.Store.StopThread(ctx, thread) })
	if err == nil {
		for _, q := range stopped {
			s.instance.world.seen.note("outcome " + outcomeName(*q.Outcome))
		}
	}
	return stopped, err
}

// outcomeName returns the code of a failure, or "answer".
func outcomeName(o storage.Outcome) string {
	if o.Failure != "" {
		return string(o.Failure)
	}
	return "answer"
}

func (s *instanceStore) End(ctx context.Context, id storage.MessageID, end storage.State, posts []string, at time.Time) error {
	err := s.write("End", func() error { return s.Store.End(ctx, id, end, posts, at) })
	if err == nil {
		s.instance.world.seen.note("end " + string(end))
	}
	return err
}

func (s *instanceStore) SetMuted(ctx context.Context, id storage.ThreadID, muted bool) error {
	return s.write("SetMuted", func() error { return s.Store.SetMuted(ctx, id, muted) })
}

func (s *instanceStore) MuteOnce(ctx context.Context, id storage.ThreadID, key storage.Key, at time.Time) (bool, error) {
	return value(s.writes("MuteOnce"), func() (bool, error) { return s.Store.MuteOnce(ctx, id, key, at) })
}

func (s *instanceStore) SetWatermark(ctx context.Context, conversation string, until time.Time) error {
	return s.write("SetWatermark", func() error { return s.Store.SetWatermark(ctx, conversation, until) })
}

func (s *instanceStore) ResetConversation(ctx context.Context, id storage.ThreadID) error {
	return s.write("ResetConversation", func() error { return s.Store.ResetConversation(ctx, id) })
}

func (s *instanceStore) MoveChannel(ctx context.Context, team, from, to string) ([]storage.Question, error) {
	return value(s.writes("MoveChannel"), func() ([]storage.Question, error) { return s.Store.MoveChannel(ctx, team, from, to) })
}

func (s *instanceStore) UpdateTicket(ctx context.Context, latest enjo.Ticket, at time.Time) ([]storage.Ticket, error) {
	return value(s.writes("UpdateTicket"), func() ([]storage.Ticket, error) { return s.Store.UpdateTicket(ctx, latest, at) })
}

func (s *instanceStore) SetCard(ctx context.Context, thread storage.ThreadID, ticketID, ts string, shown enjo.Ticket) error {
	return s.write("SetCard", func() error { return s.Store.SetCard(ctx, thread, ticketID, ts, shown) })
}

func (s *instanceStore) SetFeedback(ctx context.Context, f storage.Feedback) error {
	return s.write("SetFeedback", func() error { return s.Store.SetFeedback(ctx, f) })
}

func (s *instanceStore) SetPreferences(ctx context.Context, p storage.Preferences) error {
	return s.write("SetPreferences", func() error { return s.Store.SetPreferences(ctx, p) })
}

func (s *instanceStore) SetToken(ctx context.Context, token storage.Token) error {
	return s.write("SetToken", func() error { return s.Store.SetToken(ctx, token) })
}

func (s *instanceStore) Forget(ctx context.Context, seenBefore, idleBefore time.Time) error {
	return s.write("Forget", func() error { return s.Store.Forget(ctx, seenBefore, idleBefore) })
}

func (s *instanceStore) Probe(ctx context.Context) error {
	return s.write("Probe", func() error { return s.Store.Probe(ctx) })
}

// Close closes the store after a clean exit of the bot. It closes the file even if it
// injects an error.
func (s *instanceStore) Close() error {
	closed := false
	err := s.write("Close", func() error {
		closed = true
		return s.Store.Close()
	})
	if !closed {
		err = errors.Join(err, s.Store.Close())
	}
	return err
}

func (s *instanceStore) Seen(ctx context.Context, key storage.Key) (bool, error) {
	return value(s.reads("Seen"), func() (bool, error) { return s.Store.Seen(ctx, key) })
}

func (s *instanceStore) Question(ctx context.Context, id storage.MessageID) (storage.Question, error) {
	return value(s.reads("Question"), func() (storage.Question, error) { return s.Store.Question(ctx, id) })
}

func (s *instanceStore) Unfinished(ctx context.Context) ([]storage.Question, error) {
	return value(s.reads("Unfinished"), func() ([]storage.Question, error) { return s.Store.Unfinished(ctx) })
}

func (s *instanceStore) UnfinishedIn(ctx context.Context, thread storage.ThreadID) ([]storage.Question, error) {
	return value(s.reads("UnfinishedIn"), func() ([]storage.Question, error) { return s.Store.UnfinishedIn(ctx, thread) })
}

func (s *instanceStore) Calls(ctx context.Context, since time.Time) ([]time.Time, error) {
	return value(s.reads("Calls"), func() ([]time.Time, error) { return s.Store.Calls(ctx, since) })
}

func (s *instanceStore) Backlog(ctx context.Context) (storage.Backlog, error) {
	return value(s.reads("Backlog"), func() (storage.Backlog, error) { return s.Store.Backlog(ctx) })
}

func (s *instanceStore) Thread(ctx context.Context, id storage.ThreadID) (storage.Thread, error) {
	return value(s.reads("Thread"), func() (storage.Thread, error) { return s.Store.Thread(ctx, id) })
}

func (s *instanceStore) ActiveThreads(ctx context.Context, since time.Time, limit int) ([]storage.Thread, error) {
	return value(s.reads("ActiveThreads"), func() ([]storage.Thread, error) { return s.Store.ActiveThreads(ctx, since, limit) })
}

func (s *instanceStore) Watermark(ctx context.Context, conversation string) (time.Time, error) {
	return value(s.reads("Watermark"), func() (time.Time, error) { return s.Store.Watermark(ctx, conversation) })
}

func (s *instanceStore) Tickets(ctx context.Context, thread storage.ThreadID) ([]storage.Ticket, error) {
	return value(s.reads("Tickets"), func() ([]storage.Ticket, error) { return s.Store.Tickets(ctx, thread) })
}

func (s *instanceStore) TicketsOf(ctx context.Context, requester string) ([]storage.Ticket, error) {
	return value(s.reads("TicketsOf"), func() ([]storage.Ticket, error) { return s.Store.TicketsOf(ctx, requester) })
}

func (s *instanceStore) OutdatedCards(ctx context.Context) ([]storage.Ticket, error) {
	return value(s.reads("OutdatedCards"), func() ([]storage.Ticket, error) { return s.Store.OutdatedCards(ctx) })
}

func (s *instanceStore) Feedback(ctx context.Context, question storage.MessageID) ([]storage.Feedback, error) {
	return value(s.reads("Feedback"), func() ([]storage.Feedback, error) { return s.Store.Feedback(ctx, question) })
}

func (s *instanceStore) Token(ctx context.Context, kind storage.TokenKind) (storage.Token, error) {
	return value(s.reads("Token"), func() (storage.Token, error) { return s.Store.Token(ctx, kind) })
}

func (s *instanceStore) Preferences(ctx context.Context, user string) (storage.Preferences, error) {
	return value(s.reads("Preferences"), func() (storage.Preferences, error) { return s.Store.Preferences(ctx, user) })
}
