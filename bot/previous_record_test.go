package bot_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

var update = flag.Bool("update", false, "record the fixture of the previous version again, with this version")

// TestRecordThePreviousVersion writes the fixture with the code that is checked out:
//
//	go test ./bot -run TestRecordThePreviousVersion -update
//
// Run it at the tag of a release to make that release the previous version. A fixture
// from the current code proves nothing about an earlier version.
func TestRecordThePreviousVersion(t *testing.T) {
	if !*update {
		t.Skip("-update records the fixture again")
	}
	bubble(t, func(t *testing.T) {
		r := &recorder{house: previousFoundation(t), held: make(map[storage.MessageID]bool), release: make(chan struct{})}
		r.wrap = func(s storage.Store) storage.Store {
			r.store = s.(*storage.Bolt)
			return &heldStore{Store: s, recorder: r}
		}
		r.directMessages()
		r.staleQuestion()
		r.answered()
		r.failures()
		r.tickets()
		r.people()
		r.bots()
		time.Sleep(2 * time.Minute)
		r.crowd()
		r.record()
		close(r.release)
		r.slack.Faults().Clear()
		r.enjo.Faults().Clear()
	})
}

// recorder is a house whose history is recorded.
type recorder struct {
	*house
	store *storage.Bolt

	mu      sync.Mutex
	held    map[storage.MessageID]bool // questions whose end is not stored
	release chan struct{}
}

// heldStore is a store that delays the end of some questions until the test releases it.
type heldStore struct {
	storage.Store
	recorder *recorder
}

func (s *heldStore) End(ctx context.Context, id storage.MessageID, end storage.State, posts []string, at time.Time) error {
	s.recorder.mu.Lock()
	held := s.recorder.held[id]
	s.recorder.mu.Unlock()
	if held {
		<-s.recorder.release
	}
	return s.Store.End(ctx, id, end, posts, at)
}

// ask mentions the bot, and waits for so many posts.
func (r *recorder) ask(user, text string, posts int) (root string) {
	r.t.Helper()
	root = r.mention(user, text)
	r.awaitAnswers(r.support, root, posts)
	return root
}

// directMessages makes a bot without the Agents feature answer direct messages, which
// share the thread without a root.
func (r *recorder) directMessages() {
	withAgents := r.config
	r.config = func(c *bot.Config) { withAgents(c); c.AgentView = false }
	r.start()
	r.say(r.slack.DM(r.bob), r.bob, "How do I unlock my account?")
	r.awaitEnded(1)
	time.Sleep(9 * time.Hour) // the conversation has ended by then
	r.say(r.slack.DM(r.bob), r.bob, "How do I borrow a projector?")
	r.awaitEnded(2)
	if err := r.stop(); err != nil {
		r.t.Fatal(err)
	}
	r.config = withAgents
}

// staleQuestion makes the bot find a question so late that it asks whether the question
// is still needed.
func (r *recorder) staleQuestion() {
	stale := r.mention(r.alice, "How do I set up a new phone?")
	time.Sleep(20 * time.Minute)
	r.start()
	r.awaitAnswers(r.support, stale, 1)
}

// answered makes the bot answer, edit and merge questions, with ratings, thanks and
// follow-ups, in one thread of the bot and one of people.
func (r *recorder) answered() {
	vpn := r.ask(r.alice, "How do I reset my VPN password?", 1)
	answer := r.answersIn(vpn)[0].TS
	good, bad := blocks.FeedbackGood+" "+r.id(vpn).String(), blocks.FeedbackBad+" "+r.id(vpn).String()
	r.press(r.bob, r.support, answer, blocks.ActionFeedback, good)
	r.press(r.alice, r.support, answer, blocks.ActionFeedback, bad)
	modal := r.awaitModal(r.alice, blocks.CallbackFeedback)
	receipt, err := r.slack.SubmitView(r.alice, modal.ID, map[string]string{
		blocks.FeedbackReasons: "wrong,outdated", blocks.FeedbackComment: "We moved to Okta",
	})
	r.acknowledged(receipt, err)
	r.say(r.support, r.alice, "thanks!", slacksandbox.InThread(vpn))
	r.say(r.support, r.alice, "and on Linux?", slacksandbox.InThread(vpn))
	time.Sleep(time.Second) // it is asked, so that the next ones wait
	r.say(r.support, r.alice, "and on macOS?", slacksandbox.InThread(vpn))
	r.say(r.support, r.alice, "and on Windows?", slacksandbox.InThread(vpn))
	r.awaitAnswers(r.support, vpn, 3)

	scan := r.say(r.support, r.bob, slacksandbox.Mention(r.slack.BotUserID())+" How do I scan?",
		slacksandbox.WithFiles(slacksandbox.File{Name: "scan.png"}))
	r.awaitAnswers(r.support, scan, 1)
	edited := r.ask(r.alice, "How do I book a meeting room?", 1)
	text := slacksandbox.Mention(r.slack.BotUserID()) + " How do I book a large meeting room?"
	if err := r.slack.Edit(r.support, r.alice, edited, text); err != nil {
		r.t.Fatal(err)
	}
	deleted := r.ask(r.bob, "How do I print a poster?", 1)
	if err := r.slack.Delete(r.support, deleted); err != nil {
		r.t.Fatal(err)
	}
	stopped := r.mention(r.bob, "How do I order a keyboard?")
	time.Sleep(time.Second)
	r.say(r.support, r.bob, "stop", slacksandbox.InThread(stopped))
	r.awaitAnswers(r.support, stopped, 1)
	joined := r.say(r.support, r.bob, "My laptop cannot see the projector")
	r.say(r.support, r.alice, slacksandbox.Mention(r.slack.BotUserID())+" what can we do?", slacksandbox.InThread(joined))
	r.awaitAnswers(r.support, joined, 1)
}

