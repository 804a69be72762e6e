// Package supervise keeps the bot's work going after a panic. It does not know what
// the work is.
package supervise

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/bot/telemetry"
)

const (
	// restartAfter is the pause before work that panicked begins again.
	restartAfter = time.Second
	// maxPanics is how many panics of long-running work within panicWindow show that
	// restarting does not help.
	maxPanics   = 5
	panicWindow = time.Minute
)

// ErrTooMany means that long-running work panics again and again.
var ErrTooMany = errors.New("too many panics: report them as a bug of enjobridge, with the log")

// Supervisor runs work and recovers its panics. It is safe for concurrent use.
type Supervisor struct {
	panics *prometheus.CounterVec // work
	log    zerolog.Logger
	failed chan error // holds the error after which the process must end

	mu     sync.Mutex
	recent []time.Time // panics of long-running work, the latest maxPanics
}

// New returns a supervisor.
func New(metrics *telemetry.Registry, log zerolog.Logger) *Supervisor {
	panics := metrics.Counter("panics_total", "Panics, by the work that panicked.", "work")
	telemetry.Preset(panics.MetricVec, reporting)
	return &Supervisor{panics: panics, log: log, failed: make(chan error, 1)}
}

// reporting are the names of the work that recovers its panics itself, and calls Report.
// Their counters exist from the start, so that the sum of all counters does.
var reporting = []string{
	"ask a question", "change a status", "decode an envelope", "handle an event", "identify a person", "post an outcome",
	"prepare a question", "show a private outcome",
}

// Failed returns [ErrTooMany] when long-running work has panicked five times in a
// minute: the process should end, so that it does not look healthy.
func (s *Supervisor) Failed() <-chan error { return s.failed }

// Loop runs long-running work, and runs it again after a panic, until it returns
// or ctx ends. The work must leave no lock locked when it panics.
func (s *Supervisor) Loop(ctx context.Context, name string, work func()) {
	for s.Do(name, work) {
		s.countPanic(name)
		if backoff.Sleep(ctx, restartAfter) != nil {
			return
		}
	}
}

// Go runs a short task in a goroutine of a group. A panic ends only the task.
func (s *Supervisor) Go(group *sync.WaitGroup, name string, task func()) {
	group.Go(func() { s.Do(name, task) })
}

// Do runs a short task, and reports whether it panicked.
func (s *Supervisor) Do(name string, task func()) (panicked bool) {
	defer func() {
		if fault := recover(); fault != nil {
			s.Report(s.log, name, fault)
			panicked = true
		}
	}()
	task()
	return false
}

// Report logs and counts a panic that its caller has recovered. Call it in the
// deferred function that recovers, so that the log has the stack of the panic.
func (s *Supervisor) Report(log zerolog.Logger, name string, fault any) {
	s.panics.WithLabelValues(name).Inc()
	log.Error().Str("work", name).Interface("panic", fault).Bytes("stack", debug.Stack()).
		Str("hint", "report it as a bug of enjobridge").Msg("supervise: work panicked")
}

// countPanic counts a panic of long-running work, and fails the supervisor if there
// were too many.
func (s *Supervisor) countPanic(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.recent = append(s.recent, now)
	if len(s.recent) < maxPanics {
		return
	}
	s.recent = s.recent[len(s.recent)-maxPanics:]
	if now.Sub(s.recent[0]) > panicWindow {
		return
	}
	select {
	case s.failed <- fmt.Errorf("%w (%d in a minute, the last in %s)", ErrTooMany, maxPanics, name):
	default: // it has failed already
	}
}
