package slack

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Slack's rules for connections. See
// https://docs.slack.dev/apis/events-api/using-socket-mode.
const (
	maxSockets     = 10
	socketLife     = 18_060 * time.Second
	debugLife      = 360 * time.Second
	warnBefore     = 10 * time.Second
	pingEvery      = 5 * time.Second
	silentTooLong  = 30 * time.Second
	writeWithin    = 10 * time.Second
	ticketsAtOnce  = 1000
	socketBacklog  = 1024
	maxSocketInput = 1 << 20
)

// sockets are the open connections and the tickets to open more.
type sockets struct {
	open     []*socket // oldest first
	tickets  *bounded[string, bool]
	upgrader websocket.Upgrader
}

func newSockets() sockets {
	return sockets{
		tickets: newBounded[string, bool](ticketsAtOnce),
		// The ticket authenticates a client. Its Origin, often https://api.slack.com,
		// is irrelevant.
		upgrader: websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }},
	}
}

// pick returns one of the open sockets, or nil.
func (s *sockets) pick(random *rand.Rand) *socket {
	var able []*socket
	for _, one := range s.open {
		if !one.leaving {
			able = append(able, one)
		}
	}
	if len(able) == 0 {
		return nil
	}
	return able[random.IntN(len(able))]
}

// socket is a connection. An unaccounted one has no conn: it is registered, and
// its share of the deliveries is lost.
type socket struct {
	id      string
	opened  time.Time
	conn    *websocket.Conn
	out     chan []byte
	closed  chan struct{}
	closing sync.Once
	frozen  bool // half open: nothing gets in or out; guarded by the workspace's mu
	leaving bool // asked to leave: gets no more envelopes; guarded by the workspace's mu
}

// send queues a message, and returns false if the connection accepts no more.
// The caller must hold the workspace's mu.
func (s *socket) send(message []byte) bool {
	if s.conn == nil || s.frozen {
		return true
	}
	select {
	case s.out <- message:
		return true
	default:
		return false
	}
}

// close ends the connection. It does not wait.
func (s *socket) close() {
	s.closing.Do(func() {
		close(s.closed)
		if s.conn != nil {
			_ = s.conn.Close() // the client notices, or has already left
		}
	})
}

// serveSocket is the WebSocket endpoint.
func (w *Workspace) serveSocket(rw http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	w.mu.Lock()
	valid, idle := w.sockets.tickets.values[ticket], w.second.id != "" && r.URL.Query().Get("app_id") == w.second.id
	if valid {
		w.sockets.tickets.put(ticket, false)
	}
	w.mu.Unlock()
	if !valid {
		http.Error(rw, "invalid ticket", http.StatusForbidden)
		return
	}
	conn, err := w.sockets.upgrader.Upgrade(rw, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	conn.SetReadLimit(maxSocketInput)
	if idle {
		w.serveIdle(conn)
		return
	}
	life := socketLife
	if r.URL.Query().Get("debug_reconnects") == "true" {
		life = debugLife
	}
	s := &socket{id: socketID(w.stream("socket", ticket)), conn: conn, out: make(chan []byte, socketBacklog), closed: make(chan struct{})}
	if w.register(s, life, r.Host) {
		w.mu.Lock()
		w.start(func() { w.write(s) })
		w.mu.Unlock()
		w.read(s)
		w.unregister(s)
	} else {
		w.turnAway(s)
	}
	s.close()
}

// register opens the connection for envelopes, sends hello, and schedules its
// end. It returns false if the app has too many connections.
func (w *Workspace) register(s *socket, life time.Duration, host string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.sockets.open) >= maxSockets || !w.manifest.socketMode() {
		return false
	}
	w.enlist(s)
	s.send(mustJSON(object{
		"type":            "hello",
		"num_connections": len(w.sockets.open),
		"connection_info": object{"app_id": w.app.appID},
		"debug_info": object{
			"host": host, "build_number": 1, "approximate_connection_time": int(w.scaled(life).Seconds()),
		},
	}))
	w.after(w.scaled(life-warnBefore), s.closed, func() { w.dismiss(s, "warning") })
	return true
}

