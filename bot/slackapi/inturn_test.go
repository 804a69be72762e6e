package slackapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/storage"
)

// limitingSlack has empty threads, answers after 100 ms, and takes five calls in ten seconds.
type limitingSlack struct {
	mu      sync.Mutex
	taken   []time.Time
	refused int
}

func (s *limitingSlack) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(100 * time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	body := `{"ok":true,"messages":[],"response_metadata":{"next_cursor":""}}`
	response := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
	if n := len(s.taken); n >= 5 && time.Since(s.taken[n-5]) < 10*time.Second {
		s.refused++
		response.StatusCode = http.StatusTooManyRequests
		response.Header.Set("Retry-After", "10")
		return response, nil
	}
	s.taken = append(s.taken, time.Now())
	return response, nil
}

// Ensure that of many who look for a post while Slack limits that, each is refused once, and then
// a few in each of Slack's windows; that all are served as fast as Slack allows; and that one
// who gives up does not hold the others up.
func TestFind_InTurn(t *testing.T) {
	const many = 200
	synctest.Test(t, func(t *testing.T) {
		slack := new(limitingSlack)
		c := New(Config{URL: "https://slack.example/api/", Transport: slack, Log: zerolog.Nop()})
		defer c.Close()
		find := func(ctx context.Context) error {
			_, _, err := c.Find(ctx, Target{Thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.000001"}}, Marker{})
			return err
		}
		began := time.Now()
		var looking sync.WaitGroup
		for range many {
			looking.Go(func() {
				if err := find(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(time.Second)
		brief, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := find(brief); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the one that gives up: %v", err)
		}
		looking.Wait()
		if took := time.Since(began); slack.refused > many+maxInTurn*(many/5+1) || took > many/5*11*time.Second {
			t.Errorf("%d calls were refused, and it took %v", slack.refused, took)
		}
	})
}
