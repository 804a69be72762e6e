package enjo

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"syscall"
	"testing"
)

// flakyConn can refuse writes, or accept them and cut the connection.
type flakyConn struct {
	net.Conn
	mode *atomic.Int32
}

const (
	sound      int32 = iota
	refuse           // no byte is sent
	refuseTail       // half of the bytes are sent
)

func (c flakyConn) Write(p []byte) (int, error) {
	switch c.mode.Load() {
	case refuse:
		return 0, syscall.ECONNRESET
	case refuseTail:
		n, err := c.Conn.Write(p[:len(p)/2])
		return n, errors.Join(err, syscall.ECONNRESET)
	}
	return c.Conn.Write(p)
}

// flakyTransport returns the client's own transport over flaky connections that
// trust the server.
func flakyTransport(srv *httptest.Server, mode *atomic.Int32) *http.Transport {
	transport := newTransport(nil)
	transport.DialContext = meter(func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return flakyConn{conn, mode}, err
	})
	if cert := srv.Certificate(); cert != nil {
		pool := x509.NewCertPool()
		pool.AddCert(cert)
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	return transport
}

func TestConnectionLostWhileIdle(t *testing.T) {
	servers := map[string]func(http.Handler) *httptest.Server{
		"plain": httptest.NewServer,
		"TLS":   httptest.NewTLSServer,
	}
	tests := []struct {
		name string
		mode int32
	}{
		{"nothing goes out", refuse},
		{"half of the request is sent", refuseTail},
	}
	for kind, start := range servers {
		for _, tt := range tests {
			t.Run(kind+", "+tt.name, func(t *testing.T) {
				var handled atomic.Int32
				srv := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if _, err := io.ReadAll(r.Body); err != nil {
						return
					}
					handled.Add(1)
					answer(200, `{"success":true,"data":{"answers":"yes"}}`)(w, r)
				}))
				defer srv.Close()
				var mode atomic.Int32
				client := newClientWith(t, Config{BaseURL: srv.URL, Transport: flakyTransport(srv, &mode)})
				defer client.Close()
				if _, err := client.Ask(t.Context(), testBot, Message{Text: "hi"}); err != nil {
					t.Fatal(err)
				}

				mode.Store(tt.mode)
				_, err := client.Ask(t.Context(), testBot, Message{Text: "hi"})

				// The cause may also be the reader's error when the connection was closed.
				if got := asError(t, err); got.Code != NotProcessed || got.Err == nil {
					t.Errorf("got %v, wrapping %v", got, got.Err)
				}
				if n := handled.Load(); n != 1 {
					t.Errorf("the server handled %d questions, want the first only", n)
				}
			})
		}
	}
}

// Ensure that a question with an unknown outcome is neither reported as safe to
// repeat nor repeated by the transport, which repeats requests that it
// considers idempotent.
func TestConnectionCutAfterTheRequest(t *testing.T) {
	cut := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.Close()
	}
	want := wantRequest{"POST", "/some/base/v1/bots/b/message", `{"message":{"text":"hi"}}`}
	srv := newServer(t,
		exchange{want, answer(200, `{"success":true,"data":{"answers":"yes"}}`)},
		exchange{want, cut},
	)
	client := newClient(t, srv.URL)
	if _, err := client.Ask(t.Context(), "b", Message{Text: "hi"}); err != nil {
		t.Fatal(err)
	}

	_, err := client.Ask(t.Context(), "b", Message{Text: "hi"}) // on the same connection

	if got := asError(t, err); got.Code != OutcomeUnknown || got.Status != 0 {
		t.Errorf("got %v", got)
	}
}

func TestNoConnection(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	strange := httptest.NewUnstartedServer(nil) // its certificate is not trusted
	strange.Config.ErrorLog = log.New(io.Discard, "", 0)
	strange.StartTLS()
	defer strange.Close()
	noHost := newTransport(nil)
	noHost.DialContext = func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "api.enjo.ai", IsNotFound: true}
	}

	tests := []struct {
		name   string
		config Config
	}{
		{"refused", Config{BaseURL: closed.URL}},
		{"certificate not trusted", Config{BaseURL: strange.URL}},
		{"no such host", Config{Transport: noHost}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newClientWith(t, tt.config).Ask(t.Context(), "b", Message{Text: "hi"})
			if got := asError(t, err); got.Code != NotProcessed || got.Err == nil {
				t.Errorf("got %v", got)
			}
		})
	}
}

// Ensure that HTTP/2 is not used even if the server offers it: its transport
// repeats requests.
func TestHTTP1IsSpoken(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			t.Errorf("it is %s", r.Proto)
		}
		answer(200, shortReply)(w, r)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	client := newClientWith(t, Config{BaseURL: srv.URL, Transport: flakyTransport(srv, new(atomic.Int32))})
	defer client.Close()
	if _, err := client.Ask(t.Context(), "b", Message{Text: "hi"}); err != nil {
		t.Error(err)
	}
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Ensure that the client does not assume that nothing was sent if the transport
// does not report its progress.
func TestUnknownTransportProvesNothing(t *testing.T) {
	silent := roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
	_, err := newClientWith(t, Config{Transport: silent}).Ask(t.Context(), "b", Message{Text: "hi"})
	if got := asError(t, err); got.Code != OutcomeUnknown {
		t.Errorf("got %v", got)
	}
}
