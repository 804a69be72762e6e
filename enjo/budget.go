package enjo

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"time"
)

// Budget computes when the next call may be made without exceeding a limit.
//
// It has no clock and stores no calls. Its caller records them, and can keep
// the record across a restart. The zero Budget allows every call.
type Budget struct {
	windows []Limit // Per includes the margin
	keep    time.Duration
}

// NewBudget returns a budget that enforces all of the limits, for calls that
// reach the API at most margin after they were sent.
//
// The margin is added to each limit's period: two calls that were sent a minute
// apart may arrive a minute minus the margin apart. NewBudget panics if a limit
// is not positive or the margin is negative, as [time.NewTicker] does.
func NewBudget(limits []Limit, margin time.Duration) Budget {
	if margin < 0 {
		panic(fmt.Sprintf("enjo: negative margin %v", margin))
	}
	var b Budget
	for _, l := range limits {
		if l.Calls < 1 || l.Per <= 0 {
			panic(fmt.Sprintf("enjo: limit %v is not positive", l))
		}
		if l.Per += margin; l.Per < 0 {
			l.Per = math.MaxInt64 // the sum overflowed; 292 years are as good as for ever
		}
		b.windows = append(b.windows, l)
		b.keep = max(b.keep, l.Per)
	}
	return b
}

// Keep returns how long calls matter. A call older than this does not change
// the result of [Budget.Next] and can be deleted.
func (b Budget) Keep() time.Duration { return b.keep }

// Next returns the earliest time, now or later, at which a call may be made.
// The times of the earlier calls are in ascending order.
//
// A limit of n calls allows the next one as soon as the n-th last call is older
// than the limit's period and the margin. That is safe for sliding and for
// fixed windows, because a sliding window covers every fixed one.
//
// Calls slightly in the future count, because the clock may have been set back
// a little. Calls further ahead than [Budget.Keep] do not count: they would
// stop all calls until the clock catches up.
func (b Budget) Next(now time.Time, calls []time.Time) time.Time {
	if !slices.IsSortedFunc(calls, time.Time.Compare) {
		calls = slices.SortedFunc(slices.Values(calls), time.Time.Compare)
	}
	horizon := now.Add(b.keep)
	made := sort.Search(len(calls), func(i int) bool { return calls[i].After(horizon) })

	next := now
	for _, w := range b.windows {
		if made < w.Calls {
			continue
		}
		if free := calls[made-w.Calls].Add(w.Per); free.After(next) {
			next = free
		}
	}
	return next
}
