package bot_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// Ensure that the bot handles every question of the previous version once, as its state
// requires: it asks Enjo again only if the answer is lost, and posts nothing twice.
func TestQuestionsOfThePreviousVersionGoOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := previous(t)
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Cut, Match: "backup"})
		h.start()
		time.Sleep(15 * time.Minute)
		for text, want := range map[string]struct {
			asked, posts int  // since the bot was killed; in all
			retry        bool // the last post offers to try again
		}{
			"How do I share my calendar?":          {asked: 0, posts: 1}, // answered and posted
			"How do I install the printer driver?": {asked: 0, posts: 1}, // answered
			"Where do I find my payslip?":          {asked: 0, posts: 1, retry: true},
			"How do I order a chair?":              {asked: 0, posts: 1},              // stopped, with a confirmation
			"How do I make a backup?":              {asked: 1, posts: 1, retry: true}, // asked once before, without success
			"How do I change my mail signature?":   {asked: 1, posts: 1},              // its request was open when the bot was killed
			"Open a ticket: my mouse is broken":    {asked: 0, posts: 1, retry: true}, // the same, but risky
			"How do I order two monitors?":         {asked: 1, posts: 1},              // edited while it waited
			"How many holidays do I have?":         {asked: 1, posts: 2},              // asked by a button after a failure
			"How do I set up a new phone?":         {asked: 0, posts: 1},              // found late, with an offer to answer it
			"How do I reset my VPN password?":      {asked: 0, posts: 3},
			"How do I join the guest network?":     {asked: 0, posts: 2},
		} {
			posts := h.posts(text)
			if n := h.asked(text); n != want.asked || len(posts) != want.posts {
				t.Errorf("%q: Enjo was asked %d times, want %d; there are %d posts, want %d: %s", text, n, want.asked, len(posts), want.posts, texts(posts))
				continue
			}
			if retry := strings.Contains(string(posts[len(posts)-1].Blocks), blocks.ActionRetry); retry != want.retry {
				t.Errorf("%q: the last post offers a retry: %t: %s", text, retry, texts(posts))
			}
		}
		// Two consecutive messages wait in one thread: they take one call.
		if n, m := h.asked("How do I print in colour?"), h.asked("And on both sides?"); n != 1 || m != 1 || len(h.posts("How do I print in colour?")) != 1 {
			t.Errorf("two messages of a thread were asked %d and %d times, and have %d posts", n, m, len(h.posts("How do I print in colour?")))
		}
		if n := h.asked("a desk"); n != 0 {
			t.Errorf("a deleted question was asked %d times", n)
		}
		// The status button was pressed, too.
		if n := len(h.since()); n != 6 {
			t.Errorf("Enjo was asked %d times: %+v", n, h.since())
		}
		h.press(h.alice, h.support, h.posts("Open a ticket: my mouse is broken")[0].TS, blocks.ActionRetry)
		h.await("the ticket", func(slacksandbox.View) bool { return h.asked("my mouse is broken") == 1 })
	})
}

// Ensure that threads keep their conversations, and stay muted.
func TestThreadsOfThePreviousVersionGoOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := previous(t)
		h.start()
		app := slacksandbox.Mention(h.slack.BotUserID()) + " "
		vpn, people, muted := h.root("How do I reset my VPN password?"), h.root("My laptop cannot see the projector"), h.root("How do I connect to the Wi-Fi?")
		robots := h.root("Alert: the disk is full")
		say := func(root, user, text string) { h.say(h.support, user, text, slacksandbox.InThread(root)) }

		say(vpn, h.alice, "and on a tablet?")
		say(people, h.alice, "Let us talk among ourselves")
		say(muted, h.alice, "is still nobody there?")
		say(h.root("How do I set up a new phone?"), h.alice, "Yes, tell me how") // the bot has asked whether it is still needed
		h.say(h.support, h.userNamed("robot"), app+"Alert: the disk is as full as ever", slacksandbox.InThread(robots), slacksandbox.AsApp())
		h.say(h.shared, h.carol, app+"Who are you today?")
		time.Sleep(15 * time.Minute)
		for _, text := range []string{"among ourselves", "is still nobody", "as full as ever", "Who are you"} {
			if n := h.asked(text); n != 0 {
				t.Errorf("%q was asked %d times", text, n)
			}
		}
		if n := len(h.ephemerals(h.slack.View, h.shared, h.carol)); n != 1 {
			t.Errorf("the outsider got %d messages", n)
		}
		if n := h.asked("Yes, tell me how"); n != 1 {
			t.Errorf("a message below an offer was asked %d times", n)
		}
		h.continues("and on a tablet?", "How do I reset my VPN password?")

		say(people, h.alice, app+"and if we restart it?")
		say(muted, h.alice, app+"and at home?")
		time.Sleep(5 * time.Minute)
		h.continues("and if we restart it?", "My laptop cannot see the projector")
		h.continues("and at home?", "How do I connect to the Wi-Fi?")
	})
}

