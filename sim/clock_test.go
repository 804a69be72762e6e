package sim_test

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// step is a moment at which the clock of the bot's machine is changed.
type step struct {
	At time.Time
	By time.Duration
}

// clockSteps returns random changes of the clock during a time: back by up to a minute, or
// forward by less than the margin of the agent's limits. After a restart the bot knows
// earlier calls only by their wall clock times. A longer step forward makes these calls
// seem too old.
func clockSteps(random *rand.Rand, within, forward time.Duration) []step {
	var steps []step
	begin := time.Now()
	for at := time.Duration(0); at < within; at += 2*time.Second + time.Duration(random.Int64N(int64(6*time.Second))) {
		by := -time.Duration(random.Int64N(int64(time.Minute)))
		if random.IntN(2) == 0 {
			by = time.Duration(random.Int64N(int64(forward)))
		}
		steps = append(steps, step{begin.Add(at), by})
	}
	return steps
}

// steppedStore is a store on a machine whose clock changes. Only stored times are
// affected, because Go measures durations within a process with the monotonic clock. The
// time at which a question is accepted is Slack's: the store compares it with the timestamps
// of messages.
type steppedStore struct {
	storage.Store
	steps []step
}

// Decide has the operations of a decision run through this store.
func (s steppedStore) Decide(ctx context.Context, scope storage.Scope, decide func(storage.Store) error) error {
	return s.Store.Decide(ctx, scope, func(decided storage.Store) error { return decide(steppedStore{decided, s.steps}) })
}

// steppedReplica is a store that replicas share, on a machine whose clock changes: only the
// times that the holder of the lease stores are those of its clock.
type steppedReplica struct {
	storage.Replicated
	steps []step
}

func (s steppedReplica) Fenced(lease storage.Lease, lost func()) storage.Store {
	return steppedStore{s.Replicated.Fenced(lease, lost), s.steps}
}

// offset returns the current difference of the clock from the real time.
func (s steppedStore) offset() time.Duration {
	var offset time.Duration
	for _, step := range s.steps {
		if !step.At.After(time.Now()) {
			offset += step.By
		}
	}
	return offset
}

// wall converts a time to the wall clock.
func (s steppedStore) wall(t time.Time) time.Time { return shifted(t, s.offset()) }

// fromWall converts a stored wall clock time so that its distance from now is preserved.
func (s steppedStore) fromWall(t time.Time) time.Time { return shifted(t, -s.offset()) }

// Ensure that people have asked in a thread since they have pressed a button by Slack's
// clock, not by the clock of the machine.
func TestSteppedStore_Press(t *testing.T) {
	bolt, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer bolt.Close()
	now := time.Now()
	store := steppedStore{bolt, []step{{now.Add(-time.Second), -10 * time.Minute}}}
	message := storage.MessageID{Team: "T1", Channel: "C1", TS: "1700000000.000100"}
	thread := storage.ThreadID{Team: "T1", Channel: "C1", Root: message.TS}
	press := storage.Question{ID: storage.ButtonID(message, "retry"), Thread: thread, Asker: "U1", Origin: storage.Button, State: storage.Queued, AcceptedAt: now}
	if _, err := store.Accept(t.Context(), press, storage.Thread{ID: thread, LastActive: now}); err != nil {
		t.Fatal(err)
	}
	found, err := store.Thread(t.Context(), thread)
	for before, want := range map[time.Duration]bool{time.Minute: false, -time.Minute: true} {
		if has := found.HasAsked("U1", slackevent.FormatTS(now.Add(-before))); has != want || err != nil {
			t.Errorf("%v before the press: the person has asked: %v (%v)", before, has, err)
		}
	}
	if q, err := store.Question(t.Context(), press.ID); err != nil || !q.AcceptedAt.Equal(now) {
		t.Errorf("the press at %v is accepted at %v (%v)", now, q.AcceptedAt, err)
	}
}

func shifted(t time.Time, by time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(by)
}

func (s steppedStore) question(q storage.Question) storage.Question {
	for _, t := range []*time.Time{&q.NotBefore, &q.AskedAt, &q.AnsweredAt, &q.EndedAt} {
		*t = s.fromWall(*t)
	}
	return q
}

func (s steppedStore) questions(questions []storage.Question) []storage.Question {
	for i, q := range questions {
		questions[i] = s.question(q)
	}
	return questions
}

func (s steppedStore) Accept(ctx context.Context, q storage.Question, thread storage.Thread) (bool, error) {
	q.NotBefore, thread.LastActive = s.wall(q.NotBefore), s.wall(thread.LastActive)
	return s.Store.Accept(ctx, q, thread)
}

func (s steppedStore) AcceptDirect(
	ctx context.Context, q storage.Question, thread storage.Thread,
) (accepted storage.Question, merged []storage.Question, fresh bool, err error) {
	q.NotBefore, thread.LastActive = s.wall(q.NotBefore), s.wall(thread.LastActive)
	accepted, merged, fresh, err = s.Store.AcceptDirect(ctx, q, thread)
	return s.question(accepted), s.questions(merged), fresh, err
}

