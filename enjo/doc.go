// Package enjo puts questions to Enjo AI agents.
//
//	client, err := enjo.New(enjo.Config{Token: token})
//	...
//	reply, err := client.Ask(ctx, botID, enjo.Message{Text: "How do I reset my password?"})
//	...
//	fmt.Println(reply.Text)
//
// To go on with the conversation, give the reply's ConversationID with the next
// message.
//
// # Errors
//
// A call that fails gives an [*Error]. Its [Code] says whether asking again is
// safe, which matters as an agent can make tickets and the API has no means
// against doing so twice:
//
//	switch enjo.CodeOf(err) {
//	case enjo.RateLimited, enjo.NotProcessed:
//		// The agent did not see the question: ask again, after RetryAfter.
//	case enjo.OutcomeUnknown:
//		// It may have. Asking again may repeat what the question sets off.
//	case enjo.BadToken, enjo.InvalidBotID, enjo.Rejected, enjo.BadResponse:
//		// Asking again does not help.
//	}
//
// The client makes one call and never repeats it by itself. If the caller's
// context ends first, the error wraps that context's error and has no code; the
// agent may have seen the question.
//
// # Limits
//
// Enjo allows 20 calls a minute and 10 per 5 seconds for each IP address. The
// client does not wait for them, as only its caller knows whose question goes
// first. A [Budget] tells when the next call may be made:
//
//	limits, err := enjo.ParseLimits("10/5s,20/1m")
//	...
//	budget := enjo.NewBudget(limits, 500*time.Millisecond)
//	at := budget.Next(time.Now(), calls)
//
// # What the API answers
//
// See https://docs.enjo.ai/enjo-api. Everything in a [Reply] is untrusted: its
// text may hold any markup, and its links any scheme. A field that is missing,
// null or of another JSON type than published does not lose the others. Bodies
// over 4 MiB, and redirects, are refused.
package enjo
