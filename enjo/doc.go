// Package enjo is a client for Enjo AI agents.
//
//	client, err := enjo.New(enjo.Config{Token: token})
//	...
//	reply, err := client.Ask(ctx, botID, enjo.Message{Text: "How do I reset my password?"})
//	...
//	fmt.Println(reply.Text)
//
// To continue the conversation, pass the reply's ConversationID with the next
// message.
//
// # Errors
//
// A failed call returns an [*Error]. Its [Code] says whether it is safe to ask
// again. That matters because an agent can create tickets, and the API cannot
// detect a repeated question:
//
//	switch enjo.CodeOf(err) {
//	case enjo.RateLimited, enjo.NotProcessed:
//		// The agent did not receive the question: ask again, after RetryAfter.
//	case enjo.OutcomeUnknown:
//		// The agent may have received it. Asking again may create a second ticket.
//	case enjo.BadToken, enjo.InvalidBotID, enjo.WrongAddress:
//		// The agent did not receive the question: fix the configuration, then ask again.
//	case enjo.Rejected, enjo.BadResponse:
//		// Asking again does not help.
//	}
//
// The client never repeats a call. If the caller's context ends first, the
// error wraps the context's error and has no code; the agent may have received
// the question.
//
// # Limits
//
// Enjo allows 20 calls a minute and 10 per 5 seconds for each IP address. The
// client does not wait for them, because only the caller knows whose question
// is next. A [Budget] computes when the next call may be made:
//
//	limits, err := enjo.ParseLimits("10/5s,20/1m")
//	...
//	budget := enjo.NewBudget(limits, 500*time.Millisecond)
//	at := budget.Next(time.Now(), calls)
//
// # Replies
//
// See https://docs.enjo.ai/enjo-api. Everything in a [Reply] is untrusted: the
// text may contain any markup, and the links any scheme. A field that is
// missing, null or of an unexpected JSON type does not affect the others.
// Redirects and bodies over 4 MiB are refused.
package enjo