func (s steppedStore) Publish(ctx context.Context, id storage.MessageID, in storage.ThreadID, at time.Time) error {
	return s.Store.Publish(ctx, id, in, s.wall(at))
}

func (s steppedStore) EraseAnswers(ctx context.Context, from, before time.Time) error {
	return s.Store.EraseAnswers(ctx, s.wall(from), s.wall(before))
}

func (s steppedStore) LinkThread(ctx context.Context, post, continues storage.ThreadID, at time.Time) error {
	return s.Store.LinkThread(ctx, post, continues, s.wall(at))
}

func (s steppedStore) FirstTime(ctx context.Context, key storage.Key, at time.Time) (bool, error) {
	return s.Store.FirstTime(ctx, key, s.wall(at))
}

func (s steppedStore) FirstTimeSince(ctx context.Context, key storage.Key, at, since time.Time) (bool, error) {
	return s.Store.FirstTimeSince(ctx, key, s.wall(at), s.wall(since))
}

func (s steppedStore) AddPress(ctx context.Context, p storage.Press) error {
	p.At = s.wall(p.At)
	return s.Store.AddPress(ctx, p)
}

func (s steppedStore) Presses(ctx context.Context) ([]storage.Press, error) {
	presses, err := s.Store.Presses(ctx)
	for i := range presses {
		presses[i].At = s.fromWall(presses[i].At)
	}
	return presses, err
}

func (s steppedStore) RecordCopies(ctx context.Context, copies []storage.Copy) error {
	copies = slices.Clone(copies)
	for i := range copies {
		copies[i].At = s.wall(copies[i].At)
	}
	return s.Store.RecordCopies(ctx, copies)
}

func (s steppedStore) MuteOnce(ctx context.Context, id storage.ThreadID, key storage.Key, at time.Time) (bool, error) {
	return s.Store.MuteOnce(ctx, id, key, s.wall(at))
}

func (s steppedStore) Increment(ctx context.Context, key storage.Key, at time.Time) (int, error) {
	return s.Store.Increment(ctx, key, s.wall(at))
}

func (s steppedStore) Claim(ctx context.Context, id storage.MessageID, with []storage.MessageID, at time.Time) (storage.Question, error) {
	q, err := s.Store.Claim(ctx, id, with, s.wall(at))
	return s.question(q), err
}

func (s steppedStore) Requeue(ctx context.Context, id storage.MessageID, notBefore time.Time, outcomeUnknown bool) error {
	return s.Store.Requeue(ctx, id, s.wall(notBefore), outcomeUnknown)
}

func (s steppedStore) Edit(ctx context.Context, id storage.MessageID, text string) (storage.Question, error) {
	q, err := s.Store.Edit(ctx, id, text)
	return s.question(q), err
}

func (s steppedStore) SetOutcome(ctx context.Context, id storage.MessageID, outcome storage.Outcome, at time.Time) error {
	return s.Store.SetOutcome(ctx, id, outcome, s.wall(at))
}

func (s steppedStore) End(ctx context.Context, id storage.MessageID, end storage.State, posts []string, at time.Time) error {
	return s.Store.End(ctx, id, end, posts, s.wall(at))
}

func (s steppedStore) Question(ctx context.Context, id storage.MessageID) (storage.Question, error) {
	q, err := s.Store.Question(ctx, id)
	return s.question(q), err
}

func (s steppedStore) Unfinished(ctx context.Context) ([]storage.Question, error) {
	left, err := s.Store.Unfinished(ctx)
	return s.questions(left), err
}

func (s steppedStore) UnfinishedIn(ctx context.Context, thread storage.ThreadID) ([]storage.Question, error) {
	left, err := s.Store.UnfinishedIn(ctx, thread)
	return s.questions(left), err
}

func (s steppedStore) StopThread(ctx context.Context, thread storage.ThreadID) ([]storage.Question, error) {
	stopped, err := s.Store.StopThread(ctx, thread)
	return s.questions(stopped), err
}

func (s steppedStore) Thread(ctx context.Context, id storage.ThreadID) (storage.Thread, error) {
	thread, err := s.Store.Thread(ctx, id)
	thread.LastActive = s.fromWall(thread.LastActive)
	return thread, err
}

func (s steppedStore) ActiveThreads(ctx context.Context, since time.Time, limit int) ([]storage.Thread, error) {
	return s.Store.ActiveThreads(ctx, s.wall(since), limit)
}

func (s steppedStore) Calls(ctx context.Context, since time.Time) ([]time.Time, error) {
	calls, err := s.Store.Calls(ctx, s.wall(since))
	for i, at := range calls {
		calls[i] = s.fromWall(at)
	}
	return calls, err
}

func (s steppedStore) Forget(ctx context.Context, seenBefore, idleBefore time.Time) error {
	return s.Store.Forget(ctx, s.wall(seenBefore), s.wall(idleBefore))
}
