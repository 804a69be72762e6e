package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
)

// openProxied opens a store whose connections a proxy can break.
func openProxied(t *testing.T) (*faulty, *proxy) {
	t.Helper()
	admin := pgtest.Database(t)
	p, url := startProxy(t, admin)
	return openFaulty(t, url, admin), p
}

// breaks runs an operation on a new connection that breaks at a cut. It reports whether the
// cut was reached.
func (f *faulty) breaks(p *proxy, c *cut, name string) (reached bool, err error) {
	f.writer.pool.Reset()
	p.breakNext(c)
	err = f.update(context.Background(), needs{}, addSlowly(name))
	p.breakNext(nil)
	select {
	case <-c.reached:
		return true, err
	default:
		return false, err
	}
}

// Ensure that an operation is done exactly once if it is said to be done, and not at all if it
// is said to have failed, wherever its connection breaks.
func TestConnection_Breaks(t *testing.T) {
	for _, like := range []cut{
		{how: closed, direction: toServer},
		{how: closed, direction: toServer, partly: true},
		{how: closed, direction: toClient},
		{how: closed, direction: toClient, partly: true},
		{how: halfOpen, direction: toServer},
		{how: halfOpen, direction: toClient},
		{how: late, direction: toServer},
	} {
		t.Run(fmt.Sprintf("%s, to the server %v, partly %v", like.how, like.direction, like.partly), func(t *testing.T) {
			t.Parallel()
			f, p := openProxied(t)
			breakEverywhere(t, f, p, like)
		})
	}
}

// breakEverywhere breaks a connection after each number of messages.
func breakEverywhere(t *testing.T, f *faulty, p *proxy, like cut) {
	done := 0
	for after := 0; ; after++ {
		c := newCut(like.direction, after, like.how)
		c.partly = like.partly
		name := fmt.Sprint(like.direction, after)
		reached, err := f.breaks(p, c, name)
		if close(c.deliver); reached {
			<-c.delivered
		}
		want := 0
		if err == nil {
			want = 1
			done++
		}
		if got := f.count(name); got != want {
			t.Errorf("cut after %d messages: %d counted, want %d for the answer %v", after, got, want, err)
		}
		if errors.Is(err, errUnknown) {
			t.Errorf("cut after %d messages: %v", after, err)
		}
		if !reached {
			if done < 10 {
				t.Errorf("%d operations were done, although the connection could be opened again", done)
			}
			return
		}
	}
}

// Ensure that a change whose outcome cannot be looked up is said to be unknown.
func TestConnection_Unknown(t *testing.T) {
	f, p := openProxied(t)
	f.writer.lookupFor = 200 * time.Millisecond
	c := newCut(toServer, messagesToCommit(t, f, p), closed)
	c.then = func() { p.refuse(true) }
	if reached, err := f.breaks(p, c, "a"); !reached || !errors.Is(err, errUnknown) {
		t.Errorf("cut %v, error %v, want errUnknown", reached, err)
	}
	p.refuse(false)
	if err := f.update(t.Context(), needs{}, add("b", nil)); err != nil {
		t.Errorf("the next operation: %v", err)
	}
}

// messagesToCommit returns the number of messages to the server before the COMMIT.
func messagesToCommit(t *testing.T, f *faulty, p *proxy) int {
	t.Helper()
	for after := 0; ; after++ {
		if reached, _ := f.breaks(p, newCut(toServer, after, closed), "messages"); !reached {
			return after - 2 // it is executed, and followed by a Sync
		}
	}
}

