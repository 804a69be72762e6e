package enjo

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// ConnectTimeout limits how long a call waits for a connection.
const ConnectTimeout = 10 * time.Second

// newTransport returns the default transport of a client. A nil dial means a
// [net.Dialer].
func newTransport(dial dialFunc) *http.Transport {
	// HTTP/2 has no benefit at a few calls a minute, and two drawbacks: it repeats
	// requests by itself, and one dead connection blocks all calls.
	var protocols http.Protocols
	protocols.SetHTTP1(true)

	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         meter(dial),
		TLSHandshakeTimeout: ConnectTimeout,
		Protocols:           &protocols,
		MaxIdleConnsPerHost: 10,
		// Shorter than the idle timeout of load balancers, usually a minute: a call
		// fails if its connection is being closed.
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// meteredConn counts the bytes that the network accepted. The transport reports
// a request as written when it is still in a buffer.
type meteredConn struct {
	net.Conn
	sent  atomic.Int64
	guard atomic.Pointer[func() error] // asked before each write; nil for none
}

// Write implements [net.Conn].
func (c *meteredConn) Write(p []byte) (int, error) {
	if guard := c.guard.Load(); guard != nil {
		if err := (*guard)(); err != nil {
			return 0, err
		}
	}
	n, err := c.Conn.Write(p)
	c.sent.Add(int64(n))
	return n, err
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// meter returns dial with a timeout and with connections that count their
// bytes.
func meter(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, ConnectTimeout)
		defer cancel()
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &meteredConn{Conn: conn}, nil
	}
}

// metered returns the counting connection below conn's encryption, or nil.
func metered(conn net.Conn) *meteredConn {
	for {
		switch c := conn.(type) {
		case *meteredConn:
			return c
		case interface{ NetConn() net.Conn }: // *tls.Conn
			conn = c.NetConn()
		default:
			return nil
		}
	}
}
