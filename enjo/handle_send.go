package enjo

import (
	"fmt"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// send makes one round trip: no redirect is followed, no cookie is kept and
// nothing is sent twice.
func send(transport http.RoundTripper) handler {
	return func(req *http.Request) (*response, error) {
		var p progress
		traced := req.WithContext(httptrace.WithClientTrace(req.Context(), p.trace()))

		resp, err := transport.RoundTrip(traced)
		switch {
		case err != nil && p.unsent(req):
			return nil, &Error{Code: NotProcessed, Message: fmt.Sprintf("connecting: %v", err), Err: err}
		case err != nil:
			return nil, &Error{Code: OutcomeUnknown, Message: fmt.Sprintf("waiting for the reply: %v", err), Err: err}
		}
		return &response{Response: resp}, nil
	}
}

// progress is how far a request got before its round trip failed. The
// transport reports it from goroutines of its own.
type progress struct {
	started atomic.Bool // a connection was asked for
	written atomic.Bool // the request's head was written, perhaps to a buffer only
	conn    atomic.Pointer[meteredConn]
	before  atomic.Int64 // what conn had sent before the request
}

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { p.started.Store(true) },
		WroteHeaders: func() { p.written.Store(true) },
		GotConn: func(info httptrace.GotConnInfo) {
			if conn := metered(info.Conn); conn != nil {
				p.before.Store(conn.sent.Load())
				p.conn.Store(conn)
			}
		},
	}
}

// unsent reports whether it is certain that the API cannot have the whole
// request. Its body comes last, so it has not if the head was not written, or
// if less than the request went into the network, as with a connection that the
// API had just closed. A transport that reports nothing proves nothing.
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

// leastSize returns a number of bytes that the request has at least: what the
// transport adds by itself is left out. That closing an encrypted connection
// sends some 30 bytes, which are counted as well, only errs on the safe side.
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
