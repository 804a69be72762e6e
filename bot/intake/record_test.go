package intake

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// event makes a message one of an event, as Slack sends it for the first time.
func event(kind string) func(*slackevent.Message) {
	return func(m *slackevent.Message) { m.Event = kind }
}

// handle has an event handled, and waits until its sender is notified.
func (i *intakeTest) handle(e slackevent.Event) {
	i.t.Helper()
	time.Sleep(time.Second) // in the bubble's time
	after, err := i.Handle(i.Intake.log.WithContext(i.t.Context()), e)
	if err != nil {
		i.t.Fatal(err)
	}
	after()
	i.notifier.wait()
}

// decidedAs returns the recorded copies as "event: decision, reason".
func (i *intakeTest) decidedAs() (all []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, c := range i.recorded {
		all = append(all, c.Event+": "+c.Decision+", "+c.Reason)
	}
	return all
}

// Ensure that the decisions on messages that are for the bot are recorded and logged, and
// that nothing is recorded about others.
func TestIntake_Records(t *testing.T) {
	words := func(text string) func(*slackevent.Message) {
		return func(m *slackevent.Message) { m.Text, m.Content = text, text }
	}
	outsider := func(m *slackevent.Message) { m.Membership = slackevent.Outsider }
	robot := func(m *slackevent.Message) { m.User, m.BotID = "UROBOT", "B2" }
	own := func(m *slackevent.Message) { m.User, m.BotID = "UBOT", "BBOT" }
	joined := func(m *slackevent.Message) { m.Subtype = "channel_join" }
	for name, test := range map[string]struct {
		message slackevent.Message
		want    string // empty if it is not for the bot
	}{
		"a question":               {mention(event("app_mention")), "app_mention: ask, mentioned"},
		"a message of history":     {mention(), "history: ask, mentioned"},
		"an outsider's":            {mention(event("message"), outsider), "message: refuse, sent by someone of another organisation"},
		"without a question":       {mention(event("message"), words("<@UBOT>")), "message: refuse, no question in it"},
		"thanks":                   {mention(event("message"), words("<@UBOT> thanks")), "message: react, thanks"},
		"a command":                {mention(event("message"), words("<@UBOT> help")), "message: command, a command"},
		"stop":                     {mention(event("message"), words("<@UBOT> stop")), "message: refuse, asked to stop, and nothing is running"},
		"another bot's mention":    {mention(event("message"), robot), "message: ignore, sent by a bot"},
		"another bot's of history": {mention(robot), ""},
		"another bot's words":      {mention(event("message"), robot, words("hello")), ""},
		"chatter":                  {mention(event("message"), words("hello")), ""},
		"words for somebody else":  {mention(event("message"), words("<@U2> hello")), ""},
		"the bot's own":            {mention(event("message"), own), ""},
		"a notice of Slack's":      {mention(event("message"), joined), ""},
		"without a valid identity": {mention(event("message"), func(m *slackevent.Message) { m.User = "u" }), ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIntakeTest(t, 0)
				i.command = func(slackevent.Message, string) {}
				test.message.ID.TS = slackevent.FormatTS(time.Now())
				i.handle(test.message)
				var want []string
				if test.want != "" {
					want = []string{test.want}
				}
				if diff := cmp.Diff(want, i.decidedAs()); diff != "" {
					t.Error(diff)
				}
				if logged := strings.Contains(i.log.String(), "intake: message decided"); logged != (want != nil) {
					t.Errorf("at level info, the log has %q", i.log.String())
				}
			})
		})
	}
}

