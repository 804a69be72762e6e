package intake

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
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
	"enjobridge/storage/replicatedtest"
)

// replicas are two intakes over one store.
type replicas struct {
	t      *testing.T
	slack  *tieredSlack
	db     *replicatedtest.Database
	store  storage.Store // without the replicas
	first  *intakeTest
	second *intakeTest
}

// newReplicas must be called in a bubble, which ends with the replicas.
func newReplicas(t *testing.T, perDay int, alter ...func(*Policy)) *replicas {
	t.Helper()
	bolt, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bolt.Close() })
	r := &replicas{t: t, slack: &tieredSlack{calls: make(map[string][]time.Time)}, db: replicatedtest.New(bolt), store: bolt}
	r.first, r.second = sharedIntake(t, r.slack, r.db.Replica(), perDay, alter...), sharedIntake(t, r.slack, r.db.Replica(), perDay, alter...)
	return r
}

// sharedIntake returns an intake over a store that replicas share, until the test ends.
func sharedIntake(t *testing.T, slack http.RoundTripper, store storage.Store, perDay int, alter ...func(*Policy)) *intakeTest {
	t.Helper()
	i := &intakeTest{t: t}
	metrics := telemetry.NewRegistry()
	client := slackapi.New(slackapi.Config{
		URL: "https://slack.com/api/", Transport: slack, Random: rand.Int64N,
		Metrics: metrics, Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
	})
	i.Intake = New(t.Context(), Config{
		Store: store, Policy: open(alter...), DailyLimit: NewDailyLimit(perDay, true), Slack: client, Missed: func() { i.missed++ }, Metrics: metrics,
		Record: i.record, Log: zerolog.New(zerolog.SyncWriter(&i.log)).Level(zerolog.InfoLevel), Command: func(slackevent.Message, string) {},
	})
	t.Cleanup(func() {
		i.Wait()
		client.Close()
	})
	return i
}

// both has two events handled at the same moment, each by a replica.
func (r *replicas) both(first, second slackevent.Event) {
	r.t.Helper()
	var handling sync.WaitGroup
	for i, e := range map[*intakeTest]slackevent.Event{r.first: first, r.second: second} {
		handling.Go(func() {
			after, err := i.Handle(r.t.Context(), e)
			if err != nil {
				r.t.Error(err)
				return
			}
			after()
		})
	}
	handling.Wait()
}

// unfinished returns the questions that have not ended.
func (r *replicas) unfinished() []storage.Question {
	r.t.Helper()
	questions, err := r.store.Unfinished(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return questions
}

// question returns the question of a message; one without an ID if there is none.
func (r *replicas) question(m slackevent.Message) storage.Question {
	q, _ := r.store.Question(r.t.Context(), m.ID)
	return q
}

// Ensure that a message whose two events come to two replicas at the same moment is asked once,
// and that one without a question, or from somebody who may not ask, is refused once.
func TestShared_TwoEventsOfAMessage(t *testing.T) {
	for name, test := range map[string]struct {
		m        func(*slackevent.Message)
		asked    int
		notified int
		reacted  int
	}{
		"a question":                  {func(*slackevent.Message) {}, 1, 0, 0},
		"a mention without a text":    {func(m *slackevent.Message) { m.Text, m.Content = "<@UBOT>", "<@UBOT>" }, 0, 1, 0},
		"an outsider":                 {outsider, 0, 1, 0},
		"somebody who may not ask":    {func(m *slackevent.Message) { m.User = "U3" }, 0, 1, 0},
		"thanks":                      {func(m *slackevent.Message) { m.Text, m.Content = "<@UBOT> thanks", "<@UBOT> thanks" }, 0, 0, 1},
		"a stop with nothing to stop": {func(m *slackevent.Message) { m.Text, m.Content = "<@UBOT> stop", "<@UBOT> stop" }, 0, 1, 0},
		"an unidentified person":      {unverifiedSender, 0, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newReplicas(t, 0, func(p *Policy) { p.AllowedUsers = []string{"U1"} })
				m := mention(test.m)
				r.both(m, m)
				time.Sleep(time.Minute)
				r.both(m, m)
				time.Sleep(time.Minute)
				synctest.Wait()
				notified, reacted := len(r.slack.to("chat.postEphemeral", m.User)), len(r.slack.to("reactions.add", ""))
				if asked := len(r.unfinished()); asked != test.asked || notified != test.notified || reacted != test.reacted {
					t.Errorf("%d questions, %d notices and %d reactions, want %d, %d and %d", asked, notified, reacted, test.asked, test.notified, test.reacted)
				}
			})
		})
	}
}

