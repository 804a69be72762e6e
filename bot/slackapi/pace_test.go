package slackapi

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// Ensure that a channel keeps its pace and its Retry-After, however many other
// channels are idle, and that expired paces are deleted.
func TestPacer_ManyChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(time.Second)
		post := func(channel string, err error) (waited time.Duration) {
			t.Helper()
			begin := time.Now()
			done, waitErr := p.wait(t.Context(), channel)
			if waitErr != nil {
				t.Fatal(waitErr)
			}
			done(err)
			return time.Since(begin)
		}
		post("limited", &ResponseError{Status: 429, RetryAfter: time.Minute})
		post("paced", nil)
		for n := range 3 * maxPaces {
			post(fmt.Sprint("idle", n), nil)
		}
		if waited := post("paced", nil); waited != time.Second {
			t.Errorf("the paced channel waited %v, want 1s", waited)
		}
		for n := range 3 * maxPaces {
			post(fmt.Sprint("more", n), nil)
		}
		if waited := post("limited", nil); waited != 59*time.Second {
			t.Errorf("the rate-limited channel waited %v, want 59s", waited)
		}
		post("last", nil)
		if n := len(p.next); n > 2 {
			t.Errorf("%d paces are stored, want those of 2 channels", n)
		}
	})
}

// Ensure that posts of one channel follow each other, and those of several do not wait.
func TestPacer_Channels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(time.Second)
		begin := time.Now()
		took := make(chan time.Duration)
		for _, channel := range []string{"C1", "C1", "C1", "C2"} {
			go func() {
				done, err := p.wait(t.Context(), channel)
				if err != nil {
					t.Error(err)
					return
				}
				time.Sleep(time.Second) // the call itself
				done(nil)
				took <- time.Since(begin)
			}()
		}
		for _, want := range []time.Duration{1, 1, 3, 5} {
			if got := <-took; got != want*time.Second {
				t.Errorf("a post was done after %v, want %ds", got, want)
			}
		}
	})
}
