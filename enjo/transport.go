package enjo

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// connectWithin bounds the time of opening a connection.
const connectWithin = 10 * time.Second

// newTransport returns the transport of a client that was given none. A nil dial
// is that of a [net.Dialer].
func newTransport(dial dialFunc) *http.Transport {
	// HTTP/2 has nothing to give at some calls a minute, and takes: it repeats
	// requests by itself, and one dead connection holds up all calls.
	var protocols http.Protocols
	protocols.SetHTTP1(true)

	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         meter(dial),
		TLSHandshakeTimeout: connectWithin,
		Protocols:           &protocols,
		MaxIdleConnsPerHost: 10,
		// Shorter than what load balancers keep, usually a minute: a call on a
		// connection that is just being closed fails.
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// meteredConn counts what the network took. The transport itself reports a
// request as written when it is in a buffer.
type meteredConn struct {
	net.Conn
	sent atomic.Int64
}

// Write implements [net.Conn].
func (c *meteredConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.sent.Add(int64(n))
	return n, err
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// meter returns dial, bounded in time, with connections that count.
func meter(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, connectWithin)
		defer cancel()
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &meteredConn{Conn: conn}, nil
	}
}

// metered returns the counting connection at the bottom of conn, below
// encryption; nil if there is none.
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
