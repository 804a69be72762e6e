package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/keylock"
	"enjobridge/storage"
)

// ErrDailyLimit says that a channel has used up its questions for the day.
var ErrDailyLimit = errors.New("the channel has used up its questions for the day")

// DailyLimit limits the accepted questions of each channel in a day, in UTC. Direct
// messages have no limit.
type DailyLimit struct {
	perDay int
	shared bool
	locks  keylock.Locks // by the channel
}

// NewDailyLimit returns a limit of so many questions; 0 is unlimited. If replicas share the
// store, what is accepted is counted in the same transaction.
func NewDailyLimit(perDay int, shared bool) *DailyLimit {
	return &DailyLimit{perDay: perDay, shared: shared}
}

// spent reports whether a channel has used up its questions for a day.
func (l *DailyLimit) spent(ctx context.Context, store storage.Store, channel string, day time.Time) (bool, error) {
	if l.perDay <= 0 || storage.IsDirect(channel) {
		return false, nil
	}
	n, err := store.Count(ctx, storage.ChannelDayKey(channel, day))
	if err != nil {
		return false, fmt.Errorf("counting a channel's questions: %w", err)
	}
	return n >= l.perDay, nil
}

// Accept accepts a question as [storage.Store] does, and counts it if it is fresh.
// It returns [ErrDailyLimit], and changes nothing, if the day's questions are used up.
func (l *DailyLimit) Accept(ctx context.Context, store storage.Store, q storage.Question, thread storage.Thread) (fresh bool, err error) {
	if l.perDay <= 0 || storage.IsDirect(q.ID.Channel) {
		return store.Accept(ctx, q, thread)
	}
	if !l.shared { // otherwise the transaction of a decision has locked the channel
		unlock, err := l.locks.Lock(ctx, q.ID.Channel)
		if err != nil {
			return false, err
		}
		defer unlock()
	}
	if spent, err := l.spent(ctx, store, q.ID.Channel, q.AcceptedAt); err != nil {
		return false, err
	} else if spent {
		return false, ErrDailyLimit
	}
	if fresh, err = store.Accept(ctx, q, thread); err != nil || !fresh {
		return fresh, err
	}
	_, err = store.Increment(ctx, storage.ChannelDayKey(q.ID.Channel, q.AcceptedAt), q.AcceptedAt)
	switch {
	case err == nil:
	case l.shared:
		return false, fmt.Errorf("counting a question for its channel's daily limit: %w", err)
	default:
		// An error would make Slack send the question again, which would not count it either.
		zerolog.Ctx(ctx).Error().Err(err).Str("question", q.ID.String()).Str("hint", storage.Hint(err)).
			Msg("intake: counting a question for its channel's daily limit failed")
	}
	return true, nil
}
