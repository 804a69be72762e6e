package demo

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/internal/browser"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that an answer can be rated, and that "Not helpful" opens a form that asks why.
func TestBrowserFeedback(t *testing.T) {
	s := openScene(t, props{})
	root := s.ask(s.alice, "How do I reset my VPN password?")
	alice, bob := s.lookAt(s.alice, s.support, root), s.lookAt(s.bob, s.support, root)

	alice.Click(`#replies [data-action-id="answer_feedback"][data-value^="good "]`)
	alice.See("#replies .ephemeral .body", blocks.SayThanksGood.Text())

	bob.Click(`#replies [data-action-id="answer_feedback"][data-value^="bad "]`)
	bob.See("#modal[open]", "What was wrong")
	bob.Click(`#modal input[type="checkbox"]`)
	bob.Type("#modal textarea", "The portal has moved")
	bob.Click("[data-modal-submit]")
	bob.Gone("#modal")
	bob.See("#replies .ephemeral .body", blocks.SayThanksBad.Text())
	alice.Gone("#modal")
	alice.Await(fmt.Sprintf(`!document.querySelector("#thread").innerText.includes(%q)`, blocks.SayThanksBad.Text()))
}

// Ensure that Check status edits the card and posts one line about the change, and
// that "no change" is shown only to the person who pressed the button.
func TestBrowserCheckStatus(t *testing.T) {
	s := openScene(t, props{})
	root := s.oneTicket()
	alice, bob := s.lookAt(s.alice, s.support, root), s.lookAt(s.bob, s.support, root)
	bob.See("#replies .body", "my laptop screen is broken")
	before := len(s.posts(s.slack.View, root))

	if err := s.enjo.MoveTicket("IT-1042", "Waiting for parts"); err != nil {
		t.Fatal(err)
	}
	alice.press("ticket_check")
	alice.See("#replies .body", "Open → Waiting for parts")
	alice.See("#replies .message:has([data-action-id=ticket_check]) .body", "Waiting for parts")
	bob.See("#replies .message:has([data-action-id=ticket_check]) .body", "Waiting for parts")
	if n := len(s.posts(s.slack.View, root)); n != before+1 {
		t.Errorf("the change took %d posts, not one", n-before)
	}

	bob.press("ticket_check")
	bob.See("#replies .ephemeral .body", "Waiting for parts")
	alice.Gone("#replies .ephemeral")
	if n := len(s.posts(s.slack.View, root)); n != before+1 {
		t.Errorf("nothing has changed, but the bot posted %d times", n-before-1)
	}
}

// Ensure that Create ticket creates a ticket for the question, only once.
func TestBrowserCreateTicket(t *testing.T) {
	s := openScene(t, props{})
	root := s.ask(s.alice, "How do I reset my VPN password?")
	alice, bob := s.lookAt(s.alice, s.support, root), s.lookAt(s.bob, s.support, root)
	alice.press("ticket_create")
	alice.See("#replies .message:has([data-action-id=ticket_check]) .body", "How do I reset my VPN password?")
	bob.press("ticket_create")
	bob.See("#replies .ephemeral .body", blocks.TicketExists("IT-1042"))
	if n := len(s.enjo.Tickets()); n != 1 {
		t.Errorf("%d tickets were created", n)
	}
}

// Ensure that a person who asks for one in words gets the button, that it calls one with the
// exchange, that the bot then stays silent in the thread until it is mentioned, and that it
// says so after Done.
func TestBrowserTalkToAPerson(t *testing.T) {
	s := openScene(t, props{})
	root := s.ask(s.alice, "How do I reset my VPN password?")
	alice, bob := s.lookAt(s.alice, s.support, root), s.lookAt(s.bob, s.support, root)
	alice.See("#replies .body", "expires every 180 days")
	alice.reply("I want to talk to a human")
	alice.See("#replies .message:last-child .body", "Sure. Click the button")
	alice.press("answer_escalate")
	bob.See("#replies .message:last-child .body", "@bob")
	bob.See("#replies .message:last-child .body", "How do I reset my VPN password?")
	bob.See("#replies .message:last-child .body", "expires every 180 days")
	alice.press("answer_escalate")
	alice.See("#replies .ephemeral .body", blocks.SayCalled.Text())

	bob.reply("Hi Alice, shall I call you?")
	alice.See("#replies .body", "shall I call you?")
	alice.reply("Yes, please: my VPN is locked")
	bob.See("#replies .body", "my VPN is locked")
	bob.press("escalation_done")
	alice.See("#replies .reaction", "✅")
	alice.See("#replies .body", "Mention me to bring me back.")
	if n := len(s.enjo.Requests()); n != 1 {
		t.Errorf("the agent was asked %d times, although the thread is quiet", n)
	}
	alice.reply("@enjobridge And on Linux?")
	alice.See("#replies .body", "nmcli")
}

// manySources starts an agent that names seven articles.
func manySources(t *testing.T) (url string) {
	var sources []string
	for n := range 7 {
		sources = append(sources, fmt.Sprintf(`{"type": "Knowledge Base", "name": "Article %d", "url": "https://help.example.com/%d", "score": 0.%d}`, n+1, n+1, 9-n))
	}
	answer := fmt.Sprintf(`{"success": true, "data": {"conversationId": "c-1", "answers": "It depends.", "sources": [%s]}}`, strings.Join(sources, ","))
	agent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }))
	t.Cleanup(agent.Close)
	return agent.URL
}

