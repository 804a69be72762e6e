package enjo

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"time"
)

// Budget tells when the next call may be made so that no limit is broken.
//
// It knows no clock and keeps no record of calls: whoever makes them does, and
// can so keep the record through a restart. The zero Budget allows every call.
type Budget struct {
	windows []Limit // Per includes the margin
	keep    time.Duration
}

// NewBudget returns the budget that keeps all of the limits, for calls that
// reach the API at most margin after they were sent.
//
// The margin is added to each limit's time: two calls that were sent a minute
// apart may arrive a minute less the margin apart. It panics if a limit is not
// positive or the margin is negative, as [time.NewTicker] does.
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
			l.Per = math.MaxInt64 // the sum overflowed: 292 years are for ever
		}
		b.windows = append(b.windows, l)
		b.keep = max(b.keep, l.Per)
	}
	return b
}

// Keep returns how far back calls matter: one that was made longer ago than
// this does not change what [Budget.Next] returns, and can be forgotten.
func (b Budget) Keep() time.Duration { return b.keep }

// Next returns the earliest time, now or later, at which a call may be made,
// given when the earlier ones were made, in ascending order.
//
// A limit of n calls allows the next one as soon as the n-th last call is as
// far back as its time and the margin. That is safe whether the API's windows
// slide or are fixed, as a sliding window passes through every fixed one.
//
// Calls of the near future count, as a clock may have been set back a little.
// Those further ahead than [Budget.Keep] do not: they would stop all calls
// until the clock is there again.
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
