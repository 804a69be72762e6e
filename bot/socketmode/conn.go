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
	"github.com/slack-go/slack/socketmode"
)

// The bounds of a connection.
const (
	// openTimeout bounds the way from dialling to hello.
	openTimeout = 15 * time.Second
	// silenceTimeout is how long a connection may bring no byte. Slack pings every few seconds.
	silenceTimeout = 30 * time.Second
	// ackTimeout bounds the writing of one acknowledgement.
	ackTimeout = 2 * time.Second
	// closeTimeout bounds the wait for Slack's goodbye.
	closeTimeout = 2 * time.Second
	// maxEnvelope bounds what is kept of one message, in bytes. Slack's are below 1 MiB.
	maxEnvelope = 4 << 20
	// maxAck is the size in bytes of an acknowledgement from which on Slack drops it silently.
	maxAck = 20 << 10
	// writeBuffer makes an acknowledgement one frame: Slack does not put parts together.
	writeBuffer = 32 << 10
)

// conn is one WebSocket to Slack, from its hello to its end.
// https://docs.slack.dev/apis/events-api/using-socket-mode
type conn struct {
	ws   *websocket.Conn
	wire *idleConn
	// life is how long Slack means to keep it; 0 if it did not say.
	life time.Duration
	// counted is how many connections the app had, as Slack counts.
	counted int

	writing sync.Mutex    // one message at a time
	leaving chan struct{} // closed when Slack says that it will end the connection
	ended   chan struct{} // closed when it is read no more

	mu     sync.Mutex
	reason string // why it ends, once it is known
}

// dialFunc opens a connection, as [net.Dialer.DialContext] does.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// connect opens a connection and waits for Slack's hello. A nil dial is that of a
// [net.Dialer].
func connect(ctx context.Context, dial dialFunc, url string, silence time.Duration) (*conn, error) {
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	c := &conn{leaving: make(chan struct{}), ended: make(chan struct{})}
	hooked := func() bool { return true }
	dialer := websocket.Dialer{
		Proxy:           http.ProxyFromEnvironment,
		WriteBufferSize: writeBuffer,
		NetDialContext: func(dialling context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(dialling, network, address)
			if err != nil {
				return nil, err
			}
			c.wire = &idleConn{Conn: conn}
			hooked = context.AfterFunc(ctx, func() { _ = conn.Close() })
			return c.wire, nil
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
	if err := c.greet(); err != nil {
		return nil, errors.Join(err, ws.Close())
	}
	if !hooked() {
		return nil, fmt.Errorf("opening a socket: %w", context.Cause(ctx))
	}
	return c, c.wire.watch(silence)
}

// greet waits for Slack's hello.
func (c *conn) greet() error {
	raw, err := c.next()
	if err != nil {
		return fmt.Errorf("waiting for Slack's hello: %w", err)
	}
	m := decodeRequest(raw)
	switch m.Type {
	case socketmode.RequestTypeHello:
		c.counted = m.NumConnections
		c.life = time.Duration(m.DebugInfo.ApproximateConnectionTime) * time.Second
		return nil
	case socketmode.RequestTypeDisconnect:
		return &disconnectError{m.Reason}
	}
	return fmt.Errorf("waiting for Slack's hello: %q came", m.Type)
}

// disconnectError says that Slack wants no connection, and why.
type disconnectError struct{ reason string }

func (e *disconnectError) Error() string { return "slack refuses the socket: " + e.reason }

// next returns the next message, of which it reads no more than is sensible.
func (c *conn) next() ([]byte, error) {
	_, reader, err := c.ws.NextReader()
	if err != nil {
		return nil, err
	}
	// What is left of a message is passed over by the next NextReader.
	return io.ReadAll(io.LimitReader(reader, maxEnvelope))
}

// read hands on what Slack sends until the connection ends, and returns why it did.
func (c *conn) read(take func(socketmode.Request)) (why string) {
	defer close(c.ended)
	for {
		raw, err := c.next()
		if err != nil {
			_ = c.ws.Close() // it is broken, or both sides have said goodbye
			return c.whyEnded(err)
		}
		m := decodeRequest(raw)
		switch {
		case m.Type == socketmode.RequestTypeDisconnect:
			c.dismissed(m.Reason)
		case m.EnvelopeID != "":
			take(m)
		}
	}
}

// dismissed notes that Slack will end the connection, for a reason.
func (c *conn) dismissed(reason string) {
	if c.because(reason) {
		close(c.leaving)
	}
	if _, final := disconnectHints[reason]; final {
		c.bye(reason)
	}
}

// because notes why the connection ends. The first reason counts; it reports
// whether this is it.
func (c *conn) because(reason string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != "" {
		return false
	}
	c.reason = reason
	return true
}

// The reasons for the end of a connection that Slack does not give itself.
const (
	endSilent  = "silent"  // nothing came for too long
	endClosed  = "closed"  // Slack hung up
	endCut     = "cut"     // the network broke
	endAck     = "ack"     // an acknowledgement could not be written
	endRenewed = "renewed" // another one has taken over
	endStopped = "stopped" // the bot stops
)

// whyEnded returns why the connection ended, given the error of reading it.
func (c *conn) whyEnded(err error) string {
	var timeout net.Error
	var closed *websocket.CloseError
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		c.because(endSilent)
	case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
		c.because(endClosed)
	default:
		c.because(endCut)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reason
}

// ack tells Slack that an envelope was received, with a payload unless it is
// nil. An error means that Slack will send the envelope again.
func (c *conn) ack(envelopeID string, payload any) error {
	message, err := json.Marshal(socketmode.Response{EnvelopeID: envelopeID, Payload: payload})
	if err != nil {
		return fmt.Errorf("writing an acknowledgement: %w", err)
	}
	if len(message) >= maxAck {
		return fmt.Errorf("writing an acknowledgement: %d bytes are too many for Slack", len(message))
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	err = errors.Join(
		c.ws.SetWriteDeadline(time.Now().Add(ackTimeout)),
		c.ws.WriteMessage(websocket.TextMessage, message),
	)
	if err != nil {
		c.because(endAck)
		_ = c.ws.Close() // a message may be half written
		return fmt.Errorf("writing an acknowledgement: %w", err)
	}
	return nil
}

// bye says goodbye. The connection is read until Slack does so as well.
func (c *conn) bye(reason string) {
	c.because(reason)
	message := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if c.ws.WriteControl(websocket.CloseMessage, message, time.Now().Add(closeTimeout)) != nil || c.wire.watch(closeTimeout) != nil {
		_ = c.ws.Close()
	}
}
