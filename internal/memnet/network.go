// Package memnet is an in-memory network: listeners and connections that behave
// like TCP, for tests that run a whole system in simulated time.
//
// A write never blocks. With [net.Pipe], a write blocks until the other side
// reads, and a mutex held during a blocked write would stop the clock of a
// testing/synctest bubble. Written data is buffered without a limit. It becomes
// readable after the delay that the network's [Path] chooses.
//
// The package also works outside of bubbles, in real time.
package memnet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Packet is the data of one write, or a request for a connection.
type Packet struct {
	// From and To are the names passed to [Network.Host], or the addresses of
	// listeners.
	From, To string
	// Conn numbers the connections in the order in which they were made, from 1.
	Conn uint64
	// Dial marks a request for a connection. Its Data is empty and its Conn is 0.
	Dial bool
	// Data is the written data. It must not be changed or retained.
	Data []byte
	// Sent is the number of bytes that were sent earlier in this direction of the
	// connection.
	Sent int64
}

// Fate decides what happens to a packet. The zero value delivers it
// immediately.
type Fate struct {
	// Delay is the time that the packet takes. Packets of one connection stay in
	// order.
	Delay time.Duration
	// Lose drops the packet and all later ones in the same direction, without an
	// error. A request for a connection gets no response.
	Lose bool
	// Refuse answers a request for a connection with "connection refused".
	Refuse bool
	// Reset breaks the connection after the first Deliver bytes of the packet have
	// arrived.
	Reset   bool
	Deliver int
	// Then is called after the packet was sent, unless it is nil. It may end the
	// connection.
	Then func()
}

// Path decides the fate of each packet. It must not use the connection.
type Path func(Packet) Fate

// Network is a set of connected hosts. It is safe for concurrent use.
type Network struct {
	path Path

	mu        sync.Mutex
	port      uint16
	made      uint64 // number of connections so far
	listeners map[string]*listener
	conns     map[*conn]bool // the dialling end of each open connection
}

// New returns a network without hosts. A nil path delivers everything
// immediately.
func New(path Path) *Network {
	if path == nil {
		path = func(Packet) Fate { return Fate{} }
	}
	return &Network{path: path, port: 1024, listeners: make(map[string]*listener), conns: make(map[*conn]bool)}
}

// Listen listens on an address, like [net.Listen] for TCP. Port 0 means any
// free port. It fails with EADDRINUSE if the address is in use.
func (n *Network) Listen(_, address string) (net.Listener, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: err}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if at.Port() == 0 {
		at = netip.AddrPortFrom(at.Addr(), n.nextPort())
	}
	if n.listeners[at.String()] != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: net.TCPAddrFromAddrPort(at), Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	}
	l := &listener{network: n, address: net.TCPAddrFromAddrPort(at), waiting: make(chan net.Conn, backlog), closed: make(chan struct{})}
	n.listeners[at.String()] = l
	return l, nil
}

// nextPort returns an unused port. The caller must hold mu.
func (n *Network) nextPort() uint16 {
	if n.port++; n.port == 0 {
		n.port = 1024
	}
	return n.port
}

// Dial connects an unnamed host to a listener's address. It has the signature
// of [net.Dialer.DialContext].
func (n *Network) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return n.Host("")(ctx, network, address)
}

// Host returns the dial function of a named host.
func (n *Network) Host(name string) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, _, address string) (net.Conn, error) {
		c, err := n.connect(ctx, name, address)
		if err != nil {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("%s: %w", address, err)}
		}
		return c, nil
	}
}

func (n *Network) connect(ctx context.Context, from, address string) (net.Conn, error) {
	fate := n.path(Packet{From: from, To: address, Dial: true})
	if fate.Lose {
		if err := wait(ctx, synTimeout); err != nil {
			return nil, err
		}
		return nil, os.NewSyscallError("connect", syscall.ETIMEDOUT)
	}
	if err := wait(ctx, fate.Delay); err != nil {
		return nil, err
	}
	n.mu.Lock()
	l := n.listeners[address]
	local := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(n.nextPort())}
	n.mu.Unlock()
	if fate.Refuse || l == nil {
		return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	client, server := n.pair(from, address, local, l.address)
	select {
	case l.waiting <- server:
	default:
		client.Reset()
		return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	l.drainIfClosed()
	return client, nil
}

// pair returns the two ends of a new connection.
func (n *Network) pair(from, to string, local, remote *net.TCPAddr) (client, server *conn) {
	up, down := newStream(), newStream()
	client = &conn{network: n, from: from, to: to, local: local, remote: remote, in: down, out: up}
	server = &conn{network: n, from: to, to: from, local: remote, remote: local, in: up, out: down}
	client.forget = func() { n.forget(client) }
	server.forget = client.forget
	n.mu.Lock()
	defer n.mu.Unlock()
	n.made++
	client.number, server.number = n.made, n.made
	n.conns[client] = true
	return client, server
}

// forget removes a closed connection from those that can be reset.
func (n *Network) forget(client *conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.conns, client)
}

// Reset breaks all connections for which match returns true; from is the
// dialling host. Both ends fail immediately, and data in transit is lost.
func (n *Network) Reset(match func(from, to string) bool) {
	for _, c := range n.matching(match) {
		c.Reset()
	}
}

// Crash ends connections as if the process that dialled them had died. Its own
// ends fail immediately. The other ends read the data in transit, and then a
// reset.
func (n *Network) Crash(match func(from, to string) bool) {
	for _, c := range n.matching(match) {
		c.crash()
	}
}

// matching returns the dialling ends of the matching connections, in the order
// in which they were made.
func (n *Network) matching(match func(from, to string) bool) []*conn {
	n.mu.Lock()
	defer n.mu.Unlock()
	var found []*conn
	for c := range n.conns {
		if match(c.from, c.to) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *conn) int { return cmp.Compare(a.number, b.number) })
	return found
}

// wait waits for d, or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// synTimeout is how long Linux waits for the response to a connection request.
const synTimeout = 127 * time.Second

// backlog limits the connections that wait for Accept; more are refused.
const backlog = 4096

// listener is a [net.Listener].
type listener struct {
	network *Network
	address *net.TCPAddr
	waiting chan net.Conn
	once    sync.Once
	closed  chan struct{}
}

// Accept implements [net.Listener].
func (l *listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.address, Err: net.ErrClosed}
	default:
	}
	select {
	case c := <-l.waiting:
		return c, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.address, Err: net.ErrClosed}
	}
}

// Close implements [net.Listener]. Connections that were not accepted are
// reset.
func (l *listener) Close() error {
	err := errors.New("the listener is already closed")
	l.once.Do(func() {
		l.network.mu.Lock()
		delete(l.network.listeners, l.address.String())
		l.network.mu.Unlock()
		close(l.closed)
		err = nil
	})
	l.drainIfClosed()
	return err
}

// drainIfClosed resets the connections that will not be accepted.
func (l *listener) drainIfClosed() {
	select {
	case <-l.closed:
	default:
		return
	}
	for {
		select {
		case c := <-l.waiting:
			c.(*conn).Reset()
		default:
			return
		}
	}
}

// Addr implements [net.Listener].
func (l *listener) Addr() net.Addr { return l.address }
