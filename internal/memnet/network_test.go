package memnet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"enjobridge/internal/memnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// link returns both ends of a new connection.
func link(t *testing.T, path memnet.Path) (client, server net.Conn) {
	t.Helper()
	n := memnet.New(path)
	l, err := n.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if client, err = n.Host("client")(t.Context(), "tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Close() // the test may have closed it
		_ = server.Close()
		_ = l.Close()
	})
	return client, server
}

func write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if n, err := c.Write([]byte(text)); n != len(text) || err != nil {
		t.Fatalf("wrote %d bytes: %v", n, err)
	}
}

// Ensure that HTTP works, because the standard library's client and server use
// many features of a connection.
func TestHTTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New(nil)
		l, err := n.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			time.Sleep(time.Hour)
			_, _ = w.Write(body)
		})}
		go func() { _ = server.Serve(l) }()
		transport := &http.Transport{DialContext: n.Dial}
		client := &http.Client{Transport: transport}
		const size = 3 << 20
		for range 3 {
			resp, err := client.Post("http://"+l.Addr().String(), "text/plain", strings.NewReader(strings.Repeat("x", size)))
			if err != nil {
				t.Fatal(err)
			}
			if body, err := io.ReadAll(resp.Body); err != nil || len(body) != size {
				t.Errorf("read %d bytes: %v", len(body), err)
			}
			if err := resp.Body.Close(); err != nil {
				t.Error(err)
			}
		}
		transport.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Ensure that packets are delayed and stay in order.
func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		delays := []time.Duration{3 * time.Second, time.Second}
		client, server := link(t, func(p memnet.Packet) (f memnet.Fate) {
			if !p.Dial {
				f.Delay, delays = delays[0], delays[1:]
			}
			return f
		})
		begin := time.Now()
		write(t, client, "first ")
		write(t, client, "second")
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(server)
		if took := time.Since(begin); string(got) != "first second" || err != nil || took.Round(time.Millisecond) != 3*time.Second {
			t.Errorf("read %q after %v: %v", got, took, err)
		}
	})
}

// Ensure that a deadline that is set or changed during a read applies.
func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := link(t, nil)
		begin := time.Now()
		time.AfterFunc(time.Second, func() { _ = client.SetDeadline(begin.Add(3 * time.Second)) })
		_, err := client.Read(make([]byte, 1))
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(begin) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		if _, err := client.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("writing after the deadline: %v", err)
		}
		if err := client.SetDeadline(time.Time{}); err != nil {
			t.Error(err)
		}
		write(t, client, "x")
	})
}

func TestTheEndsOfAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := link(t, nil)
		write(t, client, "last words")
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(server); string(got) != "last words" || err != nil {
			t.Errorf("read %q: %v", got, err)
		}
		write(t, server, "not read; only the next write fails")
		if _, err := server.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("writing to a closed connection: %v", err)
		}
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("reading from a connection closed here: %v", err)
		}
		if _, err := client.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("writing to a connection closed here: %v", err)
		}
		if err := client.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closing twice: %v", err)
		}
	})
}

// Ensure that a path can lose packets, and break a connection within a packet.
func TestFates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := link(t, func(p memnet.Packet) memnet.Fate {
			return memnet.Fate{Lose: string(p.Data) == "lost", Reset: string(p.Data) == "half way", Deliver: 4, Delay: time.Second}
		})
		write(t, server, "lost")
		write(t, server, "after the lost packet")
		write(t, client, "half way")
		if got, err := io.ReadAll(server); string(got) != "half" || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("read %q: %v", got, err)
		}
		if got, err := io.ReadAll(client); len(got) > 0 || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("read %q: %v", got, err)
		}
	})
}

// Ensure that connections can be refused and ignored, and that those waiting
// for Accept are refused when the listener closes.
func TestDialling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fate := memnet.Fate{}
		n := memnet.New(func(memnet.Packet) memnet.Fate { return fate })
		l, err := n.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.Listen("tcp", l.Addr().String()); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("listening twice: %v", err)
		}
		waiting, err := n.Dial(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fate.Refuse = true
		if _, err := n.Dial(t.Context(), "tcp", l.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("refused: %v", err)
		}
		fate = memnet.Fate{Lose: true}
		if _, err := n.Dial(t.Context(), "tcp", l.Addr().String()); !errors.Is(err, syscall.ETIMEDOUT) {
			t.Errorf("ignored: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := n.Dial(ctx, "tcp", l.Addr().String()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("given up: %v", err)
		}
		fate = memnet.Fate{}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if _, err := waiting.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("reading from a connection that was not accepted: %v", err)
		}
		if _, err := n.Dial(t.Context(), "tcp", l.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("nobody listens: %v", err)
		}
	})
}

// Ensure that the connections of one host can be broken without affecting
// others.
func TestReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New(nil)
		l, err := n.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		conns := make(map[string]net.Conn)
		for _, name := range []string{"one", "other"} {
			if conns[name], err = n.Host(name)(t.Context(), "tcp", l.Addr().String()); err != nil {
				t.Fatal(err)
			}
			defer conns[name].Close()
			server, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			write(t, server, name)
		}
		n.Reset(func(from, _ string) bool { return from == "one" })
		got := make([]byte, 100)
		if _, err := conns["one"].Read(got); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("reading from the reset connection: %v", err)
		}
		if n, err := conns["other"].Read(got); string(got[:n]) != "other" || err != nil {
			t.Errorf("reading from the other connection: %q, %v", got[:n], err)
		}
	})
}

// Ensure that data that a process wrote before its crash still arrives.
func TestCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New(func(memnet.Packet) memnet.Fate { return memnet.Fate{Delay: time.Second} })
		l, err := n.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		client, err := n.Host("mortal")(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		write(t, client, "last words")
		write(t, server, "not delivered")
		n.Crash(func(from, _ string) bool { return from == "mortal" })
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("reading after the crash: %v", err)
		}
		if _, err := client.Write([]byte("x")); err == nil {
			t.Error("writing after the crash succeeded")
		}
		if got, err := io.ReadAll(server); string(got) != "last words" || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("read %q: %v", got, err)
		}
	})
}
