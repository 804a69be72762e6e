package enjo_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"enjobridge/enjo"
)

// serve starts an API that gives these answers one after the other.
func serve(answers ...http.HandlerFunc) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next := answers[0]
		answers = answers[1:]
		next(w, r)
	}))
}

func reply(data string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"success":true,"data":%s}`, data)
	}
}

func Example() {
	api := serve(
		reply(`{"answers":"Use the **Reset** page.","conversationId":"c-1","sources":[{"name":"Passwords","score":0.93}]}`),
		reply(`{"answers":"I made a ticket.","conversationId":"c-1","ticketDetails":{"Id":"IT-7","Status":"Open"}}`),
	)
	defer api.Close()

	client, err := enjo.New(enjo.Config{BaseURL: api.URL, Token: "personal-access-token"})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	ctx := context.Background()
	first, err := client.Ask(ctx, "bot-id", enjo.Message{Text: "How do I reset my password?"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(first.Text)
	fmt.Printf("%s (%.0f %%)\n", first.Sources[0].Name, 100*first.Sources[0].Score)

	second, err := client.Ask(ctx, "bot-id", enjo.Message{
		Text:           "It does not work.",
		ConversationID: first.ConversationID,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(second.Text)
	fmt.Println(second.Ticket.ID, second.Ticket.Status)

	// Output:
	// Use the **Reset** page.
	// Passwords (93 %)
	// I made a ticket.
	// IT-7 Open
}

func ExampleCodeOf() {
	api := serve(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "12")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"code":"rate_limit_error","message":"Rate limit exceeded","status":429}`)
	})
	defer api.Close()

	client, err := enjo.New(enjo.Config{BaseURL: api.URL, Token: "personal-access-token"})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	_, err = client.Ask(context.Background(), "bot-id", enjo.Message{Text: "Hello"})
	switch enjo.CodeOf(err) {
	case enjo.RateLimited, enjo.NotProcessed:
		var failure *enjo.Error
		errors.As(err, &failure)
		fmt.Println("ask again in", failure.RetryAfter)
	case enjo.OutcomeUnknown:
		fmt.Println("the agent may have seen it")
	default:
		fmt.Println(err)
	}

	// Output:
	// ask again in 12s
}

func ExampleBudget() {
	limits, err := enjo.ParseLimits("10/5s,20/1m")
	if err != nil {
		log.Fatal(err)
	}
	budget := enjo.NewBudget(limits, 500*time.Millisecond)

	// A busy minute: each call is made as early as the limits allow.
	start := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	var calls []time.Time
	for range 21 {
		calls = append(calls, budget.Next(start, calls))
	}
	for _, i := range []int{0, 9, 10, 19, 20} {
		fmt.Printf("call %d after %v\n", i+1, calls[i].Sub(start))
	}

	// Output:
	// call 1 after 0s
	// call 10 after 0s
	// call 11 after 5.5s
	// call 20 after 5.5s
	// call 21 after 1m0.5s
}
