package slack_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"enjobridge/sandbox/slack"
)

// greeter is an app as anyone writes it with slack-go: it answers each mention in its thread.
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

// How the author of any app tests it: open a workspace, point the app at it,
// play its people, wait for what the app does.
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

// A fault strikes what it matches, as often as it says.
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

// What the app sent is read from the log of calls, and what it was sent from the traffic.
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
