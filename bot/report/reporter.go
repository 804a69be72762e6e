package report

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// Config configures a [Reporter].
type Config struct {
	Store storage.Store
	Slack *slackapi.Client
	Self  slackevent.Identity
	// Retention is how long the store keeps what has ended.
	Retention time.Duration
	// Channel is the ID of the channel that gets the report each week; empty for none.
	Channel string
	Log     zerolog.Logger
}

// Reporter reports on a running bot: to operators who ask, and to a channel each week.
type Reporter struct{ Config }

// New returns a reporter.
func New(cfg Config) *Reporter { return &Reporter{cfg} }

// gather returns a report of what the store has now.
func (r *Reporter) gather(ctx context.Context, query Query) (Report, error) {
	return Gather(ctx, r.Store, r.Self, query, r.Slack.Now(), r.Retention)
}
