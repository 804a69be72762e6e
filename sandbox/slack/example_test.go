package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"enjobridge/sandbox/slack"
)

// greeter is a simple app with slack-go: it answers each mention in its thread.
func greeter(ctx context.Context, api *slackgo.Client) {
	client := socketmode.New(api, socketmode.OptionLog(log.New(io.Discard, "", 0)))
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-client.Events:
				outer, ok := e.Data.(slackevents.EventsAPIEvent)
				if !ok {
					continue
				}
				_ = client.AckCtx(ctx, e.Request.EnvelopeID, nil)
				if m, ok := outer.InnerEvent.Data.(*slackevents.AppMentionEvent); ok {
					_, _, _ = api.PostMessageContext(ctx, m.Channel, slackgo.MsgOptionText("Hello, <@"+m.User+">!", false), slackgo.MsgOptionTS(m.TimeStamp))
				}
			}
		}
	}()
	_ = client.RunContext(ctx)
}

// How to test an app: open a workspace, connect the app to it, act as its
// people, and wait for the app.
func Example() {
	w, err := slack.Open(slack.Config{Speed: 100})
	if err != nil {
		log.Fatal(err)
	}
	defer w.Close()
	ada := w.AddUser(slack.User{ID: "U0ADA", Name: "ada"})
	general := w.AddChannel(slack.Channel{Name: "general", Members: []string{ada, w.BotUserID()}})

	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		greeter(ctx, slackgo.New(w.BotToken(), slackgo.OptionAPIURL(w.APIURL()), slackgo.OptionAppLevelToken(w.AppToken())))
	}()

	ts, err := w.Post(general, ada, slack.Mention(w.BotUserID())+" hi")
	if err != nil {
		log.Fatal(err)
	}
	err = w.Await(ctx, func(v slack.View) bool { return len(v.Thread(general, ts)) == 2 })
	fmt.Println(w.Thread(general, ts)[1].Text, err)

	cancel()
	<-stopped
	// Output: Hello, <@U0ADA>! <nil>
}

// connect runs the app against the workspace until stop is called.
func connect(w *slack.Workspace, app func(context.Context, *slackgo.Client)) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		app(ctx, slackgo.New(w.BotToken(), slackgo.OptionAPIURL(w.APIURL()), slackgo.OptionAppLevelToken(w.AppToken())))
	}()
	if err := w.Await(ctx, func(v slack.View) bool { return v.Sockets() == 1 }); err != nil {
		log.Fatal(err)
	}
	return ctx, func() { cancel(); <-stopped }
}

const (
	formButton  = `[{"type": "actions", "elements": [{"type": "button", "action_id": "open", "text": {"type": "plain_text", "text": "New request"}}]}]`
	requestForm = `{"type": "modal", "title": {"type": "plain_text", "text": "New request"}, "submit": {"type": "plain_text", "text": "Send"}, "blocks": [
		{"type": "input", "block_id": "what", "label": {"type": "plain_text", "text": "What is it?"}, "element": {"type": "plain_text_input", "action_id": "title"}}]}`
)

// formApp is an app that opens a form when its button is clicked, and accepts
// any input except one title.
func formApp(ctx context.Context, api *slackgo.Client) {
	client := socketmode.New(api, socketmode.OptionLog(log.New(io.Discard, "", 0)))
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-client.Events:
				i, ok := e.Data.(slackgo.InteractionCallback)
				switch {
				case e.Request == nil:
				case ok && i.Type == slackgo.InteractionTypeBlockActions:
					_ = client.AckCtx(ctx, e.Request.EnvelopeID, nil)
					var view slackgo.ModalViewRequest
					_ = json.Unmarshal([]byte(requestForm), &view)
					_, _ = api.OpenViewContext(ctx, i.TriggerID, view)
				case ok && i.View.State.Values["what"]["title"].Value == "Help":
					_ = client.AckCtx(ctx, e.Request.EnvelopeID, json.RawMessage(`{"response_action": "errors", "errors": {"what": "Help with what?"}}`))
				case e.Request.EnvelopeID != "":
					_ = client.AckCtx(ctx, e.Request.EnvelopeID, nil)
				}
			}
		}
	}()
	_ = client.RunContext(ctx)
}

// offerForm lets the app post its button into a channel with one person.
func offerForm(w *slack.Workspace) (ada, general, ts string) {
	ada = w.AddUser(slack.User{Name: "ada"})
	general = w.AddChannel(slack.Channel{Name: "general", Members: []string{ada, w.BotUserID()}})
	var blocks slackgo.Blocks
	if err := json.Unmarshal([]byte(formButton), &blocks); err != nil {
		log.Fatal(err)
	}
	api := slackgo.New(w.BotToken(), slackgo.OptionAPIURL(w.APIURL()))
	_, ts, err := api.PostMessage(general, slackgo.MsgOptionText("Ask here", false), slackgo.MsgOptionBlocks(blocks.BlockSet...))
	if err != nil {
		log.Fatal(err)
	}
	return ada, general, ts
}

