package interact

import (
	"context"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
	"enjobridge/internal/pgtest"
	"enjobridge/storage"
	"enjobridge/storage/postgres"
)

// Ensure that a decision on each kind of control is one transaction of PostgreSQL: one that
// uses another Store than its own waits for itself.
func TestPostgres_EachKindOfControl(t *testing.T) {
	store, err := postgres.Open(t.Context(), pgtest.Database(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	(&office{t: t, store: store}).fill("U9")
	r := &replicas{t: t, slack: &recordingSlack{}}
	h := r.handler(store, Acceptor, 100)
	answered := "T1/C1/" + answeredTS
	for name, test := range map[string]struct {
		i     slackevent.Interaction
		asked int
	}{
		"check status":    {pressOf("U1", blocks.ActionCheckStatus, "IT-1"), 1},
		"reopen":          {pressOf("U1", blocks.ActionReopen, "IT-1"), 1},
		"create a ticket": {pressOf("U1", blocks.ActionCreateTicket, answered), 0}, // there is one
		"retry":           {pressOf("U1", blocks.ActionRetry, answered), 1},
		"feedback":        {pressOf("U1", blocks.ActionFeedback, blocks.FeedbackGood+" "+answered), 0},
		"no feedback":     {pressOf("U1", blocks.ActionFeedback, blocks.FeedbackBad+" "+answered), 0},
		"escalate":        {pressOf("U1", blocks.ActionEscalate, answered), 0},
		"ticket news":     {pressOf("U1", blocks.ActionTicketNews, blocks.NewsOn), 0},
		"a command":       {slackevent.Interaction{Kind: slackevent.SlashCommand, User: "U2", Membership: slackevent.Member, Channel: "C1", Value: "help me", Trigger: "1.1"}, 1},
	} {
		before := waiting(t, store)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		after, err := h.Handle(ctx, test.i)
		cancel()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		after()
		if asked := waiting(t, store) - before; asked != test.asked {
			t.Errorf("%s: %d questions are asked, want %d", name, asked, test.asked)
		}
	}
	if presses, err := store.Presses(t.Context()); err != nil || len(presses) != 1 {
		t.Errorf("%d presses are stored (%v)", len(presses), err)
	}
}

// waiting returns how many questions wait.
func waiting(t *testing.T, store storage.Store) int {
	t.Helper()
	w, err := store.Waiting(t.Context(), storage.ThreadID{}, "")
	if err != nil {
		t.Fatal(err)
	}
	return w.All
}
