package bot

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Ensure that calls pass one by one and apart, and that Retry-After keeps all of them back.
func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{every: time.Second}
		began := time.Now()
		var mu sync.Mutex
		var passed []time.Duration
		var running sync.WaitGroup
		for range 4 {
			running.Go(func() {
				if err := g.pass(t.Context()); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				passed = append(passed, time.Since(began))
			})
		}
		time.Sleep(1500 * time.Millisecond)
		g.shut(10 * time.Second)
		g.shut(time.Second) // takes nothing back
		running.Wait()
		for i, want := range []time.Duration{0, 1000, 11500, 12500} {
			if want *= time.Millisecond; passed[i] != want {
				t.Errorf("call %d passed after %v, want %v", i, passed[i], want)
			}
		}
	})
}

// Ensure that who stops does not wait.
func TestGate_Stopped(t *testing.T) {
	g := &gate{every: time.Hour}
	if err := g.pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.pass(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