// A click reaches the app like a person's click, with a trigger for a modal.
// Wait reports whether the app acknowledged it in time.
func ExampleWorkspace_Click() {
	w, err := slack.Open(slack.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer w.Close()
	ctx, stop := connect(w, formApp)
	defer stop()
	ada, general, ts := offerForm(w)

	receipt, err := w.Click(ada, general, ts, "open")
	if err != nil {
		log.Fatal(err) // there is no such button, or ada may not click it
	}
	_, err = receipt.Wait(ctx)
	fmt.Println("acknowledged:", err == nil)
	err = w.Await(ctx, func(v slack.View) bool { _, open := v.Modal(ada); return open })
	fmt.Println("a modal is open:", err == nil)
	// Output:
	// acknowledged: true
	// a modal is open: true
}

// Values are submitted by the elements' action_ids. If the app refuses them,
// the modal shows its errors.
func ExampleWorkspace_SubmitView() {
	w, err := slack.Open(slack.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer w.Close()
	ctx, stop := connect(w, formApp)
	defer stop()
	ada, general, ts := offerForm(w)
	if _, err = w.Click(ada, general, ts, "open"); err != nil {
		log.Fatal(err)
	}
	if err = w.Await(ctx, func(v slack.View) bool { _, open := v.Modal(ada); return open }); err != nil {
		log.Fatal(err)
	}

	for _, title := range []string{"", "Help", "My screen is black"} {
		modal, _ := w.Modal(ada)
		receipt, err := w.SubmitView(ada, modal.ID, map[string]string{"title": title})
		if err != nil {
			fmt.Printf("%q is not sent: %v\n", title, errors.Is(err, slack.ErrMissingInput))
			continue
		}
		if _, err = receipt.Wait(ctx); err != nil {
			log.Fatal(err)
		}
		modal, open := w.Modal(ada)
		fmt.Printf("%q: still open: %v %v\n", title, open, modal.Errors)
	}
	// Output:
	// "" is not sent: true
	// "Help": still open: true map[what:Help with what?]
	// "My screen is black": still open: false map[]
}

// A fault of deliveries: the first mention never reaches the app, and only the
// second is answered.
func ExampleFaults_OnEvent() {
	w, err := slack.Open(slack.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer w.Close()
	ctx, stop := connect(w, greeter)
	defer stop()
	ada := w.AddUser(slack.User{ID: "U0ADA", Name: "ada"})
	general := w.AddChannel(slack.Channel{Name: "general", Members: []string{ada, w.BotUserID()}})
	lost := w.Faults().OnEvent(slack.Events{Type: "app_mention", Times: 1}, slack.Lose())

	first, err := w.Post(general, ada, slack.Mention(w.BotUserID())+" hi")
	if err != nil {
		log.Fatal(err)
	}
	second, err := w.Post(general, ada, slack.Mention(w.BotUserID())+" hello?")
	if err != nil {
		log.Fatal(err)
	}
	err = w.Await(ctx, func(v slack.View) bool { return len(v.Thread(general, second)) == 2 })
	fmt.Println(w.Thread(general, second)[1].Text, err)
	fmt.Println("lost:", lost.Fired(), "of 2, so that the first has", len(w.Thread(general, first))-1, "answers")
	// Output:
	// Hello, <@U0ADA>! <nil>
	// lost: 1 of 2, so that the first has 0 answers
}

// A fault affects the calls that it matches, as often as it says.
func ExampleFaults_OnCall() {
	w, err := slack.Open(slack.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer w.Close()
	general := w.AddChannel(slack.Channel{Name: "general", Members: []string{w.BotUserID()}})
	w.Faults().OnCall(slack.Calls{Method: "chat.postMessage", Times: 1}, slack.RateLimit(3*time.Second))

	api := slackgo.New(w.BotToken(), slackgo.OptionAPIURL(w.APIURL()))
	for range 2 {
		_, _, err = api.PostMessage(general, slackgo.MsgOptionText("hi", false))
		fmt.Println(err)
	}
	// Output:
	// slack rate limit exceeded, retry after 3s
	// <nil>
}

// The log of calls contains the app's requests, and the traffic contains the
// deliveries to it.
func ExampleView_Calls() {
	w, err := slack.Open(slack.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer w.Close()
	api := slackgo.New(w.BotToken(), slackgo.OptionAPIURL(w.APIURL()))
	_, _ = api.GetUserInfo("U0NOBODY")
	for _, call := range w.Calls() {
		fmt.Println(call.Method, call.Args["user"], call.Error)
	}
	// Output: users.info U0NOBODY user_not_found
}
