package intake

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

func unverifiedSender(m *slackevent.Message) { m.Membership = slackevent.Unverified }

// Ensure that a message whose sender Slack does not identify is refused only if its twin
// does not identify the sender within ten seconds, and that the refusal does not claim to know.
func TestIntake_Unverified(t *testing.T) {
	for name, test := range map[string]struct {
		twin     slackevent.Membership
		first    bool // the twin comes first
		accepted int
		want     string // the text of the only notice; empty for none
	}{
		"no twin":                   {"", false, 0, blocks.SayUnverified.Text()},
		"a twin without a team":     {slackevent.Unverified, false, 0, blocks.SayUnverified.Text()},
		"a member's twin":           {slackevent.Member, false, 1, ""},
		"a member's twin, first":    {slackevent.Member, true, 1, ""},
		"an outsider's twin":        {slackevent.Outsider, false, 0, blocks.SayStranger.Text()},
		"an outsider's twin, first": {slackevent.Outsider, true, 0, blocks.SayStranger.Text()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slack := &tieredSlack{calls: make(map[string][]time.Time)}
				i := newIntakeTestWith(t, slack, 0)
				m := mention(unverifiedSender)
				twin := m
				twin.Membership = test.twin
				events := []slackevent.Message{m, twin}
				if test.first {
					events = []slackevent.Message{twin, m}
				}
				for _, e := range events {
					if e.Membership == "" {
						continue
					}
					after, err := i.Handle(t.Context(), e)
					if err != nil {
						t.Fatal(err)
					}
					after()
					time.Sleep(time.Second)
				}
				time.Sleep(twinTimeout - 3*time.Second)
				synctest.Wait()
				if n := len(slack.to("chat.postEphemeral", "U1")); test.want == blocks.SayUnverified.Text() && n > 0 {
					t.Errorf("%d refusals are posted before the twin is late", n)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				notices := slack.to("chat.postEphemeral", "U1")
				if i.accepted() != test.accepted || len(notices) > 1 || (len(notices) == 1) != (test.want != "") {
					t.Fatalf("%d questions are accepted, and the sender got %+v", i.accepted(), notices)
				}
				if test.want != "" && !strings.Contains(notices[0].text, strings.Split(test.want, ",")[0]) {
					t.Errorf("the sender got %q", notices[0].text)
				}
				if len(i.unverified) > 0 {
					t.Error("it still waits")
				}
			})
		})
	}
}

// Ensure that a message that waits for its twin is decided before a later one of its sender
// in its thread that says where the sender belongs, so that it is not answered after it.
func TestIntake_UnverifiedOrder(t *testing.T) {
	from := func(user string) func(*slackevent.Message) { return func(m *slackevent.Message) { m.User = user } }
	outsider := func(m *slackevent.Message) { m.Membership = slackevent.Outsider }
	elsewhere := func(m *slackevent.Message) { m.ThreadTS = "1600000000.000200" }
	before := func(m *slackevent.Message) { m.ID.TS = slackevent.FormatTS(time.Now().Add(-time.Minute)) }
	for name, test := range map[string]struct {
		other func(*slackevent.Message) // what the other message is like
		want  []string                  // what is decided at once
	}{
		"a later message":          {func(*slackevent.Message) {}, []string{"message: wait", "identified: ask", "message: ask"}},
		"an outsider's":            {outsider, []string{"message: wait", "identified: refuse", "message: refuse"}},
		"one that does not say it": {unverifiedSender, []string{"message: wait", "message: wait"}},
		"an earlier one":           {before, []string{"message: wait", "message: ask"}},
		"one in another thread":    {elsewhere, []string{"message: wait", "message: ask"}},
		"one of another person":    {from("U2"), []string{"message: wait", "message: ask"}},
		"one of an unknown other":  {func(m *slackevent.Message) { from("U2")(m); unverifiedSender(m) }, []string{"message: wait", "message: wait"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIntakeTest(t, 0)
				inThread := func(m *slackevent.Message) { m.ThreadTS = "1600000000.000100" }
				first := mention(inThread, event("message"), unverifiedSender)
				i.handle(first)
				time.Sleep(time.Second)
				other := mention(inThread, event("message"))
				test.other(&other)
				i.handle(other)
				var decided []string
				for _, one := range i.decidedAs() {
					decision, _, _ := strings.Cut(one, ",")
					decided = append(decided, decision)
				}
				if diff := cmp.Diff(test.want, decided); diff != "" {
					t.Error(diff)
				}
				if q := i.queue.waiting; test.want[1] == "identified: ask" && (len(q) != 2 || q[0].ID != first.ID) {
					t.Errorf("%+v wait in this order", q)
				}
			})
		})
	}
}

