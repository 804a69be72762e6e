package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

const (
	// twinTimeout is how long a message waits whose sender Slack does not identify. A
	// mention comes as two events, and only one of them may have the sender's team.
	twinTimeout = 10 * time.Second
	// maxUnverified bounds how many messages wait.
	maxUnverified = 1_000
)

// partUnverified is the part of the refusal in its marker. The message can be answered
// later, if storing the refusal failed; the answer's parts count from 0.
const partUnverified = -6

// unverified is a message that waits for its twin. Nothing about it is stored: if the
// process ends, the next one finds it in history.
type unverified struct {
	message slackevent.Message
	timer   *time.Timer
	late    bool          // the twin has not come in time
	done    chan struct{} // closed when the message is decided, and the fields below are set
	// refusal is the key of the refusal that is posted; empty if there is none.
	refusal storage.Key
	err     error // the message is not decided
}

// wait waits until the message is decided, and returns the key of its refusal.
func (u *unverified) wait(ctx context.Context) (refusal storage.Key, err error) {
	select {
	case <-u.done:
		return u.refusal, u.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// errTooManyUnverified means that a message cannot wait for its twin.
var errTooManyUnverified = errors.New("too many messages wait because Slack does not identify their senders")

// awaitTwin has a message wait for its twin, and decides on it if that does not come in
// time. It reports whether the message did not wait before.
func (i *Intake) awaitTwin(key storage.Key, m slackevent.Message) (first bool, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case i.unverified[key] != nil:
		return false, nil
	case len(i.unverified) >= maxUnverified:
		return false, errTooManyUnverified
	}
	u := &unverified{message: m, done: make(chan struct{})}
	i.unverified[key] = u
	i.deciding.Add(1)
	u.timer = time.AfterFunc(twinTimeout, func() {
		defer i.deciding.Done()
		i.panics.Do("decide on a message without its twin", func() { i.decideLate(key, u) })
		if i.waitingForTwin(key) == u { // it is not decided
			i.verified(key, "", errNotNotified)
		}
	})
	return true, nil
}

// decideLate decides on a message whose twin has not come in time.
func (i *Intake) decideLate(key storage.Key, u *unverified) {
	i.mu.Lock()
	waits := i.unverified[key] == u
	u.late = waits
	i.mu.Unlock()
	if !waits {
		return
	}
	ctx := i.log.WithContext(context.Background())
	m := u.message
	m.Event, m.Retry = EventTimeout, 0
	after, _, err := i.acceptMessage(ctx, m)
	if err != nil {
		i.missed()
		zerolog.Ctx(ctx).Error().Err(err).Str("question", m.ID.String()).Str("hint", storage.Hint(err)).Msg("intake: deciding on a message without its twin failed")
		return
	}
	after()
}

// decideEarlier decides on the messages that wait for their twins if a later one of the same
// person in the same thread says where the person belongs. Otherwise the later one would be
// answered first.
func (i *Intake) decideEarlier(ctx context.Context, m slackevent.Message) error {
	if m.Membership != slackevent.Member && m.Membership != slackevent.Outsider {
		return nil
	}
	for _, earlier := range i.waitingBefore(m) {
		earlier.Membership = m.Membership
		earlier.Event, earlier.Retry = EventIdentified, 0
		after, _, err := i.acceptMessage(ctx, earlier)
		if err != nil {
			return fmt.Errorf("deciding on the message %s, which is earlier: %w", earlier.ID, err)
		}
		after()
	}
	return nil
}

// waitingBefore returns the messages of a message's sender that wait for their twins, and are
// earlier in its thread or direct messages, in their order.
func (i *Intake) waitingBefore(m slackevent.Message) (earlier []slackevent.Message) {
	isEarlier := func(one slackevent.Message) bool {
		return one.Asker() == m.Asker() && one.OrderKey() == m.OrderKey() && slackevent.CompareTS(one.ID.TS, m.ID.TS) < 0
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, u := range i.unverified {
		if isEarlier(u.message) {
			earlier = append(earlier, u.message)
		}
	}
	slices.SortFunc(earlier, func(a, b slackevent.Message) int { return slackevent.CompareTS(a.ID.TS, b.ID.TS) })
	return earlier
}

// unverifiedDecision returns the decision on a message whose sender Slack does not identify:
// to wait for its twin, until that is late. Somebody who was refused as an outsider there
// before is one.
func (d *decider) unverifiedDecision(ctx context.Context, m slackevent.Message, what decision) (decision, error) {
	isOutsider, err := d.decided(ctx, storage.OutsiderKey(m.ID.Team, m.ID.Channel, m.Asker()))
	if isOutsider {
		what.reason = reasonOutsider
	}
	if isOutsider || err != nil {
		return what, err
	}
	u := d.waitingForTwin(storage.RefusedKey(m.ID))
	d.mu.Lock()
	defer d.mu.Unlock()
	if u == nil || !u.late {
		what.action = actionWait
	}
	return what, nil
}

// waitingForTwin returns the message that waits for its twin under a key, or nil.
func (i *Intake) waitingForTwin(key storage.Key) *unverified {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.unverified[key]
}

// verified ends the wait of a message, if it waits: it is decided, and the refusal with a
// key is posted, if any; or there is an error.
func (i *Intake) verified(key, refusal storage.Key, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	u := i.unverified[key]
	if u == nil {
		return
	}
	delete(i.unverified, key)
	u.refusal, u.err = refusal, err
	close(u.done)
	if u.timer.Stop() {
		i.deciding.Done()
	}
}

// abandonUnverified ends the wait of all messages without a decision.
func (i *Intake) abandonUnverified() {
	i.mu.Lock()
	keys := make([]storage.Key, 0, len(i.unverified))
	for key, u := range i.unverified {
		if !u.late { // a late one is being decided
			keys = append(keys, key)
		}
	}
	i.mu.Unlock()
	for _, key := range keys {
		i.verified(key, "", errNotNotified)
	}
	i.deciding.Wait()
}
