package intake

import (
	"context"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// botPeriods is how many periods without an attempt end a loop of bots that replicas count
// together: a store has no counter that ends by itself, so there is one for each period.
const botPeriods = 3

// botPeriod is the length of such a period. A bot that rests for [botPause], or for up to a
// half more, is in no loop.
const botPeriod = botPause / (botPeriods - 1)

// botsInARow is [botLoops.inARow] over a store that replicas share, and [botLoops.count] of a
// message that is no attempt.
func (d *decider) botsInARow(ctx context.Context, m slackevent.Message, now time.Time, attempt bool) (int, error) {
	resets, err := d.store.Count(ctx, storage.PersonAskedKey(m.ID.Team, m.ID.Channel))
	if err != nil {
		return 0, err
	}
	for back := range int64(botPeriods) {
		n, err := d.store.Count(ctx, botAskedKey(m, resets, now, back))
		if err != nil {
			return 0, err
		}
		if n == 0 {
			continue
		}
		for range n { // the count goes on in this period
			if !attempt || back == 0 {
				break
			}
			if _, err := d.store.Increment(ctx, botAskedKey(m, resets, now, 0), now); err != nil {
				return 0, err
			}
		}
		return n, nil
	}
	return 0, nil
}

// countAsked is [botLoops.asked] over a store that replicas share.
func (d *decider) countAsked(ctx context.Context, m slackevent.Message, now time.Time) error {
	person := storage.PersonAskedKey(m.ID.Team, m.ID.Channel)
	switch {
	case len(d.policy.AllowedBots) == 0:
		return nil
	case !m.FromBot():
		_, err := d.store.Increment(ctx, person, now)
		return err
	case m.ThreadTS != "":
		return nil
	}
	resets, err := d.store.Count(ctx, person)
	if err == nil {
		_, err = d.store.Increment(ctx, botAskedKey(m, resets, now, 0), now)
	}
	return err
}

// botAskedKey is the counter of a bot's questions so many periods ago.
func botAskedKey(m slackevent.Message, resets int, now time.Time, back int64) storage.Key {
	return storage.BotAskedKey(m.ID.Team, m.ID.Channel, m.BotID, resets, now.Unix()/int64(botPeriod/time.Second)-back)
}
