package enjo

import (
	"context"
	"sync"
	"time"
)

const (
	// maxRequests limits the number of recorded requests.
	maxRequests = 4096
	// maxLogged limits a recorded text, in bytes.
	maxLogged = 16 << 10
)

// Request is a recorded request.
type Request struct {
	Time time.Time
	// IP is the client's address, without the port.
	IP    string
	BotID string
	// Text and ConversationID are the sent message, or empty if the body was
	// invalid.
	Text           string
	ConversationID string
	// Status is the HTTP status of the answer; 0 while the request is in progress,
	// or if the connection was cut instead.
	Status int
	// Processed says that the message took effect, even if its answer did not
	// arrive.
	Processed bool
	// Fault is the applied fault, if any.
	Fault Effect
	// Done says that the request is over; it ended at Ended.
	Done  bool
	Ended time.Time
}

// journal records the latest requests.
type journal struct {
	clock func() time.Time

	mu       sync.Mutex
	requests []*Request
	changed  chan struct{} // closed at the next change
}

func newJournal(clock func() time.Time) *journal {
	return &journal{clock: clock, changed: make(chan struct{})}
}

// begin records a new request.
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

// update changes a recorded request.
func (j *journal) update(r *Request, change func(*Request)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(r)
	j.tell()
}

// tell wakes up those who wait for a change.
func (j *journal) tell() {
	close(j.changed)
	j.changed = make(chan struct{})
}

// end records the end of a request and its status.
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

// Await waits until the recorded requests satisfy a condition, such as three of
// them being Done. It fails only if ctx ends first.
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
