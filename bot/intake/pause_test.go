package intake

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// Ensure that only short direct messages at the top, in which nothing is asked yet, wait for
// the next one.
func TestDecide_Pauses(t *testing.T) {
	forwarded := func(m *slackevent.Message) { m.Content += "\n> the printer is broken" }
	for name, test := range map[string]struct {
		message slackevent.Message
		pauses  bool
	}{
		"a greeting":                 {said("hi", inDM), true},
		"four words":                 {said("my laptop is broken", inDM), true},
		"two lines":                  {said("hi\nthere", inDM), true},
		"five words":                 {said("my new laptop is broken", inDM), false},
		"a question":                 {said("VPN down?", inDM), false},
		"a question in Chinese":      {said("打印机坏了？", inDM), false},
		"a question in Arabic":       {said("أين الطابعة؟", inDM), false},
		"eight Chinese characters":   {said("我的打印机坏了吗", inDM), true},
		"nine Chinese characters":    {said("我的新打印机坏了吗", inDM), false},
		"words in two scripts":       {said("我的 VPN 坏了 help", inDM), true},
		"with a mention":             {said("<@UBOT> my laptop is broken", inDM), true},
		"with a file":                {said("hi", inDM, files), false},
		"with a forwarded message":   {said("hi", inDM, forwarded), false},
		"in a thread":                {said("hi", inDM, inThread), false},
		"a mention in a channel":     {said("<@UBOT> hi"), false},
		"in a group direct message":  {said("<@UBOT> hi", func(m *slackevent.Message) { m.ChannelType = "mpim" }), false},
		"of a bot that is permitted": {said("hi", inDM, func(m *slackevent.Message) { m.BotID = "B2" }), false},
	} {
		p := open(func(p *Policy) { p.AllowedBots = []string{"B2"} })
		if got := decide(test.message, knowledge{}, p, noon); got.action != actionAsk || got.pauses != test.pauses {
			t.Errorf("%s: %s because of %q, pauses: %v, want %v", name, got.action, got.reason, got.pauses, test.pauses)
		}
	}
}

// mergingQueue is a queue that records the merged questions.
type mergingQueue struct {
	*waitingQueue
	merged []storage.MessageID
}

func (q *mergingQueue) Merged(all []storage.Question) {
	for _, one := range all {
		q.merged = append(q.merged, one.ID)
	}
}

// Ensure that consecutive direct messages become one question, which waits two seconds
// after a short one, and that those of others and of another time do not.
func TestIntake_ConsecutiveDirectMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntakeTest(t, 0)
		merging := &mergingQueue{waitingQueue: i.queue}
		i.Intake.queue = merging
		var sent []storage.MessageID
		say := func(user, channel, text string) storage.Question {
			m := said(text, inDM)
			m.User, m.ID.Channel, m.ID.TS = user, channel, slackevent.FormatTS(time.Now().Add(time.Second))
			i.accept(m)
			sent = append(sent, m.ID)
			return i.queue.waiting[len(i.queue.waiting)-1]
		}
		hi := say("U1", "D1", "hi")
		if pause := time.Until(hi.NotBefore); pause != directPause {
			t.Errorf("the first one waits %v, want %v", pause, directPause)
		}
		say("U2", "D2", "hello")
		say("U1", "D1", "my laptop")
		last := say("U1", "D1", "it does not start at all")
		if last.Text != "hi\n\nmy laptop\n\nit does not start at all" || len(last.With) != 2 || !last.NotBefore.IsZero() {
			t.Errorf("the last one is %+v", last)
		}
		if len(merging.merged) != 2 || merging.merged[0] != sent[0] || merging.merged[1] != sent[2] {
			t.Errorf("merged: %v, want the first and the third of %v", merging.merged, sent)
		}
		if _, err := i.store.Claim(context.Background(), last.ID, nil, time.Now()); err != nil {
			t.Fatal(err)
		}
		if next := say("U1", "D1", "please help"); len(next.With) != 0 {
			t.Errorf("a message after the question was asked is merged with %v", next.With)
		}
	})
}
