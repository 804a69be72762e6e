package enjo

import (
	"context"
	"sync"
	"time"
)

const (
	// maxRequests bounds how many requests are remembered.
	maxRequests = 4096
	// maxLogged bounds how many bytes of a text are remembered.
	maxLogged = 16 << 10
)

// Request is what is remembered of one request.
type Request struct {
	Time time.Time
	// IP is the client's address, without its port.
	IP    string
	BotID string
	// Text and ConversationID are what was sent, both empty if that was not a proper message.
	Text           string
	ConversationID string
	// Status is the HTTP status that was answered; 0 while the request is under
	// way, and for good if the connection was cut instead.
	Status int
	// Processed says that the message took effect, whether or not its answer arrived.
	Processed bool
	// Fault is what was made to go wrong, if anything.
	Fault Effect
	// Done says that the request is over, which was at Ended.
	Done  bool
	Ended time.Time
}

// journal remembers the latest requests.
type journal struct {
	clock func() time.Time

	mu       sync.Mutex
	requests []*Request
	changed  chan struct{} // closed at the next change
}

func newJournal(clock func() time.Time) *journal {
	return &journal{clock: clock, changed: make(chan struct{})}
}

// begin remembers a new request.
func (j *journal) begin(r Request) *Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.requests) == maxRequests {
		j.requests = append(j.requests[:0], j.requests[1:]...)
	}
	j.requests = append(j.requests, &r)
	j.tell()
	return &r
}

// update changes what is remembered of a request.
func (j *journal) update(r *Request, change func(*Request)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(r)
	j.tell()
}

// tell wakes those who wait for a change.
func (j *journal) tell() {
	close(j.changed)
	j.changed = make(chan struct{})
}

// end records that a request is over, with its status.
func (j *journal) end(r *Request, status int) {
	j.update(r, func(r *Request) { r.Status, r.Done, r.Ended = status, true, j.clock() })
}

func (j *journal) all() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := make([]Request, len(j.requests))
	for i, r := range j.requests {
		all[i] = *r
	}
	return all
}

// Await waits until the latest requests are as the caller wants them, such as
// three of them Done. It fails only if ctx ends before.
func (a *Agent) Await(ctx context.Context, until func([]Request) bool) error {
	for {
		changed := a.journal.nextChange()
		if until(a.journal.all()) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (j *journal) nextChange() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.changed
}
