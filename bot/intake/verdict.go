package intake

import (
	"context"
	"time"

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
	now := i.slack.Now()
	r := i.reader()
	k, err := r.known(ctx, m)
	if err == nil {
		k, err = r.withLoadNow(ctx, m, k, now)
	}
	if err != nil {
		return Verdict{}, err
	}
	d := decide(m, k, i.policy, now)
	switch {
	case d.reason == reasonUnverified:
		isOutsider, err := r.decided(ctx, storage.OutsiderKey(m.ID.Team, m.ID.Channel, m.Asker()))
		if err != nil {
			return Verdict{}, err
		}
		if isOutsider {
			d.reason = reasonOutsider
		}
	case d.action == actionAsk && !d.question.WantsPerson:
		spent, err := i.dailyLimit.spent(ctx, i.store, m.ID.Channel, now)
		if err != nil {
			return Verdict{}, err
		}
		if spent {
			d = dailyLimitReached(true)
		}
	}
	return Verdict{string(d.action), string(d.reason)}, nil
}

// withLoadNow adds to what is known about a message, which is no attempt, its age and what
// waits.
func (d *decider) withLoadNow(ctx context.Context, m slackevent.Message, k knowledge, now time.Time) (_ knowledge, err error) {
	k.age = now.Sub(slackevent.ParseTS(askedTS(m, d.policy)))
	atTop := m.FromBot() && m.ThreadTS == ""
	if d.shared {
		if atTop {
			if k.botQuestions, err = d.botsInARow(ctx, m, now, false); err != nil {
				return k, err
			}
		}
		return d.withSharedLoad(ctx, m, k)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if atTop {
		k.botQuestions = d.botLoops.count(m, now)
	}
	return d.withLoad(m, k), nil
}
