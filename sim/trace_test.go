package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// traceLength is how many of the last events a trace stores, unless all is set.
const traceLength = 20_000

// trace records the events of a run in order.
type trace struct {
	begin time.Time
	all   bool

	mu     sync.Mutex
	events []event
}

// event is an entry of a trace.
type event struct {
	at   time.Duration // since the beginning
	what string
}

func (e event) String() string { return fmt.Sprintf("%14.6fs %s", e.at.Seconds(), e.what) }

// add adds an event with the current time.
func (t *trace) add(format string, values ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, event{time.Since(t.begin), fmt.Sprintf(format, values...)})
	if !t.all && len(t.events) > 2*traceLength {
		t.events = slices.Clone(t.events[traceLength:])
	}
}

// sorted returns the events as sorted lines, because simultaneous events have no order.
func (t *trace) sorted() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := make([]string, 0, len(t.events))
	for _, e := range t.events {
		lines = append(lines, e.String())
	}
	slices.Sort(lines)
	return lines
}

// last returns the last events.
func (t *trace) last(n int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines strings.Builder
	for _, e := range t.events[max(0, len(t.events)-n):] {
		lines.WriteString(e.String())
		lines.WriteByte('\n')
	}
	return lines.String()
}
