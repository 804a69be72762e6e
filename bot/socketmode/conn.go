package socketmode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// The bounds of a connection.
const (
	// openTimeout bounds the time from dialling to Slack's hello.
	openTimeout = 15 * time.Second
	// silenceTimeout is the longest time without a byte. Slack pings every few seconds.
	silenceTimeout = 30 * time.Second
	// ackTimeout bounds the writing of one acknowledgement.
	ackTimeout = 2 * time.Second
	// closeTimeout bounds the wait for Slack's close message.
	closeTimeout = 2 * time.Second
	// maxEnvelope bounds how much of one message is read, in bytes. Slack's are below 1 MiB.
	maxEnvelope = 4 << 20
	// maxAck is the size of an acknowledgement from which on Slack silently drops it, in bytes.
	maxAck = 20 << 10
	// writeBuffer makes each acknowledgement one frame: Slack does not join several, in bytes.
	writeBuffer = 32 << 10
)

// conn is one WebSocket to Slack, from its hello to its end.
// https://docs.slack.dev/apis/events-api/using-socket-mode
type conn struct {
	ws  *websocket.Conn
	tcp *idleConn
	// life is how long Slack plans to keep the connection; 0 if unknown.
	life time.Duration
	// counted is Slack's count of the app's connections when this one was opened.
	counted int
	// app is the ID of the app whose envelopes come; empty if Slack does not say it.
	app string

	writing sync.Mutex    // one message at a time
	leaving chan struct{} // closed when Slack announces the end
	ended   chan struct{} // closed when nothing is read any more

	mu     sync.Mutex
	reason string // why it ends, once known
}

// dialFunc opens a connection, as [net.Dialer.DialContext] does.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// connect opens a connection and waits for Slack's hello. If dial is nil it uses a
// [net.Dialer].
func connect(ctx context.Context, dial dialFunc, url string, silence time.Duration) (*conn, error) {
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	c := &conn{leaving: make(chan struct{}), ended: make(chan struct{})}
	watching := func() bool { return true }
	dialer := websocket.Dialer{
		Proxy:           http.ProxyFromEnvironment,
		WriteBufferSize: writeBuffer,
		NetDialContext: func(dialling context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(dialling, network, address)
			if err != nil {
				return nil, err
			}
			c.tcp = &idleConn{Conn: conn}
			watching = context.AfterFunc(ctx, func() { _ = conn.Close() })
			return c.tcp, nil
		},
	}
	ws, response, err := dialer.DialContext(ctx, url, nil)
	switch {
	case err != nil && response != nil:
		return nil, fmt.Errorf("opening a socket: %w: HTTP status %s", err, response.Status)
	case err != nil:
		return nil, fmt.Errorf("opening a socket: %w", err)
	}
	c.ws = ws
	if err := c.awaitHello(); err != nil {
		return nil, errors.Join(err, ws.Close())
	}
	if !watching() {
		return nil, fmt.Errorf("opening a socket: %w", context.Cause(ctx))
	}
	return c, c.tcp.watch(silence)
}

// awaitHello waits for Slack's hello.
func (c *conn) awaitHello() error {
	raw, err := c.next()
	if err != nil {
		return fmt.Errorf("waiting for Slack's hello: %w", err)
	}
	m := decodeRequest(raw)
	switch m.Type {
	case "hello":
		c.counted, c.app = m.NumConnections, m.ConnectionInfo.AppID
		c.life = time.Duration(m.DebugInfo.ConnectionSeconds) * time.Second
		return nil
	case "disconnect":
		return &disconnectError{m.Reason}
	}
	return fmt.Errorf("waiting for Slack's hello: got %q", m.Type)
}

// disconnectError means that Slack rejected a connection.
type disconnectError struct{ reason string }

// Error returns Slack's reason.
func (e *disconnectError) Error() string { return "slack rejected the connection: " + e.reason }

// next returns the next message, up to maxEnvelope.
func (c *conn) next() ([]byte, error) {
	_, reader, err := c.ws.NextReader()
	if err != nil {
		return nil, err
	}
	// The next call of NextReader skips the rest of a message.
	return io.ReadAll(io.LimitReader(reader, maxEnvelope))
}

// read calls handle for each envelope until the connection ends, and returns why it ended.
func (c *conn) read(handle func(request)) (reason string) {
	defer close(c.ended)
	for {
		raw, err := c.next()
		if err != nil {
			_ = c.ws.Close() // it is broken, or closed by both sides
			return c.endReason(err)
		}
		m := decodeRequest(raw)
		switch {
		case m.Type == "disconnect":
			c.disconnecting(m.Reason)
		case m.EnvelopeID != "":
			handle(m)
		}
	}
}

// disconnecting handles Slack's announcement that it will end the connection.
func (c *conn) disconnecting(reason string) {
	if c.setReason(reason) {
		close(c.leaving)
	}
	if _, final := disconnectHints[reason]; final {
		c.close(reason)
	}
}

// setReason sets why the connection ends, and reports whether this is the first
// reason. Later ones are ignored.
func (c *conn) setReason(reason string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != "" {
		return false
	}
	c.reason = reason
	return true
}

// The reasons for the end of a connection besides Slack's.
const (
	endSilent  = "silent"  // no byte came for too long
	endClosed  = "closed"  // Slack closed it
	endCut     = "cut"     // the network failed
	endAck     = "ack"     // an acknowledgement could not be written
	endRenewed = "renewed" // another one replaced it
	endStopped = "stopped" // the process stops
	endNotOurs = "share"   // other replicas hold enough connections

	endPanicked = "panicked" // its reading panicked
)

// endReason returns why the connection ended with an error of reading it.
func (c *conn) endReason(err error) string {
	var timeout net.Error
	var closed *websocket.CloseError
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		c.setReason(endSilent)
	case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
		c.setReason(endClosed)
	default:
		c.setReason(endCut)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reason
}

// ack acknowledges an envelope, with a payload unless it is nil. After an error Slack
// sends the envelope again.
func (c *conn) ack(envelopeID string, payload any) error {
	message, err := json.Marshal(struct {
		EnvelopeID string `json:"envelope_id"`
		Payload    any    `json:"payload,omitempty"`
	}{envelopeID, payload})
	if err != nil {
		return fmt.Errorf("writing an acknowledgement: %w", err)
	}
	if len(message) >= maxAck {
		return fmt.Errorf("writing an acknowledgement: %d bytes are more than Slack accepts", len(message))
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	err = errors.Join(
		c.ws.SetWriteDeadline(time.Now().Add(ackTimeout)),
		c.ws.WriteMessage(websocket.TextMessage, message),
	)
	if err != nil {
		c.setReason(endAck)
		_ = c.ws.Close() // part of a message may be written
		return fmt.Errorf("writing an acknowledgement: %w", err)
	}
	return nil
}

// close starts the closing handshake. The connection is read until Slack answers it.
func (c *conn) close(reason string) {
	c.setReason(reason)
	message := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if c.ws.WriteControl(websocket.CloseMessage, message, time.Now().Add(closeTimeout)) != nil || c.tcp.watch(closeTimeout) != nil {
		_ = c.ws.Close()
	}
}
