package socketmode

import (
	"net"
	"sync/atomic"
	"time"
)

// idleConn is a network connection on which silence is an error. It counts bytes,
// so that a ping is as good a sign of life as an event: Slack pings every few
// seconds, and says nothing when a connection is lost on the way.
type idleConn struct {
	net.Conn
	silence atomic.Int64 // how long nothing may come, in nanoseconds; 0 for ever
}

// watch makes it an error if nothing is read for a while, from now on.
func (w *idleConn) watch(silence time.Duration) error {
	w.silence.Store(int64(silence))
	return w.Conn.SetReadDeadline(time.Now().Add(silence))
}

// Read implements [net.Conn].
func (w *idleConn) Read(into []byte) (int, error) {
	if silence := time.Duration(w.silence.Load()); silence > 0 {
		if err := w.Conn.SetReadDeadline(time.Now().Add(silence)); err != nil {
			return 0, err
		}
	}
	return w.Conn.Read(into)
}