// answersIn returns the bot's posts in a thread of #support.
func (r *recorder) answersIn(root string) []slacksandbox.Message {
	return r.answers(r.slack.View, r.support, root)
}

// failures makes questions fail: one that Enjo rejects, one for a ticket with an unknown
// outcome, and one that waits until Enjo is back.
func (r *recorder) failures() {
	r.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity, Match: "holidays", Calls: 1})
	r.ask(r.bob, "How many holidays do I have?", 1)
	r.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Cut, Processed: true, Match: "keyboard", Calls: 1})
	r.ask(r.bob, "Open a ticket: my keyboard is broken", 1)
	r.enjo.Faults().Down()
	kept := r.ask(r.alice, "How do I join the guest network?", 1)
	if err := r.enjo.Faults().Up(); err != nil {
		r.t.Fatal(err)
	}
	r.awaitAnswers(r.support, kept, 2)
}

// tickets makes the agent open tickets: one never changes, one changes after the bot is
// killed, and one is closed under a name that only the ticketing system knows.
func (r *recorder) tickets() {
	r.wantNews(r.alice)
	r.ask(r.alice, "Open a ticket: my laptop is broken", 2)
	r.ask(r.alice, "Open a ticket: my phone is broken", 2)
	closed := r.ask(r.bob, "Open a ticket: my screen is broken", 2)
	body := `{"status":{"name":"Parked","statusCategory":{"key":"done"}},` + modified(time.Hour) + `}`
	if status := r.news(r.ticket("screen"), hookSecret, body); status != http.StatusOK {
		r.t.Fatalf("update of a ticket: status %d", status)
	}
	r.awaitAnswers(r.support, closed, 4)
}

// ticket returns the ID of the ticket with a subject.
func (r *recorder) ticket(about string) string {
	r.t.Helper()
	for _, ticket := range r.enjo.Tickets() {
		if strings.Contains(ticket.Description, about) {
			return ticket.ID
		}
	}
	r.t.Fatalf("there is no ticket about the %s", about)
	return ""
}

// people calls people into a thread, which mutes it, and makes the bot refuse an
// outsider.
func (r *recorder) people() {
	muted := r.ask(r.alice, "How do I connect to the Wi-Fi?", 1)
	r.press(r.alice, r.support, r.answersIn(muted)[0].TS, blocks.ActionEscalate)
	r.awaitAnswers(r.support, muted, 2)
	time.Sleep(time.Minute)
	r.say(r.support, r.alice, "is anybody there?", slacksandbox.InThread(muted))
	r.say(r.shared, r.carol, slacksandbox.Mention(r.slack.BotUserID())+" Who are you?")
	r.await("the refusal", func(v slacksandbox.View) bool { return len(r.ephemerals(v, r.shared, r.carol)) > 0 })
}

// bots makes another bot ask until it gets no more answers.
func (r *recorder) bots() {
	robot := r.userNamed("robot")
	mention := slacksandbox.Mention(r.slack.BotUserID()) + " Alert: "
	root := r.say(r.support, robot, mention+"the disk is full", slacksandbox.AsApp())
	for n := 1; n <= 3; n++ {
		r.awaitAnswers(r.support, root, n)
		r.say(r.support, robot, mention+"the disk is still full", slacksandbox.InThread(root), slacksandbox.AsApp())
	}
}

