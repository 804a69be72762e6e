package supervise

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"enjobridge/bot/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Ensure that long-running work goes on after a panic, and that the log has the cause.
func TestLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := New(telemetry.NewRegistry(), zerolog.New(&log))
		runs := 0
		s.Loop(t.Context(), "queue", func() {
			if runs++; runs < 4 {
				panic("the queue is odd")
			}
		})
		if runs != 4 {
			t.Errorf("the work ran %d times", runs)
		}
		for _, want := range []string{`"work":"queue"`, "the queue is odd", "supervise_test.go", `"hint":`} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log lacks %s:\n%s", want, log.String())
			}
		}
		select {
		case err := <-s.Failed():
			t.Errorf("three panics end the process: %v", err)
		default:
		}
	})
}

// Ensure that five panics within a minute end the process, whatever panics, and that
// five in a longer time do not.
func TestLoop_PanicsTooOften(t *testing.T) {
	for name, test := range map[string]struct {
		every time.Duration
		fails bool
	}{
		"at once":            {0, true},
		"every ten seconds":  {10 * time.Second, true},
		"every half minute":  {30 * time.Second, false},
		"every quarter hour": {15 * time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := New(telemetry.NewRegistry(), zerolog.Nop())
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
				defer cancel()
				var loops sync.WaitGroup
				for _, name := range []string{"status", "history"} {
					loops.Go(func() {
						s.Loop(ctx, name, func() {
							time.Sleep(2 * test.every)
							panic(name)
						})
					})
				}
				failed := false
				select {
				case <-s.Failed():
					failed = true
				case <-ctx.Done():
				}
				cancel()
				loops.Wait()
				if failed != test.fails {
					t.Errorf("failed is %v", failed)
				}
			})
		})
	}
}

// Ensure that a panic ends a short task and nothing else.
func TestGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(telemetry.NewRegistry(), zerolog.Nop())
		var tasks sync.WaitGroup
		for range 2 * maxPanics {
			s.Go(&tasks, "notice", func() { panic("odd") })
		}
		tasks.Wait()
		select {
		case err := <-s.Failed():
			t.Errorf("panics of tasks end the process: %v", err)
		default:
		}
	})
}
