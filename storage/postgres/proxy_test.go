package postgres

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// proxy stands between the store and the server, and breaks connections.
type proxy struct {
	net.Listener
	server string

	mu      sync.Mutex
	next    *cut // of the next connection
	refuses bool
	frozen  chan struct{} // nil, or open while nothing is forwarded
	stopped sync.Once
	closed  chan struct{}
	pending sync.WaitGroup
}

// direction is that of a message.
type direction bool

const (
	toServer direction = true
	toClient direction = false
)

// cut says where a connection breaks.
type cut struct {
	direction direction
	after     int  // so many messages were forwarded
	partly    bool // and a part of the next one
	how       breakage
	then      func() // is called at the cut; nil for nothing

	// reached is closed when the connection breaks.
	reached chan struct{}
	// deliver makes a late message arrive at the server; delivered is closed when the server has
	// acted on it, or never gets it.
	deliver, delivered chan struct{}
}

// breakage is how a connection breaks.
type breakage string

const (
	closed   breakage = "closed"    // for both sides
	halfOpen breakage = "half-open" // the server does not notice
	late     breakage = "late"      // the server does not notice, and gets the rest afterwards
)

func newCut(d direction, after int, how breakage) *cut {
	return &cut{direction: d, after: after, how: how, reached: make(chan struct{}), deliver: make(chan struct{}), delivered: make(chan struct{})}
}

// startProxy starts a proxy, and returns the address of the database through it.
func startProxy(t *testing.T, database string) (*proxy, string) {
	t.Helper()
	target, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l, server: target.Host, closed: make(chan struct{})}
	p.pending.Go(p.serve)
	t.Cleanup(p.stop)
	target.Host = l.Addr().String()
	return p, target.String()
}

// stop closes all connections.
func (p *proxy) stop() {
	p.stopped.Do(func() {
		close(p.closed)
		_ = p.Close()
		p.pending.Wait()
	})
}

// breakNext breaks the next connection.
func (p *proxy) breakNext(c *cut) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = c
}

// refuse makes the proxy refuse all new connections, or accept them again.
func (p *proxy) refuse(refuses bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuses = refuses
}

// freeze stops forwarding on all connections that are open, but does not close them.
func (p *proxy) freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen = make(chan struct{})
}

// thaw forwards on new connections. The frozen ones stay frozen.
func (p *proxy) thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen = nil
}

func (p *proxy) isFrozen() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.frozen != nil
}

func (p *proxy) serve() {
	for {
		client, err := p.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil || p.isRefusing() {
			_ = client.Close()
			if server != nil {
				_ = server.Close()
			}
			continue
		}
		link := &link{proxy: p, client: client, server: server}
		p.pending.Go(link.run)
	}
}

func (p *proxy) isRefusing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refuses
}

// takeNext returns the cut of a connection that begins with a message. One that cancels a
// statement of another connection has none.
// https://www.postgresql.org/docs/15/protocol-message-formats.html
func (p *proxy) takeNext(client *bufio.Reader) *cut {
	const cancelRequest = 80877102
	head, err := client.Peek(8)
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.next
	if c == nil || err != nil || binary.BigEndian.Uint32(head[4:]) == cancelRequest {
		return newCut(toServer, -1, closed)
	}
	p.next = nil
	return c
}

// link is a connection through the proxy.
type link struct {
	*proxy
	cut            *cut
	client, server net.Conn
}

// run forwards until the connection ends or breaks.
func (l *link) run() {
	var both sync.WaitGroup
	ended := make(chan struct{})
	client := bufio.NewReaderSize(l.client, 1<<16)
	go func() {
		select {
		case <-ended:
		case <-l.closed:
		}
		_ = l.client.Close()
		_ = l.server.Close()
	}()
	l.cut = l.takeNext(client)
	both.Go(func() { l.forward(toServer, l.server, client) })
	both.Go(func() { l.forward(toClient, l.client, bufio.NewReaderSize(l.server, 1<<16)) })
	both.Wait()
	close(ended)
}

// forward forwards messages in one direction.
// https://www.postgresql.org/docs/15/protocol-message-formats.html
func (l *link) forward(d direction, to net.Conn, r *bufio.Reader) {
	for n := 0; ; n++ {
		message, err := readMessage(r, d == toServer && n == 0)
		if err != nil {
			break
		}
		if l.isFrozen() {
			<-l.closed
			return
		}
		if l.cut.direction == d && l.cut.after == n {
			l.breakAt(message, r)
			return
		}
		if _, err := to.Write(message); err != nil {
			break
		}
	}
	select {
	case <-l.cut.reached: // breakAt decides
	default:
		_ = to.Close()
	}
}

// breakAt breaks the connection where a message is not forwarded.
func (l *link) breakAt(message []byte, rest *bufio.Reader) {
	held, _ := rest.Peek(rest.Buffered())
	held = append(message, held...)
	if l.cut.partly {
		to := map[direction]net.Conn{toServer: l.server, toClient: l.client}[l.cut.direction]
		_, _ = to.Write(held[:len(message)/2])
		held = held[len(message)/2:]
	}
	if l.cut.then != nil {
		l.cut.then()
	}
	close(l.cut.reached)
	_ = l.client.Close()
	switch l.cut.how {
	case closed:
		_ = l.server.Close()
	case late:
		<-l.cut.deliver
		_, _ = l.server.Write(held)
		_ = l.server.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, l.server)
	}
	close(l.cut.delivered)
	<-l.closed
}

// readMessage reads a message. The first one of a client has no type.
func readMessage(r *bufio.Reader, first bool) ([]byte, error) {
	header := 5
	if first {
		header = 4
	}
	head, err := r.Peek(header)
	if err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint32(head[header-4:])) + header - 4
	message := make([]byte, length)
	_, err = io.ReadFull(r, message)
	return message, err
}