// Ensure that a server that is killed and started again is no obstacle to what comes next, and
// that operations fail soon, with the reason, while it is down.
func TestConnection_ServerKilled(t *testing.T) {
	pgtest.Require(t)
	server, err := pgtest.Start(os.TempDir(), "-c", "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	url, err := server.CreateDatabase("killed")
	if err != nil {
		t.Fatal(err)
	}
	f := openFaulty(t, url, url)
	var readers sync.WaitGroup
	for range 2 * maxConnections {
		readers.Go(func() { _, _ = f.Question(context.Background(), storage.MessageID{}) })
	}
	readers.Wait()
	server.Kill()
	for what, do := range map[string]func() error{
		"a write": func() error { return f.update(t.Context(), needs{}, add("a", nil)) },
		"a read":  func() error { _, err := f.Question(t.Context(), storage.MessageID{}); return err },
	} {
		for range 3 {
			began := time.Now()
			err := do()
			if err == nil || errors.Is(err, storage.ErrNotFound) || time.Since(began) > 5*time.Second {
				t.Errorf("%s while the server is down: %v after %s", what, err, time.Since(began))
			}
		}
		if err := do(); !strings.Contains(err.Error(), "connect") {
			t.Errorf("%s while the server is down: %v, want the reason", what, err)
		}
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Question(t.Context(), storage.MessageID{}); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("a read after the restart: %v, want ErrNotFound", err)
	}
	if err := f.update(t.Context(), needs{}, add("a", nil)); err != nil || f.count("a") != 1 {
		t.Errorf("a write after the restart: %v, %d counted, want 1", err, f.count("a"))
	}
}

// Ensure that connections that hang fail in time, and that new ones are opened afterwards.
func TestConnection_Hangs(t *testing.T) {
	t.Parallel()
	f, p := openProxied(t)
	if _, err := f.Question(t.Context(), storage.MessageID{}); !errors.Is(err, storage.ErrNotFound) {
		t.Fatal(err)
	}
	p.freeze()
	var both sync.WaitGroup
	for what, do := range map[string]func() error{
		"a write": func() error { return f.update(context.Background(), needs{}, add("a", nil)) },
		"a read":  func() error { _, err := f.Question(context.Background(), storage.MessageID{}); return err },
	} {
		both.Go(func() {
			began := time.Now()
			err := do()
			if !errors.Is(err, errTimeout) || errors.Is(err, context.DeadlineExceeded) || time.Since(began) > transactionTimeout+time.Second {
				t.Errorf("%s while connections hang: %v after %s, want errTimeout", what, err, time.Since(began))
			}
		})
	}
	both.Wait()
	p.thaw()
	defer p.stop() // or closing the store waits for the connections that hang
	if err := f.update(t.Context(), needs{}, add("a", nil)); err != nil || f.count("a") != 1 {
		t.Errorf("a write afterwards: %v, %d counted, want 1", err, f.count("a"))
	}
	if _, err := f.Question(t.Context(), storage.MessageID{}); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("a read afterwards: %v, want ErrNotFound", err)
	}
}

// Ensure that readers that use up all connections do not keep the writer from working.
func TestConnection_Exhausted(t *testing.T) {
	url := pgtest.Database(t)
	f := openFaulty(t, url, url)
	holder := f.connect()
	if _, err := holder.Exec(t.Context(), `SELECT pg_advisory_lock(7)`); err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	for range 2 * maxConnections {
		readers.Go(func() {
			if err := f.view(context.Background(), wait(7)); err != nil {
				t.Errorf("a read that waits: %v", err)
			}
		})
	}
	for waiting := 0; waiting < maxConnections; {
		f.scan(&waiting, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)
	}
	began := time.Now()
	if err := f.update(t.Context(), needs{}, add("a", nil)); err != nil || time.Since(began) > 2*time.Second {
		t.Errorf("a write while all connections are in use: %v after %s", err, time.Since(began))
	}
	if _, err := holder.Exec(t.Context(), `SELECT pg_advisory_unlock(7)`); err != nil {
		t.Fatal(err)
	}
	readers.Wait()
}

// Ensure that statements that take too long, or wait too long for a lock, end with a timeout
// that says so, also on the server, and fail no other operation.
func TestConnection_Slow(t *testing.T) {
	for name, do := range map[string]func(f *faulty) error{
		"a read": func(f *faulty) error { return f.view(t.Context(), sleep) },
		"a write": func(f *faulty) error {
			answers := f.write(add("a", nil), sleep)
			return errors.Join(answers[1], failed(t, answers[0]))
		},
		"a lock": func(f *faulty) error {
			holder := f.connect()
			if _, err := holder.Exec(t.Context(), `SELECT pg_advisory_lock(8)`); err != nil {
				return err
			}
			return f.update(t.Context(), needs{locks: []int64{8}}, add("b", nil))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Database(t)
			f := openFaulty(t, url, url)
			began := time.Now()
			err := do(f)
			took := time.Since(began)
			if !errors.Is(err, errTimeout) || !strings.Contains(err.Error(), "statement timeout") || took > statementTimeout+2*time.Second {
				t.Errorf("error %v after %s, want errTimeout after %s", err, took, statementTimeout)
			}
			running := 0
			f.scan(&running, `SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active' AND pid <> pg_backend_pid() AND query_start < now() - $1::interval`, statementTimeout)
			if running > 0 {
				t.Errorf("%d statements still run on the server", running)
			}
		})
	}
}

func sleep(t *tx) error { return t.query(`SELECT pg_sleep(60)`, nil, ignoreRows) }

// failed fails the test if there is an error.
func failed(t *testing.T, err error) error {
	if err != nil {
		t.Error(err)
	}
	return nil
}