// Ensure that direct messages without threads keep their conversation.
func TestDirectMessagesOfThePreviousVersionGoOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := previous(t)
		withAgents := h.config
		h.config = func(c *bot.Config) { withAgents(c); c.AgentView = false }
		h.start()
		h.say(h.slack.DM(h.bob), h.bob, "and for a week?")
		time.Sleep(15 * time.Minute)
		h.continues("and for a week?", "How do I borrow a projector?")
	})
}

// Ensure that the bot does not repeat an earlier offer, and that a channel's questions
// of the day count.
func TestOnceOfThePreviousVersionIsOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := previous(t)
		before := h.config
		h.config = func(c *bot.Config) { before(c); c.ChannelDailyLimit = 10 }
		h.start()
		edited, _ := h.find("How do I book a large meeting room?")
		ephemerals := len(h.ephemerals(h.slack.View, h.support, h.alice))
		if err := h.slack.Edit(h.support, h.alice, edited.TS, slacksandbox.Mention(h.slack.BotUserID())+" How do I book the largest room?"); err != nil {
			t.Fatal(err)
		}
		h.mention(h.bob, "How do I call the reception?")
		time.Sleep(15 * time.Minute)
		if n := len(h.ephemerals(h.slack.View, h.support, h.alice)) - ephemerals; n != 0 {
			t.Errorf("alice got %d messages after another edit", n)
		}
		if n := h.asked("How do I call the reception?"); n != 0 {
			t.Errorf("a question over the channel's limit was asked %d times", n)
		}
	})
}

// Ensure that each ticket keeps its single card, and that changes of old tickets edit
// that card.
func TestTicketsOfThePreviousVersionAreUpdatedInPlace(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := previous(t)
		h.start()
		const laptop, phone, screen = "my laptop is broken", "my phone is broken", "my screen is broken"
		// The previous version announced a change in the thread, and could not edit the
		// card.
		h.awaitCard(phone, "In Progress")
		if n := len(h.posts(phone)); n != 3 {
			t.Errorf("the thread of the phone has %d posts: %s", n, texts(h.posts(phone)))
		}
		h.await("a direct message", func(v slacksandbox.View) bool { return len(v.Messages(h.slack.DM(h.alice))) == 1 })
		// It had requested the status of this ticket.
		h.await("an answer", func(slacksandbox.View) bool { return h.asked("IT-1043") == 1 })
		time.Sleep(15 * time.Minute)
		h.awaitCard(laptop, h.enjo.Tickets()[1].Status)
		before := len(h.posts(laptop))

		for about, id := range map[string]string{laptop: "IT-1043", screen: "IT-1045"} {
			if status := h.news(id, hookSecret, `{"status":"On Hold",`+modified(2*time.Hour)+`}`); status != http.StatusOK {
				t.Fatalf("update of %s: status %d", id, status)
			}
			h.awaitCard(about, "On Hold")
		}
		// According to the ticketing system, this status means done.
		if status := h.news("IT-1045", hookSecret, `{"status":"Parked",`+modified(3*time.Hour)+`}`); status != http.StatusOK {
			t.Fatalf("update of IT-1045: status %d", status)
		}
		h.await("the bot to ask whether it is solved", func(v slacksandbox.View) bool {
			return strings.Count(texts(h.answers(v, h.support, h.root(screen))), `"`+blocks.ActionSolved+`"`) == 2
		})
		h.press(h.alice, h.support, h.button(phone, blocks.ActionCheckStatus), blocks.ActionCheckStatus)
		h.await("the call", func(slacksandbox.View) bool { return h.asked("IT-1044") == 1 })
		time.Sleep(5 * time.Minute)
		if n := len(h.posts(laptop)); n != before+1 {
			t.Errorf("one change of the laptop's ticket made %d posts", n-before)
		}
		for about, id := range map[string]string{laptop: "IT-1043", phone: "IT-1044", screen: "IT-1045"} {
			if _, cards := h.card(h.root(about), id); cards != 1 {
				t.Errorf("%s has %d cards", id, cards)
			}
		}
	})
}