// Ensure that of a mention whose two events come to two replicas, of which one does not say
// who the sender is, the other one counts.
func TestShared_UnidentifiedTwin(t *testing.T) {
	for name, test := range map[string]struct {
		twin     slackevent.Membership
		asked    int
		notified int
	}{
		"a member's":    {slackevent.Member, 1, 0},
		"an outsider's": {slackevent.Outsider, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newReplicas(t, 0)
				m := mention(unverifiedSender)
				r.first.takes(m)
				m.Membership = test.twin
				r.second.takes(m)
				time.Sleep(time.Minute)
				synctest.Wait()
				if asked, notified := len(r.unfinished()), len(r.slack.to("chat.postEphemeral", "U1")); asked != test.asked || notified != test.notified {
					t.Errorf("%d questions and %d notices", asked, notified)
				}
				if len(r.first.unverified) > 0 {
					t.Error("it still waits")
				}
			})
		})
	}
}

// Ensure that two replicas together accept as many questions of a person, and of a channel on
// a day, as one does.
func TestShared_Limits(t *testing.T) {
	limited := func(p *Policy) { p.MaxWaitingUser = 3 }
	for name, test := range map[string]struct {
		perDay int
		alter  func(*Policy)
		users  int
		want   int
	}{
		"of a person":  {0, limited, 1, 3},
		"of two":       {0, limited, 2, 6},
		"of a channel": {4, func(*Policy) {}, 20, 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newReplicas(t, test.perDay, test.alter)
				at := time.Now()
				sent := func(n int) slackevent.Message {
					return mention(func(m *slackevent.Message) {
						m.User = fmt.Sprint("U", 1+n%test.users)
						m.ID.Channel = "C1"
					}, func(m *slackevent.Message) { m.ID.TS = slackevent.FormatTS(at) })
				}
				var handling sync.WaitGroup
				for n := range 20 {
					i, m := []*intakeTest{r.first, r.second}[n%2], sent(n/2)
					m.ID.TS = slackevent.FormatTS(at.Add(time.Duration(n) * time.Microsecond))
					handling.Go(func() { i.takes(m) })
				}
				handling.Wait()
				if asked := len(r.unfinished()); asked != test.want {
					t.Errorf("%d questions, want %d", asked, test.want)
				}
			})
		})
	}
}

// Ensure that a question is edited, deleted and stopped through another replica than the one
// that has accepted it.
func TestShared_Changes(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(m slackevent.Message) slackevent.Event
		text    string
		failure storage.Failure
	}{
		"edited": {func(m slackevent.Message) slackevent.Event {
			m.Text, m.Content, m.EditedTS = "<@UBOT> now", "<@UBOT> now", slackevent.FormatTS(time.Now())
			return slackevent.MessageChanged{Before: "<@UBOT> help me", After: m}
		}, "<@UBOT> now", ""},
		"deleted": {func(m slackevent.Message) slackevent.Event { return slackevent.MessageDeleted{ID: m.ID} }, "<@UBOT> help me", storage.FailureDropped},
		"stopped by a word": {func(m slackevent.Message) slackevent.Event {
			return mention(func(s *slackevent.Message) { s.ThreadTS, s.Text, s.Content = m.ID.TS, "stop", "stop" })
		}, "<@UBOT> help me", storage.FailureStopped},
		"stopped by the button": {func(m slackevent.Message) slackevent.Event {
			return slackevent.SessionStopped{Thread: m.Thread(true), User: "U1", Membership: slackevent.Member}
		}, "<@UBOT> help me", storage.FailureStopped},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newReplicas(t, 0)
				m := r.first.sends("U1")
				time.Sleep(time.Second)
				after, err := r.second.Handle(t.Context(), test.change(m))
				if err != nil {
					t.Fatal(err)
				}
				after()
				q := r.question(m)
				failure := storage.Failure("")
				if q.Outcome != nil {
					failure = q.Outcome.Failure
				}
				if q.Text != test.text || failure != test.failure {
					t.Errorf("its text is %q, its failure %q", q.Text, failure)
				}
			})
		})
	}
}

