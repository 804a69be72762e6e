package enjo

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// pipeListener is a network in memory, for tests with simulated time.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { close(l.closed); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// askSimulated asks a server in memory, inside a synctest bubble.
func askSimulated(ctx context.Context, t *testing.T, c Config, serve http.HandlerFunc) error {
	t.Helper()
	listener := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A server notices that its client left only after it has read the body.
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		serve(w, r)
	})}
	served := make(chan error)
	go func() { served <- srv.Serve(listener) }()

	transport := newTransport(nil)
	transport.DialContext = meter(listener.dial)
	c.BaseURL, c.Transport = "http://127.0.0.1", transport
	client := newClientWith(t, c)
	_, err := client.Ask(ctx, "b", Message{Text: "hi"})

	client.Close()
	if closing := srv.Close(); closing != nil {
		t.Error(closing)
	}
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		t.Error(ended)
	}
	return err
}

// drip sends one byte of a reply each second, for ever.
func drip(w http.ResponseWriter, r *http.Request) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
			_, _ = w.Write([]byte(" "))
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// hang sends nothing, for ever.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func TestCallEndsInTime(t *testing.T) {
	tests := []struct {
		name   string
		serve  http.HandlerFunc
		status int
	}{
		{"no reply", hang, 0},
		{"one byte a second", drip, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				err := askSimulated(t.Context(), t, Config{}, tt.serve)

				got := asError(t, err)
				if got.Code != OutcomeUnknown || got.Status != tt.status || got.Message != "no whole reply within 1m0s" {
					t.Errorf("got %v", got)
				}
				if errors.Is(err, context.DeadlineExceeded) {
					t.Error("the client's own time-out looks like the caller's")
				}
				if took := time.Since(start); took != DefaultTimeout {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

func TestConnectingEndsInTime(t *testing.T) {
	for timeout, want := range map[time.Duration]string{3 * time.Second: "no connection within 3s", time.Hour: "connecting: no connection within 10s"} {
		synctest.Test(t, func(t *testing.T) {
			transport := newTransport(nil)
			transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			client := newClientWith(t, Config{Transport: transport, Timeout: timeout})
			began := time.Now()

			_, err := client.Ask(t.Context(), "b", Message{Text: "hi", OnSend: func() { t.Error("the message is reported as sent") }})

			if got := asError(t, err); got.Code != NotProcessed || got.Message != want {
				t.Errorf("got %v, want %q", got, want)
			}
			if took := time.Since(began); took != min(timeout, ConnectTimeout) {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// Ensure that a call that waits for a connection reports when it gets one.
func TestOnSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := newTransport(nil)
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
			time.Sleep(ConnectTimeout - time.Second)
			client, server := net.Pipe()
			go func() {
				_, _ = server.Read(make([]byte, 1))
				server.Close()
			}()
			return client, nil
		}
		client := newClientWith(t, Config{BaseURL: "http://127.0.0.1", Transport: transport})
		began := time.Now()
		var sent []time.Duration
		_, err := client.Ask(t.Context(), "b", Message{Text: "hi", OnSend: func() { sent = append(sent, time.Since(began)) }})
		if len(sent) != 1 || sent[0] != ConnectTimeout-time.Second || err == nil {
			t.Errorf("the message is sent after %v: %v", sent, err)
		}
	})
}

// Ensure that a transport that does not report its progress can take its time.
func TestUnknownTransportIsNotCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := roundTripFunc(func(r *http.Request) (*http.Response, error) {
			select {
			case <-r.Context().Done():
				return nil, r.Context().Err()
			case <-time.After(2 * ConnectTimeout):
				return nil, io.ErrUnexpectedEOF
			}
		})
		_, err := newClientWith(t, Config{Transport: slow}).Ask(t.Context(), "b", Message{Text: "hi"})
		if got := asError(t, err); got.Code != OutcomeUnknown || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %v", got)
		}
	})
}

func TestCallerGivesUp(t *testing.T) {
	stopped := errors.New("the program is stopping")
	tests := []struct {
		name string
		stop func(context.Context) (context.Context, context.CancelFunc)
		want error
	}{
		{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(5*time.Second, cancel)
			return ctx, cancel
		}, context.Canceled},
		{"cancelled for a cause", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(5*time.Second, func() { cancel(stopped) })
			return ctx, func() { cancel(nil) }
		}, stopped},
		{"deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 5*time.Second)
		}, context.DeadlineExceeded},
	}
	for _, tt := range tests {
		for name, serve := range map[string]http.HandlerFunc{"no reply": hang, "slow reply": drip} {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					start := time.Now()
					ctx, cancel := tt.stop(t.Context())
					defer cancel()

					err := askSimulated(ctx, t, Config{}, serve)

					if !errors.Is(err, ctx.Err()) || !errors.Is(err, tt.want) || CodeOf(err) != "" {
						t.Errorf("got %v, want it to wrap %v", err, tt.want)
					}
					if took := time.Since(start); took != 5*time.Second {
						t.Errorf("it took %v", took)
					}
				})
			})
		}
	}
}

func TestCallerGaveUpBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newClient(t, newServer(t).URL).Ask(ctx, "b", Message{Text: "hi"})
	if !errors.Is(err, context.Canceled) || CodeOf(err) != "" {
		t.Errorf("got %v", err)
	}
}
