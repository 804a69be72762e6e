// Package memnet is a network in memory: listeners and connections that behave
// like TCP, for tests that run a whole system in simulated time.
//
// A write never blocks. A connection of [net.Pipe] blocks its writer until the
// other side reads, and a lock held over a blocked write would stop the clock of
// a testing/synctest bubble. What is written is buffered without a limit, and
// becomes readable after the delay that the network's [Path] decides.
//
// Everything works outside of bubbles too, in real time.
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

// Packet is what one write puts on the network, or a request for a connection.
type Packet struct {
	// From and To are the names that the hosts gave to [Network.Host], or the
	// addresses of listeners.
	From, To string
	// Conn numbers the connection, from 1 in the order in which they were made.
	Conn uint64
	// Dial says that a connection is requested; Data is empty then, and Conn is 0.
	Dial bool
	// Data is what was written. It must not be changed or kept.
	Data []byte
	// Sent is how many bytes went the same way over the connection before.
	Sent int64
}

// Fate is what becomes of a packet. The zero value delivers it at once.
type Fate struct {
	// Delay is how long the packet takes. Packets of one connection keep their order.
	Delay time.Duration
	// Lose makes the packet, and all that follow it the same way, disappear
	// without a sign. A request for a connection is never answered.
	Lose bool
	// Refuse answers a request for a connection with "connection refused".
	Refuse bool
	// Reset breaks the connection once the first Keep bytes of the packet have arrived.
	Reset bool
	Keep  int
	// Then, unless it is nil, is called once the packet is on its way. It may end
	// the connection.
	Then func()
}

// Path decides the fate of each packet. It must not use the connection.
type Path func(Packet) Fate

// Network is a set of hosts that can reach each other. It is safe for concurrent use.
type Network struct {
	path Path

	mu        sync.Mutex
	port      uint16
	made      uint64 // connections so far
	listeners map[string]*listener
	conns     map[*conn]bool // one end of each open connection: the dialer's
}

// New returns a network without hosts. A nil path delivers everything at once.
func New(path Path) *Network {
	if path == nil {
		path = func(Packet) Fate { return Fate{} }
	}
	return &Network{path: path, port: 1024, listeners: make(map[string]*listener), conns: make(map[*conn]bool)}
}

// Listen listens on an address like [net.Listen] does for TCP. Port 0 means any
// free port. It fails with EADDRINUSE if the address is taken.
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

// nextPort returns a port that was not used before. mu must be held.
func (n *Network) nextPort() uint16 {
	if n.port++; n.port == 0 {
		n.port = 1024
	}
	return n.port
}

// Dial connects to a listener's address, from a host without a name. It has the
// signature of [net.Dialer.DialContext].
func (n *Network) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return n.Host("")(ctx, network, address)
}

// Host returns the dial function of a host with a name.
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

// forget drops a connection that is over from the list of those that can be reset.
func (n *Network) forget(client *conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.conns, client)
}

// Reset breaks all connections for which match returns true, given who dialled
// whom. Both ends fail at once, and what is under way is lost.
func (n *Network) Reset(match func(from, to string) bool) {
	for _, c := range n.matching(match) {
		c.Reset()
	}
}

// Crash ends connections as the death of the process that dialled them does: its
// own ends fail at once, and the other ends read what is under way and then a reset.
func (n *Network) Crash(match func(from, to string) bool) {
	for _, c := range n.matching(match) {
		c.crash()
	}
}

// matching returns the dialling ends of connections, in the order in which they were made.
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

// wait waits for d, or for the end of ctx.
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

// synTimeout is how long Linux waits for the answer to a request for a connection.
const synTimeout = 127 * time.Second

// backlog is how many connections wait for Accept; more are refused.
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

// Close implements [net.Listener]. Connections that were not accepted are reset.
func (l *listener) Close() error {
	err := errors.New("the listener is closed already")
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

// drainIfClosed resets the connections that nobody will accept any more.
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
