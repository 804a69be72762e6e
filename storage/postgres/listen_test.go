package postgres

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
)

// Ensure that Listen returns when its connection fails, and that it can listen again.
func TestListen_ConnectionFails(t *testing.T) {
	t.Parallel()
	a, b := openTwo(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	listening, failed := make(chan struct{}, 1), make(chan error, 1)
	wake := func() {
		select {
		case listening <- struct{}{}:
		default:
		}
	}
	go func() { failed <- a.Listen(ctx, wake) }()
	<-listening
	if _, err := b.pool.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND query LIKE 'LISTEN%'`); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("Listen after its connection was cut: %v, want an error of the connection", err)
	}
	go func() { failed <- a.Listen(ctx, wake) }()
	<-listening
	if err := b.Announce(ctx, storage.Announcement{Kind: storage.EventMissed}); err != nil {
		t.Fatal(err)
	}
	<-listening
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("Listen after its context has ended: %v, want context.Canceled", err)
	}
}

// Ensure that Listen uses the direct address, where one is set.
func TestListen_DirectAddress(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	s, err := Open(t.Context(), url, Options{ListenURL: "postgres://nobody@127.0.0.1:1/none?connect_timeout=1"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Listen(t.Context(), func() { t.Error("it listens") }); err == nil {
		t.Error("Listen succeeded at an address without a server")
	}
}

// silentConn is a connection whose packets a firewall can drop.
type silentConn struct {
	net.Conn
	dropped *atomic.Bool
}

func (c silentConn) Write(b []byte) (int, error) {
	if c.dropped.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// Ensure that Listen notices that its connection is dead although nothing says so, and that it
// goes on while its connection is only silent.
func TestListen_DeadConnection(t *testing.T) {
	t.Parallel()
	a, b := openTwo(t)
	var dropped atomic.Bool
	dial := a.listen.config.DialFunc
	a.listen.config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return silentConn{conn, &dropped}, err
	}
	a.listen.pingEvery = 10 * time.Millisecond
	woken, failed := make(chan struct{}, 100), make(chan error, 1)
	go func() { failed <- a.Listen(t.Context(), func() { woken <- struct{}{} }) }()
	<-woken
	var pings int // the statement of the connection changes with its first ping
	for pings == 0 {
		if err := b.pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
			AND query LIKE '%ping%' AND pid <> pg_backend_pid()`).Scan(&pings); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Announce(t.Context(), storage.Announcement{Kind: storage.EventMissed}); err != nil {
		t.Fatal(err)
	}
	<-woken
	dropped.Store(true)
	if err := <-failed; !errors.Is(err, errTimeout) {
		t.Errorf("Listen over a dead connection: %v, want %v", err, errTimeout)
	}
}

// Ensure that behind a pooler nothing listens, and that a direct address makes up for it.
func TestListen_BehindAPooler(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	pooled := pgtest.Bouncer(t, url)
	for _, test := range []struct {
		name, address string
		listeners     int
	}{
		{"without a direct address", "", 0},
		{"with a direct address", url, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := Open(t.Context(), pooled, Options{ListenURL: test.address})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			woken, ended := make(chan struct{}, 10), make(chan error, 1)
			go func() { ended <- s.Listen(ctx, func() { woken <- struct{}{} }) }()
			<-woken
			var listeners int
			if err := s.pool.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`).Scan(&listeners); err != nil {
				t.Fatal(err)
			}
			if listeners != test.listeners {
				t.Errorf("%d connections listen, want %d", listeners, test.listeners)
			}
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("Listen: %v, want context.Canceled", err)
			}
		})
	}
}
