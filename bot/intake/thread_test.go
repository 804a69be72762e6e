package intake

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// talkTest is an intake with a thread in which a person has asked.
type talkTest struct {
	*intakeTest
	root storage.MessageID
}

func newTalkTest(t *testing.T, alter ...func(*Policy)) *talkTest {
	t.Helper()
	i := newIntakeTest(t, 0, alter...)
	root := mention()
	i.accept(root)
	i.queue.waiting = nil // it was answered
	return &talkTest{i, root.ID}
}

// reply is a message in the thread that is sent now.
func (i *talkTest) reply(text string, alter ...func(*slackevent.Message)) slackevent.Message {
	m := mention(alter...)
	m.Text, m.Content, m.ThreadTS = text, text, i.root.TS
	return m
}

// event handles an event, and waits until what it causes is posted.
func (i *talkTest) event(e slackevent.Event) {
	i.t.Helper()
	time.Sleep(time.Second) // in the bubble's time
	after, err := i.Handle(i.t.Context(), e)
	if err != nil {
		i.t.Fatal(err)
	}
	after()
	i.Wait()
}

// isMuted reports whether the thread is muted.
func (i *talkTest) isMuted() bool {
	i.t.Helper()
	thread, err := i.store.Thread(i.t.Context(), storage.ThreadID{Team: "T1", Channel: "C1", Root: i.root.TS})
	if err != nil {
		i.t.Fatal(err)
	}
	return thread.Muted
}

// texts returns the texts of the accepted questions since the thread's first one.
func (i *talkTest) texts() (texts []string) {
	for _, q := range i.queue.waiting {
		texts = append(texts, q.Text)
	}
	return texts
}

func ofBob(m *slackevent.Message) { m.User = "U2" }

// Ensure that a person's replies are asked from that person's first question on, also
// when they arrive before it, and that earlier remarks are never asked.
func TestIntake_AskersOfAThread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newTalkTest(t)
		remark := i.reply("lunch?", ofBob)
		i.event(remark)
		time.Sleep(time.Second)
		question := i.reply("<@UBOT> and on Linux?", ofBob)
		time.Sleep(time.Second)
		next := i.reply("and on macOS?", ofBob)
		i.event(next) // the event of the question was lost with a connection
		if i.accepted() != 0 {
			t.Fatalf("a person who has not asked is answered: %q", i.texts())
		}
		i.event(question)
		for _, again := range []slackevent.Message{remark, question, next} {
			i.accept(again) // from history
		}
		if want := []string{question.Text, next.Text}; !slices.Equal(i.texts(), want) {
			t.Errorf("asked %q, want %q", i.texts(), want)
		}
	})
}

// Ensure that stop in a thread where nothing is running mutes it once and says so once,
// that replies are ignored from then on, also when history has them, and that a mention
// ends that.
func TestIntake_StopMutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newTalkTest(t)
		stop := i.reply("Stop!")
		i.event(stop)
		if !i.isMuted() {
			t.Fatal("the thread is not muted")
		}
		quiet := i.reply("never mind")
		i.event(quiet)
		back := i.reply("<@UBOT> are you there?")
		i.event(back)
		for _, again := range []slackevent.Message{stop, quiet} {
			i.accept(again)
		}
		if i.isMuted() {
			t.Error("the stop that was sent again has muted the thread after a mention")
		}
		if want := []string{back.Text}; !slices.Equal(i.texts(), want) {
			t.Errorf("asked %q, want %q", i.texts(), want)
		}
	})
}

// Ensure that a stop whose notice could not be posted is found in history and says so,
// but does not mute the thread again after a mention.
func TestIntake_StopNoticeIsPostedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newTalkTest(t)
		stop := i.reply("stop")
		i.slackAPI.down = true
		i.event(stop)
		if !i.isMuted() || i.missed != 1 {
			t.Fatalf("muted: %v, missed: %d", i.isMuted(), i.missed)
		}
		i.slackAPI.down = false
		i.event(i.reply("<@UBOT> are you there?"))
		i.accept(stop)
		posted, err := i.store.Seen(t.Context(), storage.RefusedKey(stop.ID))
		if err != nil || !posted || i.isMuted() {
			t.Errorf("posted: %v (%v), muted: %v", posted, err, i.isMuted())
		}
	})
}

// Ensure that stop says that nothing is running where there is nothing to mute.
func TestIntake_NothingToStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newTalkTest(t)
		for _, stop := range []slackevent.Message{
			i.reply("stop", inDM), mention(func(m *slackevent.Message) { m.Text, m.Content = "<@UBOT> stop", "<@UBOT> stop" }),
		} {
			i.event(stop)
			if said, err := i.store.Seen(t.Context(), storage.RefusedKey(stop.ID)); err != nil || !said {
				t.Errorf("%s: said %v, %v", stop.ID, said, err)
			}
		}
		if i.accepted() != 0 || i.isMuted() {
			t.Errorf("asked %q, muted: %v", i.texts(), i.isMuted())
		}
	})
}