// Ensure that a question whose message was edited or deleted before its event has come, at
// another replica, is asked as its message is now, or not at all.
func TestShared_EarlyChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReplicas(t, 0)
		m := mention()
		edited := m
		edited.Text, edited.Content = "<@UBOT> help me now", "<@UBOT> help me now"
		after, err := r.second.Handle(t.Context(), slackevent.MessageChanged{Before: m.Text, After: edited})
		if err != nil {
			t.Fatal(err)
		}
		after()
		r.first.takes(m)
		if q := r.question(m); !slices.Equal(q.Again, []storage.MessageID{m.ID}) {
			t.Errorf("the messages that are read again are %v", q.Again)
		}
		time.Sleep(time.Second)
		deleted := mention()
		if _, err = r.second.Handle(t.Context(), slackevent.MessageDeleted{ID: deleted.ID}); err != nil {
			t.Fatal(err)
		}
		r.first.takes(deleted)
		if q := r.question(deleted); q.ID != (storage.MessageID{}) {
			t.Error("a deleted message is asked")
		}
	})
}

// Ensure that two bots that thank each other at a channel's top stop after three questions,
// whichever replicas they reach, until a person asks or they pause.
func TestShared_BotLoop(t *testing.T) {
	for name, test := range map[string]struct {
		between func(r *replicas)
		want    int
	}{
		"goes on":             {func(*replicas) {}, 3},
		"a person asks":       {func(r *replicas) { r.second.sends("U1") }, 7},
		"a pause":             {func(*replicas) { time.Sleep(botPause + botPeriod) }, 6},
		"attempts go on":      {func(r *replicas) { time.Sleep(9 * time.Minute); r.first.sends("", ofBot); time.Sleep(9 * time.Minute) }, 3},
		"of another bot, too": {func(r *replicas) { r.second.sends("", ofBot, func(m *slackevent.Message) { m.BotID = "B3" }) }, 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newReplicas(t, 0, func(p *Policy) { p.AllowedBots = []string{"B2", "B3"} })
				ask := func() {
					for range 3 {
						r.first.sends("", ofBot)
						r.second.sends("", ofBot)
						time.Sleep(time.Minute)
					}
				}
				ask()
				test.between(r)
				ask()
				if asked := len(r.unfinished()); asked != test.want {
					t.Errorf("%d questions, want %d", asked, test.want)
				}
			})
		})
	}
}

// ofBot makes a message one of the bot B2.
func ofBot(m *slackevent.Message) { m.BotID, m.Subtype = "B2", "bot_message" }

// Ensure that an early reply is found although the clock of its replica is ahead of that of the
// one that accepts the question, and that one that stays early is decided on again once.
func TestShared_EarlyReplyByAnotherClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReplicas(t, 0)
		m := mention()
		early := func(asker string, of slackevent.Message) slackevent.Message {
			reply := mention(func(m *slackevent.Message) { m.User, m.Text, m.Content = asker, "on Windows", "on Windows" })
			reply.ID.TS, reply.ThreadTS = slackevent.FormatTS(time.Now().Add(time.Second)), of.ID.TS
			r.second.earlyReplies.add(reply.Thread(true), reply, 0, time.Now().Add(3*time.Second))
			return reply
		}
		reply := early("U1", m)
		r.first.takes(m)
		other := early("U2", m)
		for range 5 {
			time.Sleep(earlyEvery)
			if err := r.second.acceptEarlyToOthers(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if q := r.question(reply); q.Origin != storage.FollowUp {
			t.Errorf("the reply is %+v", q)
		}
		if n := strings.Count(r.second.log.String(), other.ID.TS); n > 1 {
			t.Errorf("the other reply is decided on %d times", n)
		}
	})
}

// Ensure that a reply that comes to one replica before its question comes to another one is
// asked once the question is, and not before.
func TestShared_EarlyReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReplicas(t, 0)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go r.second.Run(ctx)
		m := mention()
		time.Sleep(time.Second)
		reply := mention(func(m *slackevent.Message) { m.Text, m.Content = "on Windows", "on Windows" })
		reply.ThreadTS = m.ID.TS
		r.second.takes(reply)
		time.Sleep(90 * time.Second)
		if n := len(r.unfinished()); n != 0 {
			t.Fatalf("%d questions are accepted", n)
		}
		r.first.takes(m)
		time.Sleep(earlyEvery)
		synctest.Wait()
		if q := r.question(reply); q.Origin != storage.FollowUp {
			t.Errorf("the reply is %+v", q)
		}
	})
}
