package bot

import (
	"bytes"
	"io"
	"net/http"
	"path"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"enjobridge/storage"
)

// statuses is a Slack that notes when which status is set, and from which
// messages reactions are taken away.
type statuses struct {
	mu        sync.Mutex
	at        []time.Time
	last      string
	unreacted []string
}

// Do answers a call as Slack does.
func (s *statuses) Do(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if path.Base(r.URL.Path) == "reactions.remove" {
		s.unreacted = append(s.unreacted, r.FormValue("timestamp"))
	} else {
		s.at, s.last = append(s.at, time.Now()), r.FormValue("status")
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: make(http.Header), Request: r,
		Body: io.NopCloser(bytes.NewBufferString(`{"ok":true}`)),
	}, nil
}

// Ensure that a status is set again before Slack lets it expire after two
// minutes, for as long as the question waits, and is taken away at the end.
func TestStatusIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const expires = 2 * time.Minute
		called := &statuses{}
		signs := newIndicators(slack.New("xoxb-test", slack.OptionHTTPClient(called)), rate.NewLimiter(rate.Inf, 1), nil, zerolog.Nop())
		q := storage.Question{
			ID:     storage.MessageID{Team: "T1", Channel: "C1", TS: "1.000000"},
			Thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.000000"},
		}
		signs.show(q.ID, q.Thread, "")
		time.Sleep(20 * time.Minute) // in the test's own time
		synctest.Wait()

		called.mu.Lock()
		at := append(called.at, time.Now())
		called.mu.Unlock()
		if called.last != thinking {
			t.Errorf("the status is %q", called.last)
		}
		for i := range at[1:] {
			if gap := at[i+1].Sub(at[i]); gap >= expires {
				t.Errorf("for %v nothing kept the status from expiring", gap)
			}
		}
		<-signs.hush(q)(false)
		if called.last != "" {
			t.Errorf("the status is %q at the end", called.last)
		}
		signs.close()
	})
}

// Ensure that a question's reaction, also one of a process before, is gone at the
// question's end although others of its thread are unfinished: what has ended is
// not looked at again.
func TestReactionGoesWithItsQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := &statuses{}
		signs := newIndicators(slack.New("xoxb-test", slack.OptionHTTPClient(called)), rate.NewLimiter(rate.Inf, 1), nil, zerolog.Nop())
		thread := storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.000000"}
		first := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "C1", TS: "1.000000"}, Thread: thread}
		second := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "C1", TS: "2.000000"}, Thread: thread}
		signs.inherit(first.ID, thread)
		signs.inherit(second.ID, thread)
		for _, q := range []storage.Question{first, second} {
			<-signs.hush(q)(true)
			if last := len(called.unreacted) - 1; last < 0 || called.unreacted[last] != q.ID.TS {
				t.Errorf("the reactions to %q are gone", called.unreacted)
			}
		}
		signs.close()
	})
}
