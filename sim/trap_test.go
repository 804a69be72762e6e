package sim_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// trap is the host to which redirects lead. Nobody may ever call it: a request that
// follows a redirect contains the token.
type trap struct {
	server *httptest.Server

	mu    sync.Mutex
	calls []string
}

// newTrap returns a trap that listens.
func newTrap(listener net.Listener) *trap {
	t := new(trap)
	t.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(t.serve)}}
	t.server.Start()
	return t
}

// address returns the address of a method at the trap.
func (t *trap) address(method string) string { return t.server.URL + "/api/" + method }

func (t *trap) serve(rw http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // a body that is no form has no token
	call := r.Method + " " + r.URL.Path
	if r.Header.Get("Authorization") != "" || r.Form.Get("token") != "" {
		call += " with a token"
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls = append(t.calls, call)
	rw.Header().Set("Content-Type", "application/json")
	_, _ = rw.Write([]byte(`{"ok":true}`)) // the caller may have left
}

// findings describes the calls that the trap got.
func (t *trap) findings() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.calls) == 0 {
		return ""
	}
	return fmt.Sprintf("a redirect was followed to another host %d times: %s", len(t.calls), strings.Join(t.calls[:min(len(t.calls), 5)], ", "))
}

func (t *trap) close() { t.server.Close() }
