package interact

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/intake"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
)

// counted returns how many calls of a method have a text.
func (s *recordingSlack) counted(method, text string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, call := range s.calls {
		if call.method == method && (strings.Contains(call.form.Encode(), text) || strings.Contains(call.form.Get("json"), text)) {
			n++
		}
	}
	return n
}

// Ensure that a person with hundreds of commands, to which Slack takes long to accept
// the replies, does not keep another person's modal waiting, and is asked once to slow down.
func TestHandler_ManyCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "U1", func(*intake.Policy) {})
		o.slack.hooksTake = 20 * time.Second
		for range 400 {
			o.enter(slackevent.SlashCommands, slash(who{"U1", "T1", "C1"}))
		}
		o.enter(slackevent.Interactive, press(blocks.ActionComment, "IT-1")(who{"U2", "T1", "C1"}))
		time.Sleep(time.Second) // in the bubble's time
		if n := o.slack.counted("views.open", "ticket_comment"); n != 1 {
			t.Errorf("the other person's modal is opened %d times within a second", n)
		}
		o.interact.Close()
		replies := o.slack.counted("1", "")
		if warned := o.slack.counted("1", "Please wait"); warned != 1 || replies != taskLimits.Burst+warned {
			t.Errorf("the person got %d replies, %d of which ask to slow down", replies, warned)
		}
	})
}

// Ensure that hundreds of modals of one person do not keep another person's waiting.
func TestHandler_ManyModals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "U1", func(*intake.Policy) {})
		o.slack.modalsTake = 5 * time.Second
		for range 400 {
			o.enter(slackevent.Interactive, press(blocks.ActionComment, "IT-1")(who{"U1", "T1", "C1"}))
		}
		before := o.slack.counted("views.open", "")
		o.slack.modalsTake = 0
		o.enter(slackevent.Interactive, press(blocks.ActionComment, "IT-1")(who{"U2", "T1", "C1"}))
		if n := o.slack.counted("views.open", "") - before; before != modalLimits.RunningEach || n != 1 {
			t.Errorf("%d modals of one person and %d of another are being opened", before, n)
		}
	})
}

// Ensure that a person who is refused hundreds of times is notified once in a while, and that
// another person is notified at once.
func TestHandler_ManyRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "U1", func(p *intake.Policy) { p.AllowedUsers = []string{"U9"} })
		for range 600 {
			o.enter(slackevent.Interactive, press(blocks.ActionCheckStatus, "IT-1")(who{"U1", "T1", "C1"}))
			time.Sleep(100 * time.Millisecond) // in the bubble's time
		}
		o.enter(slackevent.Interactive, press(blocks.ActionCheckStatus, "IT-1")(who{"U2", "T1", "C1"}))
		if n, of := o.slack.counted("chat.postEphemeral", "user=U1"), o.slack.counted("chat.postEphemeral", "user=U2"); n < 6 || n > 7 || of != 1 {
			t.Errorf("within a minute one person was refused %d times, and the other %d times", n, of)
		}
	})
}

// Ensure that a question by a button is stored although its person clicks too fast:
// only replies are limited.
func TestHandler_QuestionsAreNotDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "U1", func(*intake.Policy) {})
		w := who{"U1", "T1", "C1"}
		for range 100 {
			o.enter(slackevent.SlashCommands, slash(w))
		}
		before := asked(t, o.store)
		o.enter(slackevent.Interactive, press(blocks.ActionCheckStatus, "IT-1")(w))
		if n := asked(t, o.store) - before; n != 1 {
			t.Errorf("%d questions are stored, want 1", n)
		}
	})
}

// Ensure that every control in the bot's messages has an action.
func TestNew_ActionsOfAllControls(t *testing.T) {
	h := New(t.Context(), Config{Metrics: telemetry.NewRegistry()})
	for _, name := range []string{
		blocks.ActionFeedback, blocks.ActionSources, blocks.ActionCreateTicket, blocks.ActionEscalate, blocks.ActionEscalationDone, blocks.ActionEscalationDoneElsewhere,
		blocks.ActionCheckStatus, blocks.ActionRetry, blocks.ActionAnswerNow, blocks.ActionSolved, blocks.ActionReopen,
		blocks.ActionComment, blocks.ActionTicketNews,
	} {
		if h.actions[control{slackevent.BlockAction, name}] == nil {
			t.Errorf("%s has no action", name)
		}
	}
	for _, name := range []string{blocks.CallbackFeedback, blocks.CallbackComment} {
		if h.actions[control{slackevent.ViewSubmission, name}] == nil {
			t.Errorf("%s has no action", name)
		}
	}
}
