package sim_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// leaseEvery is how often a leaseWatch looks.
const leaseEvery = 50 * time.Millisecond

// leaseWatch notes who has the lease in the database.
type leaseWatch struct {
	url  string
	done chan struct{}

	mu    sync.Mutex
	terms []term
}

// term is a time in which one replica had the lease, as it was seen from outside.
type term struct {
	token       int64
	first, last time.Time // when it was seen
}

// watchLease watches the lease of a database until the test ends.
func watchLease(t *testing.T, url string) *leaseWatch {
	t.Helper()
	w := &leaseWatch{url: url, done: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	go w.run(ctx)
	t.Cleanup(func() { cancel(); <-w.done })
	return w
}

func (w *leaseWatch) run(ctx context.Context) {
	defer close(w.done)
	var conn *pgx.Conn
	defer func() {
		if conn != nil {
			_ = conn.Close(context.Background())
		}
	}()
	for ctx.Err() == nil {
		var err error
		if conn == nil {
			conn, err = pgx.Connect(ctx, w.url)
		}
		if err == nil && w.look(ctx, conn) != nil {
			_ = conn.Close(ctx) // the server has ended
			conn = nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(leaseEvery):
		}
	}
}

// look notes the current term.
func (w *leaseWatch) look(ctx context.Context, conn *pgx.Conn) error {
	var t term
	err := conn.QueryRow(ctx, `SELECT token FROM enjobridge.leases WHERE ends_at > clock_timestamp()`).Scan(&t.token)
	if err == pgx.ErrNoRows {
		return nil // nobody has it
	} else if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t.first = time.Now()
	t.last = t.first
	if n := len(w.terms); n > 0 && w.terms[n-1].token == t.token {
		w.terms[n-1].last = t.last
	} else {
		w.terms = append(w.terms, t)
	}
	return nil
}

// all returns the terms so far, in order.
func (w *leaseWatch) all() []term {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]term(nil), w.terms...)
}

// current returns who had the lease when it was last seen, and false if nobody had it lately.
func (w *leaseWatch) current() (term, bool) {
	terms := w.all()
	if len(terms) == 0 {
		return term{}, false
	}
	last := terms[len(terms)-1]
	return last, time.Since(last.last) < time.Second
}

// at returns the term that lasted for some time before and after a moment; false if the lease
// changed, or nobody had it.
func (w *leaseWatch) at(moment time.Time, around time.Duration) (term, bool) {
	for _, t := range w.all() {
		if !t.first.After(moment.Add(-around)) && !t.last.Before(moment.Add(around)) {
			return t, true
		}
	}
	return term{}, false
}

// String lists the terms.
func (w *leaseWatch) String() string {
	var text strings.Builder
	for _, t := range w.all() {
		fmt.Fprintf(&text, "%s–%s lease %d\n", t.first.Format(clock), t.last.Format(clock), t.token)
	}
	return text.String()
}
