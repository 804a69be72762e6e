package intake

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/storage"
)

// A refusal is posted once, although two events of a message can come to two replicas, or
// history brings the message again meanwhile. So it is claimed before it is posted: in memory,
// or in the store if replicas share that. A replica that dies leaves its claim.

// claimFor is how long other replicas leave a refusal to the one that has claimed it: as long
// as it waits for others of its kind, and as posting it takes. Then the replica that finds its
// message in history takes it over. A refusal that waits for longer is claimed again before it
// is posted.
const claimFor = refusalWindow + time.Minute

// lookEvery is how often is looked whether another replica has posted a refusal.
const lookEvery = time.Second

// refusing is a refusal that this replica posts.
type refusing struct {
	ended   chan struct{} // closed when it is posted or not, or left to another replica
	claimed time.Time     // in the store, if replicas share it
}

// isClaimed reports whether a refusal is being posted, or was to be posted by a replica that
// is gone.
func (d *decider) isClaimed(ctx context.Context, refusal storage.Key) (bool, error) {
	if posting := d.isPosting(refusal); posting || !d.shared || !d.claimed[refusal].IsZero() {
		return posting, nil
	}
	return d.store.Seen(ctx, storage.RefusingKey(refusal))
}

// isPosting reports whether this replica posts a refusal.
func (i *Intake) isPosting(refusal storage.Key) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.refusing[refusal] != nil
}

// refusingNow returns the one of the refusals of a message that a replica posts; empty if none
// does. It takes over a claim that is too old. Over a store of one process it returns nothing.
func (d *decider) refusingNow(ctx context.Context, refusals ...storage.Key) (storage.Key, error) {
	if !d.shared {
		return "", nil
	}
	for _, key := range refusals {
		claimed, err := d.isClaimed(ctx, key)
		if err != nil {
			return "", err
		}
		if !claimed {
			continue
		}
		if posted, err := d.store.Seen(ctx, key); err != nil || posted {
			return "", err
		}
		if d.reads || d.isPosting(key) {
			return key, nil
		}
		if taken, err := d.takeClaim(ctx, key); err != nil {
			return "", err
		} else if !taken {
			return key, nil
		}
	}
	return "", nil
}

// takeClaim claims a refusal in the store, unless it has a claim that is not too old.
func (d *decider) takeClaim(ctx context.Context, refusal storage.Key) (bool, error) {
	now := d.slack.Now()
	taken, err := d.store.FirstTimeSince(ctx, storage.RefusingKey(refusal), now, now.Add(-claimFor))
	if taken {
		d.claimed[refusal] = now
	}
	return taken, err
}

// claimRefusal reports whether a refusal was neither posted nor is being posted. From
// then on it counts as being posted.
func (d *decider) claimRefusal(ctx context.Context, key storage.Key) (bool, error) {
	if d.shared {
		return d.claimShared(ctx, key)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refusing[key] != nil {
		return false, nil
	}
	posted, err := d.store.Seen(ctx, key)
	if err == nil && !posted {
		d.refusing[key] = &refusing{ended: make(chan struct{})}
	}
	return !posted, err
}

// claimShared is claimRefusal over a store that replicas share.
func (d *decider) claimShared(ctx context.Context, key storage.Key) (bool, error) {
	if d.isPosting(key) {
		return false, nil
	}
	if posted, err := d.store.Seen(ctx, key); err != nil || posted {
		return false, err
	}
	if d.claimed[key].IsZero() {
		if taken, err := d.takeClaim(ctx, key); err != nil || !taken {
			return false, err
		}
	}
	claimed := d.claimed[key]
	d.before(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.refusing[key] = &refusing{make(chan struct{}), claimed}
	})
	return true, nil
}

// claimOf returns the claim to a refusal that this replica posts.
func (i *Intake) claimOf(ctx context.Context, refusal storage.Key) claim {
	return claim{
		keep: func(posting context.Context) bool {
			return i.renewClaim(zerolog.Ctx(ctx).WithContext(posting), refusal)
		},
		done: func(posted bool) { i.finishRefusal(ctx, refusal, posted) },
	}
}

// renewClaim claims a refusal again that has waited, because the claim can end while it is
// posted. It reports whether this replica posts the refusal: another one can have taken over
// the claim.
func (i *Intake) renewClaim(ctx context.Context, refusal storage.Key) bool {
	i.mu.Lock()
	claimed, now := i.refusing[refusal].claimed, i.slack.Now()
	i.mu.Unlock()
	if age := now.Sub(claimed); !i.shared || age >= 0 && age < refusalWindow {
		return true
	}
	// A store can round times.
	kept, err := i.store.FirstTimeSince(ctx, storage.RefusingKey(refusal), now, claimed.Add(time.Millisecond))
	switch {
	case err != nil:
		zerolog.Ctx(ctx).Warn().Err(err).Str("hint", storage.Hint(err)).Msg("intake: claiming a refusal again failed, leaving it to the next reading of history")
		i.finishRefusal(ctx, refusal, false)
	case !kept:
		i.endRefusal(refusal)
	}
	return err == nil && kept
}

// releaseUnused gives up the claims that were taken over, except that of the refusal that is
// posted.
func (d *decider) releaseUnused(ctx context.Context, refusal storage.Key) error {
	for key := range d.claimed {
		if key != refusal {
			if err := d.release(ctx, d.store, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// releaseRefusal gives up the claim to a refusal that could not be posted.
func (i *Intake) releaseRefusal(ctx context.Context, refusal storage.Key) {
	if !i.shared {
		return
	}
	if err := i.release(ctx, i.store, refusal); err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Str("hint", storage.Hint(err)).Msg("intake: giving up the claim to a refusal failed, it ends later")
	}
}

// release gives up a claim: it becomes one that is too old.
func (i *Intake) release(ctx context.Context, store storage.Store, refusal storage.Key) error {
	now := i.slack.Now()
	_, err := store.FirstTimeSince(ctx, storage.RefusingKey(refusal), now.Add(-2*claimFor), now.Add(claimFor))
	return err
}
