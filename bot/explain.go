package bot

import (
	"context"
	"net/http"
	"time"

	"enjobridge/bot/backfill"
	"enjobridge/bot/explain"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
)

// notConnected answers operators before the bot has connected, and when it has ended.
const notConnected = "the bot is not connected to Slack: see /readyz and the log, and try again"

// newExplainer returns what explains messages to operators while the bot runs.
func (b *Bot) newExplainer(c *base, a *acceptor) *explain.Explainer {
	return explain.New(explain.Config{
		Store: b.store, Slack: c.slack, Self: c.self, AgentView: b.cfg.AgentView, Retention: b.cfg.Retention, Started: c.slack.Now(),
		Flush: c.journal.Store, Verdict: a.intake.Verdict, Identify: c.identify,
		ReadUntil: func(ctx context.Context, conversation string) (time.Time, error) {
			return backfill.ReadUntil(ctx, b.store, conversation)
		},
		Health: b.health.Report, Now: c.slack.Now,
	})
}

// identify returns the function that looks up whether a user belongs to the bot's
// organisation; nil if it does not matter where people belong.
func (b *Bot) identify(slack *slackapi.Client) func(ctx context.Context, user string) (slackevent.Membership, error) {
	if b.cfg.AllowExternal {
		return nil
	}
	return slack.Membership
}

// explain answers an operator's request for the explanation of a message.
func (b *Bot) explain(w http.ResponseWriter, r *http.Request) {
	explainer := b.explainer.Load()
	if explainer == nil {
		http.Error(w, notConnected, http.StatusServiceUnavailable)
		return
	}
	explainer.ServeHTTP(w, r)
}
