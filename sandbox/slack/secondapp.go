package slack

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// secondApp is another app of the workspace, with Socket Mode, that gets no envelopes. The
// zero value means that there is none.
type secondApp struct{ id, token string }

// SecondApp creates another app with Socket Mode in the workspace, and returns its
// app-level token. It subscribes to no events, so that its connections bring nothing but
// their hello.
func (w *Workspace) SecondApp() (appToken string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.second.id == "" {
		random := w.streamNow("second app")
		w.second.id = newID(random, "A")
		w.second.token = fmt.Sprintf("xapp-1-%s-%d-%s", w.second.id, random.Int64N(1e13), randomText(random, 32, hex))
	}
	return w.second.token
}

// serveSecond answers a call with the second app's token, and reports whether it was one.
func (w *Workspace) serveSecond(rw http.ResponseWriter, r *http.Request, method string) bool {
	w.mu.Lock()
	second, ticket := w.second, ""
	found := second.token != "" && r.Header.Get("Authorization") == "Bearer "+second.token
	if found {
		ticket = newUUID(w.streamNow("ticket of the second app"))
		w.sockets.tickets.put(ticket, true)
	}
	w.mu.Unlock()
	if !found {
		return false
	}
	body := object{"ok": true, "url": "ws://" + r.Host + "/link/?ticket=" + ticket + "&app_id=" + second.id}
	if method != "apps.connections.open" {
		body = failure("not_allowed_token_type", nil)
	}
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = rw.Write(mustJSON(body)) // the client may have left; it has its own error
	return true
}

// serveIdle serves a connection of the second app, until the client leaves or the
// workspace is closed.
func (w *Workspace) serveIdle(conn *websocket.Conn) {
	defer conn.Close()
	left := make(chan struct{})
	defer close(left)
	w.mu.Lock()
	app := w.second.id
	w.start(func() {
		select {
		case <-left:
		case <-w.done:
			_ = conn.Close() // the client notices
		}
	})
	w.mu.Unlock()
	_ = conn.SetWriteDeadline(time.Now().Add(writeWithin))
	hello := object{"type": "hello", "num_connections": 1, "connection_info": object{"app_id": app}, "debug_info": object{"host": "applink"}}
	if conn.WriteMessage(websocket.TextMessage, mustJSON(hello)) != nil {
		return
	}
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}
