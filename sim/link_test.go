package sim_test

import (
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"
)

// link is the way from a replica to a service. It forwards TCP connections, can delay and cut
// them, and notes which calls pass.
type link struct {
	listener net.Listener
	target   string
	running  sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
	delay time.Duration
	calls []linkCall
}

// linkCall is a call that has passed a link.
type linkCall struct {
	at   time.Time
	call string // such as chat.postMessage
}

// newLink returns a link to an address. It ends with the test.
func newLink(t *testing.T, target string) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{listener: listener, target: target, conns: make(map[net.Conn]bool)}
	l.running.Go(l.accept)
	t.Cleanup(l.close)
	return l
}

// address returns the address that leads to the target.
func (l *link) address() string { return l.listener.Addr().String() }

func (l *link) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.running.Go(func() { l.serve(near) })
	}
}

// serve forwards a connection until one of its ends closes it.
func (l *link) serve(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", l.target)
	if err != nil {
		return
	}
	defer far.Close()
	if !l.open(near, far) {
		return
	}
	defer l.forget(near, far)
	var back sync.WaitGroup
	back.Go(func() { l.forward(near, far, nil) })
	l.forward(far, near, l.note)
	back.Wait()
}

// forward copies from one connection to another, and then closes both.
func (l *link) forward(to io.WriteCloser, from io.ReadCloser, note func([]byte)) {
	defer to.Close()
	defer from.Close()
	data := make([]byte, 32<<10)
	for {
		n, err := from.Read(data)
		if n > 0 {
			if note != nil {
				note(data[:n])
			}
			if delay := l.currentDelay(); delay > 0 {
				<-time.After(delay)
			}
			if _, err := to.Write(data[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// note notes a call if data begins one.
func (l *link) note(data []byte) {
	if call := callOf(data); call != "" {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.calls = append(l.calls, linkCall{time.Now(), call})
	}
}

// noted returns when a call has passed.
func (l *link) noted(call string) (times []time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.calls {
		if c.call == call {
			times = append(times, c.at)
		}
	}
	return times
}

// open adds connections, and returns false if the link is closed.
func (l *link) open(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conns == nil {
		return false
	}
	for _, c := range conns {
		l.conns[c] = true
	}
	return true
}

func (l *link) forget(conns ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range conns {
		delete(l.conns, c)
	}
}

func (l *link) currentDelay() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.delay
}

// slow delays everything in both directions; 0 ends that.
func (l *link) slow(by time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delay = by
}

// cut closes all connections.
func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		_ = c.Close() // serve notices
	}
}

// close ends the link.
func (l *link) close() {
	_ = l.listener.Close()
	l.cut()
	l.mu.Lock()
	l.conns = nil
	l.mu.Unlock()
	l.running.Wait()
}

// Ensure that a link forwards, notes calls, is slow, and cuts.
func TestLink(t *testing.T) {
	t.Parallel()
	far, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	go func() {
		conn, err := far.Accept()
		if err == nil {
			_, _ = io.Copy(conn, conn)
		}
	}()
	l := newLink(t, far.Addr().String())
	near, err := net.Dial("tcp", l.address())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	l.slow(20 * time.Millisecond)
	begin := time.Now()
	request := []byte("POST /api/chat.postMessage HTTP/1.1\r\n")
	if _, err := near.Write(request); err != nil {
		t.Fatal(err)
	}
	echo := make([]byte, len(request))
	if _, err := io.ReadFull(near, echo); err != nil || !slices.Equal(echo, request) {
		t.Errorf("the link returns %q (%v)", echo, err)
	}
	if took := time.Since(begin); took < 40*time.Millisecond {
		t.Errorf("both ways take %v", took)
	}
	if n := len(l.noted("chat.postMessage")); n != 1 {
		t.Errorf("%d calls are noted", n)
	}
	l.cut()
	if _, err := near.Read(echo); err == nil {
		t.Error("the connection is not cut")
	}
}
