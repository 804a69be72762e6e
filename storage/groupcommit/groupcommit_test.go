package groupcommit

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
)

// Ensure that operations that wait share batches of at most the maximum, that those that give up
// are in none, and that closing refuses the rest.
func TestCommitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		next := make(chan struct{})
		c := Start(4, func(batch []string) {
			<-next
			if slices.Contains(batch, "gives up") {
				t.Error("an operation began after its caller gave up")
			}
			sizes = append(sizes, len(batch))
		})
		submit := func(ctx context.Context, op string) <-chan error {
			answer := make(chan error, 1)
			go func() { answer <- c.Submit(ctx, op) }()
			synctest.Wait()
			return answer
		}
		if err := <-submit(t.Context(), "first"); err != nil {
			t.Error(err)
		}
		for range 6 {
			submit(t.Context(), "waits")
		}
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp := submit(ctx, "gives up")
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Errorf("the one that gives up: %v", err)
		}
		for range 3 {
			next <- struct{}{}
			synctest.Wait()
		}
		if want := []int{1, 4, 2}; !slices.Equal(sizes, want) {
			t.Errorf("the batches have %v operations, want %v", sizes, want)
		}
		submit(t.Context(), "is running")
		late := submit(t.Context(), "comes too late")
		go c.Close()
		if err := <-late; !errors.Is(err, ErrClosed) || !c.Closed() {
			t.Errorf("the one that comes too late: %v, closed: %v", err, c.Closed())
		}
		next <- struct{}{}
		c.stopped.Wait()
	})
}
