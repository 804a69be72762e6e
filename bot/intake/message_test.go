package intake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// okSlack accepts every call, unless it is down.
type okSlack struct{ down bool }

func (s *okSlack) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.down {
		return nil, errors.New("no route to host")
	}
	body := `{"ok":true,"messages":[],"ts":"1772442000.000100","message_ts":"1772442000.000100"}`
	return &http.Response{StatusCode: http.StatusOK, Header: make(http.Header), Request: r, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// waitingQueue is a queue whose questions wait forever.
type waitingQueue struct {
	Queue
	waiting []storage.Question
	stopped []storage.Question
}

func (q *waitingQueue) Stop(all []storage.Question) { q.stopped = append(q.stopped, all...) }

func (q *waitingQueue) Add(one storage.Question) { q.waiting = append(q.waiting, one) }

func (q *waitingQueue) Edit(storage.Question) {}

func (q *waitingQueue) Depth(_ storage.ThreadID, asker string) (inThread, ofAsker, total int) {
	for _, one := range q.waiting {
		if one.Asker == asker {
			ofAsker++
		}
	}
	return 0, ofAsker, len(q.waiting)
}

// failingStore fails the next call of Accept.
type failingStore struct {
	storage.Store
	fails bool
}

var errDisk = errors.New("no space left on device")

func (s *failingStore) Accept(ctx context.Context, q storage.Question, thread storage.Thread) (bool, error) {
	if s.fails {
		s.fails = false
		return false, errDisk
	}
	return s.Store.Accept(ctx, q, thread)
}

func (s *failingStore) Decide(_ context.Context, _ storage.Scope, decide func(storage.Store) error) error {
	return decide(s)
}

// intakeTest is an intake with a store, and what it puts into the queue.
type intakeTest struct {
	*Intake
	t        *testing.T
	slackAPI *okSlack
	store    *failingStore
	queue    *waitingQueue
	missed   int // calls of Config.Missed

	mu       sync.Mutex
	recorded []storage.Copy
	log      bytes.Buffer // at level info
}

// record is Config.Record.
func (i *intakeTest) record(c storage.Copy) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.recorded = append(i.recorded, c)
}

// newIntakeTest must be called in a bubble, which ends with the intake.
func newIntakeTest(t *testing.T, perDay int, alter ...func(*Policy)) *intakeTest {
	t.Helper()
	api := &okSlack{}
	i := newIntakeTestWith(t, api, perDay, alter...)
	i.slackAPI = api
	return i
}

// newIntakeTestWith is newIntakeTest with another Slack.
func newIntakeTestWith(t *testing.T, api http.RoundTripper, perDay int, alter ...func(*Policy)) *intakeTest {
	t.Helper()
	bolt, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	i := &intakeTest{t: t, store: &failingStore{Store: bolt}, queue: &waitingQueue{}}
	metrics := telemetry.NewRegistry()
	client := slackapi.New(slackapi.Config{
		URL: "https://slack.com/api/", Transport: api, Random: rand.Int64N,
		Metrics: metrics, Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
	})
	i.Intake = New(t.Context(), Config{
		Store: i.store, Policy: open(alter...), DailyLimit: NewDailyLimit(perDay, false), Slack: client, Queue: i.queue, Missed: func() { i.missed++ }, Metrics: metrics,
		Record: i.record, Log: zerolog.New(zerolog.SyncWriter(&i.log)).Level(zerolog.InfoLevel),
	})
	t.Cleanup(func() {
		i.Wait()
		client.Close()
		_ = bolt.Close()
	})
	return i
}

// mention is a message that is sent now, at a channel's top.
func mention(alter ...func(*slackevent.Message)) slackevent.Message {
	m := said("<@UBOT> help me", alter...)
	m.ID.TS = slackevent.FormatTS(time.Now())
	return m
}

// accept accepts a message, and waits until its sender is notified.
func (i *intakeTest) accept(m slackevent.Message) {
	i.t.Helper()
	time.Sleep(time.Second) // in the bubble's time
	if _, err := i.Accept(i.t.Context(), m); err != nil && !errors.Is(err, errDisk) {
		i.t.Fatal(err)
	}
	i.Wait()
}

// accepted returns how many questions were accepted.
func (i *intakeTest) accepted() int { return len(i.queue.waiting) }

// Ensure that a message over the daily limit, which got a reaction, is not asked
// when history is read on the next day.
func TestIntake_MessageOverTheDailyLimitIsNotAskedOnTheNextDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntakeTest(t, 1)
		time.Sleep(23*time.Hour + 50*time.Minute)
		var over []slackevent.Message
		for n := range 3 {
			m := mention()
			i.accept(m)
			if n > 0 {
				over = append(over, m)
			}
		}
		time.Sleep(12 * time.Minute)
		for _, m := range over {
			i.accept(m)
		}
		if i.accepted() != 1 {
			t.Errorf("%d questions were accepted, want 1", i.accepted())
		}
		i.accept(mention())
		if i.accepted() != 2 {
			t.Error("the limit of the next day is used up")
		}
	})
}

// Ensure that a question that could not be stored does not count for its channel's
// day, so that it counts once when Slack sends it again.
func TestIntake_DailyLimitCountsAcceptedQuestionsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntakeTest(t, 2)
		first := mention()
		i.store.fails = true
		i.accept(first)
		i.accept(first)
		i.accept(mention())
		if i.accepted() != 2 {
			t.Fatalf("%d questions were accepted, want 2", i.accepted())
		}
		i.accept(mention())
		if i.accepted() != 2 {
			t.Error("a question over the limit was accepted")
		}
	})
}

// Ensure that questions that arrive at the same moment do not exceed the daily limit.
func TestIntake_DailyLimitOfQuestionsAtTheSameMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntakeTest(t, 3)
		for n := range 20 {
			m := mention()
			m.ID.TS = slackevent.FormatTS(time.Now().Add(time.Duration(n) * time.Microsecond))
			go func() {
				if _, _, err := i.acceptMessage(t.Context(), m); err != nil {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		stored, err := i.store.Unfinished(t.Context())
		if err != nil || len(stored) != 3 {
			t.Errorf("%d questions were accepted (%v), want 3", len(stored), err)
		}
	})
}

// Ensure that the limit of one asker's waiting questions applies to a bot that has
// no user ID.
func TestIntake_WaitingLimitOfABotWithoutAUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntakeTest(t, 0, func(p *Policy) { p.MaxWaitingUser, p.AllowedBots = 1, []string{"B2"} })
		for range 3 {
			i.accept(mention(func(m *slackevent.Message) { m.User, m.BotID, m.Subtype = "", "B2", "bot_message" }))
		}
		if i.accepted() != 1 {
			t.Errorf("%d questions were accepted, want 1", i.accepted())
		}
	})
}

// Ensure that a refusal that could not be posted is reported as missed, so that it is
// posted when history is read.
func TestIntake_FailedNotificationIsMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntakeTest(t, 0)
		empty := mention(func(m *slackevent.Message) { m.Text, m.Content = "<@UBOT>", "<@UBOT>" })
		i.slackAPI.down = true
		i.accept(empty)
		if i.missed != 1 {
			t.Errorf("%d messages were missed, want 1", i.missed)
		}
		i.slackAPI.down = false
		i.accept(empty)
		if posted, err := i.store.Seen(t.Context(), storage.RefusedKey(empty.ID)); err != nil || !posted || i.missed != 1 {
			t.Errorf("the refusal is posted: %v (%v), %d messages were missed", posted, err, i.missed)
		}
	})
}
