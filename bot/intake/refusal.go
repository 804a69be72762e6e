package intake

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// refusalKey identifies a refusal that is posted once: to an outsider once in a
// channel, otherwise once for each message.
func (d decision) refusalKey(m slackevent.Message) storage.Key {
	switch {
	case d.reason == reasonOutsider:
		return storage.OutsiderKey(m.ID.Team, m.ID.Channel, m.Asker())
	case d.stale:
		return storage.OfferedKey(m.ID)
	}
	return storage.RefusedKey(m.ID)
}

// storeOffered stores that the sender of an old question has asked in its thread, so that
// they can continue there without a mention.
func (d *decider) storeOffered(ctx context.Context, m slackevent.Message, what decision, now time.Time) error {
	if !what.stale || m.ThreadTS == "" {
		return nil
	}
	_, err := d.store.FirstTime(ctx, storage.OfferedInKey(m.Thread(d.policy.AgentView), m.Asker()), now)
	return err
}

// finishRefusal stores that a refusal was posted. It is not stored earlier, so that
// history brings the message back to the next process if this one is killed.
func (i *Intake) finishRefusal(ctx context.Context, key storage.Key, posted bool) {
	if posted {
		if _, err := i.store.FirstTime(ctx, key, i.slack.Now()); err != nil {
			zerolog.Ctx(ctx).Error().Err(err).Str("hint", storage.Hint(err)).Msg("intake: storing that a refusal was posted failed")
		}
	} else {
		i.releaseRefusal(ctx, key)
		i.missed()
	}
	i.endRefusal(key)
}

// endRefusal ends that this replica posts a refusal.
func (i *Intake) endRefusal(key storage.Key) {
	i.mu.Lock()
	defer i.mu.Unlock()
	close(i.refusing[key].ended)
	delete(i.refusing, key)
}

// errNotNotified says that a sender could not be notified that a message is refused.
var errNotNotified = errors.New("the sender of a refused message could not be notified")

// awaitRefusal waits until a refusal is posted and stored. If the message waits for its
// twin, that decides whether there is one.
func (i *Intake) awaitRefusal(ctx context.Context, key storage.Key, twin *unverified) error {
	if twin != nil {
		var err error
		if key, err = twin.wait(ctx); err != nil || key == "" {
			return err
		}
	}
	for began := time.Now(); ; {
		i.mu.Lock()
		posting := i.refusing[key]
		i.mu.Unlock()
		if posting != nil {
			select {
			case <-posting.ended:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		posted, err := i.store.Seen(ctx, key)
		if err != nil || posted {
			return err
		}
		if posting != nil || !i.shared { // not another replica's
			return errNotNotified
		}
		if claimed, err := i.reader().isClaimed(ctx, key); err != nil {
			return err
		} else if !claimed || time.Since(began) > claimFor {
			return errNotNotified
		}
		if err := backoff.Sleep(ctx, lookEvery); err != nil {
			return err
		}
	}
}