// Ensure that each copy of a message is recorded, with Slack's retry number, but not the
// same message each time when history is read.
func TestIntake_RecordsCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntakeTest(t, 0)
		first := mention(event("app_mention"))
		i.handle(first)
		second, again := first, first
		second.Event, again.Retry = "message", 1
		i.handle(second)
		i.handle(again)
		old := first
		old.Event = ""
		i.accept(old)
		before := storage.Copy{Message: first.ID, Decision: "ignore", Reason: "accepted before"}
		want := []storage.Copy{{Message: first.ID, Event: "app_mention", Decision: "ask", Reason: "mentioned"}, before, before}
		want[1].Event, want[2].Event, want[2].Retry = "message", "app_mention", 1
		if diff := cmp.Diff(want, i.recorded, cmpopts.IgnoreFields(storage.Copy{}, "At")); diff != "" {
			t.Error(diff)
		}
		if at := i.recorded[2].At; time.Since(at) != time.Second {
			t.Errorf("the time of the last one is %v", at)
		}
		if n := strings.Count(i.log.String(), "intake: message decided"); n != 1 {
			t.Errorf("%d decisions are logged:\n%s", n, i.log.String())
		}
	})
}

// Ensure that edits and deletions of questions are recorded and logged, and that nothing is
// recorded about those of other messages.
func TestIntake_RecordsChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntakeTest(t, 0)
		m := mention(event("message"))
		i.handle(m)
		edit := func(ts string) slackevent.MessageChanged {
			c := slackevent.MessageChanged{Before: m.Text, After: m}
			c.After.Event, c.After.EditedTS, c.After.Text = "message_changed", ts, "<@UBOT> help me, please"
			return c
		}
		i.handle(edit("1.1"))
		if _, err := i.store.Claim(t.Context(), m.ID, nil, time.Now()); err != nil {
			t.Fatal(err)
		}
		i.handle(edit("1.2"))
		i.handle(edit("1.3"))
		somebody := edit("1.4")
		somebody.After.User = "U2"
		i.handle(somebody)
		i.handle(slackevent.MessageDeleted{ID: m.ID})
		other := edit("1.5")
		other.After.ID.TS, other.Before = "9.9", "<@UBOT> hello"
		i.handle(other)
		i.handle(slackevent.MessageDeleted{ID: other.After.ID})
		want := []string{
			"message: ask, mentioned",
			"message_changed: edit, the message was edited",
			"message_changed: offer, the question was asked before",
			"message_changed: ignore, the sender had the offer before",
			"message_changed: ignore, the sender is not served any more",
			"message_deleted: retract, the message was deleted",
		}
		if diff := cmp.Diff(want, i.decidedAs()); diff != "" {
			t.Error(diff)
		}
		if n := strings.Count(i.log.String(), "intake: change of a message decided"); n != 3 {
			t.Errorf("%d changes are logged:\n%s", n, i.log.String())
		}
	})
}

// Ensure that a message that waits for its twin is recorded when it arrives, and when the
// twin does not come.
func TestIntake_RecordsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntakeTest(t, 0)
		i.handle(mention(unverifiedSender, event("app_mention")))
		time.Sleep(time.Minute)
		want := []string{
			"app_mention: wait, sent by someone whose organisation is unknown",
			"timeout: refuse, sent by someone whose organisation is unknown",
		}
		if diff := cmp.Diff(want, i.decidedAs()); diff != "" {
			t.Error(diff)
		}
	})
}