// Ensure that a later message is left to Slack to send again if the message before it that
// waits for its twin cannot be stored.
func TestIntake_UnverifiedOrderOnFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntakeTest(t, 0)
		i.handle(mention(unverifiedSender, func(m *slackevent.Message) { m.ThreadTS = "1600000000.000100" }))
		time.Sleep(time.Second)
		i.store.fails = true
		later := mention(func(m *slackevent.Message) { m.ThreadTS = "1600000000.000100" })
		if _, err := i.Handle(t.Context(), later); !errors.Is(err, errDisk) || i.accepted() != 0 {
			t.Errorf("the later message ends with %v, and %d questions are accepted", err, i.accepted())
		}
		if i.handle(later); i.accepted() != 2 {
			t.Errorf("%d questions are accepted", i.accepted())
		}
	})
}

// Ensure that history does not count as read past a message that waits for its twin, and
// that nothing is stored about it if the process ends.
func TestIntake_UnverifiedInHistory(t *testing.T) {
	for name, test := range map[string]struct {
		twin, stop bool
		took       time.Duration
		err        error
		refused    bool
	}{
		"refused":       {false, false, twinTimeout, nil, true},
		"a twin":        {true, false, 2 * time.Second, nil, false},
		"the bot stops": {false, true, 3 * time.Second, errNotNotified, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIntakeTest(t, 0)
				m := mention(unverifiedSender)
				notified, err := i.Accept(t.Context(), m)
				if err != nil || notified == nil {
					t.Fatalf("history counts as read (%v)", err)
				}
				if test.twin {
					twin := m
					twin.Membership = slackevent.Member
					time.AfterFunc(2*time.Second, func() { _, _ = i.Accept(t.Context(), twin) })
				}
				if test.stop {
					time.AfterFunc(3*time.Second, i.Wait)
				}
				began := time.Now()
				if err := notified(t.Context()); err != test.err || time.Since(began) != test.took {
					t.Errorf("it ends after %v with %v", time.Since(began), err)
				}
				synctest.Wait()
				if posted, err := i.store.Seen(t.Context(), storage.RefusedKey(m.ID)); err != nil || posted != test.refused {
					t.Errorf("the refusal is stored: %v (%v)", posted, err)
				}
			})
		})
	}
}

// Ensure that a message that cannot be decided in the end is found in history again, and
// that the messages that wait are bounded.
func TestIntake_UnverifiedFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntakeTest(t, 0)
		m := mention(unverifiedSender)
		notified, err := i.Accept(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		i.slackAPI.down = true
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := notified(ctx); err != errNotNotified || i.missed != 1 {
			t.Errorf("it ends with %v, and %d messages were missed", err, i.missed)
		}
		for n := range maxUnverified + 1 {
			m.ID.TS = slackevent.FormatTS(time.Now().Add(time.Duration(n) * time.Millisecond))
			_, err = i.Accept(t.Context(), m)
		}
		if err == nil || len(i.unverified) != maxUnverified {
			t.Errorf("%d messages wait (%v)", len(i.unverified), err)
		}
	})
}

// Ensure that a bot that the operator lists is served although its organisation is
// unknown, and that nobody is notified of the refusal of a bot without a user.
func TestIntake_BotsOfUnknownOrganisations(t *testing.T) {
	for in, accepted := range map[slackevent.Membership]int{slackevent.Unknown: 1, slackevent.Unverified: 1, slackevent.Outsider: 0} {
		synctest.Test(t, func(t *testing.T) {
			slack := &tieredSlack{calls: make(map[string][]time.Time)}
			i := newIntakeTestWith(t, slack, 0, func(p *Policy) { p.AllowedBots = []string{"B2"} })
			i.accept(mention(func(m *slackevent.Message) { m.User, m.BotID, m.Subtype, m.Membership = "", "B2", "bot_message", in }))
			if i.accepted() != accepted || len(slack.calls) > 0 {
				t.Errorf("%q: %d questions were accepted, and the calls %v made", in, i.accepted(), slack.calls)
			}
		})
	}
}