// Ensure that a command is done once, although its message arrives twice, and that new
// resets the conversation of its thread before the event is acked.
func TestIntake_Commands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newTalkTest(t)
		var done []string
		i.command = func(_ slackevent.Message, word string) { done = append(done, word) }
		if err := i.store.SetOutcome(t.Context(), i.root, storage.Outcome{Reply: &enjo.Reply{Text: "So.", ConversationID: "c1"}}, time.Now()); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"<@UBOT> new", "<@UBOT> Status?"} {
			m := i.reply(text)
			i.event(m)
			i.event(m)
			i.accept(m)
		}
		if want := []string{"new", "status"}; !slices.Equal(done, want) {
			t.Errorf("done: %q, want %q", done, want)
		}
		thread, err := i.store.Thread(t.Context(), storage.ThreadID{Team: "T1", Channel: "C1", Root: i.root.TS})
		if err != nil || thread.Conversation != "" || i.accepted() != 0 {
			t.Errorf("conversation %q (%v), asked %q", thread.Conversation, err, i.texts())
		}
	})
}

// Ensure that an edit that adds the mention makes a question, once, whatever was decided
// about the message before, and that its age is that of the edit.
func TestIntake_EditAddsMention(t *testing.T) {
	for name, before := range map[string]func(i *talkTest) slackevent.Message{
		"at the top":        func(*talkTest) slackevent.Message { return said("How do I print?", recent) },
		"has not asked":     func(i *talkTest) slackevent.Message { return i.reply("How do I print?", ofBob) },
		"to another":        func(i *talkTest) slackevent.Message { return i.reply("<@U2> how do I print?") },
		"in a muted thread": func(i *talkTest) slackevent.Message { i.event(i.reply("stop")); return i.reply("How do I print?") },
		"of which no event": func(*talkTest) slackevent.Message { return said("", recent) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newTalkTest(t, func(p *Policy) { p.StaleAfter = time.Minute })
				m := before(i)
				if m.Text != "" {
					i.event(m)
				}
				time.Sleep(time.Hour)
				edit := slackevent.MessageChanged{Before: m.Text, After: m}
				edit.After.Text = "<@UBOT> how do I print?"
				edit.After.Content, edit.After.EditedTS = edit.After.Text, slackevent.FormatTS(time.Now())
				mentioned := edit.After // Slack can send this event, too
				mentioned.ChannelType = ""
				for _, e := range []slackevent.Event{edit, mentioned, edit, m} {
					i.event(e)
				}
				if want := []string{edit.After.Text}; !slices.Equal(i.texts(), want) {
					t.Errorf("asked %q, want %q", i.texts(), want)
				}
				if i.isMuted() && name == "in a muted thread" {
					t.Error("the thread is still muted")
				}
			})
		})
	}
}

// Ensure that the root of a thread can reply below the question whether an answer is still
// needed, although somebody else has asked there since.
func TestIntake_StillNeededIsAnsweredLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &talkTest{intakeTest: newIntakeTest(t, 0, func(p *Policy) { p.StaleAfter = time.Minute })}
		old := mention()
		i.root = old.ID
		time.Sleep(time.Hour)
		i.accept(old)
		other := i.reply("<@UBOT> what is it about?", ofBob)
		i.event(other)
		yes := i.reply("yes please")
		i.event(yes)
		if want := []string{other.Text, yes.Text}; !slices.Equal(i.texts(), want) {
			t.Errorf("asked %q, want %q", i.texts(), want)
		}
	})
}

// Ensure that a thread is the bot's own, not one of people, although the event of its root
// comes after a mention in it, and that a reply that came before both is asked.
func TestIntake_RootComesAfterAMention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &talkTest{intakeTest: newIntakeTest(t, 0)}
		root := mention()
		i.root = root.ID
		time.Sleep(time.Second)
		early := i.reply("and on Linux?")
		i.event(early)
		other := i.reply("<@UBOT> and on macOS?", ofBob)
		i.event(other)
		i.event(root)
		next := i.reply("and on Windows?")
		i.event(next)
		if want := []string{other.Text, root.Text, early.Text, next.Text}; !slices.Equal(i.texts(), want) {
			t.Errorf("asked %q, want %q", i.texts(), want)
		}
	})
}

// Ensure that a stop whose process ends before Slack has its ack does not mute the thread
// when it is sent again, because it has stopped a question.
func TestIntake_StopIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newTalkTest(t)
		stop := i.reply("stop")
		if _, err := i.store.FirstTime(t.Context(), storage.StopKey(stop.ID), time.Now()); err != nil {
			t.Fatal(err)
		}
		i.event(stop)
		if i.isMuted() || len(i.queue.stopped) == 0 {
			t.Errorf("muted: %v, stopped: %v", i.isMuted(), i.queue.stopped)
		}
	})
}

// recent has a message sent now.
func recent(m *slackevent.Message) { m.ID.TS = slackevent.FormatTS(time.Now()) }

// Ensure that what may have come early is bounded by all of its content, not by the
// sender's own words.
func TestIntake_EarlyContentIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newTalkTest(t)
		m := i.reply("lunch?", ofBob)
		m.Content += strings.Repeat("x", 100_000) // a forwarded message
		edit := slackevent.MessageChanged{Before: "x", After: i.reply("lunch!", ofBob)}
		edit.After.Content = m.Content
		i.event(m)
		i.event(edit)
		if replies, edits := i.earlyReplies.bytes, i.earlyEdits.bytes; replies < len(m.Content) || edits < len(m.Content) {
			t.Errorf("%d and %d bytes are counted, want at least %d", replies, edits, len(m.Content))
		}
	})
}
