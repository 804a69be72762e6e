package enjo

import (
	"fmt"
	"math"
	"slices"
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
	return b.next(now, sorted(calls))
}

// Schedule returns when each of the next n calls may be made, if each is made as
// soon as it may be: what n calls of [Budget.Next] return, in O(n).
func (b Budget) Schedule(now time.Time, calls []time.Time, n int) []time.Time {
	made := append(make([]time.Time, 0, len(calls)+n), sorted(calls)...)
	times := make([]time.Time, n)
	for i := range times {
		now = b.next(now, made)
		times[i] = now
		made = slices.Insert(made, upTo(made, now), now)
	}
	return times
}

// next is [Budget.Next] for calls in ascending order.
func (b Budget) next(now time.Time, calls []time.Time) time.Time {
	made := upTo(calls, now.Add(b.keep))
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

// sorted returns times in ascending order.
func sorted(times []time.Time) []time.Time {
	if slices.IsSortedFunc(times, time.Time.Compare) {
		return times
	}
	return slices.SortedFunc(slices.Values(times), time.Time.Compare)
}

// upTo returns how many of the times, which ascend, are not after a time. Few of
// them are later, so that the search from the end is the fastest.
func upTo(times []time.Time, limit time.Time) int {
	n := len(times)
	for n > 0 && times[n-1].After(limit) {
		n--
	}
	return n
}