func socketID(random *rand.Rand) string { return "applink-" + randomText(random, 6, hex) }

// enlist adds the connection. The caller must hold mu.
func (w *Workspace) enlist(s *socket) {
	s.opened = time.Now()
	w.sockets.open = append(w.sockets.open, s)
	slices.SortStableFunc(w.sockets.open, func(a, b *socket) int {
		return cmp.Or(a.opened.Compare(b.opened), strings.Compare(a.id, b.id))
	})
	w.changed(Change{Kind: SocketsChanged, Text: s.id})
}

// unregister removes the connection, unless it is frozen: Slack does not notice
// that those have ended.
func (w *Workspace) unregister(s *socket) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !s.frozen {
		w.discharge(s)
	}
}

// discharge removes the connection. The caller must hold mu.
func (w *Workspace) discharge(s *socket) {
	w.sockets.open = slices.DeleteFunc(w.sockets.open, func(o *socket) bool { return o == s })
	w.changed(Change{Kind: SocketsChanged, Text: s.id})
}

// dismiss asks the client to reconnect, with this reason, and closes the
// connection a moment later. The caller must hold mu.
func (w *Workspace) dismiss(s *socket, reason string) {
	s.send(disconnect(reason))
	if reason != "warning" {
		s.leaving = true
		s.hangUp()
		return
	}
	w.after(w.scaled(warnBefore), s.closed, func() { w.dismiss(s, "refresh_requested") })
}

func disconnect(reason string) []byte {
	return mustJSON(object{"type": "disconnect", "reason": reason, "debug_info": object{"host": "applink"}})
}

// hangUp closes the connection after the queued messages. A nil message tells
// the writer to do so.
func (s *socket) hangUp() {
	if !s.send(nil) {
		s.close()
	}
}

// turnAway tells a client why it was refused.
func (w *Workspace) turnAway(s *socket) {
	reason := "too_many_websockets"
	w.mu.Lock()
	if !w.manifest.socketMode() {
		reason = "link_disabled"
	}
	w.mu.Unlock()
	_ = s.conn.SetWriteDeadline(time.Now().Add(writeWithin))
	_ = s.conn.WriteMessage(websocket.TextMessage, disconnect(reason)) // the client may have left
}

// write sends queued messages and pings until the connection is closed.
func (w *Workspace) write(s *socket) {
	defer s.close()
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		kind, message := websocket.PingMessage, []byte("Ping from applink")
		select {
		case <-s.closed:
			return
		case <-ticker.C:
		case message = <-s.out:
			kind = websocket.TextMessage
		}
		if w.isFrozen(s) {
			continue
		}
		if kind == websocket.TextMessage && message == nil {
			kind, message = websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		}
		_ = s.conn.SetWriteDeadline(time.Now().Add(writeWithin))
		if err := s.conn.WriteMessage(kind, message); err != nil || kind == websocket.CloseMessage {
			return
		}
	}
}

// read processes acknowledgements until the connection is closed or silent for
// too long.
func (w *Workspace) read(s *socket) {
	alive := func() { _ = s.conn.SetReadDeadline(time.Now().Add(silentTooLong)) }
	alive()
	s.conn.SetPongHandler(func(string) error { alive(); return nil })
	s.conn.SetPingHandler(func(data string) error {
		alive()
		if w.isFrozen(s) {
			return nil
		}
		return s.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeWithin))
	})
	for {
		_, message, err := s.conn.ReadMessage()
		if err != nil {
			return
		}
		alive()
		w.mu.Lock()
		if !s.frozen {
			w.acknowledge(message)
		}
		w.mu.Unlock()
	}
}

func (w *Workspace) isFrozen(s *socket) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return s.frozen
}
