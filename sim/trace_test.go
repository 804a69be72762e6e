package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// traceKept is how many of the last events a trace remembers, unless all are wanted.
const traceLength = 20_000

// trace is what happened, in order: the story that one seed tells.
type trace struct {
	begin time.Time
	all   bool

	mu     sync.Mutex
	events []event
}

// event is one thing that happened.
type event struct {
	at   time.Duration // since the beginning
	what string
}

func (e event) String() string { return fmt.Sprintf("%14.6fs %s", e.at.Seconds(), e.what) }

// add notes an event that happens now.
func (t *trace) add(format string, values ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, event{time.Since(t.begin), fmt.Sprintf(format, values...)})
	if !t.all && len(t.events) > 2*traceLength {
		t.events = slices.Clone(t.events[traceLength:])
	}
}

// sorted returns the events as lines, those of one instant sorted: they have no order.
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
