package socketmode

import (
	"net"
	"sync/atomic"
	"time"
)

// idleConn is a network connection on which silence is an error. Any byte counts, so
// pings show that the connection is alive: Slack pings every few seconds, and a lost
// connection gives no error.
type idleConn struct {
	net.Conn
	silence atomic.Int64 // the longest time without a byte, in nanoseconds; 0 for no limit
}

// watch makes silence an error from now on.
func (c *idleConn) watch(silence time.Duration) error {
	c.silence.Store(int64(silence))
	return c.Conn.SetReadDeadline(time.Now().Add(silence))
}

// Read implements [net.Conn].
func (c *idleConn) Read(into []byte) (int, error) {
	if silence := time.Duration(c.silence.Load()); silence > 0 {
		if err := c.Conn.SetReadDeadline(time.Now().Add(silence)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(into)
}
