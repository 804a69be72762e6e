package enjo

import (
	"fmt"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// send makes one round trip. It follows no redirects, stores no cookies and
// sends nothing twice.
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

// progress records how far a request got before its round trip failed. The
// transport reports it from its own goroutines.
type progress struct {
	started atomic.Bool // a connection was requested
	written atomic.Bool // the request's header was written, perhaps only to a buffer
	conn    atomic.Pointer[meteredConn]
	before  atomic.Int64 // bytes that conn had sent before the request
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