// Ensure that the buttons of old posts still work.
func TestButtonsOfThePreviousVersionWork(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := previous(t)
		h.start()
		time.Sleep(15 * time.Minute)
		const wifi, screen = "How do I connect to the Wi-Fi?", "my screen is broken"
		asks := []struct{ user, below, action, asked string }{
			{h.bob, "my keyboard is broken", blocks.ActionRetry, "my keyboard is broken"},
			{h.alice, "How do I set up a new phone?", blocks.ActionAnswerNow, "How do I set up a new phone?"},
			{h.alice, "How do I book a large meeting room?", blocks.ActionRetry, "How do I book a large meeting room?"},
			{h.alice, wifi, blocks.ActionCreateTicket, "icket"},
			{h.bob, screen, blocks.ActionReopen, "IT-1045"},
		}
		for _, a := range asks {
			before := h.asked(a.asked)
			h.press(a.user, h.support, h.button(a.below, a.action), a.action)
			time.Sleep(3 * time.Minute)
			if n := h.asked(a.asked) - before; n != 1 {
				t.Errorf("%s below %q asked Enjo %d times", a.action, a.below, n)
			}
		}

		// A written comment is asked, too.
		h.press(h.bob, h.support, h.button(screen, blocks.ActionComment), blocks.ActionComment)
		modal := h.awaitModal(h.bob, blocks.CallbackComment)
		receipt, err := h.slack.SubmitView(h.bob, modal.ID, map[string]string{blocks.CommentText: "It flickers"})
		h.acknowledged(receipt, err)
		h.await("the comment", func(slacksandbox.View) bool { return h.asked("It flickers") == 1 })

		for _, done := range []struct{ below, action string }{
			{screen, blocks.ActionSolved},
			{wifi, blocks.ActionEscalationDone},
		} {
			post := h.button(done.below, done.action)
			h.press(h.bob, h.support, post, done.action)
			h.awaitUsed(post, done.action)
		}
	})
}

// Ensure that users can rate old answers, and call a person from them.
func TestAnswersOfThePreviousVersionCanBeRated(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := previous(t)
		h.start()
		const vpn = "How do I reset my VPN password?"
		root := h.root(vpn)
		answer := h.button(vpn, blocks.ActionFeedback)
		ephemerals := func() int { return len(h.ephemerals(h.slack.View, h.support, h.alice)) }
		before := ephemerals()
		h.press(h.alice, h.support, answer, blocks.ActionFeedback, h.rating(answer, blocks.FeedbackGood))
		h.await("thanks", func(slacksandbox.View) bool { return ephemerals() == before+1 })
		h.press(h.alice, h.support, answer, blocks.ActionFeedback, h.rating(answer, blocks.FeedbackBad))
		h.awaitModal(h.alice, blocks.CallbackFeedback)

		posts := len(h.posts(vpn))
		h.press(h.alice, h.support, answer, blocks.ActionEscalate)
		h.await("the call", func(slacksandbox.View) bool { return len(h.posts(vpn)) == posts+1 })
		time.Sleep(time.Minute)
		h.say(h.support, h.alice, "can anybody help?", slacksandbox.InThread(root))
		time.Sleep(15 * time.Minute)
		if n := h.asked("can anybody help?"); n != 0 {
			t.Errorf("the thread is not muted: Enjo was asked %d times", n)
		}
	})
}

// Ensure that the store of the previous version is migrated, and that a copy remains if
// that changed its schema.
func TestStoreOfThePreviousVersionIsMigrated(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := previous(t)
		before, err := storage.CheckBolt(h.path, storage.BoltOptions{})
		if err != nil {
			t.Fatal(err)
		}
		h.start()
		time.Sleep(15 * time.Minute)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		after, err := storage.CheckBolt(h.path, storage.BoltOptions{})
		if err != nil || len(after.Problems) > 0 || after.Questions < before.Questions {
			t.Errorf("after the migration of %+v: %+v, %v", before, after, err)
		}
		copies, err := filepath.Glob(h.path + ".v*-*")
		if err != nil || (len(copies) == 1) != (before.Schema < after.Schema) {
			t.Errorf("schema %d became %d, with the copies %q, %v", before.Schema, after.Schema, copies, err)
		}
	})
}