// crowd leaves unfinished questions in every state, and a ticket update that its card
// does not show.
func (r *recorder) crowd() {
	refuse := func(method, channel, thread string) {
		r.slack.Faults().OnCall(slacksandbox.Calls{Method: method, Channel: channel, If: func(c slacksandbox.Call) bool {
			return thread == "" || c.Args["thread_ts"] == thread
		}}, slacksandbox.Status(http.StatusServiceUnavailable))
	}
	posted := r.mention(r.bob, "How do I share my calendar?")
	r.hold(posted)
	r.awaitAnswers(r.support, posted, 1)
	answered := r.mention(r.alice, "How do I install the printer driver?")
	refuse("chat.postMessage", r.support, answered)
	r.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity, Match: "payslip", Calls: 1})
	failed := r.mention(r.bob, "Where do I find my payslip?")
	refuse("chat.postMessage", r.support, failed)
	r.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Cut, Match: "backup", Calls: 1})
	time.Sleep(3 * time.Second)
	refuse("chat.update", r.support, "")
	r.news(r.ticket("phone"), hookSecret, `{"status":"In Progress",`+modified(time.Hour)+`}`)
	time.Sleep(5 * time.Second)

	r.mention(r.alice, "How do I make a backup?")
	time.Sleep(1500 * time.Millisecond)
	r.mention(r.bob, "How do I change my mail signature?")
	r.mention(r.alice, "Open a ticket: my mouse is broken")
	time.Sleep(time.Second) // both are asked, and the backup waits for a second call
	r.crowdWaits()
	time.Sleep(500 * time.Millisecond)
	synctest.Wait()
}

// crowdWaits leaves questions that have not been asked.
func (r *recorder) crowdWaits() {
	colour := r.mention(r.bob, "How do I print in colour?")
	r.say(r.support, r.bob, "And on both sides?", slacksandbox.InThread(colour))
	edited := r.mention(r.alice, "How do I order a monitor?")
	stopped := r.mention(r.alice, "How do I order a chair?")
	r.hold(stopped)
	withdrawn := r.mention(r.alice, "How do I order a desk?")
	r.hold(withdrawn)
	time.Sleep(100 * time.Millisecond)
	text := slacksandbox.Mention(r.slack.BotUserID()) + " How do I order two monitors?"
	if err := r.slack.Edit(r.support, r.alice, edited, text); err != nil {
		r.t.Fatal(err)
	}
	r.say(r.support, r.alice, "stop", slacksandbox.InThread(stopped))
	if err := r.slack.Delete(r.support, withdrawn); err != nil {
		r.t.Fatal(err)
	}
	r.pressIn(r.bob, "How many holidays do I have?", blocks.ActionRetry)
	r.pressIn(r.alice, "my laptop is broken", blocks.ActionCheckStatus)
}

// pressIn presses a button below a person's message.
func (r *recorder) pressIn(user, text, action string) {
	r.t.Helper()
	for _, said := range r.slack.Messages(r.support) {
		if said.BotID != "" || !strings.Contains(said.Text, text) {
			continue
		}
		for _, m := range r.answersIn(said.TS) {
			if strings.Contains(string(m.Blocks), action) {
				r.press(user, r.support, m.TS, action)
				return
			}
		}
	}
	r.t.Fatalf("nothing below %q has the button %s", text, action)
}

// hold prevents the store from storing the end of a question.
func (r *recorder) hold(ts string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held[r.id(ts)] = true
}

// record writes the fixture with the current state.
func (r *recorder) record() {
	r.t.Helper()
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.store.Backup(r.t.Context(), writer); err != nil {
		r.t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		r.t.Fatal(err)
	}
	text, err := json.MarshalIndent(r.pastNow(), "", "\t")
	if err != nil {
		r.t.Fatal(err)
	}
	for path, content := range map[string][]byte{previousStore: packed.Bytes(), previousPast: append(text, '\n')} {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
}

// pastNow returns everything that has happened so far.
func (r *recorder) pastNow() past {
	p := past{Killed: time.Now().UTC()}
	for _, channel := range r.slack.Channels() {
		for _, m := range r.slack.Messages(channel.ID) {
			if m.Subtype != "channel_join" {
				p.Messages = append(p.Messages, r.pastMessage(m))
			}
		}
	}
	slices.SortFunc(p.Messages, func(a, b pastMessage) int { return cmp.Compare(a.TS, b.TS) })
	for _, request := range r.enjo.Requests() {
		p.Requests = append(p.Requests, pastRequest{request.Time.UTC(), request.Text, request.ConversationID})
	}
	return p
}

// pastMessage returns the data that is needed to post a message again.
func (r *recorder) pastMessage(m slacksandbox.Message) pastMessage {
	p := pastMessage{Channel: m.Channel, TS: m.TS, User: m.User, EphemeralTo: m.EphemeralTo, Text: m.Text}
	if m.ThreadTS != m.TS {
		p.ThreadTS = m.ThreadTS
	}
	switch m.BotID {
	case "":
	case r.slack.BotID():
		p.Blocks = m.Blocks
		if m.Metadata != nil {
			p.Metadata, _ = json.Marshal(m.Metadata) // strings only
		}
	default:
		p.AsApp = true
	}
	return p
}