// Ensure that an answer folds its sources away, and that the mouse and the keyboard unfold
// all of them.
func TestBrowserFoldedSources(t *testing.T) {
	s := openScene(t, props{agentURL: manySources(t)})
	tab := s.lookAt(s.alice, s.support, s.ask(s.alice, "What is the meaning of it all?"))
	tab.See("#replies .body summary", "7 sources")
	folded := `!document.querySelector("#replies").innerText.includes("Article 1")`
	tab.Await(folded)
	tab.Click("#replies .body summary")
	tab.See("#replies .body", "Article 1")
	tab.Click("#replies .body summary")
	tab.Await(folded)

	tab.Focus("#reply-text")
	tab.tabTo(".bk-container > summary", "Shift+Tab")
	tab.Press("Enter")
	for n := range 7 {
		tab.See(fmt.Sprintf(`#replies a[href="https://help.example.com/%d"]`, n+1), fmt.Sprintf("Article %d", n+1))
	}
}

// Ensure that where Slack supports no containers, an answer names its best sources, and
// shows the others in a modal.
func TestBrowserAllSources(t *testing.T) {
	s := openScene(t, props{agentURL: manySources(t)})
	s.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1}, slacksandbox.Unsupported("container"))
	tab := s.lookAt(s.alice, s.support, s.ask(s.alice, "What is the meaning of it all?"))
	tab.See("#replies .body", "Article 3")
	tab.Await(`!document.querySelector("#replies").innerText.includes("Article 4")`)
	tab.See(`[data-action-id="answer_sources"]`, "Show all 7")
	tab.press("answer_sources")
	for n := range 7 {
		tab.See(fmt.Sprintf(`#modal[open] a[href="https://help.example.com/%d"]`, n+1), fmt.Sprintf("Article %d", n+1))
	}
	tab.Press("Escape")
	tab.Gone("#modal")
}

// Ensure that waiting users see their position in the queue, and that it is updated.
func TestBrowserQueue(t *testing.T) {
	s := openScene(t, props{speed: 1, bot: oneCallIn(time.Hour)})
	first := s.ask(s.bob, "How do I connect to the wifi?")
	s.await("the first answer", func(v slacksandbox.View) bool { return len(s.posts(v, first)) > 0 })
	second := s.ask(s.bob, "How do I book a meeting room?")
	s.await("Bob's position", func(v slacksandbox.View) bool { return strings.Contains(v.Status(s.support, second), "you're next") })
	alice := s.lookAt(s.alice, s.support, s.ask(s.alice, "How do I reset my VPN password?"))
	alice.See("#working", "one person is ahead of you, about")
	bob := s.lookAt(s.bob, s.support, second)
	bob.See("#working", "you're next, in about")
	bob.reply("Stop!")
	alice.See("#working", "you're next, in about")
}

// Ensure that a question that waited in the queue is answered.
func TestBrowserAfterQueue(t *testing.T) {
	s := openScene(t, props{bot: oneCallIn(time.Second)})
	s.ask(s.bob, "How do I connect to the wifi?")
	tab := s.lookAt(s.alice, s.support, s.ask(s.alice, "How do I reset my VPN password?"))
	tab.See("#replies .body", "Source:")
	tab.Await(`document.querySelector("#working").innerText === ""`)
}

// Ensure that Slack's Stop button cancels a question during the call to the agent.
func TestBrowserStopButton(t *testing.T) {
	s := openScene(t, props{speed: 1})
	s.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: time.Hour, Calls: 1})
	tab := s.lookAt(s.alice, s.support, s.ask(s.alice, "How do I reset my VPN password?"))
	tab.See("#working", "enjobridge is thinking…")
	tab.Click("#working .stop")
	tab.See("#replies .body", blocks.SayStopped.Text())
	tab.Await(`document.querySelector("#working").innerText === ""`)
	tab.reply("And on Linux?")
	tab.See("#replies .body", "nmcli")
}

// Ensure that the word stop removes a question from the queue.
func TestBrowserStopWord(t *testing.T) {
	s := openScene(t, props{speed: 1, bot: oneCallIn(time.Hour)})
	first := s.ask(s.bob, "How do I connect to the wifi?")
	s.await("the first answer", func(v slacksandbox.View) bool { return len(s.posts(v, first)) > 0 })
	tab := s.lookAt(s.alice, s.support, s.ask(s.alice, "How do I reset my VPN password?"))
	tab.See("#working", "you're next")
	tab.reply("Stop!")
	tab.See("#replies .body", blocks.SayStopped.Text())
	tab.Await(`document.querySelector("#working").innerText === ""`)
	if n := len(s.enjo.Requests()); n != 1 {
		t.Errorf("the agent was asked %d times", n)
	}
}

// Ensure that the home tab and the command list a person's tickets.
func TestBrowserLists(t *testing.T) {
	s := openScene(t, props{})
	s.oneTicket()
	tab := s.see(s.alice, s.support)
	tab.say("/enjo tickets")
	tab.See(".ephemeral .body", "IT-1042")
	dm := s.slack.DM(s.alice)
	tab.Click(fmt.Sprintf("#side-%s", dm))
	tab.Await(fmt.Sprintf(`document.querySelector("#app").dataset.channel === %q`, dm))
	tab.Click(`.tabs a[href$="/home"]`)
	tab.See("#home", "IT-1042")
	tab.See("#home", "Open")
	news := `#home [data-action-id="ticket_news"]`
	label := browser.Eval[string](tab.Tab, `document.querySelector('`+news+`').innerText`)
	tab.Click(news)
	tab.Await(fmt.Sprintf(`document.querySelector('%s').innerText !== %q`, news, label))
}
