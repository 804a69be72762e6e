package intake

import (
	"context"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// Verdict is what would be decided about a message now.
type Verdict struct {
	Decision string // see [Deed]
	Reason   string // see [Advice]
}

// Verdict returns what would be decided about a message if it arrived now. It changes
// nothing.
func (i *Intake) Verdict(ctx context.Context, m slackevent.Message) (Verdict, error) {
	k, err := i.known(ctx, m)
	if err != nil {
		return Verdict{}, err
	}
	now := i.slack.Now()
	i.mu.Lock()
	k = i.withLoad(m, k)
	if m.FromBot() && m.ThreadTS == "" {
		k.botQuestions = i.botLoops.count(m, now)
	}
	i.mu.Unlock()
	d := decide(m, k, i.policy, now)
	switch {
	case d.reason == reasonUnverified:
		isOutsider, err := i.decided(ctx, storage.OutsiderKey(m.ID.Team, m.ID.Channel, m.Asker()))
		if err != nil {
			return Verdict{}, err
		}
		if isOutsider {
			d.reason = reasonOutsider
		}
	case d.action == actionAsk && !d.question.WantsPerson:
		spent, err := i.dailyLimit.spent(ctx, m.ID.Channel, now)
		if err != nil {
			return Verdict{}, err
		}
		if spent {
			d = dailyLimitReached(true)
		}
	}
	return Verdict{string(d.action), string(d.reason)}, nil
}
