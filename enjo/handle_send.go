package enjo

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// errNoConnection ends a call that waits too long for a connection.
var errNoConnection = fmt.Errorf("no connection within %v", ConnectTimeout)

// send makes one round trip. It follows no redirects, stores no cookies and
// sends nothing twice.
func send(transport http.RoundTripper) handler {
	return func(req *http.Request) (*response, error) {
		p := progress{guard: guardOf(req.Context())}
		if err := p.ask(); err != nil {
			return nil, err
		}
		defer p.release()
		// The context is not cancelled here: the body is read later.
		ctx, cancel := context.WithCancelCause(req.Context())
		late := time.AfterFunc(ConnectTimeout, func() {
			if p.connecting() {
				cancel(errNoConnection)
			}
		})
		defer late.Stop()

		resp, err := transport.RoundTrip(req.WithContext(httptrace.WithClientTrace(ctx, p.trace())))
		switch refused := p.refused.Load(); {
		case err != nil && refused != nil:
			return nil, notSent(*refused)
		case err != nil && p.unsent(req):
			return nil, &Error{Code: NotProcessed, Message: fmt.Sprintf("connecting: %v", err), Err: err}
		case err != nil:
			return nil, &Error{Code: OutcomeUnknown, Message: fmt.Sprintf("waiting for the reply: %v", err), Err: err}
		}
		return &response{Response: resp}, nil
	}
}

// progress records how far a request got before its round trip failed. The
// transport reports it from its own goroutines.
type progress struct {
	started   atomic.Bool // a connection was requested
	connected atomic.Bool
	written   atomic.Bool // the request's header was written, perhaps only to a buffer
	conn      atomic.Pointer[meteredConn]
	before    atomic.Int64 // bytes that conn had sent before the request

	guard   func() error          // of the message; nil for none
	refused atomic.Pointer[error] // what guard returned before anything was sent
}

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { p.started.Store(true) },
		WroteHeaders: func() { p.written.Store(true) },
		GotConn: func(info httptrace.GotConnInfo) {
			p.connected.Store(true)
			if conn := metered(info.Conn); conn != nil {
				p.before.Store(conn.sent.Load())
				p.conn.Store(conn)
				p.guardConn(conn)
			}
		},
	}
}

// connecting reports whether the request waits for a connection.
func (p *progress) connecting() bool { return p.started.Load() && !p.connected.Load() }

// unsent reports whether it is certain that the API does not have the whole
// request. The body comes last. It was not sent if the header was not written,
// or if fewer bytes than the request has went into the network, for example
// when the API had just closed the connection. A transport that reports nothing
// proves nothing.
func (p *progress) unsent(req *http.Request) bool {
	switch conn := p.conn.Load(); {
	case !p.started.Load():
		return false
	case !p.written.Load():
		return true
	case conn == nil:
		return false
	default:
		return conn.sent.Load()-p.before.Load() < leastSize(req)
	}
}

// leastSize returns the minimum number of bytes of the request, without what
// the transport adds. Closing an encrypted connection sends about 30 bytes,
// which are counted as well; that is safe, because it makes unsent report less
// often.
func leastSize(req *http.Request) int64 {
	const line = len(": \r\n")
	size := len(req.Method) + len(req.URL.RequestURI()) + len(" HTTP/1.1") + line
	size += len("Host") + len(req.URL.Host) + line
	for name, values := range req.Header {
		for _, v := range values {
			size += len(name) + len(v) + line
		}
	}
	return int64(size) + req.ContentLength
}
