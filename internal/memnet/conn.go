package memnet

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// conn is one end of a connection.
type conn struct {
	network       *Network
	number        uint64
	from, to      string // the names of this host and of the other one
	local, remote *net.TCPAddr
	in, out       *stream
	forget        func()

	writing sync.Mutex // one Write at a time, so that packets stay in order
	sent    int64      // guarded by writing
	lost    bool       // all further packets are lost; guarded by writing
	refused bool       // this end knows that the other one has closed; guarded by writing
}

// Read implements [net.Conn].
func (c *conn) Read(into []byte) (int, error) {
	n, err := c.in.read(into)
	if err != nil && err != io.EOF {
		err = &net.OpError{Op: "read", Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
	}
	return n, err
}

// Write implements [net.Conn]. It never blocks.
func (c *conn) Write(data []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	err := c.out.writable()
	if err == syscall.EPIPE && !c.refused {
		// Only the response to the first packet reveals that the other end has
		// closed.
		c.refused = true
		return len(data), nil
	}
	if err != nil {
		return 0, &net.OpError{Op: "write", Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
	}
	if len(data) == 0 {
		return 0, nil
	}
	fate := c.network.path(Packet{From: c.from, To: c.to, Conn: c.number, Data: data, Sent: c.sent})
	c.sent += int64(len(data))
	c.lost = c.lost || fate.Lose
	switch {
	case c.lost:
	case fate.Reset:
		c.lost = true
		if arrived := min(fate.Deliver, len(data)); arrived > 0 {
			c.out.push(segment{data: clone(data[:arrived]), at: time.Now().Add(fate.Delay)})
		}
		c.out.push(segment{err: syscall.ECONNRESET})
		c.in.fail(syscall.ECONNRESET)
		c.forget()
	default:
		c.out.push(segment{data: clone(data), at: time.Now().Add(fate.Delay)})
	}
	if fate.Then != nil {
		fate.Then()
	}
	return len(data), nil
}

func clone(data []byte) []byte { return append([]byte(nil), data...) }

// Close implements [net.Conn]. The other end reads what was sent, and then the
// end of the stream. Its later writes fail.
func (c *conn) Close() error {
	err := c.in.close()
	c.writing.Lock()
	defer c.writing.Unlock()
	if !c.lost {
		c.out.push(segment{err: io.EOF})
	}
	c.out.noMore()
	c.forget()
	return err
}

// Reset breaks the connection: both ends fail immediately, and data in transit
// is lost.
func (c *conn) Reset() {
	c.in.fail(syscall.ECONNRESET)
	c.out.fail(syscall.ECONNRESET)
	c.forget()
}

// crash ends the connection as if the process at this end had died.
func (c *conn) crash() {
	c.in.fail(syscall.ECONNRESET)
	c.out.push(segment{err: syscall.ECONNRESET})
	c.out.noMore()
	c.forget()
}

// LocalAddr implements [net.Conn].
func (c *conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements [net.Conn].
func (c *conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements [net.Conn].
func (c *conn) SetDeadline(t time.Time) error {
	return firstError(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline implements [net.Conn].
func (c *conn) SetReadDeadline(t time.Time) error { return c.in.setReadDeadline(t) }

// SetWriteDeadline implements [net.Conn].
func (c *conn) SetWriteDeadline(t time.Time) error { return c.out.setWriteDeadline(t) }

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// segment is a part of a stream: data, or the end.
type segment struct {
	data []byte
	err  error
	at   time.Time // when it becomes readable
}

// stream is one direction of a connection.
type stream struct {
	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at every change
	segments []segment
	latest   time.Time // when the last segment becomes readable
	failed   error     // error of both sides
	closed   bool      // by the reader
	ended    bool      // by the writer

	readDeadline, writeDeadline time.Time
}

func newStream() *stream { return &stream{changed: make(chan struct{})} }

// change makes a change and wakes up the readers.
func (s *stream) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// push appends a segment. It becomes readable after all earlier segments and
// never at the same instant, because events at the same instant have no order.
func (s *stream) push(one segment) {
	s.change(func() {
		if one.at.Before(s.latest) {
			one.at = s.latest.Add(time.Nanosecond)
		}
		s.latest = one.at
		s.segments = append(s.segments, one)
	})
}

// fail breaks the stream with this error.
func (s *stream) fail(err error) {
	s.change(func() {
		if s.failed == nil {
			s.failed = err
		}
		s.segments = nil
	})
}

// close closes the reading side.
func (s *stream) close() error {
	err := net.ErrClosed
	s.change(func() {
		if !s.closed {
			s.closed, err = true, nil
		}
		s.segments = nil
	})
	return err
}

// noMore closes the writing side.
func (s *stream) noMore() { s.change(func() { s.ended = true }) }

func (s *stream) setReadDeadline(t time.Time) error {
	err := error(nil)
	s.change(func() {
		if s.closed {
			err = net.ErrClosed
		}
		s.readDeadline = t
	})
	return err
}

func (s *stream) setWriteDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return net.ErrClosed
	}
	s.writeDeadline = t
	return nil
}

// writable returns the error of a write, or nil.
func (s *stream) writable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended:
		return net.ErrClosed
	case s.failed != nil:
		return s.failed
	case s.closed:
		return syscall.EPIPE
	case !s.writeDeadline.IsZero() && !time.Now().Before(s.writeDeadline):
		return os.ErrDeadlineExceeded
	}
	return nil
}

// read waits for data.
func (s *stream) read(into []byte) (int, error) {
	for {
		n, changed, until, err := s.tryRead(into)
		if changed == nil {
			return n, err
		}
		var timer *time.Timer
		var due <-chan time.Time
		if !until.IsZero() {
			timer = time.NewTimer(time.Until(until))
			due = timer.C
		}
		select {
		case <-changed:
		case <-due:
		}
		if timer != nil {
			timer.Stop()
		}
	}
}

// tryRead reads the available data. If there is none, it returns a channel that
// is closed at the next change, and the time until which to wait.
func (s *stream) tryRead(into []byte) (n int, changed <-chan struct{}, until time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	switch {
	case s.closed:
		return 0, nil, until, net.ErrClosed
	case s.failed != nil:
		return 0, nil, until, s.failed
	case !s.readDeadline.IsZero() && !now.Before(s.readDeadline):
		return 0, nil, until, os.ErrDeadlineExceeded
	case len(into) == 0:
		return 0, nil, until, nil
	}
	if len(s.segments) > 0 && !s.segments[0].at.After(now) {
		first := &s.segments[0]
		if len(first.data) == 0 && first.err != nil {
			return 0, nil, until, first.err // for ever
		}
		n = copy(into, first.data)
		if first.data = first.data[n:]; len(first.data) == 0 {
			s.segments = s.segments[1:]
		}
		return n, nil, until, nil
	}
	if len(s.segments) > 0 {
		until = s.segments[0].at
	}
	if until.IsZero() || (!s.readDeadline.IsZero() && s.readDeadline.Before(until)) {
		until = s.readDeadline
	}
	return 0, s.changed, until, nil
}