// Ensure that the verdict on a message is what is then decided, and that it changes nothing.
func TestIntake_Verdict(t *testing.T) {
	words := func(text string) func(*slackevent.Message) {
		return func(m *slackevent.Message) { m.Text, m.Content = text, text }
	}
	robot := func(m *slackevent.Message) { m.User, m.BotID = "UROBOT", "B2" }
	bots := func(p *Policy) { p.AllowedBots = []string{"B2"} }
	for name, test := range map[string]struct {
		before  []slackevent.Message // are accepted before
		message slackevent.Message
		alter   []func(*Policy)
		want    Verdict
	}{
		"a question":      {nil, mention(), nil, Verdict{"ask", "mentioned"}},
		"chatter":         {nil, mention(words("hello")), nil, Verdict{"ignore", "not addressed to the bot"}},
		"an outsider's":   {nil, mention(func(m *slackevent.Message) { m.Membership = slackevent.Outsider }), nil, Verdict{"refuse", string(reasonOutsider)}},
		"over the limit":  {[]slackevent.Message{mention(), mention()}, mention(), nil, Verdict{"refuse", string(reasonDailyLimit)}},
		"too many":        {[]slackevent.Message{mention()}, mention(), []func(*Policy){func(p *Policy) { p.MaxWaiting = 1 }}, Verdict{"refuse", string(reasonTooMany)}},
		"a bot's":         {[]slackevent.Message{mention(robot)}, mention(robot), []func(*Policy){bots}, Verdict{"ask", "mentioned"}},
		"a talking bot's": {[]slackevent.Message{mention(robot), mention(robot), mention(robot)}, mention(robot), []func(*Policy){bots}, Verdict{"ignore", string(reasonBotLoop)}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				perDay := 2
				if len(test.alter) > 0 {
					perDay = 0
				}
				i := newIntakeTest(t, perDay, test.alter...)
				for _, m := range test.before {
					m.ID.TS = slackevent.FormatTS(time.Now())
					i.accept(m)
				}
				recorded := len(i.recorded)
				test.message.ID.TS = slackevent.FormatTS(time.Now())
				for range 4 {
					if got, err := i.Verdict(t.Context(), test.message); err != nil || got != test.want {
						t.Errorf("the verdict is %+v, %v, want %+v", got, err, test.want)
					}
				}
				if len(i.recorded) != recorded {
					t.Errorf("the verdict is recorded")
				}
				if test.want.Decision == "ignore" && test.want.Reason != string(reasonBotLoop) {
					return
				}
				i.accept(test.message)
				c := i.recorded[len(i.recorded)-1]
				if got := (Verdict{c.Decision, c.Reason}); got != test.want {
					t.Errorf("the decision is %+v, want %+v", got, test.want)
				}
			})
		})
	}
}

// Ensure that every action has a description for operators.
func TestDeed(t *testing.T) {
	for _, a := range []action{
		actionAsk, actionIgnore, actionRefuse, actionReact, actionStop, actionMute, actionCommand, actionWait, actionEdit, actionOffer, actionRetract,
	} {
		if deed := Deed(string(a)); !strings.Contains(deed, " ") {
			t.Errorf("%s is described as %q", a, deed)
		}
	}
	if got := Deed("dance"); got != "dance" {
		t.Errorf("an action of another version is described as %q", got)
	}
}

// Ensure that a message is decided without the store only if nothing that the store can know
// changes the decision.
func TestIntake_IsForNobody(t *testing.T) {
	thread := &storage.Thread{Agent: "default", Askers: map[string]string{"U1": "1600000000.000100"}}
	all := []knowledge{
		{},
		{thread: thread},
		{thread: thread, offered: true},
		{thread: thread, invited: true},
		{decided: true},
		{ignored: true},
		{stops: true},
		{mutes: true},
		{age: 48 * time.Hour},
		{unfinished: 3, ofAsker: 99, total: 99},
		{botQuestions: 9},
	}
	policy := open(func(p *Policy) {
		p.AllowedBots, p.FollowUps, p.StaleAfter, p.MaxWaiting = []string{"B2"}, FollowUpAll, time.Hour, 9
	})
	for name, test := range map[string]struct {
		m    slackevent.Message
		want bool
	}{
		"what people say to each other": {said("lunch?"), true},
		"another bot's":                 {said("<@UBOT> alert", func(m *slackevent.Message) { m.BotID = "B9" }), true},
		"one without a timestamp":       {said("<@UBOT> help", func(m *slackevent.Message) { m.ID.TS = "" }), true},
		"a mention":                     {said("<@UBOT> help"), false},
		"a reply":                       {said("help", inThread), false},
		"a direct message":              {said("help", inDM), false},
		"an allowed bot's":              {said("alert", ofBot), false},
	} {
		if got := (&Intake{policy: policy}).isForNobody(test.m); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
			continue
		}
		for _, k := range all {
			d, without := decide(test.m, k, policy, noon), decide(test.m, knowledge{}, policy, noon)
			if test.want && (d.action != actionIgnore || d.reason != without.reason) {
				t.Errorf("%s: the decision with %+v is %s, %s", name, k, d.action, d.reason)
			}
		}
	}
}
